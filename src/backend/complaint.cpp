#include "backend/complaint.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace shotwire::backend {
namespace {

const json* present(const json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto at = object.find(name);
    return at == object.end() || at->is_null() ? nullptr : &*at;
}

struct Reader {
    const core::Mask& mask;

    std::string text(const json* value) const {
        if (!value) return {};
        if (value->is_string()) return clean(mask(value->get_ref<const std::string&>()));
        if (value->is_number()) return core::dump(*value);
        return {};
    }

    std::string first_of(const json& object, std::initializer_list<const char*> names) const {
        for (const auto* name : names)
            if (auto found = text(present(object, name)); !found.empty()) return found;
        return {};
    }

    // FastAPI: [{"loc": ["body", "size"], "msg": "field required", "type": "missing"}, ...]; fal's types tell moderation.
    Complaint validation(const json& list) const {
        Complaint complaint;
        for (const auto& item : list) {
            const auto message = item.is_string() ? text(&item) : first_of(item, {"msg", "message"});
            if (message.empty()) continue;
            if (!complaint.message.empty()) complaint.message += "; ";
            complaint.message += message;
            const auto* place = present(item, "loc");
            if (complaint.param.empty() && place && place->is_array() && !place->empty()) complaint.param = text(&place->back());
            if (complaint.code.empty()) complaint.code = first_of(item, {"type"});
            if (complaint.message.size() > 300) break;
        }
        complaint.message = clean(complaint.message);
        return complaint;
    }

    Complaint complaint(const json& body) const {
        if (body.is_string()) return {{}, text(&body), {}};
        for (const auto* name : {"error", "detail"}) {
            const auto* inner = present(body, name);
            if (!inner) continue;
            if (inner->is_array()) return validation(*inner);
            if (inner->is_object()) return complaint(*inner);
            return {first_of(body, {"code", "error_type"}), text(inner), {}};
        }
        return {first_of(body, {"code", "type"}), first_of(body, {"message", "msg"}), first_of(body, {"param"})};
    }
};

bool contains_any(const std::string& text, const auto& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

}  // namespace

std::string clean(std::string_view text, std::size_t longest) {
    // Cut first: the text may be megabytes, and a character is at most four bytes.
    const auto shown = core::printable(text.substr(0, longest * 4));
    std::string out;
    std::size_t characters = 0;
    for (const char c : core::trim(shown)) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        if (starts && c == ' ' && !out.empty() && out.back() == ' ') continue;
        if (starts && ++characters > longest) return out + "...";
        out += c;
    }
    return out;
}

Complaint read_complaint(const json& body, const core::Mask& mask) { return Reader{mask}.complaint(body); }

bool refuses_content(const Complaint& complaint) {
    constexpr std::array<std::string_view, 9> codes = {"moderation",     "sentinel_block",   "content_policy",   "content_filter",
                                                       "responsibleai", "policy_violation", "safety_violation", "sensitivecontent", "guardrail"};
    constexpr std::array<std::string_view, 4> texts = {"moderation", "content policy", "content_policy", "guardrail"};
    return contains_any(core::lower(complaint.code), codes) || contains_any(core::lower(complaint.message), texts);
}

bool purse_is_empty(const Complaint& complaint) {
    constexpr std::array<std::string_view, 5> codes = {"insufficient_quota", "billing", "insufficient_balance", "insufficient_credit",
                                                       "insufficient_user_quota"};
    return contains_any(core::lower(complaint.code), codes);
}

std::string quote(const Complaint& complaint) {
    std::string about = complaint.code;
    if (!complaint.param.empty()) about += (about.empty() ? "" : ", ") + complaint.param;
    if (complaint.message.empty()) return about.empty() ? "" : ": " + about;
    return ": " + complaint.message + (about.empty() ? "" : " (" + about + ")");
}

}  // namespace shotwire::backend
