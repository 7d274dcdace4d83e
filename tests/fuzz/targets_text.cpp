#include <algorithm>

#include "batch/hooks.hpp"
#include "core/members.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"
#include "job/row_json.hpp"
#include "job/runner.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::fuzz {

void run_json(std::string_view input) {
    const auto value = core::parse_json(input, "the answer of api.example.com");
    if (!value) {
        holds_of_error(value.error());
        return holds(value.error().message.find("api.example.com") != std::string::npos, "an error names what was read", value.error().message);
    }
    const auto known = json::parse(input, nullptr, false);
    holds(*value == known, "what is read is what nlohmann reads");
    const auto printed = core::dump(*value);
    holds(printed == known.dump(-1, ' ', false, json::error_handler_t::replace), "what is printed is what nlohmann prints", printed);
    auto members = core::read_members(input);
    holds(bool(members) == known.is_object(), "the members are an object's");
    if (members)
        for (const auto& [key, inner] : known.items()) {
            const auto* member = core::find(*members, key);
            holds(member && *member == inner, "a member is what stands in the object", key);
        }
    const auto again = core::parse_json(printed, "it");
    holds(again && *again == *value, "JSON is read as it was printed", printed);
    holds(core::dump(*again) == printed, "JSON is printed the same way", printed);
    // Any path into it, of any type.
    for (const char* pointer : {"/id", "/0/a", "/a/b/c", "", "/~1/~0"}) {
        if (const auto text = core::field<std::string>(*value, pointer); !text) holds_of_error(text.error());
        if (const auto number = core::field<std::int64_t>(*value, pointer); !number) holds_of_error(number.error());
        (void)core::field_or(*value, pointer, "");
        (void)core::number_or(*value, pointer, 0);
    }
}

std::vector<std::string> seeds_of_json() {
    return {R"({"id":"a","b":[1,2.5,-3e8,true,null],"a":{"b":{"c":"8"}}})", "[[[[[[[[1]]]]]]]]", R"("\ud800")", R"({"a":1,"a":2})", "18446744073709551616", "1e999", "-0", "\xef\xbb\xbf{}", R"({"/":1,"~":"x"})", std::string(70, '[')};
}

void run_text(std::string_view input) {
    const auto shown = core::printable(input);
    holds(core::is_utf8(shown), "what is shown is whole UTF-8", shown);
    holds(core::printable(shown) == shown, "what is shown stays as it is", shown);
    holds(std::none_of(shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }), "what is shown has no control characters", shown);
    const auto name = core::slug(input);
    holds(!name.empty() && name.size() <= 48 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos, "a slug is a plain name", name);
    holds(core::slug(name) == name, "a slug is its own slug", name);
    holds(core::from_base64(core::base64(input)) == std::string(input), "Base64 gives back what it took");
    if (const auto bytes = core::from_base64(input)) {
        auto plain = std::string(input);
        while (plain.ends_with('=')) plain.pop_back();
        auto again = core::base64(*bytes);
        while (again.ends_with('=')) again.pop_back();
        holds(again == plain || core::from_base64(again) == *bytes, "Base64 that is read is what is written", input);
    }
    holds(core::url_encode(input).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%") == std::string::npos, "a URL's part is plain");
    holds(core::count_characters(input) <= input.size(), "there are no more characters than bytes");
    if (const auto length = core::parse_length(input, "--timeout"); !length) holds_of_error(length.error());
    else {
        holds(length->count() >= 0, "no length is negative", input);
        (void)core::print_length(*length);
    }
    const auto parts = core::split(input, ',');
    for (const auto& part : parts) holds(!part.empty() && core::trim(part) == part, "parts are trimmed", part);
    (void)core::nearest(input.substr(0, 40), {"subject", "seconds", "seed"});
}

std::vector<std::string> seeds_of_text() {
    return {"a paper boat", "1h30m", "250ms", "90", "QUJD", "QUI=", "\x1b[31mred\x07", "\xe2\x80\xae" "abc", "\xc2\x85", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a,b, ,c", "99999999999h", "\xc0\xaf", "sbuject", "1.5h"};
}

void check_exec(const std::string& command) {
    const auto words = batch::split_words(command);
    if (!words) return holds_of_error(words.error());
    batch::Hooks::Values values;
    for (const auto& name : batch::Hooks::placeholders()) values[name] = "{" + name + "}";
    const auto known = batch::Hooks::check(*words);
    const auto filled = batch::Hooks::fill(*words, values);
    holds(bool(known) == bool(filled), "what was looked at can be filled", command);
    if (!filled) return holds_of_error(filled.error());
    holds(filled->size() == words->size(), "a filled word stays one word", command);
}

// An output template, and the words that fill it; and the same as a command for finished clips.
void run_template(std::string_view input) {
    const auto parts = split_at(input, part_end, 2);
    Order order;
    order.model = "owner/Model v1";
    order.prompt = parts.back();
    const auto ordered = [&]() -> const Order& { return order; };
    const auto filled = job::fill_template(parts[0], ordered, JobId{"abcd2345"}, 7, 2, core::Wall(std::chrono::seconds(1795600800)));
    if (!filled) {
        holds_of_error(filled.error());
        holds(filled.error().kind == ErrorKind::usage, "a wrong template is wrong usage", filled.error().message);
    } else if (parts[0].find_first_of("{}") == std::string::npos) {
        holds(*filled == parts[0], "a name without placeholders is taken as it is", *filled);
    }
    check_exec(parts[0]);
    const auto named = job::fill_template(job::default_output, ordered, JobId{"abcd2345"}, 7, 2, core::Wall(std::chrono::seconds(1795600800)));
    holds(named && named->ends_with("-abcd2345.mp4") && named->find('/') == std::string::npos && !named->starts_with('.'), "no words lead out of the folder", *named);
    holds_of_text(*named, "a name can be printed");
}

std::vector<std::string> seeds_of_template() {
    return {"{slug}-{id}.mp4\x1e" "a boat", "{model}/{index}-{take}-{seed}-{date}.mp4\x1e../../etc/passwd", "{nope}", "{", "}{", "{slug", "a{{id}}b\x1e\xff\x00", "-", "echo {}", "awk '{{print $1}}' {sidecar} {clip}", "{{{row}}}"};
}

// What the ledger's last column may hold after somebody else wrote it.
void run_row(std::string_view input) {
    job::Row row, again;
    job::read_detail(row, std::string(input));
    const auto written = job::detail_of(row);
    job::read_detail(again, written);
    holds(job::detail_of(again) == written, "a row is read as it was written", written);
    const auto sidecar = core::dump(job::sidecar_of(row));
    holds(json::accept(sidecar), "a sidecar is JSON");
}

std::vector<std::string> seeds_of_row() {
    job::Row row;
    row.order = R"({"prompt":"a boat"})";
    row.key = "shotwire-1";
    row.body_sha256 = std::string(64, 'a');
    row.submitted = row.ready = row.expires = core::Wall(std::chrono::seconds(1795600800));
    row.output = row.clip = "/tmp/a.mp4";
    row.part = {{"file", "/tmp/a.mp4.part"}, {"total", 7}};
    row.error = Error{ErrorKind::unknown, "lost", std::chrono::milliseconds(5), true};
    row.measures = {{"seconds", 1.5}};
    row.note = "x";
    row.base_url = "https://user:p@x.example";
    row.unsent = row.cancel_wanted = row.force = true;
    return {job::detail_of(row), job::detail_of({}), "{}", "", "[1]", R"({"submitted":1e300,"expires":-9223372036854775808})"};
}

}  // namespace shotwire::fuzz
