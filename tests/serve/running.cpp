#include "running.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

namespace running {
namespace {

constexpr auto script = R"SH(#!/bin/sh
here=$(dirname "$0")
job=$(cat)
echo "$1" >> "$here/book"
echo 'progress 0.25' >&2
if [ -p "$here/gate" ]; then read line < "$here/gate"; fi
if [ -e "$here/fail" ]; then echo 'out of paint' >&2; exit 9; fi
output=$(printf '%s' "$job" | sed 's/.*"output":"\([^"]*\)".*/\1/')
printf '%s %s' "$1" "$job" > "$output"
head -c 100000 /dev/zero | tr '\0' 'v' >> "$output"
echo 'progress 1' >&2
echo '{}'
)SH";

int port_of(const serve::Server& server) {
    const auto url = server.url();
    return std::stoi(url.substr(url.rfind(':') + 1));
}

}  // namespace

StubHelper::StubHelper() {
    REQUIRE(core::write_file(folder_.path() / "helper", script, core::Existing::keep, 0755));
}
void StubHelper::shut_gate() { REQUIRE(::mkfifo((folder_.path() / "gate").c_str(), 0600) == 0); }
void StubHelper::open_gate() {
    // Opened for both directions, the pipe keeps its lines for whoever comes; then the gate is away.
    const core::Fd gate(::open((folder_.path() / "gate").c_str(), O_RDWR | O_CLOEXEC));
    std::filesystem::remove(folder_.path() / "gate");
    for (int i = 0; i < 8; ++i) REQUIRE(::write(gate.get(), "go\n", 3) == 3);
    static std::vector<core::Fd> kept;  // a reader that has opened it must still find the lines
    kept.emplace_back(::fcntl(gate.get(), F_DUPFD_CLOEXEC, 3));
}
void StubHelper::fail() { REQUIRE(core::write_file(folder_.path() / "fail", "", core::Existing::replace)); }
int StubHelper::renders() const {
    const auto book = core::read_file(folder_.path() / "book");
    return book ? int(std::count(book->begin(), book->end(), '\n')) : 0;
}

std::unique_ptr<httplib::SSLClient> client_of(const serve::Server& server) {
    auto client = std::make_unique<httplib::SSLClient>("127.0.0.1", port_of(server));
    client->set_ca_cert_path(server.certificate().c_str());
    client->enable_server_certificate_verification(true);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_read_timeout(20, 0);
    return client;
}

Running::Running(std::vector<std::string> faults, const std::string& key) : key_(key) {
    for (const auto& spec : faults) {
        auto fault = serve::parse_fault(spec);
        REQUIRE(fault);
        faults_.push_back(*fault);
    }
    restart();
}

serve::Options Running::options() const {
    serve::Options options{.state = state(), .api_key = core::Key(key_), .faults = faults_, .helper = stub.helper()};
    return options;
}

void Running::restart() {
    server.reset();
    auto started = serve::Server::start(options());
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started);
    server = std::move(*started);
    faults_.clear();
}

json Running::create(const json& body) {
    const auto result = client()->Post("/v1/videos", body.dump(), "application/json");
    REQUIRE(result);
    INFO(result->body);
    REQUIRE(result->status == 200);
    return json::parse(result->body);
}

json Running::ended(const std::string& id) const {
    auto asking = client();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
        const auto result = asking->Get("/v1/videos/" + id);
        REQUIRE(result);
        REQUIRE(result->status == 200);
        auto job = json::parse(result->body);
        if (job["status"] == "completed" || job["status"] == "failed") return job;
    }
    FAIL("the job did not end");
    return {};
}

json Running::finished_job() { return ended(create({{"model", "animatic"}, {"prompt", "a paper boat on a pond"}})["id"]); }

std::string png(int width, int height) {
    const auto u32 = [](int value) { return std::string{char(value >> 24), char(value >> 16), char(value >> 8), char(value)}; };
    return std::string("\x89PNG\r\n\x1a\n", 8) + u32(13) + "IHDR" + u32(width) + u32(height) + std::string("\x08\x02\0\0\0", 5) + u32(0);
}

json helper_job(const Running& running, const std::string& id) {
    const auto content = running.client()->Get("/v1/videos/" + id + "/content");
    REQUIRE(content);
    const auto begin = content->body.find('{');
    return json::parse(content->body.substr(begin, content->body.rfind('}') + 1 - begin));
}

json body_of(const httplib::Result& result) {
    REQUIRE(result);
    const auto body = json::parse(result->body, nullptr, false);
    INFO(result->body);
    REQUIRE_FALSE(body.is_discarded());
    return body;
}

std::string code_of(const httplib::Result& result, int status) {
    const auto body = body_of(result);
    INFO(result->body);
    REQUIRE(result->status == status);
    REQUIRE(body.size() == 1);
    const auto& error = body.at("error");
    REQUIRE(error.size() == 4);
    REQUIRE(error.at("message").is_string());
    REQUIRE_FALSE(error.at("message").get<std::string>().empty());
    REQUIRE(error.at("type").is_string());
    REQUIRE((error.at("param").is_string() || error.at("param").is_null()));
    return error.at("code").is_null() ? "null" : error.at("code").get<std::string>();
}

}  // namespace running
