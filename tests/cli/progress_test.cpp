#include "report/progress.hpp"

#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

job::Row row_in(Stage stage) {
    job::Row row;
    row.id = {"0123456789abcdef"};
    row.model = "animatic";
    row.stage = stage;
    return row;
}

job::Progress after(std::chrono::milliseconds elapsed, const std::string& word = {}) {
    job::Progress progress;
    progress.elapsed = elapsed;
    progress.expected = 1min;
    progress.word = word;
    return progress;
}

struct Screen {
    std::ostringstream out;
    core::Clock clock;
    core::Mask mask;
    int columns = 100;
    report::ProgressLines lines;
    explicit Screen(bool terminal) : lines(out, clock, mask, {terminal, false, false, [this] { return columns; }}) {}
    std::string drawn() {
        auto text = out.str();
        out.str("");
        return text;
    }
};

}  // namespace

TEST_CASE("the expected time is told of rendering alone, and not as a goal that is long past") {
    Screen screen(false);
    screen.lines.changed(row_in(Stage::submitting), after(10s));
    REQUIRE_FALSE(contains(screen.drawn(), "1m00s"));
    screen.lines.changed(row_in(Stage::rendering), after(20s));
    REQUIRE(contains(screen.drawn(), "20s of about 1m00s"));
    screen.lines.changed(row_in(Stage::downloading), after(30s));
    REQUIRE_FALSE(contains(screen.drawn(), "1m00s"));
    Screen late(false);
    late.lines.changed(row_in(Stage::rendering), after(5min));
    REQUIRE(contains(late.drawn(), "5m00s, usually 1m00s"));
}

TEST_CASE("times below ten seconds are told with their tenths") {
    Screen screen(false);
    auto progress = after(850ms);
    progress.expected = 1200ms;
    screen.lines.changed(row_in(Stage::rendering), progress);
    const auto drawn = screen.drawn();
    CAPTURE(drawn);
    REQUIRE((contains(drawn, "0.8s of about 1.2s") || contains(drawn, "0.9s of about 1.2s")));
}

TEST_CASE("a line off the terminal is coloured where colour is wished, and plain where it is not") {
    for (const bool color : {true, false}) {
        std::ostringstream out;
        core::Clock clock;
        core::Mask mask;
        report::ProgressLines lines(out, clock, mask, {.quiet = false, .color = color});
        lines.changed(row_in(Stage::done), after(3s));
        REQUIRE(contains(out.str(), "\x1b[32m0123456789abcdef") == color);
        REQUIRE(contains(out.str(), "\x1b[") == color);
    }
}

TEST_CASE("the word warning is coloured by --color always alone where nobody sees a terminal") {
    Home home;
    const std::vector<std::string> line{"make", "a beautiful heron", "--dry-run", "--color"};
    for (const auto* when : {"always", "auto", "never"}) {
        auto args = line;
        args.emplace_back(when);
        const auto ran = home.in_process(args);
        CAPTURE(when, ran.err);
        REQUIRE(contains(ran.err, "warning:"));
        REQUIRE(contains(ran.err, "\x1b[33mwarning:\x1b[0m ") == (std::string(when) == "always"));
    }
}

TEST_CASE("the figure of the rendering is no event's once it is over") {
    std::string line;
    core::Clock clock;
    core::Mask mask;
    report::EventStream events([&](const std::string& told) { line = told; }, clock, mask);
    auto progress = after(1s);
    progress.done = 0.0;
    events.changed(row_in(Stage::rendering), progress);
    REQUIRE(json::parse(line)["progress"] == 0.0);
    for (const auto stage : {Stage::ready, Stage::downloading, Stage::done}) {
        events.changed(row_in(stage), progress);
        REQUIRE_FALSE(json::parse(line).contains("progress"));
    }
}

TEST_CASE("off the terminal a try and its retries are no two lines each") {
    Screen screen(false);
    for (int i = 0; i < 7; ++i) {
        screen.lines.changed(row_in(Stage::planned), after(i * 10s, i == 0 ? "" : "cannot connect"));
        screen.lines.changed(row_in(Stage::submitting), after(i * 10s, i == 0 ? "" : "cannot connect"));
    }
    const auto told = core::split(screen.drawn(), '\n');
    CAPTURE(told);
    REQUIRE(told.size() == 3);  // planned, submitting, and once why it waits
    REQUIRE(contains(told[2], "cannot connect"));
}

TEST_CASE("off the terminal a submit that is tried again says why, once") {
    Screen screen(false);
    screen.lines.changed(row_in(Stage::submitting), after(0s));
    for (int i = 0; i < 7; ++i) screen.lines.changed(row_in(Stage::submitting), after(i * 10s, "cannot connect"));
    const auto told = core::split(screen.drawn(), '\n');
    REQUIRE(told.size() == 2);
    REQUIRE(contains(told[1], "cannot connect"));
}

TEST_CASE("a terminal that became narrower is cleared of the rows that its lines have become") {
    Screen screen(true);
    screen.lines.changed(row_in(Stage::rendering), after(1s, std::string(200, 'w')));
    const auto wide = screen.drawn();
    REQUIRE(core::count_characters(wide) == 100);  // 99 and the line's end
    screen.columns = 40;
    screen.lines.tick();
    const auto narrow = screen.drawn();
    REQUIRE(narrow.starts_with("\x1b[3F\x1b[J"));  // 99 characters stand on three rows of 40
    REQUIRE(core::count_characters(narrow.substr(7)) == 40);
}

TEST_CASE("events tell the end of a job once") {
    std::string written;
    const core::Clock clock;
    const core::Mask mask;
    report::EventStream events([&](const std::string& line) { written += line; }, clock, mask);
    events.changed(row_in(Stage::submitting), after(1s));
    for (int i = 0; i < 2; ++i) events.changed(row_in(Stage::done), after(2s));
    const auto lines = core::split(written, '\n');
    REQUIRE(lines.size() == 2);
    REQUIRE_FALSE(contains(lines[0], "expected_seconds"));
}

TEST_CASE("events count a job's time from its beginning, and beside it what is expected from when the provider took it") {
    std::string written;
    const core::Clock clock;
    const core::Mask mask;
    report::EventStream events([&](const std::string& line) { written += line; }, clock, mask);
    auto progress = after(3s);
    progress.in_all = 10s;
    progress.expected = 60s;
    events.changed(row_in(Stage::rendering), progress);
    const auto event = json::parse(written);
    REQUIRE(event["elapsed_seconds"] == 10.0);
    REQUIRE(event["rendering_seconds"] == 3.0);
    REQUIRE(event["expected_seconds"] == 60.0);
}
