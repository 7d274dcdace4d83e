#include "backend/google/service_account.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "backend/complaint.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"
#include "http/retry.hpp"

namespace shotwire::backend::google {
namespace {

using std::chrono::seconds;

constexpr const char* usual_token_uri = "https://oauth2.googleapis.com/token";
constexpr const char* scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr const char* grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr seconds lifetime(3600);

bool may_sign_for(const std::string& token_uri, const std::string& base_url) {
    const auto origin = http::origin_of(token_uri);
    if (origin.empty()) return false;
    if (http::is_loopback(http::host_of(token_uri))) return true;
    return origin.starts_with("https:") && (origin == http::origin_of(usual_token_uri) || origin == http::origin_of(base_url));
}

Step<TokenSource::Token> read_token(const ServiceAccount& account, core::Wall now, const http::Response& response) {
    const auto host = http::host_of(account.token_uri);
    const auto parsed = core::parse_json(response.body, "the answer of " + host);
    const json body = parsed ? *parsed : json();
    if (response.status == 200) {
        auto key = core::parse_key(core::field_or(body, "/access_token", ""), "the answer of " + host);
        if (!key) return Error{ErrorKind::network, fmt::format("{} answered without an access token", host)};
        const auto life = std::clamp(core::number_or(body, "/expires_in", double(lifetime.count())), 0.0, 86400.0);
        return TokenSource::Token{std::move(*key), now + seconds(std::int64_t(life))};
    }
    const auto code = clean(core::field_or(body, "/error", std::to_string(response.status)), 60);
    const auto why = clean(core::field_or(body, "/error_description", ""));
    const auto said = fmt::format("{}{}{}", code, why.empty() ? "" : ": ", why);
    if (response.status == 429) return Error{ErrorKind::rate_limited, fmt::format("{} asks to slow down ({})", host, said), http::retry_after(response, now)};
    if (response.status >= 400 && response.status < 500 && response.status != 408)
        return Error{ErrorKind::auth, fmt::format("{} refuses the service account {} in {} ({})", host, account.email, account.shown, said)};
    return Error{ErrorKind::network, fmt::format("{} gave no access token ({})", host, said), http::retry_after(response, now)};
}

}  // namespace

Result<ServiceAccount> read_service_account(const Deps& deps) {
    const auto shown = deps.credential.shown.empty() ? std::string("the key") : deps.credential.shown;
    const auto wrong = [&](const std::string& why) { return Error{ErrorKind::auth, fmt::format("the service account in {} {}", shown, why)}; };
    const auto parsed = core::parse_json(deps.credential.key.expose(), "the key");
    if (!parsed) return wrong("is no JSON");
    const auto text = [&](const char* pointer) { return core::field_or(*parsed, pointer, ""); };

    if (const auto type = text("/type"); type != "service_account")
        return wrong(fmt::format("is of type \"{}\"; allowed: service_account (other logins: set GOOGLE_OAUTH_ACCESS_TOKEN to what "
                                 "`gcloud auth print-access-token` prints)", clean(type, 40)));
    ServiceAccount account{clean(text("/client_email"), 200), text("/project_id"), text("/token_uri"), text("/private_key_id"), core::Key(text("/private_key")), shown};
    if (account.email.empty()) return wrong("has no client_email");
    if (account.pem.empty()) return wrong("has no private_key");
    if (account.token_uri.empty()) account.token_uri = usual_token_uri;
    if (!may_sign_for(account.token_uri, deps.base_url))
        return wrong(fmt::format("has the token_uri {}; allowed: {}", http::without_userinfo(account.token_uri), usual_token_uri));
    return account;
}

Step<TokenSource::Token> exchange(const ServiceAccount& account, core::Wall now) {
    const auto at = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
    const json claims{{"iss", account.email}, {"scope", scope}, {"aud", account.token_uri}, {"iat", at}, {"exp", at + lifetime.count()}};
    const auto assertion = core::rs256(claims, account.pem, account.key_id);
    if (!assertion) return Error{ErrorKind::auth, fmt::format("the service account in {}: {}", account.shown, assertion.error().message)};
    http::Request request;
    request.method = "POST";
    request.url = account.token_uri;
    request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = fmt::format("grant_type={}&assertion={}", core::url_encode(grant_type), assertion->expose());
    auto then = [account, now](const http::Response& response) { return read_token(account, now, response); };
    auto sample = [](const http::Request& asked) -> http::Response {
        return {200, {{"Content-Type", "application/json"}}, R"({"access_token":"ya29.sample","expires_in":3600,"token_type":"Bearer"})", asked.url};
    };
    return http::Ask<TokenSource::Token>{std::move(request), std::move(then), std::move(sample)};
}

}  // namespace shotwire::backend::google
