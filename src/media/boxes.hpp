#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "shotwire/result.hpp"

// Everything in an MP4 is hostile: each number is checked against the file's length before it is used, a table against the
// box that holds it.
namespace shotwire::media {

inline constexpr int most_boxes = 100'000;

Error broken(std::string_view what);  // "the file is no whole MP4: ..."

// Big-endian reading that cannot leave its bytes: behind the end it yields zeros and `ok` turns false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::uint64_t take(int width) {
        if (bytes_.size() < std::size_t(width)) {
            ok = false;
            bytes_ = {};
            return 0;
        }
        std::uint64_t value = 0;
        for (int i = 0; i < width; ++i) value = value << 8 | std::uint8_t(bytes_[std::size_t(i)]);
        bytes_.remove_prefix(std::size_t(width));
        return value;
    }
    std::uint32_t u32() { return std::uint32_t(take(4)); }
    std::uint64_t u64() { return take(8); }
    std::string word() { return std::string(view(4)); }
    std::string_view view(std::uint64_t count) {
        if (bytes_.size() < count) {
            ok = false;
            count = bytes_.size();
        }
        const auto taken = bytes_.substr(0, std::size_t(count));
        bytes_.remove_prefix(std::size_t(count));
        return taken;
    }
    std::string_view rest() const { return bytes_; }
    bool ok = true;

private:
    std::string_view bytes_;
};

struct BoxHeader {
    std::string type;
    std::uint64_t size = 0;  // with its header
    int header = 8;
};

// `left` is what the enclosing box or file still has. Errors: provider.
Result<BoxHeader> read_header(Reader reader, std::uint64_t left, bool top);

// The boxes within a box, one after the other. Errors: provider, and those of `visit`, which end it.
Result<> each_box(std::string_view bytes, const std::function<Result<>(const std::string& type, std::string_view content)>& visit);

}  // namespace shotwire::media
