#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "core/text.hpp"
#include "running.hpp"

using namespace running;

namespace {


httplib::Result create_with_key(httplib::SSLClient& client, const std::string& key, const json& body) {
    return client.Post("/v1/videos", {{"Idempotency-Key", key}}, body.dump(), json_type);
}

}  // namespace

TEST_CASE("jobs are still there after a restart, and an unfinished one is gone on with") {
    Running running;
    const auto done = running.finished_job();
    running.stub.shut_gate();
    const std::string waiting = running.create({{"prompt", "x"}})["id"];
    while (body_of(running.client()->Get("/v1/videos/" + waiting))["status"] == "queued") {
    }
    const auto begun = std::chrono::steady_clock::now();
    running.stop();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(1));
    running.stub.open_gate();
    running.restart();
    CHECK(body_of(running.client()->Get("/v1/videos/" + done["id"].get<std::string>())) == done);
    CHECK(running.ended(waiting)["status"] == "completed");
    CHECK(body_of(running.client()->Get("/v1/videos"))["data"].size() == 2);
}

TEST_CASE("what a killed server left half done is done again") {
    Running running;
    running.stub.shut_gate();
    const std::string id = running.create({{"prompt", "x"}})["id"];
    running.stop();
    // As after SIGKILL: a half-written clip and an old progress, and nobody holds the lock.
    const auto folder = running.state() / "jobs" / id;
    REQUIRE(core::write_file(folder / "rendering-abc.mp4", "half", core::Existing::replace));
    REQUIRE(core::write_file(folder / "video.mp4", "half", core::Existing::replace));
    REQUIRE(core::write_file(folder / "progress", "0.7100", core::Existing::replace));
    running.stub.open_gate();
    running.restart();
    CHECK(running.ended(id)["status"] == "completed");
    CHECK(running.client()->Get("/v1/videos/" + id + "/content")->body.size() > 100'000);
    CHECK_FALSE(std::filesystem::exists(folder / "rendering-abc.mp4"));
}

TEST_CASE("two servers share their jobs, and each job is rendered once") {
    Running running;
    auto second = serve::Server::start(running.options());
    REQUIRE(second);
    const auto other = client_of(**second);
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(running.create({{"prompt", "x"}})["id"]);
    for (const auto& id : ids) {
        CHECK(running.ended(id)["status"] == "completed");
        CHECK(body_of(other->Get("/v1/videos/" + id))["status"] == "completed");
        CHECK(other->Get("/v1/videos/" + id + "/content")->status == 200);
    }
    CHECK(running.stub.renders() == 6);
    // The one goes, the other still answers for all.
    running.stop();
    CHECK(body_of(other->Get("/v1/videos"))["data"].size() == 6);
}

TEST_CASE("a repeated idempotency key makes no second job, in any server, after any restart") {
    Running running;
    const json body{{"prompt", "x"}, {"model", "sora-2"}};
    auto client = running.client();
    const auto first = body_of(create_with_key(*client, "k1", body));
    const auto again = create_with_key(*client, "k1", body);
    CHECK(body_of(again)["id"] == first["id"]);
    CHECK(again->get_header_value("Idempotent-Replayed") == "true");
    CHECK(body_of(create_with_key(*client, "k2", body))["id"] != first["id"]);

    const auto other = create_with_key(*client, "k1", {{"prompt", "y"}});
    CHECK(code_of(other, 409) == "idempotency_key_reused");
    CHECK(other->get_header_value("x-should-retry") == "false");

    auto second = serve::Server::start(running.options());
    REQUIRE(second);
    CHECK(body_of(create_with_key(*client_of(**second), "k1", body))["id"] == first["id"]);
    running.restart();
    CHECK(body_of(create_with_key(*running.client(), "k1", body))["id"] == first["id"]);
    CHECK(code_of(create_with_key(*running.client(), std::string(256, 'k'), body), 400) == "invalid_value");
}

TEST_CASE("one key sent to two servers at once makes one job") {
    Running running;
    auto second = serve::Server::start(running.options());
    REQUIRE(second);
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < ids.size(); ++i)
        threads.emplace_back([&, i] {
            auto client = i % 2 ? client_of(**second) : running.client();
            const auto result = create_with_key(*client, "same", {{"prompt", "x"}});
            if (result && result->status == 200) ids[i] = json::parse(result->body)["id"];
        });
    for (auto& thread : threads) thread.join();
    for (const auto& id : ids) CHECK(id == ids[0]);
    CHECK_FALSE(ids[0].empty());
    CHECK(body_of(running.client()->Get("/v1/videos"))["data"].size() == 1);
}

TEST_CASE("a multipart create is the same under another boundary") {
    Running running;
    auto client = running.client();
    const httplib::MultipartFormDataItems parts{{"prompt", "x", "", ""}, {"model", "sora-2", "", ""}};
    const httplib::Headers key{{"Idempotency-Key", "m"}};
    const auto first = body_of(client->Post("/v1/videos", key, parts, "boundary-one"));
    CHECK(body_of(client->Post("/v1/videos", key, parts, "boundary-two"))["id"] == first["id"]);
}

TEST_CASE("a reset after the job with an idempotency key is repaired by repeating it") {
    Running running({"create:reset-after:x1"});
    CHECK_FALSE(create_with_key(*running.client(), "k", {{"prompt", "x"}}));
    const auto repeated = create_with_key(*running.client(), "k", {{"prompt", "x"}});
    CHECK(repeated->get_header_value("Idempotent-Replayed") == "true");
    CHECK(body_of(running.client()->Get("/v1/videos"))["data"].size() == 1);
}

TEST_CASE("the key of a deleted job does not bring it back") {
    Running running;
    const json body{{"prompt", "x"}};
    const std::string id = body_of(create_with_key(*running.client(), "k", body))["id"];
    running.ended(id);
    CHECK(running.client()->Delete("/v1/videos/" + id)->status == 200);
    CHECK(code_of(create_with_key(*running.client(), "k", body), 409) == "idempotency_key_gone");
}

TEST_CASE("a job that ended longer ago than it is kept is gone from answers and disk") {
    Running running;
    const std::string id = running.finished_job()["id"], young = running.finished_job()["id"];
    const auto end = running.state() / "jobs" / id / "end.json";
    auto told = json::parse(*core::read_file(end));
    told["completed_at"] = told["completed_at"].get<long>() - 7 * 24 * 3600 - 1;
    REQUIRE(core::write_file(end, told.dump(), core::Existing::replace));
    CHECK(code_of(running.client()->Get("/v1/videos/" + id), 404) == "video_not_found");
    CHECK(body_of(running.client()->Get("/v1/videos"))["data"].size() == 1);
    running.restart();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::filesystem::exists(end) && std::chrono::steady_clock::now() < deadline) running.client()->Get("/v1/videos");
    CHECK_FALSE(std::filesystem::exists(end));
    CHECK(body_of(running.client()->Get("/v1/videos/" + young))["status"] == "completed");
}

TEST_CASE("eight servers that start at once agree on one certificate, whose key is ours alone") {
    core::TemporaryFolder folder;
    StubHelper stub;
    std::vector<std::unique_ptr<serve::Server>> servers(8);
    std::vector<std::thread> threads;
    for (auto& server : servers)
        threads.emplace_back([&] {
            auto started = serve::Server::start({.state = folder.path() / "state", .api_key = {}, .faults = {}, .helper = stub.helper()});
            if (started) server = std::move(*started);
        });
    for (auto& thread : threads) thread.join();
    for (const auto& server : servers) {
        REQUIRE(server);
        const auto result = client_of(*server)->Get("/v1/models");
        REQUIRE(result);
        CHECK(result->status == 200);
    }
    struct stat status {};
    REQUIRE(::stat((folder.path() / "state" / "key.pem").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    REQUIRE(::stat((folder.path() / "state").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("the certificate survives a restart and is made again for another host") {
    Running running;
    const auto before = core::read_file(running.server->certificate());
    running.restart();
    const auto after = core::read_file(running.server->certificate());
    REQUIRE(before);
    REQUIRE(after);
    CHECK(*before == *after);
    running.stop();
    auto options = running.options();
    options.host = "127.0.0.2";
    auto elsewhere = serve::Server::start(options);
    REQUIRE(elsewhere);
    httplib::SSLClient client("127.0.0.2", std::stoi((*elsewhere)->url().substr(18)));
    client.set_ca_cert_path((*elsewhere)->certificate().c_str());
    client.enable_server_certificate_verification(true);
    CHECK(client.Get("/v1/models"));
}

TEST_CASE("a port that is taken is a local error, a host that does not exist a usage error") {
    Running running;
    auto options = running.options();
    options.port = std::stoi(running.server->url().substr(18));
    auto taken = serve::Server::start(options);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().kind == ErrorKind::local);
    CHECK(taken.error().message.find("in use") != std::string::npos);
    options.port = 0;
    options.host = "no such host";
    auto nowhere = serve::Server::start(options);
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().kind == ErrorKind::usage);
}

TEST_CASE("64 keep-alive connections are served at once") {
    Running running;
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>();
    std::atomic<int> answered = 0, ready = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i)
        threads.emplace_back([&] {
            auto client = running.client();
            auto first = client->Get(path);
            answered += first && first->status == 200;
            ++ready;
            while (ready < 64) std::this_thread::yield();  // all are open now
            for (int k = 0; k < 5; ++k) {
                const auto result = client->Get(path);
                answered += result && result->status == 200;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(answered == 64 * 6);
}

TEST_CASE("a server with idle connections, a slow body and a running job stops at once") {
    Running running({"list:slow=10"});
    running.stub.shut_gate();
    running.create({{"prompt", "x"}});
    auto idle = running.client();
    REQUIRE(idle->Get("/v1/models"));
    std::thread slow([client = running.client()] { client->Get("/v1/videos"); });
    const auto begun = std::chrono::steady_clock::now();
    running.stop();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(500));
    slow.join();
    running.stub.open_gate();
}

TEST_CASE("what a server left when it died between two steps is swept at a start, and what another one fills now is not") {
    Running running;
    running.stop();
    const auto jobs = running.state() / "jobs";
    for (const char* name : {".new-old", ".gone-old", ".new-now"}) {
        std::filesystem::create_directories(jobs / name);
        REQUIRE(core::write_file(jobs / name / "job.json", "{}", core::Existing::keep));
    }
    for (const char* name : {".new-old", ".gone-old"})
        std::filesystem::last_write_time(jobs / name, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    running.restart();
    CHECK_FALSE(std::filesystem::exists(jobs / ".new-old"));
    CHECK_FALSE(std::filesystem::exists(jobs / ".gone-old"));
    CHECK(std::filesystem::exists(jobs / ".new-now" / "job.json"));
}

TEST_CASE("every answer says when it was given, so that a client can set its clock by it") {
    Running running;
    const auto date = core::parse_http_date(running.client()->Get("/v1/videos")->get_header_value("Date"));
    REQUIRE(date);
    CHECK(std::chrono::abs(*date - std::chrono::system_clock::now()) < std::chrono::seconds(60));
}
