// The contracts themselves: what lets everything through proves nothing.
#include <catch2/catch.hpp>
#include <filesystem>

#include "conformance/orders.hpp"
#include "core/text.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

std::vector<std::string> all_contracts() {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(places::source) / "tests/fakes"))
        if (file.path().extension() == ".json") names.push_back(file.path().stem());
    return names;
}

// Pointers of the objects that take any member and do not say why.
void find_open(const json& schema, const std::string& at, std::vector<std::string>& open) {
    if (schema.is_array())
        for (std::size_t i = 0; i < schema.size(); ++i) find_open(schema[i], at + "/" + std::to_string(i), open);
    if (!schema.is_object()) return;
    const bool object = schema.value("type", json()) == "object" || schema.contains("properties");
    const json why = schema.value("open", json());
    const bool reasoned = why.is_string() && !why.get<std::string>().empty();
    const json more = schema.value("additionalProperties", json(true));
    if (object && more == true && !reasoned) open.push_back(at);
    for (const auto& [key, value] : schema.items()) {
        if (key == "enum" || key == "const" || key == "required" || key == "if") continue;
        if (key == "properties" || key == "definitions")
            for (const auto& [name, inner] : value.items()) find_open(inner, at + "/" + key + "/" + name, open);
        else find_open(value, at + "/" + key, open);
    }
}

}  // namespace

TEST_CASE("every contract can be read, and its schemas take no member that they do not name") {
    for (const auto& name : all_contracts()) {
        CAPTURE(name);
        const auto contract = read_contract(name);
        std::vector<std::string> open;
        find_open(contract.document().at("schemas"), "", open);
        CHECK(core::join(open, ", ") == "");
    }
}

TEST_CASE("every contract's paid endpoints look at what they are sent") {
    for (const auto& name : all_contracts()) {
        CAPTURE(name);
        const auto contract = read_contract(name);
        for (const auto& row : contract.document().at("endpoints")) {
            CAPTURE(row.dump());
            if (row.value("paid", false)) CHECK(row.contains("bodies"));
        }
    }
}

TEST_CASE("every contract says which key errors are, and tells the stories that all backends play") {
    for (const auto& name : all_contracts()) {
        CAPTURE(name);
        const auto contract = read_contract(name);
        for (const auto* reason : {"key", "method", "type", "body", "query", "id", "early"}) CHECK(contract.document().at("refusals").contains(reason));
        for (const auto* story : {"happy", "queue", "progress", "failure", "refusal", "rate limit", "lost create"}) {
            CAPTURE(story);
            CHECK(contract.document().at("stories").contains(story));
        }
        // A link ends, or there is none: then the contract says why, and has no place to download from.
        const json why = contract.document().value("no_link", json());
        CHECK(contract.document().at("stories").contains("expired link") == why.is_null());
        if (why.is_null()) continue;
        CHECK((why.is_string() && !why.get<std::string>().empty()));
        for (const auto& row : contract.document().at("endpoints")) CHECK(row.value("answer", json()) != "bytes");
    }
}
