#include "core/secrets.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::core {

Result<Key> parse_key(std::string text, std::string_view where) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) return Error{ErrorKind::auth, fmt::format("the key in {} is empty", where)};
    if (text.size() > 16 * 1024) return Error{ErrorKind::auth, fmt::format("the key in {} is longer than 16 KiB", where)};
    for (unsigned char c : text)
        if (c <= ' ' || c >= 0x7f)
            return Error{ErrorKind::auth, fmt::format("the key in {} has a space, line break or other byte that no key has", where)};
    return Key(std::move(text));
}

void Mask::add(const Key& key) {
    // Shorter than this it would hide ordinary words, and no provider issues such keys.
    if (key.expose().size() < 6) return;
    for (auto form : {key.expose(), url_encode(key.expose()), base64(key.expose()), base64(":" + key.expose())})
        if (std::find(forms_.begin(), forms_.end(), form) == forms_.end()) forms_.push_back(std::move(form));
    std::sort(forms_.begin(), forms_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Mask::operator()(std::string_view text) const {
    std::string out(text);
    for (const auto& form : forms_)
        for (auto at = out.find(form); at != std::string::npos; at = out.find(form, at + 3)) out.replace(at, form.size(), "***");
    return out;
}

}  // namespace shotwire::core
