// Clips that come badly, at the real program.
#include "fault/trial.hpp"
#include "job/download.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

Act raw(std::string head, std::string body = {}) {
    return [=](Peer& peer, const Heard&) { return peer.send("HTTP/1.1 200 Fine\r\n" + head + "\r\n" + body), false; };
}
std::string length(std::size_t count) { return "Content-Length: " + std::to_string(count) + "\r\n"; }
std::string sized(std::size_t count) { return length(count) + "ETag: \"video_1\"\r\n"; }

std::string sha256_of(const std::string& bytes) {
    const auto hex = core::sha256_hex(bytes);
    std::string sum;
    for (std::size_t i = 0; i < hex.size(); i += 2) sum += char(std::stoi(hex.substr(i, 2), nullptr, 16));
    return core::base64(sum);
}

std::size_t downloads(const VideoHost& host) {
    std::size_t count = 0;
    for (const auto& call : host.book().calls) count += call.target.ends_with("/content");
    return count;
}

// Another host, that this one leads to: with a certificate that the test's CA file also covers.
struct Elsewhere {
    explicit Elsewhere(Act act) : certificate(make_certificate()), server({std::move(act)}, {.tls = true, .certificate = certificate}) {}
    Certificate certificate;
    RawServer server;
};

}  // namespace

TEST_CASE("D1: a download that is cut goes on where it was, and half a clip never has the final name") {
    const std::size_t size = VideoHost().clip_of("video_1").size();
    const std::size_t at = GENERATE_COPY(as<std::size_t>(), 0, 1, size / 2, size - 1);
    const std::string form = GENERATE(as<std::string>(), "length", "open end", "chunked");
    CAPTURE(at, form);
    Trial trial;
    auto& host = trial.host();
    const auto piece = host.clip_of("video_1").substr(0, at);
    if (form == "length") host.next(VideoHost::content, raw(sized(size), piece));
    if (form == "open end") host.next(VideoHost::content, raw("ETag: \"video_1\"\r\nConnection: close\r\n", piece));
    if (form == "chunked") {
        std::ostringstream chunk;
        if (at) chunk << std::hex << at << "\r\n" << piece << "\r\n";
        host.next(VideoHost::content, raw("ETag: \"video_1\"\r\nTransfer-Encoding: chunked\r\n", chunk.str()));
    }
    CHECK(trial.make().exit == 0);
    CHECK(*core::sha256_of_file(trial.clip()) == core::sha256_hex(host.clip_of("video_1")));
    CHECK(host.sold() == 1);
    // Only where the length was announced or the framing broken is it known that something is missing.
    const auto calls = host.book().calls;
    const auto resumed = std::any_of(calls.begin(), calls.end(),
                                     [&](const Visit& call) { return contains(call.head, "bytes=" + std::to_string(at) + "-"); });
    CHECK(resumed == (at > 0 && form != "open end"));
}

TEST_CASE("D2: a rest that does not belong to the beginning is not put behind it") {
    const std::string how = GENERATE(as<std::string>(), "range ignored", "other offset", "other total", "416", "other tag", "weak tag", "other date");
    CAPTURE(how);
    Trial trial;
    auto& host = trial.host();
    const auto clip = host.clip_of("video_1");
    const auto half = clip.size() / 2;
    const std::string other(clip.size(), 'x');
    std::string validator = "ETag: \"old\"\r\n";
    if (how == "weak tag") validator = "ETag: W/\"old\"\r\n";
    if (how == "other date") validator = "Last-Modified: Sat, 28 Nov 2026 10:00:00 GMT\r\n";
    host.next(VideoHost::content, raw(length(clip.size()) + validator, other.substr(0, half)));
    const auto part = [&](std::size_t from, std::size_t total, const std::string& tag) {
        return [=](Peer& peer, const Heard&) {
            const auto rest = other.substr(from);
            return peer.send("HTTP/1.1 206 Partial\r\nETag: " + tag + "\r\n" + length(rest.size()) + "Content-Range: bytes " + std::to_string(from) + "-" +
                             std::to_string(total - 1) + "/" + std::to_string(total) + "\r\n\r\n" + rest);
        };
    };
    if (how == "other offset") host.next(VideoHost::content, part(half + 1, clip.size(), "\"old\""));
    if (how == "other total") host.next(VideoHost::content, part(half, clip.size() + 1, "\"old\""));
    if (how == "other tag") host.next(VideoHost::content, part(half, clip.size(), "\"new\""));
    if (how == "416") host.next(VideoHost::content, reply(416, ""));
    CHECK(trial.make().exit == 0);
    CHECK(*core::sha256_of_file(trial.clip()) == core::sha256_hex(clip));
    if (how == "weak tag")
        for (const auto& call : host.book().calls) CHECK_FALSE(contains(call.head, "Range:"));
}

TEST_CASE("D3: what is no clip is refused by its content, and a clip is taken whatever it is called") {
    const auto [status, type, body] = GENERATE(table<int, std::string, std::string>({{200, "text/html", "<!doctype html><html><body>please log in</body></html>"},
                                                                                     {200, "video/mp4", "{\"error\": \"gone\"}"},
                                                                                     {204, "video/mp4", ""},
                                                                                     {200, "video/mp4", ""},
                                                                                     {200, "text/html", "CLIP"},
                                                                                     {200, "application/json", "CLIP"}}));
    CAPTURE(status, type, body);
    Trial trial;
    auto& host = trial.host();
    const bool clip = body == "CLIP";
    host.next(VideoHost::content, reply(status, clip ? host.clip_of("video_1") : body, {"Content-Type: " + type}));
    CHECK(trial.make().exit == 0);
    CHECK(downloads(host) == (clip ? 1 : 2));
    CHECK(host.sold() == 1);
}

TEST_CASE("D4: a damaged clip is asked for once more, then told with its part kept, and fetched later for nothing") {
    const std::string how = GENERATE(as<std::string>(), "a box short", "moov missing", "zeros in moov", "bytes behind", "zeros in mdat, with a sum");
    CAPTURE(how);
    Trial trial;
    auto& host = trial.host();
    auto bad = host.clip_of("video_1");
    const auto moov = bad.find("moov");
    if (how == "a box short") bad.resize(bad.size() - 10);
    if (how == "moov missing") bad.replace(moov, 4, "free");
    if (how == "zeros in moov") bad.replace(moov + 4, 200, std::string(200, '\0'));
    if (how == "bytes behind") bad += "and more of it";
    std::vector<std::string> headers{"Content-Type: video/mp4"};
    if (how == "zeros in mdat, with a sum") {
        headers.push_back("Repr-Digest: sha-256=:" + sha256_of(bad) + ":");
        bad.replace(bad.find("mdat") + 100, 200, std::string(200, '\0'));
    }
    host.next(VideoHost::content, reply(200, bad, headers), 2);
    CHECK(trial.make().exit == 7);
    CHECK(downloads(host) == 2);
    CHECK_FALSE(std::filesystem::exists(trial.clip()));
    CHECK(std::filesystem::exists(trial.part()));
    trial.again_is_free();
    CHECK_FALSE(std::filesystem::exists(trial.part()));
}

TEST_CASE("D5: a byte that was flipped on the way, or zeros in the middle of the pictures, land, and the sidecar's sum tells later damage apart") {
    const bool zeros = GENERATE(false, true);
    CAPTURE(zeros);
    Trial trial;
    auto& host = trial.host();
    auto flipped = host.clip_of("video_1");
    const auto mdat = flipped.find("mdat");
    if (zeros) {
        const auto whole = flipped;
        flipped.replace(mdat + 4, 20, std::string(20, '\0'));
        REQUIRE(flipped != whole);
        REQUIRE(flipped.size() == whole.size());
    } else {
        flipped[mdat + 6] ^= 1;
    }
    trial.terms.also_whole = {core::sha256_hex(flipped)};
    host.next(VideoHost::content, reply(200, flipped));
    CHECK(trial.make().exit == 0);
    const auto sidecar = *core::parse_json(*core::read_file(trial.clip().string() + ".json"), "the sidecar");
    CHECK(sidecar["sha256"] == core::sha256_hex(flipped));
    // Damaged on disk: it is no longer the clip that the ledger knows, so that the same command does not call it done.
    auto damaged = flipped;
    damaged[damaged.find("mdat") + 5] ^= 1;
    REQUIRE(core::write_file(trial.clip(), damaged, core::Existing::replace));
    trial.terms.untouched = {{trial.clip(), core::sha256_hex(damaged)}};
    const auto again = Child(trial.complete(trial.made()), trial.options()).wait();
    CHECK(host.sold() == 1);
    CHECK_FALSE(contains(again.err, "already rendered"));
    CHECK(*core::sha256_of_file(trial.clip()) == core::sha256_hex(damaged));
}

TEST_CASE("D6: a link that has ended is renewed by a poll, and a clip that is gone is told") {
    const int status = GENERATE(403, 410, 200);
    const bool gone = GENERATE(false, true);
    CAPTURE(status, gone);
    Trial trial;
    auto& host = trial.host();
    host.next(VideoHost::content, [&, status](Peer& peer, const Heard&) {
        if (gone) host.drop_jobs();
        return peer.send(http_reply(status, "{\"error\": \"link expired\"}"));
    });
    CHECK(trial.make().exit == (gone ? 7 : 0));
    CHECK(trial.state() == (gone ? "expired" : "done"));
    CHECK(host.sold() == 1);
}

TEST_CASE("D7: a clip that comes in one burst is not held in memory, and one that comes byte by byte is taken") {
    Trial trial;
    auto& host = trial.host();
    const bool burst = GENERATE(true, false);
    CAPTURE(burst);
    if (burst) {
        const auto big = host.clip_of("video_1") + std::string("\x04\x00\x00\x08" "free", 8) + std::string(64 << 20, 'x');
        trial.terms.also_whole = {core::sha256_hex(big)};
        trial.terms.most_memory = 60'000;
        host.next(VideoHost::content, reply(200, big));
    } else {
        const auto clip = host.clip_of("video_1");
        host.next(VideoHost::content, [=](Peer& peer, const Heard&) {
            if (!peer.send("HTTP/1.1 200 Fine\r\n" + sized(clip.size()) + "\r\n")) return false;
            for (const char byte : clip)
                if (!peer.send({&byte, 1})) return false;
            return true;
        });
    }
    CHECK(trial.make().exit == 0);
    CHECK(downloads(host) == 1);
}

TEST_CASE("D8: a clip that is announced larger than any of its length is refused, and nothing of it is kept") {
    const std::string announced = GENERATE(as<std::string>(), "9223372036854775808", "214748364800", "many");
    CAPTURE(announced);
    Trial trial;
    auto& host = trial.host();
    host.always(VideoHost::content, raw("Content-Length: " + announced + "\r\n", "xxxx"));
    if (announced == "many") trial.timeout = "3s";  // no HTTP: a host that is ill
    const auto exit = trial.make().exit;
    CHECK((exit == 7 || exit == 9 || (announced == "many" && exit == 6)));
    CHECK_FALSE(std::filesystem::exists(trial.clip()));
    // Of a host that is ill a file waits, empty, for its answer.
    const auto part = trial.part();
    if (announced == "many") CHECK((!std::filesystem::exists(part) || std::filesystem::file_size(part) == 0));
    else CHECK_FALSE(std::filesystem::exists(part));
    trial.timeout = "20s";
    trial.again_is_free();
}

TEST_CASE("D8: a body without end stops at the order's limit and leaves nothing") {
    Trial trial;
    auto& host = trial.host();
    std::atomic<std::uint64_t> most = 0;
    host.always(VideoHost::content, [&most](Peer& peer, const Heard&) {
        const std::string piece(1 << 20, 'x');
        if (!peer.send("HTTP/1.1 200 Fine\r\nContent-Type: video/mp4\r\n\r\n")) return false;
        std::uint64_t sent = 0;
        for (; sent < (1ull << 30) && peer.send(piece); sent += piece.size()) {}
        if (sent > most) most = sent;
        return false;
    });
    const auto output = trial.make();
    CHECK(output.exit == 7);
    CHECK(contains(output.err, "the server sent more than"));
    CHECK(downloads(host) == 2);
    CHECK(most < (200ull << 20));  // a second of 128x128
    CHECK_FALSE(std::filesystem::exists(trial.clip()));
    CHECK_FALSE(std::filesystem::exists(trial.part()));
    trial.again_is_free();
}

TEST_CASE("D8: what a clip may have follows the order, and is more than any encoder makes of it") {
    const auto most = [](Size size, double seconds) {
        Order order;
        order.size = size;
        order.seconds = seconds;
        return job::most_bytes(order);
    };
    CHECK(most({128, 128}, 1) < (200ull << 20));
    CHECK(most({1280, 720}, 4) > (1ull << 30));
    CHECK(most({3840, 2160}, 60) > 60ull * (250'000'000 / 8));  // 250 Mbit/s
    CHECK(most({3840, 2160}, 60) < (3ull << 30));
    CHECK(job::most_bytes({}) > 30ull * (250'000'000 / 8));  // of an unknown size
}

TEST_CASE("D9: a clip is fetched from where the host leads, without its key, and from nowhere that is forbidden") {
    const auto clip = VideoHost().clip_of("video_1");
    Elsewhere cdn(reply(200, clip, {"Content-Type: video/mp4"}));
    RawServer plain({reply(200, clip)});
    const std::string to = GENERATE(as<std::string>(), "cdn", "private", "http", "file", "loop", "climbing", "user trick", "back home");
    CAPTURE(to);
    Trial trial;
    auto& host = trial.host();
    const auto ca = trial.home.work().parent_path() / "ca.pem";
    REQUIRE(core::write_file(ca, host.server().certificate().pem() + cdn.certificate.pem(), core::Existing::replace));
    if (to != "private") trial.config("[routes.openai]\nallow_private = true\n");
    std::string place = cdn.server.url("/clip.mp4");
    if (to == "http") place = plain.url("/clip.mp4");
    if (to == "climbing") place = cdn.server.url("/files/../clip.mp4");
    if (to == "file") place = "file:///etc/passwd";
    if (to == "user trick") place = "https://" + std::string(Trial::key) + "@127.0.0.1:" + std::to_string(cdn.server.port()) + "/clip.mp4";
    if (to == "loop") place = host.url() + "/videos/video_1/content";
    const auto lead = reply(302, "", {"Location: " + place, "Set-Cookie: session=canary-cookie; Path=/"});
    trial.timeout = "5s";
    host.always(VideoHost::content, lead);
    RawServer back({reply(302, "", {"Location: " + host.url() + "/videos/video_1/content"})}, {.tls = true, .certificate = cdn.certificate});
    if (to == "back home") {
        host.heal();
        host.next(VideoHost::content, reply(302, "", {"Location: " + back.url("/away")}));
        // Whoever comes back has no key any more, and is refused.
        trial.make();
        const auto book = host.server().book();
        const auto last = std::find_if(book.rbegin(), book.rend(), [](const Heard& heard) { return heard.target.ends_with("/content"); });
        REQUIRE(last != book.rend());
        host.heard_elsewhere(back);
        trial.judge(trial.last);
        std::size_t keyless = 0;
        for (const auto& heard : book) keyless += heard.target.ends_with("/content") && heard.header("Authorization").empty();
        CHECK(keyless >= 1);
        return;
    }
    const bool right = to == "cdn";
    const auto exit = trial.make().exit;
    CHECK((exit == 0) == right);
    if (!right) CHECK((exit == 7 || exit == 6));
    CHECK(cdn.server.accepted("GET") == (right ? 1 : 0));
    CHECK(plain.connections() == 0);
    if (to == "loop") CHECK(downloads(host) <= 30);
    for (const auto& call : host.book().calls) CHECK_FALSE(contains(call.head, "Cookie:"));
    host.heard_elsewhere(cdn.server);
    trial.terms.secrets.push_back("canary-cookie");
    trial.judge(trial.last);
    host.heal();
    trial.timeout = "20s";
    if (!right) trial.again_is_free();
}

TEST_CASE("D10: a clip is asked for as it is, and one that comes packed is not unpacked") {
    Trial trial;
    auto& host = trial.host();
    host.next(VideoHost::content, reply(200, std::string("\x1f\x8b\x08\0\0\0\0\0", 8) + std::string(1 << 20, '\0'), {"Content-Encoding: gzip", "Content-Type: video/mp4"}), 2);
    trial.terms.most_memory = 60'000;
    CHECK(trial.make().exit == 7);
    for (const auto& call : host.book().calls)
        if (call.target.ends_with("/content")) CHECK_FALSE(contains(call.head, "gzip"));
    CHECK(std::filesystem::file_size(trial.part()) == (1 << 20) + 8);
    trial.again_is_free();
}

TEST_CASE("D11: a name that the provider gives is never a path, and is shown without its controls") {
    const std::string name = GENERATE(as<std::string>(), "../../evil.mp4", "/tmp/shotwire-evil.mp4", std::string("evil\0.mp4", 9), "evil\n.mp4", "\x1b[2J\x1b]0;evil\a.mp4",
                                      std::string(300, 'e') + ".mp4", "CON.mp4", "C:\\evil.mp4");
    CAPTURE(name);
    Trial trial;
    auto& host = trial.host();
    host.tell_jobs([&](json& job) {
        for (const char* field : {"filename", "file_name", "name", "output", "path"}) job[field] = name;
        if (job["status"] == "in_progress") job["status"] = name;  // a word that would be shown
    });
    host.done_after(2);
    auto in_header = name;
    std::erase_if(in_header, [](char c) { return c == '\0' || c == '\n'; });
    host.next(VideoHost::content, reply(200, host.clip_of("video_1"), {"Content-Disposition: attachment; filename=\"" + in_header + "\""}));
    CHECK(trial.make().exit == 0);
    CHECK(trial.last.err.find('\x1b') == std::string::npos);
    CHECK(trial.last.err.find('\a') == std::string::npos);
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(trial.home.work())) files.insert(entry.path().filename());
    CHECK(files == std::set<std::string>{trial.id() + ".mp4", trial.id() + ".mp4.json"});
    CHECK_FALSE(std::filesystem::exists("/tmp/shotwire-evil.mp4"));
}

TEST_CASE("D12: of several clips one is missing: each has its own state, and the good ones are kept") {
    Trial trial;
    auto& host = trial.host();
    trial.terms.asked = 3;
    host.tell_jobs([&](json& job) {
        if (job["id"] == "video_2" && job["status"] == "completed") job["status"] = "failed", job["error"] = {{"code", "server_error"}, {"message", "lost"}};
    });
    CHECK(trial.make({"-n", "3", "-j", "1"}).exit == 14);
    std::multiset<std::string> states;
    for (const auto& job : trial.listed()) states.insert(job["state"].get<std::string>());
    CHECK(states == std::multiset<std::string>{"done", "done", "failed"});
}

TEST_CASE("D13: of two processes that want the same clip one fetches it, and both tell the truth") {
    auto gate = std::make_shared<Gate>();
    Trial trial({.gates = {gate}});
    auto& host = trial.host();
    host.next(VideoHost::content, wait_for(gate, host.ordinary(VideoHost::content)));
    const auto args = trial.complete(trial.made());
    Child first(args, trial.options());
    REQUIRE(host.wait_for_requests(3));
    Child second(args, trial.options());
    const auto opened = [&] {  // the ledger, in which it meets the first one's job
        std::error_code gone;
        for (const auto& file : std::filesystem::directory_iterator("/proc/" + std::to_string(second.pid()) + "/fd", gone))
            if (std::filesystem::read_symlink(file.path(), gone).filename() == "ledger.db-wal") return true;
        return false;
    };
    for (const auto end = std::chrono::steady_clock::now() + 30s; !opened() && std::chrono::steady_clock::now() < end;) std::this_thread::yield();
    REQUIRE(opened());
    gate->open();
    const auto one = first.wait(), other = second.wait();
    CHECK(trial.judge(one).exit == 0);
    CHECK(trial.judge(other).exit == 0);
    CHECK(host.sold() == 1);
    CHECK(downloads(host) == 1);
}
