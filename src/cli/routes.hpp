#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "backend/backend.hpp"
#include "catalog/catalog.hpp"
#include "config/config.hpp"

namespace shotwire::cli {

using Env = std::function<std::optional<std::string>(const std::string&)>;

// The configuration's routes put into the catalogue, then SHOTWIRE_<ROUTE>_BASE_URL over them; each with its settings, as far as they
// are known, in its dialect and base URL. Errors: usage.
Result<> settle_routes(catalog::Catalog& catalog, const config::Config& config, const Env& env);

// The route moved to the user's host; a provider's own host is no move. Errors: usage: no http(s) URL, or one with a secret in it.
Result<catalog::Route> moved(catalog::Route route, const std::string& base_url, const std::string& named_by);

// Errors: usage, where a setting is missing that the route needs and the key does not tell: names variable and configuration key.
Result<> check_settings(const catalog::Route& route, const core::Key& key);
// The same as far as it can be told without asking for the key.
Result<> check_settings(const catalog::Route& route, const Env& env);
// A missing key's error with the model's other routes and where their keys are looked for.
Error with_other_routes(Error error, const catalog::Catalog& catalog, const std::string& model, const std::string& route);

config::KeySource key_source(const catalog::Route& route);

// Where its key comes from, by name; empty: there is none.
std::string place_of_key(const catalog::Route& route, const Env& env);
// What is to be said where there is a key and the host does not get it; empty: it does.
std::string held_back(const catalog::Route& route, const Env& env);

// The key as --dry-run shows it: its place, never its value. Looks at the names of variables only.
http::Credential shown_credential(const catalog::Route& route, const Env& env);
// The key itself. A host of the user's own may have none, and over plain http beyond loopback none is sent. A key_command gets no
// longer than the time-out (a second at the least). Errors: auth, and usage where a setting is missing.
Result<http::Credential> credential(const catalog::Route& route, const Env& env, std::optional<std::chrono::milliseconds> timeout = {});

// Every key of a route that a variable or a file holds, whether or not it is used: what a command that we start could print.
void learn_keys(const catalog::Catalog& catalog, const Env& env, core::Mask& mask);

// Errors: usage: no such backend.
Result<std::unique_ptr<backend::Backend>> make_backend(const catalog::Route& route, http::Credential credential);

}  // namespace shotwire::cli
