#include "http/spool.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace shotwire::http {

namespace {

// JSON's escapes as far as they occur in Base64: \/ is a slash, \n and its like nothing, \u003d an equals sign.
class Unescape {
public:
    std::optional<char> operator()(char c) {
        if (digits_ > 0) {
            code_ = code_ * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
            if (--digits_ > 0) return {};
            return code_ > ' ' && code_ < 127 ? std::optional(char(code_)) : std::nullopt;
        }
        if (!escaped_) {
            escaped_ = c == '\\';
            return escaped_ || c <= ' ' ? std::nullopt : std::optional(c);
        }
        escaped_ = false;
        if (c == 'u') digits_ = 4, code_ = 0;
        return c == '/' ? std::optional(c) : std::nullopt;
    }

private:
    bool escaped_ = false;
    int digits_ = 0, code_ = 0;
};

}  // namespace

Spool::Spool(core::Fd fd, std::size_t most) : fd_(std::move(fd)), most_(most), secret_("spooled-" + core::random_id("", 20) + "-") {}

Result<std::shared_ptr<Spool>> Spool::open(std::size_t most) {
    auto name = (std::filesystem::temp_directory_path() / "shotwire-XXXXXX").string();
    core::Fd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return core::system_error("make a temporary file,", name);
    ::unlink(name.c_str());
    return std::shared_ptr<Spool>(new Spool(std::move(fd), most));
}

bool Spool::piece(std::string_view bytes) {
    if (error_) return false;
    if (bytes.size() > most_ - std::min(most_, seen_)) {
        error_ = Error{ErrorKind::provider, fmt::format("the answer is larger than {} MiB", most_ >> 20)};
        return false;
    }
    seen_ += bytes.size();
    while (!bytes.empty()) {
        if (!in_text_) {
            const auto quote = std::min(bytes.find('"'), bytes.size() - 1) + 1;
            rest_.append(bytes.substr(0, quote));
            in_text_ = bytes[quote - 1] == '"';
            bytes.remove_prefix(quote);
            // What stands outside of texts is held in memory, too.
            if (rest_.size() > (8u << 20)) {
                error_ = Error{ErrorKind::provider, "the answer is larger than 8 MiB, the clip in it not counted"};
                return false;
            }
            continue;
        }
        if (escaped_) {
            held_ += bytes.front();
            bytes.remove_prefix(1);
            escaped_ = false;
            continue;
        }
        const auto special = std::min(bytes.find_first_of("\"\\"), bytes.size());
        held_.append(bytes.substr(0, special));
        bytes.remove_prefix(special);
        if (held_.size() > long_text && !flush()) return false;
        if (bytes.empty()) break;
        if (bytes.front() == '\\') {
            held_ += '\\';
            escaped_ = true;
        } else if (!end_text()) {
            return false;
        }
        bytes.remove_prefix(1);
    }
    return true;
}

bool Spool::flush() {
    if (!spilling_) places_.push_back({written_, 0});
    spilling_ = true;
    if (auto done = core::write_all(fd_.get(), held_, "a temporary file"); !done) {
        error_ = done.error();
        return false;
    }
    written_ += held_.size();
    places_.back().length += held_.size();
    held_.clear();
    return true;
}

bool Spool::end_text() {
    if (spilling_) {
        if (!flush()) return false;
        rest_ += secret_ + std::to_string(places_.size() - 1);
    } else {
        rest_ += held_;
        held_.clear();
    }
    rest_ += '"';
    in_text_ = spilling_ = false;
    return true;
}

const Spool::Place* Spool::place_of(std::string_view mark) const {
    if (!mark.starts_with(secret_)) return nullptr;
    mark.remove_prefix(secret_.size());
    std::size_t index = 0;
    std::from_chars(mark.data(), mark.data() + mark.size(), index);
    return !mark.empty() && mark == std::to_string(index) && index < places_.size() ? &places_[index] : nullptr;
}

bool Spool::holds(std::string_view text) const { return place_of(text) != nullptr; }

Result<> Spool::decode(std::string_view mark, const std::function<bool(std::string_view)>& sink) const {
    const auto* place = place_of(mark);
    if (!place) return Error{ErrorKind::bug, "a text that was not spooled"};
    const Error broken{ErrorKind::provider, "the clip in the answer is not Base64"};
    std::string chunk(1 << 20, '\0'), carried;
    Unescape unescape;
    bool began = false;
    for (std::uint64_t at = 0; at < place->length;) {
        const auto want = std::min<std::uint64_t>(chunk.size(), place->length - at);
        const auto got = ::pread(fd_.get(), chunk.data(), want, off_t(place->at + at));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return Error{ErrorKind::local, "the temporary file cannot be read"};
        at += std::uint64_t(got);
        for (const char c : std::string_view(chunk).substr(0, std::size_t(got)))
            if (const auto plain = unescape(c)) carried += *plain;
        if (!began && carried.starts_with("data:")) carried.erase(0, carried.find(',') + 1);
        began = true;
        const bool last = at == place->length;
        const auto whole = last ? carried.size() : carried.size() / 4 * 4;
        const auto bytes = core::from_base64(std::string_view(carried).substr(0, whole));
        if (!bytes || (!last && std::string_view(carried).substr(0, whole).ends_with('='))) return broken;
        if (!sink(*bytes)) return Ok{};
        carried.erase(0, whole);
    }
    return Ok{};
}

}  // namespace shotwire::http
