#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace shotwire::config {

// A default that a file or SHOTWIRE_<NAME> may set.
struct Setting {
    enum class Form { text, flag, list, table };
    std::string_view name;  // of the flag, with underscores
    Form form = Form::text;
    bool project = false;   // also a ./shotwire.toml may set it: what describes shots, orders and the output's name
    std::string_view flag;  // where the flag is called otherwise
};
const std::vector<Setting>& settings();

// By name or flag, with hyphens or underscores; null: there is none.
const Setting* find_setting(std::string_view word);
std::vector<std::string> setting_names();

}  // namespace shotwire::config
