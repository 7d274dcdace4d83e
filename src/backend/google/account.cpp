#include "backend/google/account.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "backend/google/service_account.hpp"
#include "core/text.hpp"

namespace shotwire::backend::google {
namespace {

constexpr std::string_view buckets = "https://storage.googleapis.com/storage/v1/b/";

// A project's or a region's name, as it stands in a path; "example.com:project" is one.
bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 100 && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.' || c == ':' || c == '_'; });
}

bool is_bucket(const std::string& text) {
    return text.size() >= 3 && text.size() <= 222 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.' || c == '_'; });
}

std::string bucket_of(const std::string& uri) { return uri.starts_with("gs://") ? uri.substr(5, uri.find('/', 5) - 5) : ""; }

bool is_googles(const std::string& base_url) {
    const auto host = http::host_of(base_url);
    return host == "googleapis.com" || host.ends_with(".googleapis.com");
}

}  // namespace

Result<Account> read_account(const Deps& deps, const std::string& location, const std::vector<std::string>& keys) {
    std::vector<std::string> known = {"project", "location", "storage_uri"};
    known.insert(known.end(), keys.begin(), keys.end());
    for (const auto& [key, value] : deps.dialect.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            return Error{ErrorKind::usage, fmt::format("the dialect has no key \"{}\"; allowed: {}", core::printable(key), core::join(known, ", "))};

    const auto setting = [&](const char* key) { return core::field_or(deps.dialect, std::string("/") + key, ""); };
    Account account{setting("project"), setting("location"), setting("storage_uri"), deps.credential, {}, is_googles(deps.base_url)};
    if (deps.credential.key.expose().starts_with('{')) {
        auto service = read_service_account(deps);
        if (!service) return service.error();
        if (account.project.empty()) account.project = service->project;
        account.tokens.emplace([made = *service](core::Wall now) { return exchange(made, now); }, deps.now);
        account.from_google = true;
    }
    if (account.location.empty()) account.location = location;
    for (const auto& [key, value] : {std::pair("project", &account.project), std::pair("location", &account.location)})
        if (!value->empty() && !is_name(*value))
            return Error{ErrorKind::usage, fmt::format("the {} is \"{}\"; allowed: letters, digits, hyphens", key, core::printable(*value))};
    if (account.project.empty()) account.project = "{project}";
    auto& place = account.storage_uri;
    if (!place.empty() && !is_bucket(bucket_of(place)))
        return Error{ErrorKind::usage, fmt::format("the storage_uri is \"{}\"; allowed: gs://BUCKET/ or gs://BUCKET/FOLDER/", core::printable(place))};
    if (!place.empty() && !place.ends_with('/')) place += '/';
    return account;
}

Result<http::Request> bucket_download(const std::string& uri) {
    const auto bucket = bucket_of(uri);
    const auto object = uri.substr(std::min(uri.size(), bucket.size() + 6));
    if (!is_bucket(bucket) || object.empty())
        return Error{ErrorKind::provider, fmt::format("the clip's place \"{}\" is no gs://BUCKET/OBJECT", core::printable(uri.substr(0, 200)))};
    http::Request request;
    request.url = fmt::format("{}{}/o/{}?alt=media", buckets, core::url_encode(bucket), core::url_encode(object));
    return request;
}

Step<JobState> ready(const Account& account, Ready done) {
    // Only an OAuth token opens a bucket. Somebody else's host has a key of its own, which is none of Google's business.
    const bool opens_buckets = account.from_google && account.credential.header == "Authorization" && !account.credential.key.empty();
    const auto wants_key = [opens_buckets](const Source& clip) {
        const auto* request = std::get_if<http::Request>(&clip);
        return request && (request->credential || (opens_buckets && request->url.starts_with(buckets)));
    };
    if (std::none_of(done.clips.begin(), done.clips.end(), wants_key)) return JobState{std::move(done)};
    const auto key = account.tokens ? account.tokens->token() : Step<core::Key>(account.credential.key);
    return http::and_then<JobState, core::Key>(key, [credential = account.credential, done, wants_key](const core::Key& token) -> Step<JobState> {
        auto opened = done;
        for (auto& clip : opened.clips) {
            if (!wants_key(clip)) continue;
            auto& request = std::get<http::Request>(clip);
            request.credential = credential;
            request.credential->key = token;
        }
        return JobState{std::move(opened)};
    });
}

}  // namespace shotwire::backend::google
