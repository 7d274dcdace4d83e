#include "backend/input.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "backend/form.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace {

// Data URIs come back whole, cut short, or as the address of a copy.
bool same_picture(const std::string& told, const std::string& ours) {
    if (!told.starts_with("data:")) return told.starts_with("http");
    const auto begin = std::string_view(told).substr(0, told.find_last_not_of('.') + 1);
    return std::string_view(ours).starts_with(begin) || begin.starts_with(ours);
}

bool same(const json& told, const json& ours) {
    if (told == ours) return true;
    if (ours.is_array() && told.is_array())
        return ours.size() == told.size() && std::equal(ours.begin(), ours.end(), told.begin(), [](const json& a, const json& b) { return same(b, a); });
    if (ours.is_object() && told.is_object()) return may_be(told, ours);
    if (!ours.is_string() || !told.is_string()) return false;
    const auto& text = ours.get_ref<const std::string&>();
    return text.starts_with("data:") && same_picture(told.get_ref<const std::string&>(), text);
}

}  // namespace

Result<json> input_of(const Order& order, const std::vector<std::string>& images) {
    if (order.form.empty())
        return Error{ErrorKind::usage, fmt::format("how {0} takes its input is not known: `shotwire models show {1}:{0} --refresh` asks for it",
                                                   core::printable(order.remote_model), order.route)};
    auto form = core::parse_json(order.form, "the form of " + order.remote_model);
    if (!form || !form->is_object()) return Error{ErrorKind::bug, "the form of " + core::printable(order.remote_model) + " is no JSON object"};
    std::size_t next = 0;
    return write_form(*form, order, core::printable(order.remote_model), [&](const Image&) { return images.at(next++); });
}

Result<json> input_to_compare(const Order& order) {
    std::vector<std::string> texts;
    for (const auto& image : order.images) {
        const bool file_without_bytes = !image.bytes && !image.sha256.empty();
        texts.push_back(file_without_bytes ? "data:" + image.media_type + ";base64," : image_text(image));
    }
    return input_of(order, texts);
}

bool may_be(const json& told, const json& ours) {
    if (!told.is_object()) return false;
    return std::all_of(ours.items().begin(), ours.items().end(), [&](const auto& field) {
        const auto there = told.find(field.key());
        return there != told.end() && same(*there, field.value());
    });
}

const json& member(const json& object, const char* name) {
    static const json none;
    const auto found = object.find(name);  // its end where it is no object
    return found == object.end() ? none : *found;
}

std::optional<double> progress_in(std::string_view log) {
    for (auto at = log.rfind('%'); at != std::string_view::npos && at > 0; at = log.rfind('%', at - 1)) {
        auto begin = at;
        while (begin > 0 && at - begin < 6 && (std::isdigit(static_cast<unsigned char>(log[begin - 1])) || log[begin - 1] == '.')) --begin;
        const double share = core::number_or(json(std::string(log.substr(begin, at - begin))), "", -1);
        if (begin < at && share >= 0 && share <= 100) return share / 100;
    }
    return std::nullopt;
}

}  // namespace shotwire::backend
