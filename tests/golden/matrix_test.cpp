// The requests of every row of the catalogue on every route, as reviewed files, each of them accepted by the contract of its backend.
#include <catch2/catch.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "backend/backend.hpp"
#include "cli/routes.hpp"
#include "conformance/orders.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "golden/matrix.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;
namespace fs = std::filesystem;

namespace {

const fs::path matrix_folder = fs::path(places::source) / "tests/golden/matrix";

// Hosts of one's own have no route and no model in the catalogue: one of each dialect, with the model of tests/golden/hosts.json.
void add_hosts(catalog::Catalog& catalog) {
    for (const auto& dialect : catalog.dialects()) {
        auto host = *catalog.find_route(dialect.backend);
        host.name = dialect.name;
        host.title = dialect.title;
        host.dialect = dialect.keys;
        host.base_url = fmt::format("https://{}.example/v1", dialect.name);
        host.base_urls = {host.base_url};
        host.key_env = {"STUDIO_API_KEY"};
        catalog.add_route(host);
    }
    const auto rows = json::parse(*core::read_file(fs::path(places::source) / "tests/golden/hosts.json"));
    for (const auto& row : rows.at("models"))
        if (auto added = catalog.add_model(row, "hosts.json"); !added) throw std::runtime_error(added.error().message);
}

// The built-in rows and those of the examples, without configuration: settings are shown by their names.
const catalog::Catalog& settled_catalog() {
    static const auto settled = [] {
        auto loaded = catalog::Catalog::load(fs::path(places::source) / "examples/backends");
        if (!loaded) throw std::runtime_error(loaded.error().message);
        auto& catalog = *loaded;
        add_hosts(catalog);
        const auto env = [](const std::string&) { return std::optional<std::string>(); };
        if (auto done = cli::settle_routes(catalog, config::Config{}, env); !done) throw std::runtime_error(done.error().message);
        return catalog;
    }();
    return settled;
}

std::vector<std::string> routes() {
    std::vector<std::string> names;
    for (const auto& route : settled_catalog().routes()) names.push_back(route.name);
    return names;
}

bool serves(const catalog::Model& model, const std::string& route) {
    return std::any_of(model.routes.begin(), model.routes.end(), [&](const auto& there) { return there.route == route; });
}

// The backend's contract, with what this route does differently over it.
json contract_at(const catalog::Route& route) {
    const bool own = fs::exists(fs::path(places::source) / "tests/fakes" / (route.name + ".json"));
    auto contract = read_contract(own ? route.name : route.backend).document();
    const auto over = fs::path(places::source) / "tests/fakes/routes" / (route.name + ".json");
    if (!fs::exists(over)) return contract;
    contract.merge_patch(json::parse(*core::read_file(over)));
    return contract;
}

}  // namespace

TEST_CASE("every row's requests on every route match their golden files, and the contract accepts them") {
    const auto name = GENERATE(from_range(routes()));
    CAPTURE(name);
    const auto& catalog = settled_catalog();
    const auto& route = *catalog.find_route(name);
    if (!backend::find_entry(route.backend)) {
        WARN("route " << name << ": there is no backend " << route.backend << " yet");
        return;
    }
    FakeProvider provider(contract_at(route), "the contract of " + name);
    std::set<std::string> made;
    for (const auto& model : catalog.models()) {
        if (!serves(model, name)) continue;
        CAPTURE(model.id);
        const Matrix matrix(catalog, route, model, provider);
        // What a host no longer serves its contract refuses; the Videos protocol outlives its models.
        if (model.life.retired.empty() || route.backend == "openai") CHECK(core::join(matrix.faults(), "\n") == "");
        const auto file = matrix_folder / name / (model.id + ".json");
        made.insert(file.filename());
        const auto wanted = core::read_file(file);
        if (wanted && *wanted == matrix.text()) {
            SUCCEED();
        } else if (std::getenv("SHOTWIRE_UPDATE_GOLDEN")) {
            fs::create_directories(file.parent_path());
            std::ofstream(file) << matrix.text();
            FAIL_CHECK(file << " is rewritten: read the diff, then run without the variable");
        } else {
            CHECK(matrix.text() == (wanted ? *wanted : "no file " + file.string()));
        }
    }
    if (!fs::exists(matrix_folder / name)) return;
    for (const auto& file : fs::directory_iterator(matrix_folder / name)) {
        CAPTURE(file.path());
        CHECK(made.contains(file.path().filename()));
    }
}

TEST_CASE("no golden file belongs to a route that is no more") {
    if (!fs::exists(matrix_folder)) return;
    for (const auto& folder : fs::directory_iterator(matrix_folder)) {
        CAPTURE(folder.path());
        CHECK(settled_catalog().find_route(folder.path().filename().string()) != nullptr);
    }
}

TEST_CASE("a change is told as a patch, and as the whole where a patch cannot tell it") {
    const json before{{"a", 1}, {"b", {{"c", 2}, {"d", 3}}}, {"l", {1, 2}}};
    const auto told = [&](const json& after) {
        const auto change = change_of(before, after);
        CHECK(changed(before, change) == after);
        return change;
    };
    CHECK(told(before) == json::object());
    CHECK(told({{"a", 1}, {"b", {{"d", 4}}}, {"l", {1}}}) == json{{"b", {{"c", nullptr}, {"d", 4}}}, {"l", {1}}});
    CHECK(told({{"a", nullptr}, {"b", 1}}).contains("instead"));
    CHECK(told("words").contains("instead"));
}
