#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "batch_bench.hpp"

using namespace shotwire;
using namespace shotwire::test;

// What --watch makes of a file that does not merely grow.

namespace {

std::string row(const std::string& id) { return "{\"id\": \"" + id + "\", \"prompt\": \"a heron lifts off\"}\n"; }

// A watch of rows.jsonl, which has the row a. `step` is called with its number whenever something changed in the folder, until it did what it
// waited for (true); then the next one. The program's process is in `home.pid`.
Ran watch(Home& home, const std::function<bool(int)>& step, int steps, std::vector<std::string> more = {}) {
    home.write("work/rows.jsonl", row("a"));
    const core::Fd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), over(eventfd(0, EFD_CLOEXEC));
    REQUIRE(inotify_add_watch(changes.get(), home.work().c_str(), IN_CREATE | IN_MOVED_TO) > 0);
    std::thread user([&] {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        pollfd either[] = {{changes.get(), POLLIN, 0}, {over.get(), POLLIN, 0}};
        for (int at = 0; at < steps;) {
            if (step(at)) {
                ++at;
                continue;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            if (left.count() <= 0 || poll(either, 2, int(left.count())) <= 0 || either[1].revents != 0) return;
            char events[4096];
            while (read(changes.get(), events, sizeof events) > 0) {}
        }
    });
    more.insert(more.begin(), {"rows.jsonl", "--watch"});
    auto args = tiny_batch(more);
    std::erase(args, "-q");
    const auto ran = home.program(args);
    REQUIRE(eventfd_write(over.get(), 1) == 0);
    user.join();
    return ran;
}

bool is_there(const Home& home, const std::string& id) { return std::filesystem::exists(home.work() / (id + ".mp4.json")); }
void append(const Home& home, const std::string& text) { std::ofstream(home.work() / "rows.jsonl", std::ios::app) << text << std::flush; }
void save_as_editors_do(Home& home, const std::string& text) {
    const auto beside = home.write("work/rows.new", text);
    std::filesystem::rename(beside, home.work() / "rows.jsonl");
}

}  // namespace

TEST_CASE("a watched file that an editor saves under its name is gone on with where it begins as before") {
    Home home;
    const auto ran = watch(home, [&](int step) {
        if (!is_there(home, step == 0 ? "a" : step == 1 ? "b" : "c")) return false;
        if (step == 0) save_as_editors_do(home, row("a") + row("b"));
        if (step == 1) append(home, row("c"));
        if (step == 2) kill(home.pid, SIGINT);
        return true;
    }, 3);
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 0);
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 0}, {"b", 0}, {"c", 0}});
}

TEST_CASE("a watched file that was cut, replaced by another or written anew ends the watch, which says why and is no success") {
    const auto [text, in_place, why] = GENERATE(table<std::string, bool, std::string>({
        {"", true, "rows.jsonl was cut to less than what had been read of it: the watch ends here"},
        {"{\"id\": \"x\", \"prompt\": \"a fox looks up, and looks down again\"}\n", false, "rows.jsonl was replaced by what does not begin as that which had been read of it"},
        {"{\"id\": \"x\", \"prompt\": \"a fox looks up, and looks down again\"}\n", true, "rows.jsonl was written anew, and differs from what had been read of it"},
        {"[]", false, "rows.jsonl was replaced by less than what had been read of it"},
    }));
    Home home;
    const auto ran = watch(home, [&, text = text, in_place = in_place](int) {
        if (!is_there(home, "a")) return false;
        if (in_place) std::ofstream(home.work() / "rows.jsonl") << text << std::flush;
        else save_as_editors_do(home, text);
        return true;
    }, 1);
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 14);
    CHECK(contains(ran.err, why));
    CHECK(contains(ran.err, "the same command again reads it from its start"));
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 0}});
}

TEST_CASE("a last line without its end is told when the watch ends") {
    Home home;
    const auto ran = watch(home, [&](int step) {
        if (!is_there(home, step == 0 ? "a" : "b")) return false;
        if (step == 0) append(home, row("b") + "{\"id\": \"c\", \"prompt\": \"half\"}");
        if (step == 1) kill(home.pid, SIGINT);
        return true;
    }, 2);
    CAPTURE(ran.err, ran.out);
    CHECK(contains(ran.err, "rows.jsonl: the last line has no line end, and was not read"));
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 0}, {"b", 0}});
}

TEST_CASE("what is changed by --fit and what lint warns of is said of rows that come later, too") {
    Home home;
    const std::string later = "{\"id\": \"b\", \"subject\": \"a stunning heron\", \"action\": \"lands\"}\n{\"id\": \"c\", \"prompt\": \"it sleeps\", \"fps\": 90}\n";
    auto args = tiny_batch({"-", "--watch", "--fit"});
    std::erase(args, "-q");
    const auto ran = home.program(args, {}, row("a") + later);
    CAPTURE(ran.err, ran.out);
    CHECK(contains(ran.err, "warning: b, line 2, column 1: "));
    CHECK(contains(ran.err, "[vague-words]"));
    CHECK(contains(ran.err, "fps"));
    CHECK(exits(ran).size() == 3);
}
