#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.hpp"
#include "shotwire/result.hpp"

namespace shotwire::catalog {

// The models and routes we know: models.json, compiled in, then the user's backends.d/*.json and models.d/*.json over it, row by row, in the order of
// the files' names. models.schema.json says what may stand in a row. For one thread: to look is to read.
class Catalog {
public:
    static const Catalog& built_in();
    // A later row replaces the keys it names of the earlier one with the same id. Errors: usage, naming file, row and key.
    static Result<Catalog> load(const std::filesystem::path& folder);
    static Result<Catalog> load(const std::vector<std::filesystem::path>& folders);  // the later over the earlier

    const std::deque<Model>& models() const;  // those that are there stay where they are
    const std::vector<Route>& routes() const { return routes_; }
    const Model* find(std::string_view name) const;  // an id, an alias or a snapshot
    const Model* find(std::string_view name, std::string_view route) const;  // also by an id that the route has for it
    const std::vector<Dialect>& dialects() const { return dialects_; }
    const Route* find_route(std::string_view name) const;
    const Dialect* find_dialect(std::string_view name) const;
    std::vector<std::string> names() const;    // ids and aliases, for "did you mean"
    void add_route(Route route);               // replaces one of the same name
    // One more row, whole; over the one with the same id. Errors: usage; `where` names it.
    Result<> add_model(const json& row, const std::string& where);
    json raw(const std::string& model) const;  // the row as it stands, for --json; null: none

private:
    friend struct Loader;
    static Catalog unread();
    Result<> add_folder(const std::filesystem::path& folder);
    void read_all() const;
    void read_naming(std::string_view name) const;
    void read(std::size_t at) const;

    // A compiled row is read when it is first asked for, since a run needs one of dozens: what is changed by that is mutable.
    mutable std::vector<std::string_view> unread_;  // texts of the compiled rows, each where its Model stands; empty: read
    mutable std::set<std::string, std::less<>> looked_for_;  // among what is not read
    mutable std::deque<Model> models_;
    mutable std::map<std::string, std::size_t, std::less<>> names_;  // all of a model, to where it stands
    mutable json rows_ = json::array();                              // of the models, each where its Model stands
    std::vector<Route> routes_;
    std::vector<Dialect> dialects_;
    json route_rows_ = json::array();  // of the routes
    json dialect_rows_ = json::array();
    std::set<std::string> users_prices_;  // models whose price a file of the user's names
};

// The text with each {name} that has a value replaced by it.
std::string with_values(std::string text, const std::map<std::string, std::string>& values);

// Where a setting of the route is told: "$A, or a under [routes.r.dialect] of the configuration".
std::string places_of(const Route& route, const std::string& setting);

}  // namespace shotwire::catalog
