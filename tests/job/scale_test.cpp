#include <set>
#include <unordered_map>

#include "bench.hpp"
#include "fault/invariants.hpp"
#include "job/money.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

// A provider as a model of itself: what it accepted stands in its book, whatever became of the answer.
struct Model {
    Bench& bench;
    std::unordered_map<std::string, int> creates;  // by prompt
    std::unordered_map<std::string, int> polls;    // by job
    std::map<std::string, std::size_t> asked;      // requests, by host
    std::map<std::string, int> faults_met;
    std::map<std::string, std::size_t> turns;  // by the first of the kinds
    std::mt19937 random{7};
    double faults = 0;
    bool all_kinds = false;  // also what leaves an order unknown though nothing was made, or a clip unfetched for this run
    bool down = false;  // the first provider, not the other one
    std::size_t requests = 0, turned_away = 0;
    std::function<void()> before_each;

    explicit Model(Bench& bench) : bench(bench) {
        bench.client.on([](const http::Request& request) { return !request.sink; }, [this](const http::Request& request) { return answer_to(request); }, "the provider").always();
        const auto clips = [this](const http::Request& request) { return clip_for(request); };
        // The line is cut in the middle of some of them.
        bench.client.on([this](const http::Request& request) { return request.sink && all_kinds && hits() && random() % 3 == 0 && ++faults_met["cut"]; }, clips, "clips that are cut").always().cut(150);
        bench.client.on([](const http::Request& request) { return bool(request.sink); }, clips, "the clips").always();
    }
    bool hits() { return faults > 0 && std::uniform_real_distribution<>(0, 1)(random) < faults; }
    // One of so many faults, or none.
    int fault(std::initializer_list<const char*> kinds, std::set<int> mild) {
        if (!hits()) return -1;
        const int kind = int(turns[kinds.begin()[0]]++ % kinds.size());  // each comes up
        if (!all_kinds && !mild.contains(kind)) return -1;
        ++faults_met[kinds.begin()[kind]];
        return kind;
    }
    void count(const http::Request& request) {
        ++requests;
        ++asked[http::host_of(request.url)];
        if (before_each) before_each();
    }

    // Each job's is another one.
    static std::string clip_of(const std::string& prompt) { return boxes::mp4({{boxes::picture(6)}}) + boxes::box("free", prompt); }
    test::Book sold() const {
        test::Book book;
        for (const auto& [prompt, count] : creates)
            for (int i = 0; i < count; ++i)
                book.sales.push_back({.id = "p-" + prompt, .prompt = prompt, .body = "", .price = Money{400'000}, .clip_sha256 = core::sha256_hex(clip_of(prompt))});
        return book;
    }

    Result<http::Response> clip_for(const http::Request& request) {
        count(request);
        const auto bytes = clip_of(request.url.substr(request.url.find("/p-") + 3));
        std::string range;
        for (const auto& header : request.headers)
            if (header.name == "Range") range = header.value;
        switch (fault({"no answer", "503", "garbage", "a box short", "another length", "the range is ignored"}, {0, 1, 5})) {
            case 0: return lost(request);
            case 1: return answer(503, "busy");
            case 2: return answer(200, "<!doctype html><html>please wait</html>", {{"Content-Type", "text/html"}});
            case 3: return answer(200, bytes.substr(0, bytes.size() - 3), clip_head(bytes.substr(0, bytes.size() - 3)));
            case 4: return answer(200, bytes.substr(0, bytes.size() / 2), clip_head(bytes));
            case 5: range.clear(); break;
            default: break;
        }
        if (range.empty()) return answer(200, bytes, clip_head(bytes));
        const auto from = std::min(std::size_t(std::stoul(range.substr(6))), bytes.size() - 1);
        auto head = clip_head(bytes.substr(from));
        head.push_back({"Content-Range", "bytes " + std::to_string(from) + "-" + std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size())});
        return answer(206, bytes.substr(from), head);
    }

    Result<http::Response> answer_to(const http::Request& request) {
        count(request);
        if (down && http::host_of(request.url) == "provider.example") return ++turned_away, refused(request);
        if (request.method == "POST") {
            const auto prompt = json::parse(std::get<std::string>(request.body))["prompt"].get<std::string>();
            const int kind = fault({"refused", "429", "lost before it was taken", "502", "lost after it was taken", "500", "an unreadable id"}, {0, 1, 4});
            if (kind == 0) return refused(request);
            if (kind == 1) return answer(429, "");
            if (kind == 2) return lost(request);
            if (kind == 3) return answer(502);
            ++creates[prompt];
            if (kind == 4) return lost(request);  // accepted, and nobody hears of it
            if (kind == 5) return answer(500);
            return answer(200, kind == 6 ? "<html>thank you</html>" : "p-" + prompt);
        }
        if (request.url.ends_with("/jobs")) {
            json all = json::array();
            for (const auto& [prompt, count] : creates) all.push_back("p-" + prompt);
            return answer(200, all.dump());
        }
        switch (fault({"poll: no answer", "poll: 503", "poll: garbage"}, {0, 1})) {
            case 0: return lost(request);
            case 1: return answer(503, "");
            case 2: return answer(200, "<html>");
            default: return answer(200, ++polls[request.url] < 2 ? "busy" : "done");
        }
    }
};

job::Wanted row(const Bench& bench, int number) {
    auto order = Bench::order(std::to_string(number));
    auto wanted = bench.wanted(std::to_string(number) + ".mp4", order);
    wanted.batch = "rows";
    wanted.batch_row = std::to_string(number);
    return wanted;
}

}  // namespace

TEST_CASE("B1: thousands of rows with faults of all kinds, killed twice, end with one create each and every clip") {
    const char* wanted_rows = std::getenv("SHOTWIRE_ROWS");
    const int rows = wanted_rows ? std::atoi(wanted_rows) : 2'000;  // 10000 for a night
    // A hundred thousand syncs of a real disk would prove nothing more.
    if (std::filesystem::exists("/dev/shm")) setenv("TMPDIR", "/dev/shm", 1);
    Bench bench;
    unsetenv("TMPDIR");
    bench.provider->can_find = false;
    bench.provider->same_key_same_job = false;
    bench.settings.most_jobs = 500;
    bench.settings.keep_unsent = true;
    bench.settings.timeout = hours(1000);
    Model book(bench);
    book.faults = 0.01;
    book.all_kinds = true;
    struct Killed {};
    std::size_t until = 0;
    const auto ledger_files = [&](const std::string& from, const std::string& to) {
        for (const char* tail : {"", "-wal"})
            std::filesystem::copy_file(bench.folder.path() / (from + tail), bench.folder.path() / (to + tail), std::filesystem::copy_options::overwrite_existing);
    };
    book.before_each = [&] {
        if (!until || book.requests != until) return;
        ledger_files("ledger.db", "crashed");  // what a crash at this moment leaves of it
        throw Killed{};
    };
    // Where some of the clips and sidecars have to go stands something in the way, until it is taken away after the first death.
    std::vector<std::filesystem::path> in_the_way;
    for (int i = 50; i < rows; i += 100) in_the_way.push_back(bench.output(std::to_string(i) + (i % 200 == 50 ? ".mp4.part" : ".mp4.json")));
    bool is_in_the_way = false;
    std::size_t done = 0, unknown = 0;
    std::map<std::string, std::size_t> left;  // what else became of a row
    const auto count_ends = [&](const job::Runner& runner) {
        done = unknown = 0;
        left.clear();
        for (const auto& outcome : runner.outcomes()) {
            done += outcome.row.stage == Stage::done;
            unknown += outcome.row.stage == Stage::unknown;
            if (outcome.row.stage != Stage::done && outcome.row.stage != Stage::unknown) ++left[std::string(to_string(outcome.row.stage)) + (outcome.error ? ": " + outcome.error->message : "")];
        }
    };
    for (const std::size_t kill_at : {std::size_t(rows * 9 / 10), std::size_t(rows * 21 / 10), std::size_t(0)}) {
        until = kill_at;
        bool killed = false;
        auto runner = std::make_unique<job::Runner>(bench.runner());
        for (int i = 0; i < rows; ++i) REQUIRE(runner->add(row(bench, i)));
        if (!std::exchange(is_in_the_way, true))  // from here on: what is there beforehand is refused before anything is paid
            for (const auto& place : in_the_way) REQUIRE(std::filesystem::create_directory(place));
        try {
            runner->run();
        } catch (const Killed&) {
            killed = true;
        }
        REQUIRE(killed == (kill_at > 0));
        if (killed) {
            runner.reset();
            bench.ledger.reset();
            std::filesystem::remove(bench.folder.path() / "ledger.db-shm");
            ledger_files("crashed", "ledger.db");
            bench.ledger = bench.open();
            for (const auto& place : in_the_way) std::filesystem::remove(place);
            continue;
        }
        count_ends(*runner);
    }
    for (const auto& [end, count] : left) UNSCOPED_INFO(count << " are " << end);
    // Without a list to look into, a lost answer stays unknown: shown, never sent again.
    CHECK(done + unknown == std::size_t(rows));
    CHECK(unknown <= std::size_t(rows) / 50 + 2 * 64);  // those under way at the two kills among them
    CHECK(book.creates.size() >= done);
    for (const auto& [prompt, count] : book.creates) REQUIRE(count == 1);
    const auto all = *bench.ledger->list({});
    // Where a sidecar could not lie the clip went beside, and the same command copied it to its name once that was free.
    std::size_t beside = 0;
    for (const auto& each : all) beside += each.stage == Stage::done && each.clip != each.output;
    CHECK(beside <= in_the_way.size() / 2);
    std::size_t files = 0, halves = 0;
    for (const auto& entry : std::filesystem::directory_iterator(bench.folder.path())) {
        files += entry.path().extension() == ".mp4";
        halves += entry.path().extension() == ".part";
    }
    CHECK(files == done + beside);
    CHECK(halves == 0);
    // Per job one create, two polls and one download; the second and third run poll what is under way once more.
    CHECK(double(book.requests) < rows * 4 * 1.2 + 20);
    for (const auto& [fault, count] : book.faults_met) UNSCOPED_INFO(count << " times " << fault);
    CHECK(book.faults_met.size() == 17);  // none of them was only meant

    // The books: every create is a row's, the ledger and the provider name each other's jobs, and all that may have been taken is counted.
    std::size_t accepted = 0, unknown_and_sold = 0;
    Money cost;
    for (const auto& each : all) {
        const auto prompt = core::field_or(job::order_document(each), "/prompt", "");
        if (each.handle && bench.provider->remote_id(*each.handle) != "p-" + prompt) FAIL_CHECK("row " << prompt << " has the job of another");
        if (each.stage == Stage::done && *core::read_file(each.clip) != Model::clip_of(prompt)) FAIL_CHECK("row " << prompt << " has the clip of another");
        accepted += bool(each.handle);
        unknown_and_sold += each.stage == Stage::unknown && book.creates.contains(prompt);
        cost = cost + job::cost_of(each);
    }
    CHECK(all.size() == std::size_t(rows));
    CHECK(accepted == done);
    CHECK(unknown_and_sold > 0);
    CHECK(book.creates.size() == accepted + unknown_and_sold);
    CHECK(cost == Money{rows * 400'000});
    CHECK(*bench.ledger->account("", "") == cost);
    check_invariants(book.sold(), bench.folder.path() / "ledger.db", bench.folder.path(), {.exit = 14}, {.asked = rows});
}

namespace {
// A provider whose submit may begin with a question that costs nothing, as a token or an upload does, and whose list tells the words.
struct Exact final : Provider {
    bool two_steps = false;
    backend::Step<backend::Found> find(const Order& order, const backend::Intent&) const override {
        return http::Ask<backend::Found>{get("/jobs"), [id = "p-" + order.prompt](const http::Response& answer) -> backend::Step<backend::Found> {
            backend::Found found{true};
            for (const auto& one : json::parse(answer.body))
                if (one == id) found.candidates.push_back({json{{"id", id}}});
            return found;
        }, {}};
    }
    backend::Step<backend::Accepted> submit(const Order& order, const backend::Intent& intent) const override {
        if (!two_steps) return Provider::submit(order, intent);
        auto paid = std::get<http::Ask<backend::Accepted>>(Provider::submit(order, intent));
        return http::Ask<backend::Accepted>{get("/token"), [paid](const http::Response& answer) -> backend::Step<backend::Accepted> {
            if (answer.status != 200) return Error{ErrorKind::network, "no token"};
            return paid;
        }, {}};
    }
};
}  // namespace

TEST_CASE("B1: where many wait, what a submit of two steps and a look for a lost job have learnt is kept") {
    const bool two_steps = GENERATE(false, true);
    CAPTURE(two_steps);
    constexpr int rows = 200;
    Bench bench;
    auto provider = std::make_shared<Exact>();
    provider->two_steps = two_steps;
    bench.provider = provider;
    bench.settings.most_jobs = rows;
    bench.settings.keep_unsent = true;
    bench.settings.timeout = hours(1000);
    std::set<std::string> keys;
    bench.client.on("GET", "/token", [](const http::Request&) -> Result<http::Response> { return answer(200); }).always();
    bench.client.before_sending([&](const http::Request& request) {
        if (!request.paid) return;
        // The key that leaves is the key that is on disk.
        const auto all = bench.ledger->list({.stages = {Stage::submitting}, .route = {}, .model = {}});
        REQUIRE(all);
        CHECK(std::any_of(all->begin(), all->end(), [&](const auto& row) { return row.key == request.headers.at(1).value; }));
        keys.insert(request.headers.at(1).value);
    });
    Model book(bench);
    book.faults = 0.2;
    auto runner = bench.runner();
    for (int i = 0; i < rows; ++i) REQUIRE(runner.add(row(bench, i)));
    runner.run();
    int done = 0;
    for (const auto& outcome : runner.outcomes()) done += outcome.row.stage == Stage::done;
    CHECK(done == rows);
    CHECK(keys.size() == std::size_t(rows));
    for (const auto& [prompt, count] : book.creates) REQUIRE(count == 1);
}

TEST_CASE("C5: two interrupts at once end a run of many jobs, whatever they are waiting for") {
    constexpr int rows = 200;
    Bench bench;
    bench.settings.most_jobs = rows;
    Model book(bench);
    auto runner = bench.runner();
    for (int i = 0; i < rows; ++i) REQUIRE(runner.add(row(bench, i)));
    book.before_each = [&] {
        if (book.requests == rows + 20) runner.interrupt(), runner.interrupt();
    };
    runner.run();
    for (const auto& outcome : runner.outcomes()) CHECK((!outcome.error || kind(outcome) == ErrorKind::cancelled || kind(outcome) == ErrorKind::unknown));
    for (const auto& [prompt, count] : book.creates) REQUIRE(count == 1);
}

TEST_CASE("a batch's job gives up after its time whatever keeps it: a host that says 429, is not there, or breaks each download") {
    Bench bench;
    bench.settings.most_jobs = 100;
    bench.settings.keep_unsent = true;
    bench.settings.timeout = hours(24 * 365);
    bench.settings.timeout_each = 20min;
    std::size_t left = 0;
    SECTION("too many requests for ever") {
        bench.client.on("POST", "/jobs", answer(429)).always();
        left = 100;
    }
    SECTION("nobody there") {
        bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return refused(r); }).always();
        left = 100;
    }
    SECTION("downloads that break") {
        bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return answer(200, "p" + json::parse(std::get<std::string>(r.body))["prompt"].get<std::string>()); }).always();
        bench.client.on([](const http::Request& r) { return r.method == "GET" && !r.sink; }, [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }, "polls").always();
        bench.client.on([](const http::Request& r) { return bool(r.sink); }, [](const http::Request&) -> Result<http::Response> { return answer(503); }, "clips").always();
    }
    const auto before = bench.loop.now();
    auto runner = bench.runner();
    for (int i = 0; i < 100; ++i) REQUIRE(runner.add(row(bench, i)));
    runner.run();
    CHECK(bench.loop.now() - before < 24h);
    std::size_t planned = 0;
    for (const auto& outcome : runner.outcomes()) {
        CHECK(outcome.error);
        planned += outcome.row.stage == Stage::planned;
    }
    CHECK(planned == left);
    CHECK(*bench.ledger->account("", "") == Money{left ? 0 : 40'000'000});
}

TEST_CASE("B2: a provider that is down for half an hour is asked by one request at a time, recovers by itself, and holds up no other") {
    constexpr int rows = 200;
    struct End {
        std::size_t asked = 0, turned_away = 0;  // of the other route; of the one that is down
        std::chrono::milliseconds last{};        // clip of the other route
    };
    const auto run = [&](std::chrono::minutes outage) {
        Bench bench;
        bench.settings.most_jobs = 100;  // fewer than there are: the second half goes out while the provider is down
        bench.settings.keep_unsent = true;
        bench.settings.connect_patience = hours(2);
        bench.settings.timeout = hours(1000);
        auto other = std::make_shared<Provider>();
        other->origin = "https://other.example";
        Model book(bench);
        End end;
        const auto start = bench.loop.now();
        bench.watcher.on_change = [&](const job::Row& row) {
            if (row.route == "route-2" && row.stage == Stage::done) end.last = duration_cast<milliseconds>(bench.loop.now() - start);
        };
        job::Runner runner({*bench.ledger, bench.client, bench.loop, bench.loop.clock(),
                            [&](const job::Row& row) -> Result<job::Connection> {
                                job::Connection connection;
                                connection.backend = row.route == "route-2" ? other : bench.provider;
                                connection.fetch.base_origin = row.base_url;
                                connection.expected = 60s;
                                return connection;
                            },
                            &bench.watcher, {}, {}},
                           bench.settings);
        for (int i = 0; i < 2 * rows; ++i) {
            auto wanted = row(bench, i);
            if (i % 2) {
                auto order = Bench::order(std::to_string(i));
                auto route = Bench::route();
                order.route = route.name = "route-2";
                route.base_url = other->origin;
                wanted.send_over(route);
                wanted.order = catalog::write_order(order);
                wanted.fingerprint = job::identity_of(order, route);
            }
            REQUIRE(runner.add(wanted));
        }
        // It goes down when some are under way, and comes back later.
        std::optional<core::Moment> since;
        book.before_each = [&] {
            if (!since && book.creates.size() >= 60) since = bench.loop.now();
            book.down = since && bench.loop.now() - *since < outage;
        };
        runner.run();
        std::size_t done = 0;
        for (const auto& outcome : runner.outcomes()) done += outcome.row.stage == Stage::done;
        CHECK(done == 2 * rows);
        CHECK(book.creates.size() == 2 * rows);
        end.turned_away = book.turned_away;
        end.asked = book.asked["other.example"];
        check_invariants(book.sold(), bench.folder.path() / "ledger.db", bench.folder.path(), {.exit = 0}, {.asked = 2 * rows});
        return end;
    };
    const auto well = run(0min), ill = run(30min);
    CHECK(well.turned_away == 0);
    // A probe a minute or so, after those that were under way have met the fault.
    CHECK(ill.turned_away > 20);
    CHECK(ill.turned_away < 64 + 30 * 4 + 60);
    // The other route: as if nothing were.
    CAPTURE(well.last.count(), ill.last.count());
    CHECK(well.asked == rows * 4);
    CHECK(ill.asked == rows * 4);
    CHECK(ill.last < 15min);
    CHECK(ill.last <= well.last + 1min);
}

TEST_CASE("jobs of an earlier run that are more than their lane's share take nothing from the other lanes") {
    Bench bench;
    bench.settings.wait = false;
    for (int i = 0; i < 8; ++i) bench.client.on("POST", "/jobs", answer(200, "p" + std::to_string(i)));
    std::vector<JobId> ids;
    for (int i = 0; i < 8; ++i) ids.push_back(bench.run(row(bench, i)).row.id);
    for (int i = 0; i < 8; ++i) bench.client.on("GET", "/jobs/p" + std::to_string(i), answer(200, "busy")).always();
    bench.settings.wait = true;
    bench.settings.most_jobs = 4;
    bench.settings.timeout = 10min;
    bench.client.on("POST", "/jobs", answer(200, "q"));
    bench.client.on("GET", "/jobs/q", answer(200, "done"));
    serve_clip(bench, "q");
    auto runner = bench.runner();
    for (const auto& id : ids) REQUIRE(runner.resume(id));
    auto other = row(bench, 8);
    other.model = "model-2";  // another lane
    REQUIRE(runner.add(other));
    runner.run();
    CHECK(runner.outcomes().at(8).row.stage == Stage::done);
}

TEST_CASE("B4: a price that the provider bills otherwise is settled as it is, told, and counted by the budget") {
    Bench bench;
    bench.settings.limits.day = Money{1'000'000};
    Model book(bench);
    auto wanted = row(bench, 1);
    wanted.price = Money{300'000};
    auto outcome = bench.run(wanted);
    REQUIRE(outcome.row.stage == Stage::done);
    CHECK(outcome.row.settled == Money{400'000});
    CHECK(std::any_of(bench.watcher.warnings.begin(), bench.watcher.warnings.end(), [](const auto& each) { return each == "the provider billed USD 0.40, not USD 0.30"; }));
    CHECK(*bench.ledger->account("", "") == Money{400'000});
    // 0.40 is spent: 0.70 more is too much, 0.60 is not.
    auto dear = row(bench, 2);
    dear.price = Money{700'000};
    CHECK(kind(bench.run(dear)) == ErrorKind::budget);
    auto fair = row(bench, 3);
    fair.price = Money{600'000};
    CHECK(bench.run(fair).row.stage == Stage::done);
    CHECK(book.creates.size() == 2);
}

TEST_CASE("B8: a model that ends between the plan and the submit is not asked any more, and the others go on") {
    Bench bench;
    bench.settings.keep_unsent = true;
    Model book(bench);
    const auto now = bench.loop.clock().wall();
    auto runner = job::Runner({*bench.ledger, bench.client, bench.loop, bench.loop.clock(),
                               [&](const job::Row& row) -> Result<job::Connection> {
                                   job::Connection connection;
                                   connection.backend = bench.provider;
                                   connection.fetch.base_origin = "https://provider.example";
                                   if (row.model == "ending") connection.ends = now - 1s;
                                   return connection;
                               },
                               &bench.watcher, {}, {}},
                              bench.settings);
    for (int i = 0; i < 6; ++i) {
        auto wanted = row(bench, i);
        if (i % 2) wanted.model = "ending";
        REQUIRE(runner.add(wanted));
    }
    runner.run();
    int done = 0, ended = 0;
    for (const auto& outcome : runner.outcomes()) {
        done += !outcome.error;
        ended += outcome.error && outcome.error->kind == ErrorKind::usage && outcome.row.stage == Stage::planned;
    }
    CHECK(done == 3);
    CHECK(ended == 3);
    CHECK(book.creates.size() == 3);
}

TEST_CASE("lanes share what may be under way: a slow provider holds up no other") {
    Bench bench;
    bench.settings.most_jobs = 10;
    bench.settings.timeout = 10min;
    int slow_under_way = 0, most_slow = 0;
    bench.client.on([](const http::Request& request) { return request.method == "POST" && request.url.ends_with("/jobs"); }, [&](const http::Request& request) -> Result<http::Response> {
        const auto prompt = json::parse(std::get<std::string>(request.body))["prompt"].get<std::string>();
        if (prompt.starts_with("slow")) most_slow = std::max(most_slow, ++slow_under_way);
        return answer(200, prompt);
    }, "creates").always();
    bench.client.on([](const http::Request& request) { return request.method == "GET" && !request.sink; }, [&](const http::Request& request) -> Result<http::Response> {
        return answer(200, request.url.find("slow") != std::string::npos ? "busy" : "done");
    }, "polls").always();
    bench.client.on([](const http::Request& request) { return bool(request.sink); }, [&](const http::Request&) -> Result<http::Response> { return answer(200, clip_bytes(), clip_head(clip_bytes())); }, "clips").always();
    auto runner = bench.runner();
    for (int i = 0; i < 40; ++i) {
        auto slow = bench.wanted("s" + std::to_string(i) + ".mp4", Bench::order("slow" + std::to_string(i)));
        slow.model = "slow";
        REQUIRE(runner.add(slow));
    }
    for (int i = 0; i < 40; ++i) REQUIRE(runner.add(bench.wanted("f" + std::to_string(i) + ".mp4", Bench::order("fast" + std::to_string(i)))));
    runner.run();
    int fast_done = 0;
    for (const auto& outcome : runner.outcomes()) fast_done += outcome.row.stage == Stage::done;
    CHECK(fast_done == 40);
    CHECK(most_slow <= 10);
}

TEST_CASE("a host that takes so many submits a minute and says when to come again teaches the pace") {
    constexpr int count = 300, a_minute = 30;
    Bench bench;
    bench.settings.most_jobs = 1000;
    bench.settings.timeout = 2h;
    core::Moment window{};
    const auto start = bench.loop.now();
    int taken = 0, refusals = 0, later_refusals = 0;
    bench.client.on([](const http::Request& request) { return request.paid; }, [&](const http::Request& request) -> Result<http::Response> {
        if (bench.loop.now() - window >= 60s) window = bench.loop.now(), taken = 0;
        if (taken >= a_minute) return (bench.loop.now() - start > 1min ? ++later_refusals : ++refusals), answer(429, "until " + std::to_string(ceil<seconds>(60s - (bench.loop.now() - window)).count()));
        ++taken;
        return answer(200, json::parse(std::get<std::string>(request.body))["prompt"].get<std::string>());
    }, "creates").always();
    bench.client.on([](const http::Request& request) { return request.method == "GET" && !request.sink; }, [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }, "polls").always();
    bench.client.on([](const http::Request& request) { return bool(request.sink); }, [](const http::Request&) -> Result<http::Response> { return answer(200, clip_bytes(), clip_head(clip_bytes())); }, "clips").always();
    auto runner = bench.runner();
    for (int i = 0; i < count; ++i) REQUIRE(runner.add(row(bench, i)));
    runner.run();
    int done = 0;
    for (const auto& outcome : runner.outcomes()) done += !outcome.error;
    CHECK(done == count);
    CHECK(bench.client.paid() == std::size_t(count + refusals + later_refusals));
    CHECK(later_refusals <= 4);  // without a pace each of the minutes ends with one
    CHECK(bench.loop.now() - start < 14min);
}

TEST_CASE("refusals of one burst teach the pace once: a lane that its host bears again goes on at once") {
    Bench bench;
    bench.settings.most_jobs = 40;
    bench.settings.timeout = 1h;
    int asked = 0;
    bench.client.on([](const http::Request& request) { return request.paid; }, [&](const http::Request& request) -> Result<http::Response> {
        if (++asked <= 32 && asked % 2 == 0) return answer(429, "until 1");
        return answer(200, json::parse(std::get<std::string>(request.body))["prompt"].get<std::string>());
    }, "creates").always();
    bench.client.on([](const http::Request& request) { return request.method == "GET" && !request.sink; }, [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }, "polls").always();
    bench.client.on([](const http::Request& request) { return bool(request.sink); }, [](const http::Request&) -> Result<http::Response> { return answer(200, clip_bytes(), clip_head(clip_bytes())); }, "clips").always();
    auto runner = bench.runner();
    for (int i = 0; i < 40; ++i) REQUIRE(runner.add(row(bench, i)));
    const auto start = bench.loop.now();
    runner.run();
    for (const auto& outcome : runner.outcomes()) CHECK(!outcome.error);
    CHECK(bench.loop.now() - start < 3min);
}
