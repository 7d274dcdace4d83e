#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.hpp"
#include "shotwire/result.hpp"

namespace shotwire::http {

// A JSON answer that holds a clip as Base64 text of tens of megabytes: texts longer than `long_text` go to a temporary file
// without a name, and what remains is small and can be parsed. In their place stands a mark that only this spool makes.
class Spool {
public:
    static constexpr std::size_t long_text = 64 << 10;
    // `most`: bytes of the whole answer. Errors: local.
    static Result<std::shared_ptr<Spool>> open(std::size_t most);

    bool piece(std::string_view bytes);  // false: over the limit, or the disk refuses; see `error`
    const std::optional<Error>& error() const { return error_; }
    std::string text() const { return rest_ + held_; }  // the JSON with the marks

    bool holds(std::string_view text) const;  // whether that text of the JSON is a mark
    // Decodes the Base64 text behind the mark, piece by piece, until `sink` returns false. Errors: provider (it is no Base64), local.
    Result<> decode(std::string_view mark, const std::function<bool(std::string_view)>& sink) const;

private:
    struct Place {
        std::uint64_t at = 0, length = 0;
    };
    explicit Spool(core::Fd fd, std::size_t most);
    bool end_text();
    bool flush();
    const Place* place_of(std::string_view mark) const;

    core::Fd fd_;
    std::size_t most_ = 0, seen_ = 0;
    std::string secret_;        // part of every mark: a provider cannot write one
    std::string rest_;          // what is not in a text
    std::string held_;          // the text that is being read
    bool in_text_ = false, escaped_ = false, spilling_ = false;
    std::uint64_t written_ = 0;
    std::vector<Place> places_;
    std::optional<Error> error_;
};

}  // namespace shotwire::http
