// What a contract can say, each by a small one.
#include <openssl/hmac.h>

#include <catch2/catch.hpp>

#include "conformance/orders.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

json small_contract() {
    return json::parse(R"({
      "base": "/v1", "order": {"model": "m", "prompt": "a boat", "seconds": 5},
      "auth": {"header": "Authorization", "prefix": "Bearer "},
      "endpoints": [
        {"name": "create", "method": "POST", "path": "/jobs", "paid": true, "states": "queued", "bodies": {"application/json": "Job"}},
        {"name": "status", "method": "GET", "path": "/jobs/{id}", "states": "done"}
      ],
      "schemas": {"Job": {"type": "object", "open": "a small one"}, "None": {"type": "object", "additionalProperties": false}},
      "job": {"id": "${id}", "status": "queued"},
      "states": [{"name": "queued", "means": "rendering"},
                 {"name": "done", "job": {"status": "done"}, "means": "ready"},
                 {"name": "failed", "job": {"status": "failed"}, "means": "failed", "kind": "provider"}],
      "errors": [{"name": "refused", "status": 401, "body": {}}, {"name": "bad", "status": 400, "body": {}}, {"name": "gone", "status": 404, "body": {}},
                 {"name": "too late", "status": 409, "body": {}}],
      "refusals": {"key": "refused", "method": "bad", "type": "bad", "body": "bad", "query": "bad", "id": "gone", "early": "bad", "late": "too late"},
      "stories": {}
    })");
}

json with_endpoints(const char* endpoints, const json& over = json::object()) {
    auto contract = small_contract();
    for (const auto& row : json::parse(endpoints)) contract["endpoints"].push_back(row);
    contract.merge_patch(over);
    return contract;
}

struct Small {
    explicit Small(const json& contract) : provider(contract, "a small contract") {}

    Reply ask(const std::string& method, const std::string& target, const json& body = nullptr, const std::string& url_origin = "") {
        http::Request request;
        request.method = method;
        request.url = (url_origin.empty() ? FakeProvider::default_origin : url_origin) + target;
        if (key) request.credential = http::Credential{.key = core::Key(*key)};
        request.headers = headers;
        if (!body.is_null()) {
            request.headers.push_back({"Content-Type", type});
            request.body = body.is_string() ? body.get<std::string>() : body.dump();
        }
        return provider.answer(see(request));
    }
    json told(const std::string& method, const std::string& target, const json& body = nullptr) {
        const auto reply = ask(method, target, body);
        INFO(provider.complaint());
        CHECK(reply.status < 300);
        return json::parse(reply.body, nullptr, false);
    }

    FakeProvider provider;
    std::optional<std::string> key = FakeProvider::key;
    std::vector<http::Header> headers = {};
    std::string type = "application/json";
};

std::string base64url(std::string_view bytes) {
    auto text = core::base64(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (auto& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
    return text;
}

std::string hs256_by_hand(const json& claims, const std::string& secret) {
    const auto part = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims.dump());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), int(secret.size()), reinterpret_cast<const unsigned char*>(part.data()), part.size(), digest, &length);
    return part + "." + base64url({reinterpret_cast<char*>(digest), length});
}

}  // namespace

TEST_CASE("a contract with a key that nobody knows, or a name that stands for nothing, cannot be read") {
    const auto fails = [](const char* pointer, const json& value, const char* with) {
        auto contract = small_contract();
        contract[json::json_pointer(pointer)] = value;
        CAPTURE(pointer);
        CHECK_THROWS_WITH(FakeProvider(contract, "it"), Catch::Contains(with));
    };
    fails("/endpoint", json::array(), "\"endpoint\"");
    fails("/endpoints/0/statuses", 200, "\"statuses\"");
    fails("/endpoints/0/bodies/application~1json", "Jobs", "\"Jobs\"");
    fails("/endpoints/0/states", "quoted", "quoted");
    fails("/endpoints/1/form", "task", "task");
    fails("/states/0/means", "waiting", "waiting");
    fails("/refusals/key", "nothing", "nothing");
    fails("/stories/happy", json{{"status", {"dine"}}}, "dine");
    fails("/stories/happy", json{{"statos", {"done"}}}, "statos");
}

TEST_CASE("a fake's answers have forms, and states lay over them") {
    Small small(with_endpoints(R"([{"name": "result", "method": "GET", "path": "/jobs/{id}/result", "answer": "job", "form": "result", "needs": "ready"}])",
                               json::parse(R"({
      "forms": {"created": {"task": "${id}", "at": "${now_ms}"}, "result": {"clip": "${cdn}/${id}.mp4", "job": "${job}", "prompt": "${/prompt}"}}})")));
    auto contract = small.provider.contract();
    contract["endpoints"][0]["form"] = "created";
    contract["states"][0]["status"] = 202;
    contract["states"][2]["forms"] = {{"result", {{"clip", nullptr}, {"detail", "no"}}}};
    contract["states"][2]["statuses"] = {{"result", 422}};
    Small formed(contract);
    const auto created = formed.told("POST", "/v1/jobs", {{"prompt", "a boat"}});
    CHECK(created["task"] == "job_1");
    CHECK(created["at"].is_number());
    formed.provider.next("status", {"queued", "done", "failed"});
    CHECK(formed.ask("GET", "/v1/jobs/job_1").status == 202);
    CHECK(formed.ask("GET", "/v1/jobs/job_1/result").status == 400);
    CHECK(formed.ask("GET", "/v1/jobs/job_1").status == 200);
    CHECK(formed.told("GET", "/v1/jobs/job_1/result") ==
          json{{"clip", "https://cdn.studio.example/job_1.mp4"}, {"prompt", "a boat"}, {"job", {{"id", "job_1"}, {"status", "done"}}}});
    formed.ask("GET", "/v1/jobs/job_1");
    const auto failed = formed.ask("GET", "/v1/jobs/job_1/result");
    CHECK(failed.status == 422);
    CHECK(json::parse(failed.body)["detail"] == "no");
    CHECK_FALSE(json::parse(failed.body).contains("clip"));
}

TEST_CASE("a fake's paths hold parts, models with slashes, and what is not below the base") {
    Small small(with_endpoints(R"([
      {"name": "run", "method": "POST", "path": "/models/{model}:run", "answer": {"ran": "${path:model}"}, "bodies": {"application/json":
        {"by": "path:model", "schemas": {"a/b": "Job", "a": "None"}}}},
      {"name": "long", "method": "GET", "path": "/long/{model+}/x", "answer": {"is": "${path:model}"}},
      {"name": "root", "method": "GET", "path": "/elsewhere", "root": true, "answer": {"at": "${origin} ${base_url}"}}])"));
    CHECK(small.told("POST", "/v1/models/a:run", json::object())["ran"] == "a");
    CHECK(small.ask("POST", "/v1/models/a:run", {{"prompt", "x"}}).status == 400);
    CHECK(small.told("POST", "/v1/models/a%2Fb:run", {{"prompt", "x"}})["ran"] == "a/b");
    CHECK(small.ask("POST", "/v1/models/c:run", json::object()).status == 404);
    CHECK(small.told("GET", "/v1/long/a/b/c/x")["is"] == "a/b/c");
    CHECK(small.ask("GET", "/v1/long/x").status == 404);
    CHECK(small.told("GET", "/elsewhere")["at"] == "https://api.studio.example https://api.studio.example/v1");
    CHECK(small.ask("GET", "/v1/elsewhere").status == 404);
}

TEST_CASE("a fake finds a job's id in the query or the body, and its lists show what was asked for") {
    Small small(with_endpoints(R"([
      {"name": "query", "method": "GET", "path": "/tasks", "query": "ById", "id_at": "query:task_ids", "answer": "job"},
      {"name": "own", "method": "GET", "path": "/tasks", "query": "ByOwn", "answer": "list", "match": {"query:own": "/options/own"},
       "list": {"answer": {"data": "${jobs}"}}},
      {"name": "fetch", "method": "POST", "path": "/fetch", "id_at": "body:/operationName", "bodies": {"application/json": "Job"}, "answer": "job"},
      {"name": "pages", "method": "GET", "path": "/pages", "answer": "list",
       "list": {"limit": "query:size", "page": "query:num", "answer": {"items": "${jobs}", "total": "${total}"}}},
      {"name": "cursor", "method": "POST", "path": "/cursor", "bodies": {"application/json": "Job"}, "answer": "list",
       "list": {"limit": "body:/limit", "after": "body:/cursor", "most": 2, "next": "${base_url}/cursor?${last}", "form": "short",
                "answer": {"items": "${jobs}", "next": "${next}", "more": "${more}"}}}])",
                               json::parse(R"({"id": "projects/p/jobs/${n}", "forms": {"short": "${id}"},
      "schemas": {"ById": {"type": "object", "additionalProperties": false, "required": ["task_ids"], "properties": {"task_ids": {}}},
                  "ByOwn": {"type": "object", "additionalProperties": false, "required": ["own"], "properties": {"own": {}}}}})")));
    for (const auto* own : {"x", "y", "z"}) small.told("POST", "/v1/jobs", {{"options", {{"own", own}}}});
    CHECK(small.told("GET", "/v1/tasks?task_ids=projects%2Fp%2Fjobs%2F2")["id"] == "projects/p/jobs/2");
    CHECK(small.ask("GET", "/v1/tasks?task_ids=projects/p/jobs/9").status == 404);
    CHECK(small.ask("GET", "/v1/tasks?task_ids=a&own=b").status == 400);
    const auto own = small.told("GET", "/v1/tasks?own=x,z")["data"];
    REQUIRE(own.size() == 2);
    CHECK(own[1]["id"] == "projects/p/jobs/1");
    CHECK(small.told("POST", "/v1/fetch", {{"operationName", "projects/p/jobs/1"}})["id"] == "projects/p/jobs/1");
    CHECK(small.ask("POST", "/v1/fetch", json::object()).status == 404);
    const auto page = small.told("GET", "/v1/pages?size=2&num=2");
    CHECK(page["total"] == 3);
    REQUIRE(page["items"].size() == 1);
    CHECK(page["items"][0]["id"] == "projects/p/jobs/1");
    CHECK(small.told("POST", "/v1/cursor", json::object()) ==
          json{{"items", {"projects/p/jobs/3", "projects/p/jobs/2"}}, {"more", true}, {"next", "https://api.studio.example/v1/cursor?projects/p/jobs/2"}});
    CHECK(small.told("POST", "/v1/cursor", {{"cursor", "projects/p/jobs/2"}}) == json{{"items", {"projects/p/jobs/1"}}, {"more", false}, {"next", nullptr}});
    CHECK(small.told("POST", "/v1/cursor", {{"limit", 1}})["items"].size() == 1);
}

TEST_CASE("a fake's bodies are JSON, forms, multipart or bytes") {
    Small small(with_endpoints(R"([
      {"name": "form", "method": "POST", "path": "/form", "bodies": {"application/x-www-form-urlencoded": "Job"}, "answer": "${fields}"},
      {"name": "put", "method": "PUT", "path": "/put", "bodies": {"image/png": "bytes"}, "answer": ""},
      {"name": "any", "method": "PUT", "path": "/any", "bodies": {"*": "Job"}, "answer": "${fields}"}])"));
    small.type = "application/x-www-form-urlencoded";
    CHECK(small.told("POST", "/v1/form", "a=1+2&b=%C3%BC&a=3") == json{{"a", {"1 2", "3"}}, {"b", "ü"}});
    CHECK(small.ask("PUT", "/v1/put", "bytes").status == 400);
    small.type = "image/png";
    CHECK(small.ask("PUT", "/v1/put", "bytes").status == 200);
    CHECK(small.ask("PUT", "/v1/put", "").status == 400);
    small.type = "image/webp";
    CHECK(small.told("PUT", "/v1/any", "bytes") == json{{"bytes", 5}, {"content_type", "image/webp"}});
    CHECK(small.ask("GET", "/v1/jobs/job_1", "a body").status == 400);

    Seen seen;
    seen.content_type = "multipart/form-data";
    seen.fields = {{"a", "1", "", ""}, {"b[x]", "2", "", ""}, {"c[]", "3", "", ""}, {"d", "4", "f.png", "image/png"}, {"a", "5", "", ""}};
    CHECK(fields_of(seen) ==
          json{{"a", {"1", "5"}}, {"b", {{"x", "2"}}}, {"c", {"3"}}, {"d", {{"file_name", "f.png"}, {"content_type", "image/png"}, {"bytes", 1}}}});
}

TEST_CASE("a fake wants its headers, and what belongs together") {
    Small small(with_endpoints(R"([
      {"name": "run", "method": "POST", "path": "/run", "bodies": {"application/json": "Job"}, "wants": {"X-Async": "enable"}, "whole": "Whole", "answer": {}}])",
                               json::parse(R"({"schemas": {"Whole": {"if": {"properties": {"body": {"required": ["stored"]}}},
        "then": {"properties": {"headers": {"required": ["x-stored"]}}}}}})")));
    CHECK(small.ask("POST", "/v1/run", json::object()).status == 400);
    small.headers = {{"X-Async", "enable"}};
    CHECK(small.ask("POST", "/v1/run", json::object()).status == 200);
    CHECK(small.ask("POST", "/v1/run", {{"stored", 1}}).status == 400);
    small.headers.push_back({"X-Stored", "yes"});
    CHECK(small.ask("POST", "/v1/run", {{"stored", 1}}).status == 200);
}

TEST_CASE("a fake tells where a credential went that had no business there") {
    Small small(with_endpoints(R"([
      {"name": "clip", "method": "GET", "path": "/clips/{id}", "root": true, "auth": "none", "answer": "bytes"},
      {"name": "upload", "method": "GET", "path": "/upload", "root": true, "auth": "key", "answer": {}},
      {"name": "page", "method": "GET", "path": "/page", "root": true, "answer": {}}])"));
    const auto cdn = FakeProvider::cdn_of(FakeProvider::default_origin);
    small.told("POST", "/v1/jobs", json::object());
    small.told("GET", "/v1/jobs/job_1");
    CHECK(small.ask("GET", "/upload", nullptr, cdn).status == 200);
    CHECK(small.ask("GET", "/page").status == 200);
    CHECK(small.provider.leaks().empty());

    CHECK(small.ask("GET", "/clips/job_1", nullptr, cdn).status == 401);
    CHECK(small.ask("GET", "/page", nullptr, cdn).status == 401);
    CHECK(small.ask("GET", "/nowhere", nullptr, cdn).status == 404);
    CHECK(small.provider.leaks().size() == 3);
    small.key.reset();
    CHECK(small.ask("GET", "/clips/job_1", nullptr, cdn).body == "the clip of job_1");
    CHECK(small.ask("GET", "/clips/job_1?token=" + std::string(FakeProvider::key), nullptr, cdn).status == 401);
    CHECK(small.ask("GET", "/page").status == 401);
    CHECK(small.provider.leaks().size() == 4);
}

TEST_CASE("a fake cancels a job while it may, and the job stays cancelled") {
    Small small(with_endpoints(R"([{"name": "cancel", "method": "PUT", "path": "/jobs/{id}/cancel", "while": ["queued"], "becomes": "failed", "answer": "job"}])"));
    small.told("POST", "/v1/jobs", json::object());
    CHECK(small.told("PUT", "/v1/jobs/job_1/cancel")["status"] == "failed");
    CHECK(small.told("GET", "/v1/jobs/job_1")["status"] == "failed");
    CHECK(small.ask("PUT", "/v1/jobs/job_1/cancel").status == 409);
}

TEST_CASE("a fake's endpoint may know the jobs of another one alone") {
    Small small(with_endpoints(R"([
      {"name": "extend", "method": "POST", "path": "/extensions", "paid": true, "states": "queued", "bodies": {"application/json": "Job"}},
      {"name": "extension", "method": "GET", "path": "/extensions/{id}", "of": ["extend"], "states": "done"}])"));
    small.told("POST", "/v1/jobs", json::object());
    small.told("POST", "/v1/extensions", json::object());
    CHECK(small.ask("GET", "/v1/extensions/job_1").status == 404);
    CHECK(small.ask("GET", "/v1/extensions/job_2").status == 200);
    CHECK(small.ask("GET", "/v1/jobs/job_2").status == 200);
}

TEST_CASE("a fake loses an answer after the job was created, or before") {
    Small small(small_contract());
    small.provider.next("create", {"drop", "accept and drop"});
    CHECK(small.ask("POST", "/v1/jobs", json::object()).drop);
    CHECK(small.provider.book().empty());
    CHECK(small.ask("POST", "/v1/jobs", json::object()).drop);
    CHECK(small.provider.book().size() == 1);
    CHECK(small.provider.calls() == std::vector<std::string>{"create", "create"});
}

TEST_CASE("a fake with access and secret key wants a JWT that it can check") {
    auto contract = small_contract();
    contract["auth"]["scheme"] = "pair-jwt";
    CHECK(deps_of(contract).credential.key.expose() == std::string(access_key) + ":" + plain_key);
    Small small(contract);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const json claims{{"iss", access_key}, {"exp", now + 1800}, {"nbf", now - 5}};
    const auto status = [&](const json& over, const std::string& secret) {
        auto changed = claims;
        changed.merge_patch(over);
        small.key = hs256_by_hand(changed, secret);
        return small.ask("POST", "/v1/jobs", json::object()).status;
    };
    CHECK(status(json::object(), plain_key) == 200);
    CHECK(status(json::object(), "another") == 401);
    CHECK(status({{"iss", "another"}}, plain_key) == 401);
    CHECK(status({{"exp", now - 1}}, plain_key) == 401);
    CHECK(status({{"exp", now + 90000}}, plain_key) == 401);
    CHECK(status({{"nbf", now + 60}}, plain_key) == 401);
    CHECK(status({{"exp", std::to_string(now + 1800)}}, plain_key) == 401);
    small.key = plain_key;
    CHECK(small.ask("POST", "/v1/jobs", json::object()).status == 401);
}

TEST_CASE("a fake without keys takes none") {
    auto contract = small_contract();
    contract["auth"] = {{"scheme", "none"}};
    CHECK(deps_of(contract).credential.key.empty());
    Small small(contract);
    small.key.reset();
    CHECK(small.ask("POST", "/v1/jobs", json::object()).status == 200);
}
