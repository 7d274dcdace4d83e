#include "backend/backend.hpp"

#include <algorithm>

namespace shotwire::backend {

std::unique_ptr<Backend> make_ark(const Deps& deps);
std::unique_ptr<Backend> make_custom(const Deps& deps);
std::unique_ptr<Backend> make_dashscope(const Deps& deps);
std::unique_ptr<Backend> make_fal(const Deps& deps);
std::unique_ptr<Backend> make_gemini(const Deps& deps);
std::unique_ptr<Backend> make_kling(const Deps& deps);
std::unique_ptr<Backend> make_kling_legacy(const Deps& deps);
std::unique_ptr<Backend> make_ltx(const Deps& deps);
std::unique_ptr<Backend> make_openai(const Deps& deps);
std::unique_ptr<Backend> make_replicate(const Deps& deps);
std::unique_ptr<Backend> make_sdcpp(const Deps& deps);
std::unique_ptr<Backend> make_vertex(const Deps& deps);

// To add one: declare its maker above, add its row in alphabetical order, and give it tests/fakes/NAME.json.
const std::vector<Entry>& registry() {
    static const std::vector<Entry> entries = {
        {"ark", make_ark},
        {"custom", make_custom},
        {"dashscope", make_dashscope},
        {"fal", make_fal},
        {"gemini", make_gemini},
        {"kling", make_kling},
        {"kling-legacy", make_kling_legacy},
        {"ltx", make_ltx},
        {"openai", make_openai},
        {"replicate", make_replicate},
        {"sdcpp", make_sdcpp},
        {"vertex", make_vertex},
    };
    return entries;
}

const Entry* find_entry(const std::string& name) {
    const auto& all = registry();
    const auto at = std::find_if(all.begin(), all.end(), [&](const Entry& entry) { return name == entry.name; });
    return at == all.end() ? nullptr : &*at;
}

}  // namespace shotwire::backend
