#include "bench.hpp"
#include "core/text.hpp"
#include "job/download.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += char(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}
std::string sha256_of(const std::string& bytes) { return core::base64(from_hex(core::sha256_hex(bytes))); }
std::string md5_of(const std::string& bytes) {
    core::Md5 hash;
    hash.add(bytes);
    return core::base64(from_hex(hash.hex()));
}

// Zeros in the middle of the samples: no box tells of it.
std::string damaged() {
    auto bytes = clip_bytes();
    const auto at = bytes.find("mdat") + 6;
    REQUIRE(at + 8 < bytes.size());
    bytes.replace(at, 8, std::string(8, '\0'));
    REQUIRE(bytes != clip_bytes());
    return bytes;
}

std::vector<http::Header> with(std::vector<http::Header> headers, const http::Header& more) {
    headers.push_back(more);
    return headers;
}

http::Header sum_of(const std::string& kind, const std::string& bytes) {
    if (kind == "Content-MD5") return {"Content-MD5", md5_of(bytes)};
    if (kind == "Digest") return {"Digest", "md5=" + md5_of(bytes)};
    if (kind == "x-goog-hash") return {"x-goog-hash", "crc32c=AAAAAA==,md5=" + md5_of(bytes)};
    return {kind, "sha-256=:" + sha256_of(bytes) + ":"};
}

void ordered(Bench& bench) {
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).always();
}

// Another process, with another client; the ledger is the same.
job::Runner::Outcome go_on_elsewhere(Bench& bench, ScriptedClient& client, const JobId& id) {
    auto settings = bench.settings;
    settings.timeout = 1h;
    job::Runner runner({*bench.ledger, client, bench.loop, bench.loop.clock(), [&](const job::Row&) -> Result<job::Connection> {
        job::Connection connection;
        connection.backend = bench.provider;
        connection.fetch.base_origin = "https://provider.example";
        return connection;
    }}, settings);
    REQUIRE(runner.resume(id));
    runner.run();
    return runner.outcomes().at(0);
}

}  // namespace

TEST_CASE("D4: a clip whose sum is not the one that its host gives is asked for once more, and never final") {
    const auto kind_of_sum = GENERATE(as<std::string>(), "Repr-Digest", "Content-Digest", "Digest", "Content-MD5", "x-goog-hash");
    CAPTURE(kind_of_sum);
    Bench bench;
    ordered(bench);
    const auto sum = sum_of(kind_of_sum, clip_bytes());
    const bool heals = GENERATE(true, false);
    bench.client.on("GET", "/clips/p1", answer(200, damaged(), with(clip_head(damaged()), sum))).times(heals ? 1 : 2);
    if (heals) bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), with(clip_head(clip_bytes()), sum)));
    const auto outcome = bench.run(bench.wanted());
    if (heals) {
        CHECK_FALSE(outcome.error);
        CHECK(*core::read_file(bench.output()) == clip_bytes());
        return;
    }
    CHECK(kind(outcome) == ErrorKind::provider);
    CHECK(outcome.error->message.find("it is damaged") != std::string::npos);
    CHECK(outcome.row.stage == Stage::ready);
    CHECK_FALSE(std::filesystem::exists(bench.output()));
    CHECK(*core::read_file(job::PartFile::name(bench.output(), outcome.row.id.text)) == damaged());
    bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), with(clip_head(clip_bytes()), sum)));
    CHECK_FALSE(bench.go_on(outcome.row.id).error);
    CHECK(bench.client.paid() == 1);
}

TEST_CASE("D5: a damaged clip of which nobody gives a sum lands") {
    Bench bench;
    ordered(bench);
    bench.client.on("GET", "/clips/p1", answer(200, damaged(), with(clip_head(damaged()), {"Repr-Digest", "sha-512=:AAAA:"})));
    CHECK_FALSE(bench.run(bench.wanted()).error);
    CHECK(*core::read_file(bench.output()) == damaged());
}

TEST_CASE("D4: a download that is gone on with is held against the sum of the whole file, whichever of its answers gave it") {
    const auto kind_of_sum = GENERATE(as<std::string>(), "Repr-Digest", "Content-MD5", "x-goog-hash");
    const bool in_rest = GENERATE(false, true), other_run = GENERATE(false, true), good = GENERATE(false, true);
    CAPTURE(kind_of_sum, in_rest, other_run, good);
    Bench bench;
    ordered(bench);
    const auto bytes = good ? clip_bytes() : damaged();
    const auto sum = sum_of(kind_of_sum, clip_bytes());
    const auto half = bytes.size() / 2;
    bench.client.on("GET", "/clips/p1", answer(200, bytes, in_rest ? clip_head(bytes) : with(clip_head(bytes), sum))).cut(half);
    if (other_run) {
        bench.settings.timeout = 5min;
        bench.client.on("GET", "/clips/p1", [](const http::Request& r) { return no_answer(r); }).always();
    }
    auto rest = answer(206, bytes.substr(half), {{"ETag", "\"v1\""}, {"Content-Range", "bytes " + std::to_string(half) + "-" + std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size())}});
    if (in_rest) rest.headers.push_back(sum);
    // The sum of what comes says nothing of the whole.
    else rest.headers.push_back({"Content-MD5", md5_of(rest.body)});
    const auto resumed = [&](ScriptedClient& client) {
        client.on([half](const http::Request& request) {
            return request.url.ends_with("/clips/p1") && !request.headers.empty() && request.headers[0].value == "bytes=" + std::to_string(half) + "-";
        }, [rest](const http::Request&) -> Result<http::Response> { return rest; });
    };
    const bool refused = !good && !(in_rest && kind_of_sum == "Content-MD5");
    job::Runner::Outcome outcome;
    if (!other_run) {
        resumed(bench.client);
        if (refused) bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), with(clip_head(clip_bytes()), sum)));
        outcome = bench.run(bench.wanted());
    } else {
        outcome = bench.run(bench.wanted());
        REQUIRE(kind(outcome) != ErrorKind(0));
        ScriptedClient other(bench.loop);
        other.on("GET", "/jobs/p1", answer(200, "done")).always();
        resumed(other);
        if (refused) other.on("GET", "/clips/p1", answer(200, clip_bytes(), with(clip_head(clip_bytes()), sum)));
        outcome = go_on_elsewhere(bench, other, outcome.row.id);
    }
    CAPTURE((outcome.error ? outcome.error->message : ""));
    CHECK_FALSE(outcome.error);
    CHECK(*core::read_file(bench.output()) == (refused ? clip_bytes() : bytes));
}

TEST_CASE("F9: a stranger's file that is named as a part is left alone, whoever named it first") {
    Bench bench;
    ordered(bench);
    const auto strangers = bench.output("a.mp4.part");
    SECTION("it was there before") {
        REQUIRE(core::write_file(strangers, "theirs", core::Existing::keep));
        serve_clip(bench);
        CHECK_FALSE(bench.run(bench.wanted()).error);
    }
    SECTION("an older version noted that name and came no further") {
        bench.settings.wait = false;
        const auto id = bench.run(bench.wanted()).row.id;
        bench.settings.wait = true;
        auto row = bench.row(id);
        row.part = {{"file", strangers.string()}};
        auto runner = std::make_unique<job::Runner>(bench.runner());
        REQUIRE(*bench.ledger->claim(id));
        REQUIRE(bench.ledger->save(row, ""));
        REQUIRE(bench.ledger->commit());
        runner.reset();
        REQUIRE(core::write_file(strangers, "theirs", core::Existing::keep));
        serve_clip(bench);
        CHECK_FALSE(bench.go_on(id).error);
    }
    CHECK(*core::read_file(bench.output()) == clip_bytes());
    CHECK(*core::read_file(strangers) == "theirs");
}

TEST_CASE("a part that an older version named otherwise is gone on with") {
    Bench bench;
    ordered(bench);
    const auto bytes = clip_bytes();
    const auto older = bench.output("a.mp4.part").string();
    bench.client.on("GET", "/clips/p1", answer(200, bytes, clip_head(bytes))).cut(100);
    bench.client.on("GET", "/clips/p1", [](const http::Request& r) { return no_answer(r); }).always();
    bench.settings.timeout = 5min;
    const auto first = bench.run(bench.wanted());
    REQUIRE(first.error);
    auto row = bench.row(first.row.id);
    REQUIRE(row.part.value("file", "") == job::PartFile::name(bench.output(), row.id.text));
    std::filesystem::rename(row.part.value("file", ""), older);
    row.part["file"] = older;
    REQUIRE(*bench.ledger->claim(row.id));
    REQUIRE(bench.ledger->save(row, ""));
    REQUIRE(bench.ledger->commit());
    ScriptedClient other(bench.loop);
    other.on("GET", "/jobs/p1", answer(200, "done")).always();
    other.on("GET", "/clips/p1", [&](const http::Request& request) -> Result<http::Response> {
        REQUIRE(request.headers.at(0) == http::Header{"Range", "bytes=100-"});
        return answer(206, bytes.substr(100), {{"Content-Range", "bytes 100-" + std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size())}, {"ETag", "\"v1\""}});
    });
    CHECK_FALSE(go_on_elsewhere(bench, other, row.id).error);
    CHECK(*core::read_file(bench.output()) == bytes);
    CHECK_FALSE(std::filesystem::exists(older));
}

TEST_CASE("N3: where downloads fall silent fewer go at once, and more again as they end well") {
    Bench bench;
    constexpr int jobs = 40;
    const int bursts = GENERATE(1, 2, 6);
    CAPTURE(bursts);
    int silent_left = std::vector{0, 8, 8 + 4, 0, 0, 0, 8 + 4 + 2 + 1 + 1 + 1}[std::size_t(bursts)];
    std::vector<int> levels, silent_levels;
    int under_way = 0, number = 0;
    bench.client.before_sending([&](const http::Request& request) {
        if (request.url.find("/clips/") == std::string::npos) return;
        (silent_left-- > 0 ? silent_levels : levels).push_back(++under_way);
    });
    bench.client.on("POST", "/jobs", [&](const http::Request&) -> Result<http::Response> { return answer(200, "p" + std::to_string(++number)); }).times(jobs);
    const auto any = [](const char* part) { return [part](const http::Request& request) { return request.method == "GET" && request.url.find(part) != std::string::npos; }; };
    bench.client.on(any("/jobs/"), [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }).always();
    bench.client.on(any("/clips/"), [&](const http::Request&) -> Result<http::Response> {
        --under_way;
        return Error{ErrorKind::network, "provider.example fell silent for 1m00s"};
    }).later(60s).times(silent_left);
    bench.client.on(any("/clips/"), [&](const http::Request&) -> Result<http::Response> {
        --under_way;
        return answer(200, clip_bytes(), clip_head(clip_bytes()));
    }).later(20s).always();
    auto runner = bench.runner();
    for (int i = 0; i < jobs; ++i) REQUIRE(runner.add(bench.wanted(std::to_string(i) + ".mp4", Bench::order("take " + std::to_string(i)))));
    runner.run();
    for (const auto& outcome : runner.outcomes()) CHECK_FALSE(outcome.error);
    REQUIRE(levels.size() == jobs);
    CHECK(*std::max_element(silent_levels.begin(), silent_levels.end()) == 8);
    const int few = bursts == 1 ? 4 : bursts == 2 ? 2 : 1;
    CAPTURE(levels, silent_levels);
    for (int i = 0; i < few; ++i) CHECK(levels[std::size_t(i)] <= few);
    CHECK(levels[std::size_t(few)] <= few + 1);
    CHECK(*std::max_element(levels.begin(), levels.end()) == 8);
}

TEST_CASE("N3: a download that breaks off or is refused makes no fewer of them") {
    Bench bench;
    constexpr int jobs = 24;
    int under_way = 0, number = 0, most = 0, sent = 0;
    bench.client.before_sending([&](const http::Request& request) {
        if (request.url.find("/clips/") == std::string::npos) return;
        ++under_way;
        if (++sent > 8) most = std::max(most, under_way);
    });
    bench.client.on("POST", "/jobs", [&](const http::Request&) -> Result<http::Response> { return answer(200, "p" + std::to_string(++number)); }).times(jobs);
    const auto any = [](const char* part) { return [part](const http::Request& request) { return request.method == "GET" && request.url.find(part) != std::string::npos; }; };
    bench.client.on(any("/jobs/"), [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }).always();
    bench.client.on(any("/clips/"), [&](const http::Request& request) -> Result<http::Response> {
        --under_way;
        return lost(request);
    }).later(5s).times(8);
    bench.client.on(any("/clips/"), [&](const http::Request&) -> Result<http::Response> {
        --under_way;
        return answer(200, clip_bytes(), clip_head(clip_bytes()));
    }).later(100s).always();
    auto runner = bench.runner();
    for (int i = 0; i < jobs; ++i) REQUIRE(runner.add(bench.wanted(std::to_string(i) + ".mp4", Bench::order("take " + std::to_string(i)))));
    runner.run();
    for (const auto& outcome : runner.outcomes()) CHECK_FALSE(outcome.error);
    CHECK(most == 8);
}
