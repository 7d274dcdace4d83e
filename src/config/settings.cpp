#include "config/settings.hpp"

#include <algorithm>

namespace shotwire::config {

const std::vector<Setting>& settings() {
    using enum Setting::Form;
    static const std::vector<Setting> all{
        // a shot
        {"subject", text, true, ""},
        {"action", text, true, ""},
        {"environment", text, true, ""},
        {"lighting", text, true, ""},
        {"camera", list, true, ""},
        {"style", text, true, ""},
        {"sound", text, true, ""},
        {"opening", text, true, ""},
        {"ending", text, true, ""},
        {"negative_prompt", text, true, ""},
        {"first_frame", text, true, "image"},
        {"last_frame", text, true, ""},
        {"references", list, true, "reference"},
        // an order
        {"model", text, true, ""},
        {"via", text, true, ""},
        {"aspect_ratio", text, true, "ar"},
        {"duration", text, true, "seconds"},
        {"resolution", text, true, ""},
        {"size", text, true, ""},
        {"fps", text, true, ""},
        {"seed", text, true, ""},
        {"audio", flag, true, ""},
        {"params", table, true, "param"},
        {"fit", flag, true, ""},
        // a job
        {"output", text, true, ""},
        {"timeout", text, false, ""},
        {"events", text, false, ""},
        {"max_cost", text, false, ""},
        {"allow_unpriced", flag, false, ""},
        {"jobs", text, false, ""},
        {"rpm", text, false, ""},
    };
    return all;
}

const Setting* find_setting(std::string_view word) {
    std::string name(word);
    std::replace(name.begin(), name.end(), '-', '_');
    for (const auto& setting : settings())
        if (setting.name == name || (!setting.flag.empty() && setting.flag == name)) return &setting;
    return nullptr;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (const auto& setting : settings()) names.emplace_back(setting.name);
    return names;
}

}  // namespace shotwire::config
