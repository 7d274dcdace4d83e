#include "backend/ark/dialect.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"

namespace shotwire::backend::ark {
namespace {

Error wrong(const std::string& key, const json& value, std::string_view allowed) {
    return {ErrorKind::usage, fmt::format("the dialect's \"{}\" is {}; allowed: {}", key, core::printable(core::dump(value)), allowed)};
}

}  // namespace

std::optional<double> Dialect::price(const std::string& model, const std::string& resolution) const {
    for (const auto& name : {model + " " + resolution, model, std::string()})
        if (const auto found = prices.find(name); found != prices.end()) return found->second;
    return std::nullopt;
}

Result<Dialect> read_dialect(const json& given) {
    Dialect dialect;
    if (!given.is_object()) return Error{ErrorKind::usage, "a route's dialect is a table of keys"};
    for (const auto& [key, value] : given.items()) {
        if (key == "safety_identifier") {
            dialect.safety_identifier = value.is_string() ? value.get<std::string>() : "";
            const auto length = core::count_characters(dialect.safety_identifier);
            if (length < 1 || length > 64) return wrong(key, value, "a text of 1 to 64 characters");
        } else if (key == "usd_per_million_tokens") {
            const json rows = value.is_number() ? json{{"", value}} : value;
            if (!rows.is_object()) return wrong(key, value, "a number, or a table of numbers by model");
            for (const auto& [model, price] : rows.items()) {
                if (!price.is_number() || price < 0) return wrong(key, price, "a number of 0 and more");
                dialect.prices[model] = price.get<double>();
            }
        } else {
            return Error{ErrorKind::usage, fmt::format("the dialect has no key \"{}\"; allowed: safety_identifier, usd_per_million_tokens", core::printable(key))};
        }
    }
    return dialect;
}

}  // namespace shotwire::backend::ark
