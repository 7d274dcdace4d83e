#include "batch/batch_file.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;
using batch::Format;

namespace {

struct Read {
    std::vector<batch::Row> rows;
    std::vector<batch::Problem> problems;
};
Read read(const std::string& text, const std::string& name = "shots.yaml") {
    Read out;
    batch::Reader reader([&](batch::Row row) { out.rows.push_back(std::move(row)); });
    reader.read(text, name, batch::format_of(name, text));
    out.problems = reader.problems();
    return out;
}

}  // namespace

TEST_CASE("a batch is a list of rows, or a group with shots, defaults and a matrix") {
    const auto list = read("- subject: a fox\n- {id: two, subject: a heron, take-s: 1}\n");
    REQUIRE(list.rows.size() == 2);
    CHECK(list.rows[0].id == "1");
    CHECK_FALSE(list.rows[0].named);
    CHECK(list.rows[1].id == "two");
    CHECK(list.rows[1].keys == json{{"subject", "a heron"}, {"take_s", 1}});
    CHECK(list.rows[1].where == "line 2, column 3");

    const auto group = read("defaults: {duration: 4, size: 640x360}\nshots:\n  - {id: a, subject: a fox}\n  - {id: b, subject: a hen, resolution: 720p}\n");
    REQUIRE(group.rows.size() == 2);
    CHECK(group.rows[0].keys == json{{"subject", "a fox"}, {"duration", 4}, {"size", "640x360"}});
    CHECK(group.rows[1].keys == json{{"subject", "a hen"}, {"duration", 4}, {"resolution", "720p"}});
    CHECK(group.problems.empty());
}

TEST_CASE("a matrix makes a row of each combination, with ids that tell them apart") {
    const auto found = read("matrix: {model: [m-1, m-2], seed: [1, 2]}\nshots:\n  - {id: fox, subject: a fox}\n  - {id: hen, subject: a hen, matrix: {seed: [9]}}\n");
    std::vector<std::string> ids;
    for (const auto& row : found.rows) ids.push_back(row.id);
    CHECK(ids == std::vector<std::string>{"fox-m-1-1", "fox-m-1-2", "fox-m-2-1", "fox-m-2-2", "hen-m-1-9", "hen-m-2-9"});
    CHECK(found.rows[1].keys == json{{"subject", "a fox"}, {"model", "m-1"}, {"seed", 2}});
    CHECK(found.rows[5].index == 6);
}

TEST_CASE("the lists of a file's matrix keep their order beside a row's own, which stand in their places or behind") {
    const auto found = read("matrix: {model: [m], seed: [1], fps: [24]}\nshots:\n  - {id: a, subject: x}\n  - {id: b, subject: x, matrix: {duration: [4]}}\n  - {id: c, subject: x, matrix: {seed: [9]}}\n");
    std::vector<std::string> ids;
    for (const auto& row : found.rows) ids.push_back(row.id);
    const auto like = [&](const std::string& id, const std::string& seed) { return id + ids.at(0).substr(1).replace(ids.at(0).substr(1).find("-1"), 2, "-" + seed); };
    REQUIRE(ids.size() == 3);
    CHECK(ids[1] == like("b", "1") + "-4");
    CHECK(ids[2] == like("c", "9"));
}

TEST_CASE("values of a matrix that have the same ASCII letters are told apart, and others keep the ids that they had") {
    const auto ids = [](const std::string& list) {
        std::vector<std::string> ids;
        const auto found = read("matrix: {subject: " + list + "}\nshots: [{id: fox, action: runs}]\n");
        for (const auto& row : found.rows)
            if (row.sound) ids.push_back(row.id);
        return ids;
    };
    CHECK(ids("[红狐, 白狐]") == std::vector<std::string>{"fox-红狐", "fox-白狐"});
    CHECK(ids("[café, tea, a b]") == std::vector<std::string>{"fox-caf--", "fox-tea", "fox-a-b"});
    CHECK(ids("[a fox, tea, \"a fox!\", a-fox]") == std::vector<std::string>{"fox-a-fox-1", "fox-tea", "fox-a-fox-", "fox-a-fox-4"});
    CHECK(ids("[1, 1]") == std::vector<std::string>{"fox-1"});  // the same row twice
}

TEST_CASE("the values of a matrix replace the defaults that they contradict, as a row's keys do") {
    const auto ratios = read("defaults: {size: 128x72, duration: 1}\nmatrix: {aspect_ratio: [\"1:1\", \"9:16\"]}\nshots: [{subject: a fox}]\n");
    REQUIRE(ratios.rows.size() == 2);
    CHECK(ratios.rows[1].keys == json{{"subject", "a fox"}, {"duration", 1}, {"aspect_ratio", "9:16"}});
    const auto sizes = read("defaults: {resolution: 720p, aspect_ratio: \"1:1\"}\nshots: [{subject: a fox, matrix: {size: [64x64]}}]\n");
    REQUIRE(sizes.rows.size() == 1);
    CHECK(sizes.rows[0].keys == json{{"subject", "a fox"}, {"size", "64x64"}});
}

TEST_CASE("two names of one key are told wherever they stand") {
    const auto found = read("{\"subject\": \"a fox\", \"duration\": 3, \"seconds\": 1}\n", "rows.jsonl");
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].message == "duration and seconds are one key; give one of them");
    CHECK(found.problems[0].where == "line 1, column 22");
    CHECK(read("defaults: {ar: \"1:1\", aspect-ratio: \"9:16\"}\nshots: [{subject: a}]\n").problems.at(0).message == "defaults: ar and aspect-ratio are one key; give one of them");
    CHECK(read("matrix: {n: [1], takes: [2]}\nshots: [{subject: a}]\n").problems.at(0).message == "matrix: n and takes are one key; give one of them");
}

TEST_CASE("an id has no control characters, and none that is the name of another row's take") {
    for (const auto* id : {"a\\0b", "a\\u001bb", "a\\u007f", "a\\tb"}) {
        const auto found = read(std::string("- {id: \"") + id + "\", subject: a fox}\n");
        CAPTURE(id);
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].message.find("control characters") != std::string::npos);
    }
    CHECK(read("- {id: a, subject: x, takes: 2}\n- {id: a-take1, subject: y}\n").problems.at(0).message == "the id a-take1 is the name of a take of the row at line 1, column 3");
    CHECK(read("- {id: a-take2, subject: y}\n- {id: a, subject: x, takes: 2}\n").problems.at(0).message == "its take 2 would be called a-take2, as the row at line 1, column 3 is");
    CHECK(read("- {id: a, subject: x, takes: 2}\n- {id: a-take3, subject: y}\n- {id: a-take1, subject: y, takes: 2}\n- {id: b-take1, subject: z}\n- {id: b, subject: z}\n").problems.empty());
}

TEST_CASE("every row that cannot be read is told with its place, and the others are read") {
    const auto found = read("- {id: a, subject: x}\n- just words\n- {id: a, subject: y}\n- {id: b/c, subject: z}\n- {subject: q, takes: 0}\n");
    // A row with a problem of its own is handed on, so that its keys are looked at too; it counts for nothing.
    REQUIRE(found.rows.size() == 3);
    CHECK(found.rows[0].sound);
    CHECK_FALSE((found.rows[1].sound || found.rows[2].sound));
    REQUIRE(found.problems.size() == 4);
    CHECK(found.problems[0].message == "a row is a group of keys, such as {subject: a fox}");
    CHECK(found.problems[1].where == "line 3, column 4");
    CHECK(found.problems[1].message == "the id a stands at line 1, column 3 already");
    CHECK(found.problems[3].where == "line 5, column 16");
}

TEST_CASE("more combinations or takes than rows may be are refused, however many lists multiply them") {
    std::string lists = "matrix: {";
    for (int i = 0; i < 64; ++i) lists += (i ? ", k" : "k") + std::to_string(i) + ": [1, 2]";  // 2 to the 64th comes round to 0
    const auto found = read(lists + "}\nshots:\n  - {subject: a fox}\n");
    CHECK(found.rows.empty());
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].message.find("at most 1000000 rows are read") != std::string::npos);
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "{\"subject\": \"a fox\", \"takes\": 1000}\n";
    const auto takes = read(many, "rows.jsonl");
    REQUIRE(takes.problems.size() == 1);
    CHECK(takes.problems[0].where == "line 1001, column 22");
    CHECK(takes.problems[0].message == "with all takes these are more than 1000000 clips");
}

TEST_CASE("one JSON row on stdin is a row, a group with shots is a document") {
    CHECK(batch::format_of("stdin", "{\"subject\": \"a fox\"}\n") == batch::Format::lines);
    CHECK(batch::format_of("stdin", "{\"shots\": []}") == batch::Format::document);
    CHECK(batch::format_of("stdin", "[{\"subject\": \"a fox\"}]") == batch::Format::document);
}

TEST_CASE("JSONL has a row a line, settings for the lines below, and goes on behind a broken line") {
    const auto found = read("{\"defaults\": {\"model\": \"m\"}}\n{\"subject\": \"a fox\"}\n\n{\"subject\": \n{\"id\": \"last\", \"subject\": \"a hen\", \"model\": \"n\"}\n", "rows.jsonl");
    REQUIRE(found.rows.size() == 2);
    CHECK(found.rows[0].keys["model"] == "m");
    CHECK(found.rows[1].id == "last");
    CHECK(found.rows[1].keys["model"] == "n");
    CHECK(found.rows[1].where == "line 5, column 1");
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where.starts_with("line 4, column "));
}

TEST_CASE("CSV names its keys in the first row: quotes, line ends in cells and repeatable keys are read") {
    const auto found = read("id,Subject,--ar,camera,camera,param\r\nfox,\"a fox, red\",9:16,slow dolly in;pan left,static,a=1;b=2\r\nhen,\"a\nhen\",,,,\r\nowl,an owl,1:1,,,,too many\n", "rows.csv");
    REQUIRE(found.rows.size() == 2);
    CHECK(found.rows[0].keys == json{{"subject", "a fox, red"}, {"aspect_ratio", "9:16"}, {"camera", {"slow dolly in", "pan left", "static"}}, {"params", {{"a", "1"}, {"b", "2"}}}});
    CHECK(found.rows[1].keys == json{{"subject", "a\nhen"}});
    CHECK(found.rows[1].where == "line 3, column 1");
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where == "line 5, column 7");
}

TEST_CASE("what is wrong with a column is told once, where its name stands, and the other columns are read") {
    const auto found = read("\nid,subject,colour,seed,base-url,,SEED\nfox,a fox,red,1,x,y,2\nhen,a hen,red,3,x,y,4\n", "rows.csv");
    REQUIRE(found.rows.size() == 2);
    CHECK(found.rows[1].keys == json{{"subject", "a hen"}, {"seed", "3"}});
    std::vector<std::string> places;
    for (const auto& problem : found.problems) places.push_back(problem.where);
    CHECK(places == std::vector<std::string>{"line 2, column 3", "line 2, column 5", "line 2, column 6", "line 2, column 7"});
    CHECK(found.problems[0].message.starts_with("unknown key 'colour'; known are id, shot, subject, "));
    CHECK(found.problems[1].message.find("--base-url URL") != std::string::npos);
    CHECK(found.problems[3].message == "two columns are named seed");
}

TEST_CASE("a CSV row begins where its first cell does, however many lines that cell has") {
    const auto found = read("subject,action\n\n\"a fox\n\nin the snow\",looks up\n  \na hen,pecks\n", "rows.csv");
    REQUIRE(found.rows.size() == 2);
    CHECK(found.rows[0].keys["subject"] == "a fox\n\nin the snow");
    CHECK(found.rows[0].where == "line 3, column 1");
    CHECK(found.rows[1].where == "line 7, column 1");
    CHECK(read("subject\na fox\n\"open\n\nfor ever\n", "rows.csv").problems.at(0).where == "line 3, column 1");
}

TEST_CASE("no-audio is a key and a column as it is a flag, and means that there is none") {
    const auto table = read("subject,no-audio\na fox,true\na hen,no\nan owl,\na hare,perhaps\n", "rows.csv");
    REQUIRE(table.rows.size() == 4);
    CHECK(table.rows[0].keys == json{{"subject", "a fox"}, {"audio", "false"}});
    CHECK(table.rows[1].keys == json{{"subject", "a hen"}, {"audio", "yes"}});
    CHECK(table.rows[2].keys == json{{"subject", "an owl"}});
    CHECK(table.rows[3].keys["audio"] == "perhaps");  // refused by who reads the key
    CHECK(shot::place_in(table.rows[3].marks, "audio", "") == "line 5, column 2");
    const auto group = read("defaults: {no_audio: true}\nmatrix: {no-audio: [true, false]}\nshots:\n  - subject: a fox\n");
    REQUIRE(group.rows.size() == 2);
    CHECK(group.rows[0].keys["audio"] == false);
    CHECK(group.rows[1].keys["audio"] == true);
    const auto own = read("defaults: {audio: true}\nshots:\n  - {subject: a fox, no_audio: true}\n  - {subject: a hen, audio: true, no_audio: true}\n");
    REQUIRE(own.rows.size() == 2);
    CHECK(own.rows[0].keys["audio"] == false);
    CHECK_FALSE(own.rows[1].sound);
    REQUIRE(own.problems.size() == 1);
    CHECK(own.problems[0].where == "line 4, column 35");
}

TEST_CASE("what is said once for a batch is refused in a row with the way to say it") {
    const auto found = read("- {id: a, subject: a fox, base-url: \"https://h.example\"}\n", "rows.yaml");
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems[0].where == "line 1, column 27");
    CHECK(found.problems[0].message.find("which no batch file may do, since such files come with a checkout: give it on the command line (--base-url URL)") != std::string::npos);
    REQUIRE(found.rows.size() == 1);
    CHECK_FALSE(found.rows[0].sound);
    CHECK(found.rows[0].keys == json{{"subject", "a fox"}});
    CHECK(read("defaults: {base_url: x}\nshots: [{subject: a}]\n").problems.at(0).message.find("--base-url URL") != std::string::npos);
    CHECK(read("matrix: {base_url: [x]}\nshots: [{subject: a}]\n").problems.at(0).message.find("--base-url URL") != std::string::npos);
}

TEST_CASE("a file that is no batch says so") {
    CHECK(read("").problems.at(0).message == "it is empty");
    CHECK(read("subject: a fox\n").problems.at(0).message.find("no list of shots") != std::string::npos);
    CHECK(read("shots: 7\n").problems.at(0).message == "the shots are no list");
    CHECK(read("shots: []\n").problems.at(0).message == "it has no row");
    CHECK(read("shots: []\nshot: []\n").problems.at(0).message.find("unknown key shot") != std::string::npos);
    CHECK(read("- a: [\n").problems.at(0).where.starts_with("line "));
    CHECK(read("id,subject\n1,\"open\n", "x.csv").problems.at(0).message.find("no CSV") != std::string::npos);
    CHECK(read("- {subject: a, matrix: {seed: 7}}\n").problems.at(0).message.find("holds no list of values") != std::string::npos);
}

TEST_CASE("the format is told by the ending, else by the looks") {
    CHECK(batch::format_of("a.csv", "x") == Format::csv);
    CHECK(batch::format_of("a.jsonl", "x") == Format::lines);
    CHECK(batch::format_of("a.json", "[]") == Format::document);
    CHECK(batch::format_of("-", "{\"subject\": \"a\"}\n{\"subject\": \"b\"}\n") == Format::lines);
    CHECK(batch::format_of("-", "id,subject\n1,a\n") == Format::csv);
    CHECK(batch::format_of("-", "- subject: a, b\n") == Format::document);
    CHECK(batch::format_of("-", "Prompt\r\nA fox\r\n") == Format::csv);
    CHECK(batch::format_of("-", "\xEF\xBB\xBFprompt\nA fox: red\n") == Format::csv);
    CHECK(batch::format_of("-", "heron\nA fox\n") == Format::document);
    CHECK(batch::format_of("-", "shots\n") == Format::document);
}
