// Whom the client trusts, and how often it looks that up.
#include <sys/inotify.h>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// Counts how often files of a folder are opened.
class Openings {
public:
    explicit Openings(const std::filesystem::path& folder) : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        REQUIRE(::inotify_add_watch(inotify_.get(), folder.c_str(), IN_OPEN) >= 0);
    }
    int count(const std::string& name) {
        alignas(inotify_event) char buffer[1 << 16];
        for (ssize_t length; (length = ::read(inotify_.get(), buffer, sizeof buffer)) > 0;) {
            for (auto at = buffer; at < buffer + length;) {
                auto* event = reinterpret_cast<inotify_event*>(at);
                if (event->len > 0 && name == event->name) ++count_;
                at += sizeof(inotify_event) + event->len;
            }
        }
        return count_;
    }

private:
    core::Fd inotify_;
    int count_ = 0;
};

// Sets a variable of the environment for a while.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~Variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

}  // namespace

TEST_CASE("the trust store is opened once, however many connections are made") {
    core::TemporaryFolder folder;
    auto authority = make_certificate({.names = "DNS:authority", .authority = true});
    authority.save(folder.path() / "ca.pem");
    Openings openings(folder.path());
    std::vector<std::unique_ptr<RawServer>> servers;
    for (auto i = 0; i < 6; ++i) {
        servers.push_back(
            std::make_unique<RawServer>(std::vector<Act>{raw_reply(http_reply(200, "{}"))},
                                        RawServer::Options{.tls = true, .certificate = make_certificate({.issuer = &authority})}));
    }
    Exchange exchange({.ca_file = folder.path() / "ca.pem"});
    REQUIRE(openings.count("ca.pem") == 0);
    for (auto round = 0; round < 4; ++round) {
        for (auto& server : servers) REQUIRE(exchange(get(server->url()))->status == 200);
    }
    for (auto& server : servers) REQUIRE(server->connections() == 4);
    REQUIRE(openings.count("ca.pem") == 1);
}

TEST_CASE("the environment's bundle is read as curl and OpenSSL document it") {
    auto name = GENERATE("CURL_CA_BUNDLE", "SSL_CERT_FILE");
    core::TemporaryFolder folder;
    RawServer stranger({reply(200)}, {.tls = true});
    auto authority = make_certificate({.names = "DNS:authority", .authority = true});
    authority.save(folder.path() / "ca.pem");
    Variable variable(name, (folder.path() / "ca.pem").string());
    RawServer signed_one({reply(200)}, {.tls = true, .certificate = make_certificate({.issuer = &authority})});
    Exchange exchange;
    REQUIRE(exchange(get(signed_one.url()))->status == 200);
    REQUIRE_FALSE(exchange(get(stranger.url())));
}

TEST_CASE("an untrusted server gets nothing, and the error says why and how to trust it rightly") {
    auto authority = make_certificate({.names = "DNS:authority", .authority = true});
    struct Case {
        CertificateWish wish;
        bool trusted;
        std::string reason;
    };
    auto [wish, trusted, reason] = GENERATE(values<Case>({
        {{}, false, "self-signed"},
        {{}, false, "authority that is not known"},
        {{.valid_from = -7200, .valid_to = -3600}, true, "expired"},
        {{.valid_from = 3600, .valid_to = 7200}, true, "not valid yet"},
        {{.names = "DNS:other.example"}, true, "for another name"},
    }));
    CAPTURE(reason);
    auto made = wish;  // the issuer is of this round: what is generated outlives it
    if (reason.starts_with("authority")) made.issuer = &authority;
    RawServer server({reply(200)}, {.tls = true, .certificate = make_certificate(made)});
    Exchange exchange;
    if (trusted) exchange.trust(server);
    auto request = paid_post(server.url());
    request.credential = http::Credential{.key = core::Key("canary-key-0123")};
    auto result = exchange(request);
    REQUIRE(result.error().kind == ErrorKind::network);
    CAPTURE(result.error().message);
    REQUIRE(result.error().message.find("127.0.0.1 is not trusted: its certificate") == 0);
    REQUIRE(result.error().message.find(reason) != std::string::npos);
    for (auto* word : {"insecure", "--no-", "skip", "canary"}) REQUIRE(result.error().message.find(word) == std::string::npos);
    REQUIRE(server.book().empty());
}

TEST_CASE("a certificate trusted for one origin is trusted nowhere else, and nothing else is trusted there") {
    core::TemporaryFolder folder;
    auto authority = make_certificate({.names = "DNS:authority", .authority = true});
    authority.save(folder.path() / "ca.pem");
    auto own = make_certificate();
    RawServer mine({reply(200)}, {.tls = true, .certificate = own});
    RawServer same_certificate({reply(200)}, {.tls = true, .certificate = own});
    RawServer signed_one({reply(200)}, {.tls = true, .certificate = make_certificate({.issuer = &authority})});
    Exchange exchange({.ca_file = folder.path() / "ca.pem"});
    exchange.trust(mine);
    REQUIRE(exchange(get(mine.url()))->status == 200);
    REQUIRE_FALSE(exchange(get(same_certificate.url())));
    REQUIRE(exchange(get(signed_one.url()))->status == 200);
    own.save(exchange.folder.path() / "own.pem");
    exchange.client->trust(signed_one.origin("localhost"), exchange.folder.path() / "own.pem");
    REQUIRE_FALSE(exchange(get(signed_one.origin("localhost"))));
}

TEST_CASE("a --cacert that cannot be read is named before anything is sent") {
    Exchange exchange({.ca_file = "/nowhere/ca.pem"});
    RawServer server({reply(200)}, {.tls = true});
    auto result = exchange(paid_post(server.url()));
    REQUIRE(result.error().kind == ErrorKind::local);
    REQUIRE(result.error().message.find("/nowhere/ca.pem") != std::string::npos);
    REQUIRE(server.connections() == 0);
}

TEST_CASE("netrc and the environment's key log are ignored") {
    core::TemporaryFolder home;
    std::ofstream(home.path() / ".netrc") << "machine 127.0.0.1 login canary password canary\n";
    Variable home_variable("HOME", home.path().string());
    Variable key_log("SSLKEYLOGFILE", (home.path() / "keys").string());
    RawServer server({reply(200)}, {.tls = true});
    Exchange exchange;
    exchange.trust(server);
    REQUIRE(exchange(get(server.url()))->status == 200);
    REQUIRE(server.book()[0].header("Authorization").empty());
    auto logged = core::read_file(home.path() / "keys");
    REQUIRE((!logged || logged->empty()));
}
