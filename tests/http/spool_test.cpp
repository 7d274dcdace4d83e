#include "http/spool.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "core/json.hpp"
#include "core/text.hpp"
#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

std::string clip_of(std::size_t bytes) {
    std::mt19937 dice(7);
    std::string clip(bytes, '\0');
    for (char& c : clip) c = char(dice());
    return clip;
}

std::string decoded(const http::Spool& spool, const std::string& mark) {
    std::string out;
    const auto done = spool.decode(mark, [&](std::string_view piece) { return out += piece, true; });
    REQUIRE(done);
    return out;
}

std::shared_ptr<http::Spool> spooled(const std::string& answer, std::size_t pieces, std::size_t most = 64 << 20) {
    auto spool = http::Spool::open(most);
    REQUIRE(spool);
    for (std::size_t at = 0; at < answer.size(); at += pieces) REQUIRE((*spool)->piece(std::string_view(answer).substr(at, pieces)));
    return *spool;
}

}  // namespace

TEST_CASE("a clip in an answer goes to the disk, and the rest of the answer stays what it was") {
    const auto first = clip_of(300001), second = clip_of(100000);
    const json answer{{"done", true},
                      {"name", "a \"quoted\" \\ name"},
                      {"videos", {{{"bytes", core::base64(first)}, {"mimeType", "video/mp4"}}, {{"bytes", core::base64(second)}}}}};
    for (const std::size_t pieces : {1u, 7u, 4096u, 65537u, 10000000u}) {
        CAPTURE(pieces);
        const auto spool = spooled(answer.dump(), pieces);
        CHECK(spool->text().size() < 1000);
        const auto rest = json::parse(spool->text());
        CHECK(rest["name"] == answer["name"]);
        CHECK_FALSE(spool->holds(rest["name"].get<std::string>()));
        const std::string mark = rest["videos"][0]["bytes"], other = rest["videos"][1]["bytes"];
        REQUIRE(spool->holds(mark));
        CHECK((decoded(*spool, mark) == first));
        CHECK((decoded(*spool, other) == second));
    }
}

TEST_CASE("Base64 in JSON's escapes, with line breaks or as a data URI is decoded to the same clip") {
    const auto clip = clip_of(200000);
    std::string text;
    for (std::size_t at = 0; const char c : core::base64(clip)) {
        if (at++ % 76 == 75) text += "\\r\\n";
        if (c == '/') text += "\\/";
        else if (c == '=') text += "\\u003d";
        else text += c;
    }
    const auto as_is = spooled("{\"v\":\"" + text + "\"}", 1000);
    CHECK((decoded(*as_is, json::parse(as_is->text())["v"]) == clip));
    const auto uri = spooled("[\"data:video/mp4;base64," + core::base64(clip) + "\"]", 999);
    CHECK((decoded(*uri, json::parse(uri->text())[0]) == clip));
}

TEST_CASE("a mark is only what the spool itself has made") {
    const auto spool = spooled(json{{"v", core::base64(clip_of(100000))}}.dump(), 4096);
    for (const char* forged : {"", "spooled-0", "spooled--0", "0"}) CHECK_FALSE(spool->holds(forged));
    const std::string mark = json::parse(spool->text())["v"];
    CHECK_FALSE(spool->holds(mark + "0"));
    CHECK_FALSE(spool->holds(mark.substr(0, mark.size() - 1) + "1"));
}

TEST_CASE("what is no Base64 is told, and no byte behind the fault is given") {
    const auto spool = spooled("[\"" + std::string(100000, '!') + "\"]", 4096);
    const auto done = spool->decode(json::parse(spool->text())[0].get<std::string>(), [](std::string_view) { return true; });
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::provider);
}

TEST_CASE("an answer over the limit is refused, in a text and beside it") {
    for (const auto& answer : {"\"" + std::string(3 << 20, 'A') + "\"", "[" + std::string(9 << 20, ' ')}) {
        auto spool = http::Spool::open(answer.size() < (4 << 20) ? 1 << 20 : 64 << 20);
        REQUIRE(spool);
        bool taken = true;
        for (std::size_t at = 0; taken && at < answer.size(); at += 4096) taken = (*spool)->piece(std::string_view(answer).substr(at, 4096));
        CHECK_FALSE(taken);
        REQUIRE((*spool)->error());
        CHECK((*spool)->error()->kind == ErrorKind::provider);
    }
}

TEST_CASE("a request that wishes it gets its answer spooled, over the wire") {
    const auto clip = clip_of(2 << 20);
    RawServer server({reply(200, json{{"id", "job_1"}, {"clip", core::base64(clip)}}.dump()), reply(200, json{{"clip", core::base64(clip)}}.dump())});
    Exchange exchange;
    auto request = get(server.url());
    request.spool = true;
    request.most = 16 << 20;
    const auto answer = exchange(request);
    REQUIRE(answer);
    REQUIRE(answer->spool);
    const auto rest = json::parse(answer->body);
    CHECK(rest["id"] == "job_1");
    CHECK((decoded(*answer->spool, rest["clip"]) == clip));

    request.most = 1 << 20;
    const auto refused = exchange(request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::provider);
}
