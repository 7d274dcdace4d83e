#pragma once
#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"

namespace shotwire::test {

// A backend and the provider of its contract, without a socket.
struct Case {
    explicit Case(const Subject& subject)
        : provider(subject.name), backend(subject.entry->make(deps_of(provider.contract(), "", subject.dialect))) {}

    Order order(const json& over = json::object()) const { return order_of(provider.contract(), over); }
    Result<backend::Accepted> submit() { return submit(order(), any_intent()); }
    Result<backend::Accepted> submit(const Order& order, const backend::Intent& intent) { return walk(backend->submit(order, intent), provider, &sent); }
    // The handle of a job that the provider has.
    backend::Handle job() {
        auto accepted = submit();
        INFO(provider.complaint());
        REQUIRE(accepted);
        sent.clear();
        return accepted->handle;
    }
    Result<backend::JobState> poll(const backend::Handle& handle) { return walk(backend->poll(handle), provider, &sent); }

    std::string paid_endpoint() const {
        for (const auto& row : provider.contract().at("endpoints"))
            if (row.value("paid", false)) return row.at("name");
        throw std::runtime_error("the contract has no paid endpoint");
    }
    // The one that tells states of a job.
    std::string poll_endpoint() const {
        const auto& rows = provider.contract().at("endpoints");
        for (const auto& row : rows)
            if (row.value("poll", false)) return row.at("name");
        for (const auto& row : rows)
            if (!row.value("paid", false) && row.contains("states")) return row.at("name");
        throw std::runtime_error("the contract has no endpoint to poll");
    }
    bool has_endpoint(const std::string& name) const {
        const auto& rows = provider.contract().at("endpoints");
        return std::any_of(rows.begin(), rows.end(), [&](const json& row) { return row.at("name") == name; });
    }
    // A clip from a picture of that many bytes, by a model whose input is described as fal and Replicate do.
    Order picture_order(const std::string& model, const std::string& field, std::size_t bytes) const {
        auto made = order({{"model", model},
                           {"form", {{"prompt", "prompt"}, {"seconds", "duration"}, {"ratio", nullptr}, {"resolution", "resolution"}, {"audio", nullptr}, {"first_frame", field}}}});
        made.images = {png()};
        made.images[0].bytes = std::make_shared<const std::string>(bytes, 'x');
        return made;
    }
    long paid_requests() const {
        return std::count_if(sent.begin(), sent.end(), [](const http::Request& request) { return request.paid; });
    }
    bool quotes_a_secret(const std::string& text) const {
        const auto secrets = provider.secrets();
        return std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) { return text.find(secret) != std::string::npos; });
    }

    FakeProvider provider;
    std::unique_ptr<backend::Backend> backend;
    std::vector<http::Request> sent;
};

inline json body_of(const http::Request& request) { return json::parse(std::get<std::string>(request.body)); }

}  // namespace shotwire::test
