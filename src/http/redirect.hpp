#pragma once
#include "http/step.hpp"

namespace shotwire::http {

// Where results may be fetched from: https anywhere public, or the user's own base URL's origin.
struct FetchRules {
    std::string base_origin;     // of the route; may be http on loopback or where the user named it
    bool allow_private = false;  // the route says so
};

bool climbs(std::string_view url);  // a part of its path is .., written so or with escapes

// Whether a result may be fetched from this URL; the error (provider) names what is wrong with it.
Result<> may_fetch(const std::string& url, const FetchRules& rules);

// The free request that follows a redirect answer, by our rules: GET only, at most 10, https stays https, no credential and
// no cookie at another origin, private addresses refused. Errors: provider, naming the place.
Result<Request> follow(const Request& request, const Response& redirect, const FetchRules& rules, int hops);

}  // namespace shotwire::http
