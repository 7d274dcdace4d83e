#pragma once
#include <memory>
#include <string>

#include "backend/backend.hpp"
#include "support/fake_provider.hpp"

namespace shotwire::test {

// The order that a contract says is a good one.
inline Order order_of(const json& contract) {
    const auto& given = contract.at("order");
    Order order;
    order.route = "studio";
    order.model = order.remote_model = given.at("model");
    order.prompt = given.at("prompt");
    order.seconds = given.at("seconds");
    if (given.contains("size")) {
        const auto size = given.at("size").get<std::string>();
        const auto x = size.find('x');
        order.size = Size{std::stoi(size.substr(0, x)), std::stoi(size.substr(x + 1))};
    }
    return order;
}

inline backend::Intent any_intent() { return {JobId{"job"}, "attempt-1", std::chrono::system_clock::now()}; }

inline backend::Deps deps_of(const json& contract, const std::string& base_url = "") {
    backend::Deps deps;
    deps.route = "studio";
    deps.base_url = base_url.empty() ? "https://api.studio.example" + contract.at("base").get<std::string>() : base_url;
    const auto& auth = contract.at("auth");
    deps.credential = {auth.at("header"), auth.at("prefix"), core::Key(FakeProvider::key), "$STUDIO_API_KEY"};
    deps.dialect = contract.value("dialect", json::object());
    return deps;
}

inline Image png(ImageRole role = ImageRole::first_frame) {
    return {role, "/home/me/secret-project/frame.png", "image/png", "ab12", {1280, 720}, std::make_shared<const std::string>("\x89PNG bytes")};
}

}  // namespace shotwire::test
