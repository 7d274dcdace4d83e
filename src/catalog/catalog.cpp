#include "catalog/catalog.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "catalog/fields.hpp"
#include "catalog/models_json.hpp"
#include "catalog/row.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace shotwire::catalog {

namespace {

Error usage(std::string message) { return {ErrorKind::usage, std::move(message)}; }

// Key by key, down to what is no object; a list is taken whole, and {} empties. What is another way to say the same gives way.
void lay_over_object(json& base, const json& over, std::string_view name) {
    const bool has_ways = name == "seconds" || name == "frames" || name == "price";
    const auto give_way = [&](bool said, std::initializer_list<const char*> keys) {
        for (const char* key : keys)
            if (has_ways && said && !over.contains(key)) base.erase(key);
    };
    give_way(over.contains("list"), {"least", "most", "step", "default", "doubtful"});
    give_way(over.contains("least") || over.contains("most"), {"list"});
    give_way(over.contains("rates"), {"tokens", "free"});
    give_way(over.contains("tokens"), {"rates", "free"});
    give_way(over.value("free", json()) == true, {"rates", "tokens"});
    for (const auto& [key, value] : over.items()) {
        auto& known = base[key];
        if (known.is_object() && value.is_object() && !value.empty()) lay_over_object(known, value, key);
        else known = value;
    }
}

void lay_over(json& base, const json& over) { lay_over_object(base, over, ""); }

void replace_keys(json& base, const json& over) { base.update(over); }

// A row over the one of the same key, or behind the others. Returns where it stands.
std::size_t put(json& rows, const std::string& key, json row, void (*lay)(json& base, const json& over)) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i][key] == row[key]) {
            lay(rows[i], row);
            return i;
        }
    rows.push_back(std::move(row));
    return rows.size() - 1;
}

// The rows of a list, to be moved out of: copies of them all were a third of a start.
json& rows_of(json& document, const char* list) {
    auto& rows = document[list];
    if (!rows.is_array()) rows = json::array();
    return rows;
}

template <class Rows, class T>
void put(Rows& rows, std::size_t at, T row) {
    if (at == rows.size())
        rows.push_back(std::move(row));
    else
        rows[at] = std::move(row);
}

bool is_list_of_routes(const json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const json& one) { return !core::field_or(one, "/route", "").empty(); });
}

// "more_routes" of a row go behind the routes that the model of that id has, or over the one of the same name.
Result<> lay_more_routes(const json& rows, json& row, const std::string& where) {
    const auto found = row.find("more_routes");
    if (found == row.end()) return Ok{};
    const auto more = std::move(*found);
    row.erase(found);
    if (!is_list_of_routes(more))
        return usage(fmt::format("{}: \"more_routes\" is {}; allowed: a list of routes", where, core::printable(core::dump(more))));
    auto routes = row.value("routes", json());
    for (const auto& known : rows)
        if (known["id"] == row["id"] && routes.is_null()) routes = known.value("routes", json());
    if (!routes.is_array()) return usage(fmt::format("{}: \"more_routes\" adds to a model that is known already, and this one is not", where));
    for (const auto& one : more) put(routes, "route", one, replace_keys);
    row["routes"] = std::move(routes);
    return Ok{};
}

// The routes that a row names itself.
std::vector<std::string> routes_in(const json& row) {
    std::vector<std::string> names;
    for (const char* list : {"routes", "more_routes"}) {
        const auto found = row.find(list);
        if (found == row.end() || !found->is_array()) continue;
        for (const auto& one : *found) names.push_back(core::field_or(one, "/route", ""));
    }
    return names;
}

Result<> check_document(const json& document, const std::string& file) {
    Fields fields(document, file);
    for (const auto& [list, key] : {std::pair{"models", "id"}, std::pair{"routes", "name"}, std::pair{"dialects", "name"}})
        for (const auto& row : fields.objects(list))
            if (const auto name = row.find(key); name == row.end() || !name->is_string() || name->get<std::string>().empty())
                return usage(fmt::format("{}: a row of \"{}\" has no \"{}\"", file, list, key));
    if (auto error = fields.error(); !error.empty()) return usage(std::move(error));
    return Ok{};
}

std::vector<std::string> names_of(const Model& model) {
    auto names = model.aliases;
    names.push_back(model.id);
    const auto add = [&](const auto& one) {
        names.insert(names.end(), one.aliases.begin(), one.aliases.end());
        names.insert(names.end(), one.snapshots.begin(), one.snapshots.end());
    };
    for (const auto& there : model.routes) {
        add(there);
        for (const auto& variant : there.variants) add(variant);
    }
    return names;
}

using Names = std::map<std::string, std::size_t, std::less<>>;

// What two rows are called leads to the first, though it is an error.
struct Clash {
    std::string name;
    std::size_t with = 0;
};
std::optional<Clash> enter_names(Names& names, const Model& model, std::size_t at) {
    std::optional<Clash> clash;
    for (auto& name : names_of(model)) {
        auto& place = names.try_emplace(name, at).first->second;
        if (place != at && (!clash || place < clash->with)) clash = Clash{std::move(name), place};
        place = std::min(place, at);
    }
    return clash;
}

void forget_names(Names& names, const Model& model, std::size_t at) {
    for (const auto& name : names_of(model))
        if (const auto known = names.find(name); known != names.end() && known->second == at) names.erase(known);
}

}  // namespace

// Reads one file after another over what is there; only rows that a file names are read again.
struct Loader {
    Catalog& catalog;
    bool users = false;  // the files are the user's

    Result<> add(json document, const std::string& file) {
        if (auto checked = check_document(document, file); !checked) return checked;
        for (auto& row : rows_of(document, "routes")) {
            const auto where = fmt::format("{}: route \"{}\"", file, core::printable(row["name"].get<std::string>()));
            const auto at = put(catalog.route_rows_, "name", std::move(row), lay_over);
            auto route = read_route(catalog.route_rows_[at], where);
            if (!route) return route.error();
            put(catalog.routes_, at, *std::move(route));
        }
        for (auto& row : rows_of(document, "dialects")) {
            const auto where = fmt::format("{}: dialect \"{}\"", file, core::printable(row["name"].get<std::string>()));
            const auto at = put(catalog.dialect_rows_, "name", std::move(row), replace_keys);
            auto dialect = read_dialect(catalog.dialect_rows_[at], where);
            if (!dialect) return dialect.error();
            put(catalog.dialects_, at, *std::move(dialect));
        }
        auto& models = rows_of(document, "models");
        if (!models.empty()) catalog.read_all();
        for (auto& row : models) {
            const auto where = fmt::format("{}: model \"{}\"", file, core::printable(row["id"].get<std::string>()));
            const bool prices = users && row.contains("price");
            const auto routes = users ? routes_in(row) : std::vector<std::string>();
            if (auto laid = lay_more_routes(catalog.rows_, row, where); !laid) return laid;
            const auto at = put(catalog.rows_, "id", std::move(row), lay_over);
            auto model = read_model(catalog.rows_[at], where);
            if (!model) return model.error();
            if (prices) catalog.users_prices_.insert(model->id);
            model->prices.users = catalog.users_prices_.contains(model->id);
            for (auto& there : model->routes)
                mark(there, model->prices.users || std::find(routes.begin(), routes.end(), there.route) != routes.end());
            if (at < catalog.models_.size()) forget_names(catalog.names_, catalog.models_[at], at);
            put(catalog.models_, at, *std::move(model));
            if (auto fits = fits_in(at, where); !fits) return fits;
        }
        return Ok{};
    }

    static void mark(ModelRoute& there, bool users) {
        if (!there.differing || !users) return;
        auto differing = *there.differing;
        differing.prices.users = true;
        there.differing = std::make_shared<const Model>(std::move(differing));
    }

    // A name leads to one row, and a row to routes that exist.
    Result<> fits_in(std::size_t at, const std::string& where) {
        const auto& model = catalog.models_[at];
        const auto clash = enter_names(catalog.names_, model, at);
        for (const auto& there : model.routes) {
            if (catalog.find_route(there.route)) continue;
            std::vector<std::string> names;
            for (const auto& route : catalog.routes_) names.push_back(route.name);
            return usage(
                fmt::format("{}: \"routes\" names \"{}\"; known are {}", where, core::printable(there.route), core::join(names, ", ")));
        }
        if (!clash) return Ok{};
        return usage(fmt::format("{}: the name \"{}\" is that of model \"{}\" already", where, core::printable(clash->name), catalog.models_[clash->with].id));
    }
};

Catalog Catalog::unread() {
    Catalog catalog;
    auto document = core::parse_json(other_rows, "models.json");
    if (!document) throw std::logic_error(document.error().message);
    if (auto added = Loader{catalog}.add(std::move(*document), "models.json"); !added) throw std::logic_error(added.error().message);
    catalog.unread_.assign(model_rows.begin(), model_rows.end());
    catalog.models_.resize(model_rows.size());
    catalog.rows_ = json::array_t(model_rows.size());
    return catalog;
}

const Catalog& Catalog::built_in() {
    static const Catalog catalog = unread();
    return catalog;
}

void Catalog::read(std::size_t at) const {
    auto row = core::parse_json(std::exchange(unread_[at], {}), "models.json");
    if (!row) throw std::logic_error(row.error().message);
    auto model = read_model(*row, "models.json");
    if (!model) throw std::logic_error(model.error().message);
    models_[at] = *std::move(model);
    rows_[at] = *std::move(row);
    if (const auto clash = enter_names(names_, models_[at], at)) throw std::logic_error("models.json: two models are called " + clash->name);
}

void Catalog::read_all() const {
    for (std::size_t at = 0; at < unread_.size(); ++at)
        if (!unread_[at].empty()) read(at);
}

// What a row is called stands in its text, in quotes.
void Catalog::read_naming(std::string_view name) const {
    if (names_.contains(name) || looked_for_.contains(name)) return;
    looked_for_.emplace(name);
    const auto quoted = core::dump(json(name));
    for (std::size_t at = 0; at < unread_.size(); ++at)
        if (unread_[at].find(quoted) != std::string_view::npos) read(at);
}

const std::deque<Model>& Catalog::models() const {
    read_all();
    return models_;
}

Result<Catalog> Catalog::load(const std::filesystem::path& folder) { return load(std::vector{folder}); }

Result<Catalog> Catalog::load(const std::vector<std::filesystem::path>& folders) {
    auto catalog = unread();
    for (const auto& folder : folders)
        if (auto added = catalog.add_folder(folder); !added) return added.error();
    return catalog;
}

Result<> Catalog::add_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    if (failed && failed != std::errc::no_such_file_or_directory)
        return Error{ErrorKind::local, fmt::format("cannot read the folder {}: {}", folder.string(), failed.message())};
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        const auto text = core::read_file(file, 4 << 20);
        if (!text) return text.error();
        auto document = core::parse_json(*text, file.string());
        if (!document) return usage(document.error().message);
        if (auto added = Loader{*this, true}.add(std::move(*document), file.string()); !added) return added;
    }
    return Ok{};
}

const Model* Catalog::find(std::string_view name) const {
    read_naming(name);
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &models_[found->second];
}

const Model* Catalog::find(std::string_view name, std::string_view route) const {
    if (const auto* model = find(name)) return model;
    for (const auto& model : models_)
        for (const auto& there : model.routes)
            if (there.route == route && !pinned_by(there, std::string(name)).mode.empty()) return &model;
    return nullptr;
}

const Route* Catalog::find_route(std::string_view name) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) { return route.name == name; });
    return found == routes_.end() ? nullptr : &*found;
}

const Dialect* Catalog::find_dialect(std::string_view name) const {
    const auto found = std::find_if(dialects_.begin(), dialects_.end(), [&](const Dialect& dialect) { return dialect.name == name; });
    return found == dialects_.end() ? nullptr : &*found;
}

std::vector<std::string> Catalog::names() const {
    std::vector<std::string> names;
    const auto add = [&](const std::vector<std::string>& more) {
        for (const auto& name : more)
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const auto& model : models()) {
        names.push_back(model.id);
        add(model.aliases);
        for (const auto& there : model.routes) {
            add(there.aliases);
            for (const auto& variant : there.variants) add(variant.aliases);
        }
    }
    return names;
}

void Catalog::add_route(Route route) {
    for (auto& known : routes_)
        if (known.name == route.name) {
            known = std::move(route);
            return;
        }
    routes_.push_back(std::move(route));
}

Result<> Catalog::add_model(const json& row, const std::string& where) {
    if (auto read = read_model(row, where); !read) return read.error();  // before anything of it is kept
    return Loader{*this}.add({{"models", json::array({row})}}, where);
}

json Catalog::raw(const std::string& model) const {
    const auto* found = find(model);
    return found && found->id == model ? rows_[names_.find(model)->second] : json();
}

Pinned pinned_by(const ModelRoute& there, const std::string& name) {
    const auto among = [&](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    Pinned pinned;
    const auto look_at = [&](const auto& one) {
        if (!pinned.mode.empty()) return;
        if (one.id == name || among(one.aliases)) pinned = {one.id, one.id};
        else if (among(one.snapshots)) pinned = {one.id, name};
    };
    look_at(there);
    for (const auto& variant : there.variants) look_at(variant);
    return pinned;
}

std::string with_values(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values)
        for (auto at = text.find("{" + name + "}"); at != std::string::npos; at = text.find("{" + name + "}", at + value.size()))
            text.replace(at, name.size() + 2, value);
    return text;
}

std::string places_of(const Route& route, const std::string& setting) {
    std::vector<std::string> places;
    for (const auto& variable : route.settings.at(setting).env) places.push_back("$" + variable);
    places.push_back(fmt::format("{} under [routes.{}.dialect] of the configuration", setting, route.name));
    return core::join(places, ", or ");
}

}  // namespace shotwire::catalog
