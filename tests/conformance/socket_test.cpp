// Every backend over TLS, with the client of production, against its contract's server.
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"
#include "http/curl_client.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Wire {
    explicit Wire(const backend::Entry& entry, const char* key = FakeProvider::key) : provider(entry.name), server(provider) {
        http::CurlOptions options;
        options.proxy = "";
        client = http::make_curl_client(options);
        client->trust(server.origin(), server.certificate());
        auto deps = deps_of(provider.contract(), server.url());
        deps.credential.key = core::Key(key);
        backend = entry.make(deps);
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
            auto response = send(ask->request);
            if (!response) return response.error();
            const auto then = ask->then;
            step = then(*response);
        }
        return http::outcome(std::move(step));
    }

    Order order() const { return order_of(provider.contract()); }

    FakeProvider provider;
    FakeServer server;
    std::unique_ptr<http::CurlClient> client;
    std::unique_ptr<backend::Backend> backend;
};

}  // namespace

TEST_CASE("every backend goes from order to clip over TLS, and pays once") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Wire wire(entry);
    wire.provider.tell("happy");

    auto accepted = wire.run(wire.backend->submit(wire.order(), any_intent()));
    INFO(wire.provider.complaint());
    REQUIRE(accepted);
    std::optional<backend::Ready> ready;
    for (int polls = 0; polls < 10 && !ready; ++polls) {
        auto state = wire.run(wire.backend->poll(accepted->handle));
        REQUIRE(state);
        if (auto* done = std::get_if<backend::Ready>(&*state)) ready = std::move(*done);
    }
    REQUIRE(ready);
    auto clip = wire.send(std::get<http::Request>(ready->clips.at(0)));
    REQUIRE(clip);
    CHECK(clip->status == 200);
    CHECK(clip->body == "the clip of " + wire.backend->remote_id(accepted->handle));
    CHECK(wire.provider.book().size() == 1);
    CHECK(wire.provider.requests().size() == 5);
}

TEST_CASE("every backend's images arrive whole") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Wire wire(entry);
    auto order = wire.order();
    order.images = {png()};
    order.prompt = "quotes \" and \\, ü, and\r\n--a line";
    auto accepted = wire.run(wire.backend->submit(order, any_intent()));
    INFO(wire.provider.complaint());
    REQUIRE(accepted);
    REQUIRE(wire.provider.book().size() == 1);
    const auto seen = wire.provider.requests().back();
    bool image = false;
    for (const auto& field : seen.fields) image = image || field.value == *png().bytes;
    CHECK(image);
    CHECK(wire.provider.book()[0].fields.dump().find("line") != std::string::npos);
    for (const auto& field : seen.fields) CHECK(field.file_name.find("secret") == std::string::npos);
}

TEST_CASE("every backend's lost create stays unknown, is on the provider's book once, and is found again where it can be") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Wire wire(entry);
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
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Wire wire(entry, "another-key-0987654321");
    auto accepted = wire.run(wire.backend->submit(wire.order(), any_intent()));
    REQUIRE_FALSE(accepted);
    CHECK(int(accepted.error().kind) == int(ErrorKind::auth));
    CHECK(accepted.error().message.find("another-key") == std::string::npos);
    CHECK(wire.provider.book().empty());
}
