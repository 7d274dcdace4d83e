// Every backend over TLS, with the client of production, against its contract's server.
#include "conformance/case.hpp"
#include "core/text.hpp"
#include "http/curl_client.hpp"
#include "support/fake_server.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Wire {
    explicit Wire(const Subject& subject, bool with_right_key = true) : provider(subject.name), server(provider) {
        http::CurlOptions options;
        options.proxy = "";
        client = http::make_curl_client(options);
        client->trust(server.origin(), server.certificate());
        client->trust(server.cdn(), server.certificate());
        auto deps = deps_of(provider.contract(), server.url(), subject.dialect);
        if (!with_right_key) deps.credential.key = core::Key(wrong_key(provider.contract().at("auth"), server.origin()));
        backend = subject.entry->make(deps);
    }

    // Of the same form as the right one.
    static std::string wrong_key(const json& auth, const std::string& origin) {
        const auto scheme = auth.value("scheme", "key");
        if (scheme == "pair-jwt") return std::string(access_key) + ":another-key-0987654321";
        if (scheme != "service-account") return "another-key-0987654321";
        auto account = json::parse(credential_text(auth, origin));
        account["client_email"] = "stranger@studio.iam.gserviceaccount.example";
        return account.dump();
    }

    Result<http::Response> send(http::Request request) {
        std::optional<Result<http::Response>> answer;
        client->send(std::move(request), [&](Result<http::Response> got) { answer = std::move(got); });
        client->run([&] { return answer.has_value(); });
        if (!answer) throw std::runtime_error("the client never answered");
        return std::move(*answer);
    }

    template <class T>
    Result<T> run(http::Step<T> step) {
        while (auto* ask = std::get_if<http::Ask<T>>(&step)) {
            paid += ask->request.paid;
            auto response = send(ask->request);
            if (!response) return response.error();
            const auto then = ask->then;
            step = then(*response);
        }
        return http::outcome(std::move(step));
    }

    Order order(const json& over = json::object()) const { return order_of(provider.contract(), over); }

    FakeProvider provider;
    FakeServer server;
    std::unique_ptr<http::CurlClient> client;
    std::unique_ptr<backend::Backend> backend;
    int paid = 0;
};

// Whether the bytes are in a request, as they are or in Base64.
bool brings(const Seen& seen, const std::string& bytes) {
    const auto text = seen.text();
    return text.find(bytes) != std::string::npos || text.find(core::base64(bytes)) != std::string::npos;
}

}  // namespace

TEST_CASE("every backend goes from order to clip over TLS, and pays once") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Wire wire(subject);
    wire.provider.enlarge_clips(300000);
    wire.provider.tell("happy");

    auto accepted = wire.run(wire.backend->submit(wire.order(), any_intent()));
    INFO(wire.provider.complaint());
    INFO((accepted ? "" : accepted.error().message));
    REQUIRE(accepted);
    std::optional<backend::Ready> ready;
    for (int polls = 0; polls < 10 && !ready; ++polls) {
        auto state = wire.run(wire.backend->poll(accepted->handle));
        INFO(wire.provider.complaint());
        INFO((state ? "" : state.error().message));
        REQUIRE(state);
        if (auto* done = std::get_if<backend::Ready>(&*state)) ready = std::move(*done);
    }
    REQUIRE(ready);
    auto clip = bytes_of(ready->clips.at(0), [&](const http::Request& request) { return wire.send(request); });
    INFO(wire.provider.complaint());
    REQUIRE(clip);
    CHECK(*clip == wire.provider.clip_of(wire.backend->remote_id(accepted->handle)));
    CHECK(wire.paid == 1);
    CHECK(wire.provider.book().size() == 1);
    CHECK(wire.provider.leaks().empty());
}

TEST_CASE("every backend's words and images arrive whole, and its files' names stay here") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    const FakeProvider listed(subject.name);
    auto orders = listed.contract().value("orders", json::array());
    orders.insert(orders.begin(), json::object());
    for (auto over : orders) {
        over["prompt"] = "quotes \" and \\, ü, and\r\n--a line";
        CAPTURE(over.dump());
        Wire wire(subject);
        auto order = wire.order(over);
        for (std::size_t i = 0; i < order.images.size(); ++i)
            if (order.images[i].bytes) order.images[i].bytes = std::make_shared<const std::string>("\x89PNG bytes of " + std::to_string(i));
        auto accepted = wire.run(wire.backend->submit(order, any_intent()));
        INFO(wire.provider.complaint());
        REQUIRE(accepted);
        REQUIRE(wire.provider.book().size() == 1);
        CHECK(wire.provider.book()[0].fields.dump().find("--a line") != std::string::npos);
        const auto requests = wire.provider.requests();
        const auto in_one = [&](const auto& fits) { return std::any_of(requests.begin(), requests.end(), fits); };
        for (const auto& image : order.images) {
            if (image.bytes) CHECK(in_one([&](const Seen& seen) { return brings(seen, *image.bytes); }));
            else CHECK(in_one([&](const Seen& seen) { return seen.text().find(image.source) != std::string::npos; }));
        }
        CHECK_FALSE(in_one([](const Seen& seen) { return seen.text().find("secret-project") != std::string::npos; }));
    }
}

TEST_CASE("every backend's lost create stays unknown, is on the provider's book once, and is found again where it can be") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Wire wire(subject);
    // An idle connection is there to be reused: where libcurl by itself would send the request again.
    auto warm = wire.run(wire.backend->find(wire.order(), any_intent()));
    wire.provider.tell("lost create");
    auto accepted = wire.run(wire.backend->submit(wire.order(), any_intent()));
    REQUIRE_FALSE(accepted);
    CHECK(int(accepted.error().kind) == int(ErrorKind::unknown));
    REQUIRE(wire.provider.book().size() == 1);
    auto found = wire.run(wire.backend->find(wire.order(), any_intent()));
    REQUIRE(found);
    if (found->possible) {
        REQUIRE(found->candidates.size() == 1);
        CHECK(wire.backend->remote_id(found->candidates[0]) == wire.provider.book()[0].id);
    }
}

TEST_CASE("every backend's wrong key is refused and not quoted") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Wire wire(subject, false);
    if (wire.provider.contract().at("auth").value("scheme", "key") == "none") return;
    auto accepted = wire.run(wire.backend->submit(wire.order(), any_intent()));
    REQUIRE_FALSE(accepted);
    CHECK(int(accepted.error().kind) == int(ErrorKind::auth));
    CHECK(accepted.error().message.find("another-key") == std::string::npos);
    CHECK(wire.provider.book().empty());
}
