#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "support/fake_provider.hpp"

namespace shotwire::test {

inline Image png(ImageRole role = ImageRole::first_frame) {
    return {role, "/home/me/secret-project/frame.png", "image/png", "ab12", {1280, 720}, std::make_shared<const std::string>("\x89PNG bytes")};
}

// The order that a contract says is a good one, or one of its "orders", which are laid over it.
Order order_of(const json& contract, const json& over = json::object());

// A text for the job's own id at the provider differs in `attempt`.
inline backend::Intent any_intent(const std::string& attempt = "attempt-1") { return {JobId{"job"}, attempt, std::chrono::system_clock::now()}; }

// What is held against a contract: a backend of the registry, one with a dialect of the catalogue, or the custom one as one of
// examples/backends makes it.
struct Subject {
    Subject(const backend::Entry& entry) : Subject(entry.name, entry, json::object()) {}
    Subject(std::string name, const backend::Entry& entry, json dialect) : name(std::move(name)), entry(&entry), dialect(std::move(dialect)) {}
    std::string name;  // of the contract
    const backend::Entry* entry;
    json dialect;  // of the example's route
};
std::vector<Subject> subjects();

// What a backend is built from, with the credential that fits the contract, whose dialect is laid over the given one.
backend::Deps deps_of(const json& contract, const std::string& base_url = "", json dialect = json::object());

// The clip's bytes, wherever they are; `fetch` carries a download out.
Result<std::string> bytes_of(const backend::Source& source, const std::function<Result<http::Response>(const http::Request&)>& fetch);
Result<std::string> bytes_of(const backend::Source& source, FakeProvider& provider);

// As a contract writes it.
ErrorKind kind_of(const std::string& word);

}  // namespace shotwire::test
