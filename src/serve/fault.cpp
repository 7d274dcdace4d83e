#include "serve/fault.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.hpp"

namespace shotwire::serve {
namespace {

enum class Value { none, number, word };

// What a number may be; the help of its kind says the same.
struct Range {
    double least = 0;
    double most = 86400;
    bool whole = false;  // bytes and statuses
    bool not_zero = false;
};
constexpr double most_bytes = 1e9, most_made = 200e6;  // sent or cut; made up in memory

struct Kind {
    FaultKind shown;
    Value value;
    bool creates_only;  // it is about the job that a create or a remix makes
    Range range = {};
};

// The order is the order of --help.
const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {{"429", "answer 429; =SECONDS in Retry-After (0 to 86400, default 1)"}, Value::number, false},
        {{"5xx", "answer that status, as in 500, 502, 503 or 504; =SECONDS in Retry-After (0 to 86400, default none)"}, Value::number, false},
        {{"reset-before", "reset the connection before anything is done"}, Value::none, false},
        {{"reset-after", "do what is asked (the job exists), then reset the connection instead of answering"}, Value::none, false},
        {{"delay", "do what is asked, answer =SECONDS later (0 to 86400, default 1)"}, Value::number, false},
        {{"slow", "send the body at =BYTES a second (1 to 1000000000, default 1000)"}, Value::number, false, {1, most_bytes, true}},
        {{"truncate", "close the connection after =BYTES of the body (0 to 1000000000, default half of it)"}, Value::number, false, {0, most_bytes, true}},
        {{"length",
          "a Content-Length that is wrong by =BYTES (-1000000000 to 1000000000 without 0, default 100): positive, the body ends early; negative, it is cut"},
         Value::number,
         false,
         {-most_bytes, most_bytes, true, true}},
        {{"expired", "the clip is gone: answer =STATUS (400 to 599, default 404) with the code video_expired"}, Value::number, false, {400, 599, true}},
        {{"malformed", "do nothing, answer a 200 whose body is broken JSON"}, Value::none, false},
        {{"huge", "do nothing, answer a 200 whose body is =BYTES of valid JSON (100 to 200000000, default 100000000)"}, Value::number, false, {100, most_made, true}},
        {{"stuck", "the job is made and stays in_progress for ever"}, Value::none, true},
        {{"failed", "the job is made and fails; =CODE in its error (default server_error)"}, Value::word, true},
        {{"moderation", "=create (default): refused with 400 and moderation_blocked; =job: the job fails with that code"}, Value::word, true},
    };
    return all;
}

const Kind* find_kind(const std::string& name) {
    const bool server_error = name.size() == 3 && name[0] == '5' && name.find_first_not_of("0123456789") == std::string::npos;
    const auto wanted = server_error ? "5xx" : name;
    const auto found = std::find_if(kinds().begin(), kinds().end(), [&](const Kind& kind) { return kind.shown.name == wanted; });
    return found == kinds().end() || (name == "5xx") ? nullptr : &*found;
}

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const auto& kind : kinds()) names.push_back(kind.shown.name);
    return names;
}

template <class T>
std::optional<T> number_in(std::string_view text) {
    T value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Error wrong(std::string_view spec, const std::string& why) {
    return {ErrorKind::usage, fmt::format("--fault {}: {}", core::printable(spec), why)};
}

std::string to_string(const Range& range) {
    return fmt::format("a {}number from {:.0f} to {:.0f}{}", range.whole ? "whole " : "", range.least, range.most, range.not_zero ? " except 0" : "");
}

bool allows(const Range& range, double number) {
    return number >= range.least && number <= range.most && !(range.whole && number != std::floor(number)) && !(range.not_zero && number == 0);
}

// ":x3", ":p0.5", ":skip2"
bool read_modifier(std::string_view part, Fault& fault) {
    if (part.starts_with("skip")) {
        const auto skip = number_in<int>(part.substr(4));
        if (skip) fault.skip = *skip;
        return skip && *skip >= 0;
    }
    if (part.starts_with('x')) {
        const auto count = number_in<int>(part.substr(1));
        if (count) fault.count = *count;
        return count && *count >= 1;
    }
    if (part.starts_with('p')) {
        const auto probability = number_in<double>(part.substr(1));
        if (probability) fault.probability = *probability;
        return probability && *probability > 0 && *probability <= 1;
    }
    return false;
}

}  // namespace

double Fault::number(double fallback) const { return number_in<double>(value).value_or(fallback); }

const std::vector<FaultKind>& fault_kinds() {
    static const auto shown = [] {
        std::vector<FaultKind> all;
        for (const auto& kind : kinds()) all.push_back(kind.shown);
        return all;
    }();
    return shown;
}

const std::vector<std::string>& fault_endpoints() {
    static const std::vector<std::string> all{"create", "retrieve", "list", "content", "delete", "remix", "models", "any"};
    return all;
}

Result<Fault> parse_fault(std::string_view spec) {
    const auto parts = core::split(spec, ':');
    if (parts.size() < 2) return wrong(spec, "write ENDPOINT:KIND[=VALUE][:xCOUNT][:pPROBABILITY][:skipN]");
    Fault fault;
    fault.endpoint = parts[0];
    const auto& endpoints = fault_endpoints();
    if (std::find(endpoints.begin(), endpoints.end(), fault.endpoint) == endpoints.end())
        return wrong(spec, fmt::format("there is no endpoint \"{}\"; allowed: {}", core::printable(fault.endpoint), core::join(endpoints, ", ")));
    const auto equals = parts[1].find('=');
    fault.kind = parts[1].substr(0, equals);
    if (equals != std::string::npos) fault.value = parts[1].substr(equals + 1);
    const auto* kind = find_kind(fault.kind);
    if (!kind) return wrong(spec, fmt::format("there is no kind \"{}\"; allowed: {}", core::printable(fault.kind), core::join(kind_names(), ", ")));
    if (kind->creates_only && fault.endpoint != "create" && fault.endpoint != "remix" && fault.endpoint != "any")
        return wrong(spec, fmt::format("{} is about a new job: its endpoint is create or remix", fault.kind));
    if (kind->value == Value::none && equals != std::string::npos) return wrong(spec, fmt::format("{} takes no value", fault.kind));
    if (kind->value == Value::number && equals != std::string::npos)
        if (const auto number = number_in<double>(fault.value); !number || !allows(kind->range, *number))
            return wrong(spec, fmt::format("{} is followed by {}, not by \"{}\"", fault.kind, to_string(kind->range), core::printable(fault.value)));
    if (fault.kind == "moderation" && !fault.value.empty() && fault.value != "create" && fault.value != "job")
        return wrong(spec, fmt::format("moderation is create or job, not \"{}\"", core::printable(fault.value)));
    for (std::size_t i = 2; i < parts.size(); ++i)
        if (!read_modifier(parts[i], fault))
            return wrong(spec, fmt::format("\"{}\" is none of xCOUNT (from 1), pPROBABILITY (above 0, up to 1), skipN", core::printable(parts[i])));
    return fault;
}

FaultPlan::FaultPlan(const std::vector<Fault>& faults) : faults_(faults), random_(std::random_device{}()) {}

std::optional<Fault> FaultPlan::draw(std::string_view endpoint) {
    const std::lock_guard lock(mutex_);
    for (auto& fault : faults_) {
        if (fault.endpoint != "any" && fault.endpoint != endpoint) continue;
        const auto* kind = find_kind(fault.kind);
        if (kind && kind->creates_only && endpoint != "create" && endpoint != "remix") continue;
        if (fault.skip > 0) {
            --fault.skip;
            continue;
        }
        if (fault.count == 0 || std::uniform_real_distribution<>()(random_) >= fault.probability) continue;
        if (fault.count > 0) --fault.count;
        return fault;
    }
    return std::nullopt;
}

}  // namespace shotwire::serve
