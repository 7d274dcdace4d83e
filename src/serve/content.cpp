#include "serve/content.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace shotwire::serve {
namespace {

struct Range {
    std::uint64_t first = 0, last = 0;
};
struct Unsatisfiable {};
// monostate: the whole file. So it is for several ranges and for what is no range, as RFC 9110 allows.
using AskedRange = std::variant<std::monostate, Range, Unsatisfiable>;

bool read_number(std::string_view text, std::uint64_t& value) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc::result_out_of_range) value = UINT64_MAX;  // beyond any file, too
    return failed != std::errc::invalid_argument && end == text.data() + text.size();
}

AskedRange read_range(std::string_view text, std::uint64_t size) {
    if (!core::equal_fold(text.substr(0, 6), "bytes=") || text.find(',') != std::string_view::npos) return {};
    text = core::trim(text.substr(6));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    const auto from = text.substr(0, dash), to = text.substr(dash + 1);
    std::uint64_t first = 0, last = 0;
    if (from.empty()) {
        if (!read_number(to, last)) return {};
        if (last == 0 || size == 0) return Unsatisfiable{};
        return Range{size - std::min(last, size), size - 1};
    }
    if (!read_number(from, first)) return {};
    if (to.empty()) last = UINT64_MAX;
    else if (!read_number(to, last) || last < first) return {};
    if (first >= size) return Unsatisfiable{};
    return Range{first, std::min(last, size - 1)};
}

bool names(const std::string& header, const std::string& etag) {
    for (const auto& one : core::split(header, ','))
        if (one == "*" || one == etag || one == "W/" + etag) return true;
    return false;
}

}  // namespace

Answer answer_file(const httplib::Request& request, const std::filesystem::path& path, const std::string& type, const std::string& etag) {
    auto file = std::make_shared<const core::Fd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!*file || ::fstat(file->get(), &status) != 0)
        return answer(ApiError{.status = 404, .message = "The content of this video is gone.", .code = "video_expired"});
    const auto size = std::uint64_t(status.st_size);
    Answer made;
    made.type = type;
    made.headers = {{"ETag", etag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "private"}};
    if (names(request.get_header_value("If-None-Match"), etag)) {
        made.status = 304;
        return made;
    }
    AskedRange asked;
    // If-Range with another tag, or with a date, which we never gave: the whole file.
    if (const auto if_range = request.get_header_value("If-Range"); if_range.empty() || if_range == etag)
        asked = read_range(request.get_header_value("Range"), size);
    if (std::holds_alternative<Unsatisfiable>(asked)) {
        auto refused = answer(ApiError{.status = 416, .message = fmt::format("The range lies outside the {} bytes of this content.", size), .code = "invalid_range"});
        refused.headers = {{"Content-Range", fmt::format("bytes */{}", size)}};
        return refused;
    }
    made.file = file;
    made.length = size;
    if (const auto* range = std::get_if<Range>(&asked)) {
        made.status = 206;
        made.offset = range->first;
        made.length = range->last - range->first + 1;
        made.headers["Content-Range"] = fmt::format("bytes {}-{}/{}", range->first, range->last, size);
    }
    return made;
}

}  // namespace shotwire::serve
