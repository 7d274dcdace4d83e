#include "shot/shot_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <catch2/catch.hpp>

#include "core/files.hpp"
#include "shot/compose.hpp"
#include "support/places.hpp"

namespace shot = shotwire::shot;
namespace fs = std::filesystem;
using shotwire::ErrorKind;
using shotwire::json;
using shotwire::Shot;

namespace {

json read(std::string_view text, const std::string& name = "shot.yaml") {
    auto document = shot::read_document(text, name);
    if (!document) FAIL(document.error().message);
    return *document;
}
std::string refusal(std::string_view text, const std::string& name = "shot.yaml") {
    auto document = shot::read_document(text, name);
    if (document) return "accepted: " + document->dump();
    CHECK(document.error().kind == ErrorKind::usage);
    return document.error().message;
}
std::string shot_refusal(json document) {
    auto taken = shot::take_shot(document, "a.yaml");
    return taken ? "accepted" : taken.error().message;
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("YAML scalars are text unless they are plain numbers or booleans") {
    const auto document = read(
        "a: 9:16\nb: 6\nc: 2.5\nd: true\ne: no\nf: on\ng: '6'\nh: 007\ni:\nj: |\n  two\n  lines\nk: 18446744073709551615\nl: "
        "184467440737095516150\nm: 1e2\n");
    CHECK(document["a"] == "9:16");
    CHECK(document["b"] == 6);
    CHECK(document["c"] == 2.5);
    CHECK(document["d"] == true);
    CHECK(document["e"] == "no");
    CHECK(document["f"] == "on");
    CHECK(document["g"] == "6");
    CHECK(document["h"] == "007");
    CHECK(document["i"].is_null());
    CHECK(document["j"] == "two\nlines\n");
    CHECK(document["k"] == 18446744073709551615u);
    CHECK(document["l"] == "184467440737095516150");
    CHECK(document["m"] == 100);
}

TEST_CASE("JSON and YAML are told apart by themselves") {
    CHECK(read("\xEF\xBB\xBF {\"subject\": \"\\ud83d\\ude00\"}")["subject"] == "\U0001F600");
    CHECK(read("{subject: a fox, camera: [pan left, static]}")["camera"][1] == "static");
    CHECK(read("---\nsubject: x\n...\n")["subject"] == "x");
    CHECK(has(refusal("{subject: a fox}", "shot.json"), "shot.json: line 1"));
}

TEST_CASE("errors name the file, the line and the column") {
    CHECK(has(refusal("subject: x\n  action: y\n"), "shot.yaml: line 2, column"));
    CHECK(has(refusal("subject: [a, b\naction: c"), "shot.yaml: line"));
    CHECK(has(refusal("{\n  \"subject\": \"x\",\n  \"action\": }\n", "a.json"), "a.json: line 3, column"));
    CHECK(has(refusal("subject: ok\naction: \xff\n"), "shot.yaml: line 2 is not valid UTF-8"));
    CHECK(has(refusal(" \n"), "shot.yaml is empty"));
    CHECK(has(refusal("- a\n- b\n"), "holds a list"));
    CHECK(has(refusal("just words"), "single value"));
    CHECK(has(refusal("a: 1\n---\nb: 2\n"), "more than one"));
    CHECK(has(refusal("{\"a\": 1} x", "a.json"), "line 1"));
}

TEST_CASE("a key that stands twice is refused with its line") {
    CHECK(refusal("subject: a\naction: b\nsubject: c\n") == "shot.yaml: line 3, column 1: 'subject' stands twice");
    CHECK(has(refusal("{\"a\": 1,\n \"a\": 2}", "a.json"), "a.json: line 2, column 2: 'a' stands twice"));
    CHECK(has(refusal("{a: 1, a: 2}"), "'a' stands twice"));
}

TEST_CASE("aliases are read, but not bombs, loops, tags and merge keys") {
    CHECK(read("a: &x [one, two]\nb: *x\n")["b"] == json({"one", "two"}));
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += fmt::format("a{}: &a{} [", i, i);
        for (int k = 0; k < 9; ++k) bomb += fmt::format("{}*a{}", k ? "," : "", i - 1);
        bomb += "]\n";
    }
    CHECK(has(refusal(bomb), "aliases stand for more than"));
    CHECK(has(refusal("a: &a [1, *a]"), "inside what it refers to"));
    CHECK(has(refusal("a: !!python/object:os.system x"), "tag"));
    CHECK(has(refusal("base: &b {x: 1}\nc:\n  <<: *b\n"), "merge keys"));
    CHECK(has(refusal("a: " + std::string(40, '[') + std::string(40, ']')), "levels deep"));
    CHECK(has(refusal(std::string(100'000, '[')), "levels deep"));
    CHECK(has(refusal("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", "a.json"), "levels deep"));
    CHECK(has(refusal("? [a, b]\n: c\n"), "key must be text"));
    CHECK(has(refusal(std::string((16 << 20) + 1, 'x')), "at most"));
}

TEST_CASE("a shot takes its keys and leaves the rest") {
    auto document = read("subject: ' a fox '\nnegative-prompt: text\ncamera: pan left\nreferences: a.png\nduration: 6\nstyle:\n");
    const auto taken = shot::take_shot(document, "shot.yaml", "/shots");
    REQUIRE(taken);
    CHECK(taken->subject == "a fox");
    CHECK(taken->negative_prompt == "text");
    CHECK(taken->camera == std::vector<std::string>{"pan left"});
    CHECK(taken->references == std::vector<std::string>{"/shots/a.png"});
    CHECK(taken->style.empty());
    CHECK(document == json{{"duration", 6}});
}

TEST_CASE("paths are relative to the file, URLs and absolute paths are not") {
    json document{{"image", "../a.png"}, {"last_frame", "https://example.com/b.png"}, {"references", {"/c.png", "d/./e.png"}}};
    const auto taken = shot::take_shot(document, "x", "/home/me/shots");
    REQUIRE(taken);
    CHECK(taken->first_frame == "/home/me/a.png");
    CHECK(taken->last_frame == "https://example.com/b.png");
    CHECK(taken->references == std::vector<std::string>{"/c.png", "/home/me/shots/d/e.png"});
}

TEST_CASE("a value of another type is refused by key and value") {
    CHECK(shot_refusal({{"subject", 42}}) == "a.yaml: 'subject' is the number 42, but takes text; put it in quotes");
    CHECK(shot_refusal({{"style", true}}) == "a.yaml: 'style' is the boolean true, but takes text; put it in quotes");
    CHECK(shot_refusal({{"action", {"a", "b"}}}) == "a.yaml: 'action' is a list, but takes text");
    CHECK(shot_refusal({{"camera", {"pan left", 3}}}) == "a.yaml: 'camera[2]' is the number 3, but takes text; put it in quotes");
    CHECK(shot_refusal({{"camera", {{"move", "pan"}}}}) == "a.yaml: 'camera' is a group of keys, but takes text");
    CHECK(has(shot_refusal({{"negative-prompt", "a"}, {"negative_prompt", "b"}}), "same key"));
    CHECK(has(shot_refusal({{"image", "a"}, {"first_frame", "b"}}), "same key"));
    CHECK(has(shot_refusal(json::array()), "a list"));
}

TEST_CASE("an unknown key is refused with the nearest known one") {
    auto known = shot::shot_keys();
    known.push_back("duration");
    CHECK(shot::refuse_leftovers({{"subjct", "x"}}, "a.yaml", known).error().message ==
          "a.yaml: unknown key 'subjct' (did you mean 'subject'?)");
    CHECK(has(shot::refuse_leftovers({{"negative-promt", "x"}}, "a.yaml", known).error().message, "'negative_prompt'?"));
    CHECK(has(shot::refuse_leftovers({{"mood", "x"}, {"durration", 1}}, "a.yaml", known).error().message, "unknown keys"));
    CHECK(has(shot::refuse_leftovers({{"mood", "x"}}, "a.yaml", known).error().message, "known are subject, "));
    CHECK(bool(shot::refuse_leftovers(json::object(), "a.yaml", known)));
}

TEST_CASE("what is given over a file wins, and a list replaces a list") {
    Shot base, over;
    base.subject = "a fox";
    base.camera = {"pan left", "handheld"};
    base.style = "noir";
    over.subject = "a hare";
    over.camera = {"static"};
    const auto merged = shot::merge(base, over);
    CHECK(merged.subject == "a hare");
    CHECK(merged.camera == std::vector<std::string>{"static"});
    CHECK(merged.style == "noir");
}

TEST_CASE("a shot reads back as it was written") {
    auto full = json::object();
    for (const auto& key : shot::shot_keys()) full[key] = "text of " + key;
    full["camera"] = {"pan left", "caf\u00e9"};
    full["references"] = {"a.png", "b.png"};
    const auto read_back = shot::from_json(full);
    REQUIRE(read_back);
    CHECK(shot::to_json(*read_back) == full);
    CHECK(shot::from_json(shot::to_json(*read_back)).operator*() == *read_back);
    CHECK(shot::to_json({}) == json::object());
    CHECK_FALSE(shot::from_json({{"subject", 1}}));
}

TEST_CASE("the examples are shots that compose") {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(shotwire::places::source) / "examples/shots")) {
        CAPTURE(entry.path());
        const auto text = shotwire::core::read_file(entry.path());
        REQUIRE(text);
        auto document = read(*text, entry.path().filename());
        const auto taken = shot::take_shot(document, entry.path().filename());
        REQUIRE(taken);
        CHECK(bool(shot::refuse_leftovers(document, "x", {})) == document.empty());
        for (const auto& [key, value] : document.items()) CHECK((key == "aspect_ratio" || key == "duration"));
        CHECK(bool(shot::compose(*taken, {})));
        ++count;
    }
    CHECK(count >= 4);
}
