#include "crash/record.hpp"

#include <stdexcept>

#include "core/files.hpp"

namespace shotwire::test {

std::vector<Recorded> read_record(const std::filesystem::path& file) {
    const auto text = core::read_file(file, 1 << 30);
    if (!text) throw std::runtime_error(text.error().message);
    std::vector<Recorded> all;
    for (std::size_t at = 0; at < text->size();) {
        const auto end = text->find('\n', at);
        char op = 0;
        long offset = 0;
        unsigned long length = 0, name = 0;
        if (end == std::string::npos || std::sscanf(text->c_str() + at, "%c %ld %lu %lu", &op, &offset, &length, &name) != 4 || name > length || end + 1 + length > text->size())
            throw std::runtime_error("the record is broken");
        all.push_back({op, text->substr(end + 1, name), offset, text->substr(end + 1 + name, length - name)});
        at = end + 1 + length;
    }
    return all;
}

}  // namespace shotwire::test
