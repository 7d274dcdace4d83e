#pragma once
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/token.hpp"

namespace shotwire::backend::google {

// On whose account a cloud model renders, and where its clips go: the settings of a route and what its credential says of itself.
struct Account {
    std::string project;      // "{project}" where nobody said it: what --dry-run shows
    std::string location;
    std::string storage_uri;  // "gs://bucket/prefix/": clips are put there; empty: they come inside of the answer
    http::Credential credential;
    std::optional<TokenSource> tokens;  // where the credential's key is the JSON of a service account; none: it is what requests carry
    bool from_google = false;           // the credential is for Google's own hosts, whatever the base URL

    std::string path() const { return "/projects/" + project + "/locations/" + location; }
};

// `keys`: what else the route's dialect may have. Errors: usage (a setting), auth (a service account that cannot be used); they
// quote nothing of the key.
Result<Account> read_account(const Deps& deps, const std::string& location, const std::vector<std::string>& keys = {});

// The download of an object in a bucket, "gs://bucket/object", without its credential. Errors: provider.
Result<http::Request> bucket_download(const std::string& uri);

// Ready, with a fresh token on each download that takes one: those at the API's origin and, as the one exception from the rule
// that a credential goes there alone, those from buckets.
Step<JobState> ready(const Account& account, Ready done);

}  // namespace shotwire::backend::google
