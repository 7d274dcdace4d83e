#include "media/boxes.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"

namespace shotwire::media {

Error broken(std::string_view what) { return {ErrorKind::provider, fmt::format("the file is no whole MP4: {}", core::printable(what))}; }  // with names from the file

Result<BoxHeader> read_header(Reader reader, std::uint64_t left, bool top) {
    BoxHeader box;
    box.size = reader.u32();
    box.type = reader.word();
    if (box.size == 1) {
        box.size = reader.u64();
        box.header = 16;
    } else if (box.size == 0 && top) {
        box.size = left;  // to the end of the file
    }
    if (!reader.ok) return broken("it ends inside the header of a box");
    for (const char letter : box.type)
        if (std::uint8_t(letter) < 0x20 || std::uint8_t(letter) == 0x7f) return broken("something in it is no box");
    if (box.size < std::uint64_t(box.header)) return broken(fmt::format("its box '{}' is smaller than a header", box.type));
    if (box.size > left) return broken(fmt::format("its box '{}' is cut off", box.type));
    return box;
}

Result<> each_box(std::string_view bytes, const std::function<Result<>(const std::string& type, std::string_view content)>& visit) {
    for (int count = 0; bytes.size() >= 8; ++count) {
        if (count >= most_boxes) return broken("it has too many boxes");
        const auto box = read_header(Reader(bytes), bytes.size(), false);
        if (!box) return box.error();
        const auto content = bytes.substr(std::size_t(box->header), std::size_t(box->size) - std::size_t(box->header));
        if (auto visited = visit(box->type, content); !visited) return visited;
        bytes.remove_prefix(std::size_t(box->size));
    }
    return Ok{};
}

}  // namespace shotwire::media
