// Money that is spent while its limit is reached, at the real program.
#include <spdlog/fmt/fmt.h>

#include "fault/trial.hpp"

using namespace shotwire;
using namespace shotwire::test;

TEST_CASE("B3: a budget that is reached while twenty submits are in flight holds, what is unknown counts as spent, and the rest is not sent") {
    const bool lost = GENERATE(false, true);
    CAPTURE(lost);
    constexpr int rows = 30, affordable = 20;
    auto gate = std::make_shared<Gate>();
    Trial trial({.gates = {gate}, .price = Money{100'000}});
    auto& host = trial.host();
    const std::string no_find = lost ? "[routes.openai.dialect]\nfind = false\n" : "";
    trial.config(no_find + "[budget]\nday = 2.05\n");
    trial.home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
        "audio": "never", "sizes": [{"size": "128x128", "resolution": "128p", "ratio": "1:1"}], "expected": {"seconds": 0.04, "per_second": 0},
        "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    std::string text;
    for (int i = 1; i <= rows; ++i) text += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"heron {0} lifts off\"}}\n", i);
    trial.home.write("work/rows.jsonl", text);
    const std::vector<std::string> batch{"batch", "rows.jsonl", "-m", "openai:priced", "--base-url", trial.base_url, "-d", "1", "--yes", "-j", "30"};
    trial.terms.asked = rows;
    trial.terms.budget = Money{2'050'000};

    // No answer leaves before all that can be paid have arrived.
    std::atomic<int> arrived = 0;
    host.always(VideoHost::create, [&, lost](Peer& peer, const Heard& heard) {
        const int number = ++arrived;
        if (number == affordable) gate->open();
        gate->wait();
        const auto answer = host.ordinary(VideoHost::create);
        return (lost && number % 4 == 0 ? host.sold_then(reset()) : answer)(peer, heard);
    });
    const auto ends = [&] {
        std::map<int, int> count;  // by exit
        for (const auto& line : core::split(trial.last.out, '\n'))
            if (!line.empty()) ++count[json::parse(line)["exit"].get<int>()];
        return count;
    };
    const int unknown = lost ? affordable / 4 : 0;
    const auto expected = [&](int sold) {
        std::map<int, int> all{{0, sold - unknown}, {10, rows - sold}, {11, unknown}};
        std::erase_if(all, [](const auto& one) { return one.second == 0; });
        return all;
    };
    CHECK(trial.run(batch).exit == 14);
    CHECK(arrived == affordable);
    CHECK(host.sold() == affordable);
    CHECK(ends() == expected(affordable));

    // Nothing has come free by it.
    host.heal();
    CHECK(trial.run(batch).exit == 14);
    CHECK(host.sold() == affordable);
    CHECK(ends() == expected(affordable));

    // Nine more, and not ten.
    trial.config(no_find + "[budget]\nday = 2.95\n");
    trial.terms.budget = Money{2'950'000};
    CHECK(trial.run(batch).exit == 14);
    CHECK(host.sold() == affordable + 9);
    CHECK(ends() == expected(affordable + 9));
}
