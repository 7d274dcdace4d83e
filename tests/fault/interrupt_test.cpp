// An interrupt in the middle of a batch, at the real program, and what the next run makes of it.
#include <spdlog/fmt/fmt.h>

#include <csignal>
#include <future>
#include <set>

#include "fault/trial.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// A batch whose clips cost USD 0.10 each.
struct Night {
    Trial trial{VideoHost::Options{.price = Money{100'000}}};
    VideoHost& host = trial.host();

    Night() {
        trial.home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
            "audio": "never", "sizes": [{"size": "128x128", "resolution": "128p", "ratio": "1:1"}], "expected": {"seconds": 0.04, "per_second": 0},
            "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    }
    void rows(const std::map<std::string, std::string>& words) {
        std::string text;
        for (const auto& [id, prompt] : words) text += fmt::format("{{\"id\": \"{}\", \"prompt\": \"{}\"}}\n", id, prompt);
        trial.home.write("work/rows.jsonl", text);
        trial.terms.asked = int(words.size());
    }
    Output run(const std::vector<std::string>& more = {}) { return trial.run(args(more)); }

    // The same, interrupted once that many jobs were asked for and none of them is done.
    Output run_interrupted(std::size_t under_way, const std::vector<std::string>& more = {}) {
        struct Polled {
            std::mutex guard;
            std::set<std::string> jobs;
            std::promise<void> all;
        };
        const auto polled = std::make_shared<Polled>();
        host.never_done();
        host.always(VideoHost::poll, [this, polled, under_way](Peer& peer, const Heard& heard) {
            {
                const std::lock_guard lock(polled->guard);
                if (polled->jobs.insert(heard.target).second && polled->jobs.size() == under_way) polled->all.set_value();
            }
            return host.ordinary(VideoHost::poll)(peer, heard);
        });
        Child child(trial.complete(args(more)), trial.options());
        CHECK(polled->all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
        child.send(SIGINT);
        const auto output = trial.judge(child.wait());
        host.heal();
        return output;
    }

    // How often each prompt was paid for.
    std::map<std::string, int> sold() const {
        std::map<std::string, int> count;
        for (const auto& sale : trial_host().book().sales) ++count[sale.prompt];
        return count;
    }
    // The prompt that a told clip was made for; empty: it is nobody's.
    std::string prompt_of(const json& told) const {
        const auto sum = core::sha256_of_file(told["clip"].get<std::string>());
        for (const auto& sale : trial_host().book().sales)
            if (sum && *sum == sale.clip_sha256) return sale.prompt;
        return "";
    }

private:
    const VideoHost& trial_host() const { return host; }
    std::vector<std::string> args(const std::vector<std::string>& more) const {
        std::vector<std::string> all{"batch", "rows.jsonl", "-m", "openai:priced", "--base-url", trial.base_url, "-d", "1", "--yes"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

// What was told of each row.
std::map<std::string, json> told(const Output& output) {
    std::map<std::string, json> rows;
    for (const auto& line : core::split(output.out, '\n'))
        if (!line.empty()) {
            auto document = json::parse(line);
            const auto row = document["row"].get<std::string>();
            rows[row] = std::move(document);
        }
    return rows;
}
std::map<std::string, std::string> states(const Output& output) {
    std::map<std::string, std::string> found;
    for (const auto& [row, document] : told(output)) found[row] = fmt::format("{} {}", document["state"].get<std::string>(), document["exit"].get<int>());
    return found;
}
std::map<std::string, std::string> ids(const Output& output) {
    std::map<std::string, std::string> found;
    for (const auto& [row, document] : told(output)) found[row] = document["id"];
    return found;
}
using Words = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("an interrupt that cancels ends each job under way at its host, once, and what was not sent yet costs nothing and is sent by the next run") {
    Night night;
    night.rows({{"a", "a heron lifts off"}, {"b", "a fox looks up"}, {"c", "an owl turns"}});
    const std::string cancels = "[routes.openai.dialect]\ncancel = \"delete\"\n";
    night.trial.config(cancels);
    const auto interrupted = night.run_interrupted(2, {"-j", "2", "--cancel-on-interrupt"});
    CHECK(interrupted.exit == 130);
    CHECK(states(interrupted) == Words{{"a", "cancelled 130"}, {"b", "cancelled 130"}, {"c", "planned 130"}});
    std::multiset<std::string> deleted;
    for (const auto& call : night.host.book().calls)
        if (call.method == "DELETE") deleted.insert(call.target);
    CHECK(deleted == std::multiset<std::string>{"/v1/videos/video_1", "/v1/videos/video_2"});
    CHECK(night.host.sold() == 2);
    // The host does not say what it bills of a job that it ended: that counts in full.
    for (const auto& [row, document] : told(interrupted)) CHECK(document["counted_usd"] == (row == "c" ? 0.0 : 0.1));

    night.trial.config(cancels + "[budget]\nday = 0.30\n");
    const auto next = night.run();
    CHECK(next.exit == 14);
    CHECK(states(next) == Words{{"a", "cancelled 7"}, {"b", "cancelled 7"}, {"c", "done 0"}});
    CHECK(night.host.sold() == 3);
}

TEST_CASE("an interrupted batch that orders all anew is gone on with by the next run, and no row is bought a third time") {
    const int at_once = GENERATE(1, 2);
    CAPTURE(at_once);
    Night night;
    const Words words{{"a", "a heron lifts off"}, {"b", "a fox looks up"}, {"c", "an owl turns"}};
    night.rows(words);
    const auto first = night.run();
    CHECK(first.exit == 0);
    night.trial.terms.resent = 3;
    const auto interrupted = night.run_interrupted(std::size_t(at_once), {"--again", "-j", std::to_string(at_once)});
    CHECK(interrupted.exit == 130);
    CHECK(night.host.sold() == std::size_t(3 + at_once));

    const auto next = night.run();
    CHECK(next.exit == 0);
    CHECK(ids(next) == ids(interrupted));
    for (const auto& [row, id] : ids(next)) CHECK(id != ids(first).at(row));
    for (int again = 0; again < 2; ++again) {
        const auto same = again ? night.run() : next;
        CHECK(ids(same) == ids(next));
        for (const auto& [row, document] : told(same)) CHECK(night.prompt_of(document) == words.at(row));
        CHECK(night.sold() == std::map<std::string, int>{{"a heron lifts off", 2}, {"a fox looks up", 2}, {"an owl turns", 2}});
    }
}

TEST_CASE("rows that exchange their words behind an interrupt are each told the clip of the words that they have now, and nothing is bought again") {
    const int at_once = GENERATE(1, 2);
    CAPTURE(at_once);
    Night night;
    night.rows({{"a", "a heron lifts off"}, {"b", "a fox looks up"}});
    CHECK(night.run_interrupted(std::size_t(at_once), {"-j", std::to_string(at_once)}).exit == 130);
    CHECK(night.host.sold() == std::size_t(at_once));
    const Words exchanged{{"a", "a fox looks up"}, {"b", "a heron lifts off"}};
    night.rows(exchanged);
    for (int again = 0; again < 2; ++again) {
        const auto next = night.run();
        CAPTURE(next.err);
        REQUIRE(next.exit == 0);
        CHECK(states(next) == Words{{"a", "done 0"}, {"b", "done 0"}});
        for (const auto& [row, document] : told(next)) {
            CHECK(document["order"]["prompt"] == exchanged.at(row));
            CHECK(night.prompt_of(document) == exchanged.at(row));
            CHECK(std::filesystem::path(document["clip"].get<std::string>()).filename().string().starts_with(row));
        }
        CHECK(night.sold() == std::map<std::string, int>{{"a heron lifts off", 1}, {"a fox looks up", 1}});
    }
}
