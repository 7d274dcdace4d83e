#include "support/fake_provider.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "core/text.hpp"
#include "http/spool.hpp"

namespace shotwire::test {
namespace {

std::int64_t unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Reply json_reply(int status, const json& body) {
    if (body.is_string()) return {status, {{"Content-Type", "text/html"}}, body.get<std::string>()};
    return {status, {{"Content-Type", "application/json"}}, body.dump()};
}

void add_headers(Reply& reply, const json& row) {
    const json headers = row.value("headers", json::object());
    for (const auto& [name, value] : headers.items()) reply.headers.push_back({name, value.get<std::string>()});
}

// Whether that endpoint takes a credential at all.
bool is_open(const json& endpoint) { return endpoint.value("auth", "") == "none"; }

// Values as a query bears them: "1,2" and a repeated name are lists.
std::vector<std::string> words_of(const json& value) {
    if (value.is_string()) return core::split(value.get<std::string>(), ',');
    std::vector<std::string> words;
    if (value.is_array())
        for (const auto& item : value)
            for (auto& word : words_of(item)) words.push_back(std::move(word));
    else if (!value.is_null()) words.push_back(value.dump());
    return words;
}

std::size_t number_of(const json& value, std::size_t fallback) {
    if (value.is_number_unsigned()) return value;
    return value.is_string() ? std::stoul(value.get<std::string>()) : fallback;
}

}  // namespace

FakeProvider::FakeProvider(const std::string& name) : contract_(read_contract(name)) {}
FakeProvider::FakeProvider(json contract, const std::string& where) : contract_(std::move(contract), where) {}

std::string FakeProvider::cdn_of(const std::string& origin) {
    for (const auto& [from, to] : {std::pair<std::string, std::string>("//api.", "//cdn."), {"//127.0.0.1:", "//localhost:"}})
        if (const auto at = origin.find(from); at != std::string::npos) return std::string(origin).replace(at, from.size(), to);
    throw std::runtime_error("no second name for " + origin);
}

void FakeProvider::settle_at(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    origin_ = origin;
}

std::string FakeProvider::origin() const {
    const std::lock_guard lock(mutex_);
    return origin_;
}

void FakeProvider::tell(const std::string& story) {
    for (const auto& [endpoint, words] : contract().at("stories").at(story).items()) next(endpoint, words.get<std::vector<std::string>>());
}

void FakeProvider::next(const std::string& endpoint, const std::vector<std::string>& words) {
    const std::lock_guard lock(mutex_);
    auto& queue = script_[endpoint];
    queue.clear();
    for (const auto& word : words) queue.push_back({word});
}

void FakeProvider::next_raw(const std::string& endpoint, Reply raw) {
    const std::lock_guard lock(mutex_);
    script_[endpoint] = {{"", std::move(raw)}};
}

void FakeProvider::revoke_tokens() {
    const std::lock_guard lock(mutex_);
    stale_tokens_.insert(stale_tokens_.end(), tokens_.begin(), tokens_.end());
    tokens_.clear();
}

std::vector<FakeProvider::Sale> FakeProvider::book() const {
    const std::lock_guard lock(mutex_);
    return book_;
}

std::vector<Seen> FakeProvider::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::vector<std::string> FakeProvider::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::string FakeProvider::complaint() const {
    const std::lock_guard lock(mutex_);
    return complaint_;
}

std::vector<std::string> FakeProvider::leaks() const {
    const std::lock_guard lock(mutex_);
    return leaks_;
}

std::vector<std::string> FakeProvider::secrets() const {
    const std::lock_guard lock(mutex_);
    return secrets_unlocked();
}

std::vector<std::string> FakeProvider::secrets_unlocked() const {
    auto all = secrets_of(contract().at("auth"));
    all.insert(all.end(), tokens_.begin(), tokens_.end());
    all.insert(all.end(), stale_tokens_.begin(), stale_tokens_.end());
    return all;
}

std::string FakeProvider::clip_of(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return clip_unlocked(id);
}

std::string FakeProvider::clip_unlocked(const std::string& id) const {
    auto clip = "the clip of " + id;
    if (clip.size() < clip_bytes_) clip.resize(clip_bytes_, '.');
    return clip;
}

void FakeProvider::enlarge_clips(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    clip_bytes_ = bytes;
}

FakeProvider::Job* FakeProvider::find(const std::string& id) {
    for (auto& job : jobs_)
        if (job.id == id) return &job;
    return nullptr;
}

json FakeProvider::values_at(std::int64_t time) const {
    const auto wall = std::chrono::system_clock::time_point(std::chrono::seconds(time));
    auto text = core::iso_time(wall);
    json values{{"origin", origin_},
                {"base_url", origin_ + contract().at("base").get<std::string>()},
                {"cdn", cdn_of(origin_)},
                {"key", key},
                {"now", time},
                {"now_ms", time * 1000},
                {"now_iso", text},
                {"later", time + 3600},
                {"later_iso", core::iso_time(wall + std::chrono::hours(1))}};
    text.pop_back();
    values["now_text"] = text.replace(10, 1, " ");
    return values;
}

json FakeProvider::job_of(const Job& job, const std::string& form) const {
    auto values = values_at(job.created);
    values["id"] = job.id;
    values["n"] = std::to_string(job.number);
    values["fields"] = job.call.body;
    values["clip_base64"] = core::base64(clip_unlocked(job.id));
    const json* state = contract_.state(job.state);
    if (form == "job") {
        auto whole = contract().at("job");
        whole.merge_patch(state->value("job", json::object()));
        return fill(whole, values, job.call);
    }
    auto whole = contract().at("forms").at(form);
    const json over = state->value("forms", json::object());
    if (over.contains(form)) whole.merge_patch(over[form]);
    values["job"] = job_of(job, "job");
    return fill(whole, values, job.call);
}

Reply FakeProvider::error(const std::string& name, const std::string& why) {
    const auto* row = contract_.error(name);
    if (!row) throw std::runtime_error("the contract has neither a state nor an error called " + name);
    if (!why.empty()) complaint_ = why;
    auto reply = json_reply(row->at("status").get<int>(), fill(row->at("body"), values_at(unix_now())));
    add_headers(reply, *row);
    return reply;
}

Reply FakeProvider::refuse(const std::string& reason, const std::string& why) {
    const auto& refusals = contract().at("refusals");
    const auto* usual = reason == "leak" ? "key" : "body";
    return error(refusals.contains(reason) ? refusals.at(reason) : refusals.at(usual), why);
}

// The endpoint for that request. Several may share method and path: the query tells them apart.
bool FakeProvider::locate(const Seen& seen, Call& call, std::string& reason, std::string& why) const {
    const auto base = contract().at("base").get<std::string>();
    reason = "id";
    why = "nothing is at " + seen.path;
    for (const auto& row : contract().at("endpoints")) {
        const bool root = row.value("root", false);
        if (!root && !seen.path.starts_with(base + "/")) continue;
        json found = json::object();
        if (!match_path(row.at("path").get<std::string>(), root ? seen.path : seen.path.substr(base.size()), found)) continue;
        if (row.at("method") != seen.method) {
            if (reason == "id") {
                reason = "method";
                why = seen.method + " " + seen.path;
            }
            continue;
        }
        const auto fault = row.contains("query") ? contract_.fault(row["query"], seen.query) : "";
        if (fault.empty() || reason != "query") {
            call.endpoint = row;
            call.path = found;
        }
        if (fault.empty()) return true;
        reason = "query";
        why = fault;
    }
    return false;
}

void FakeProvider::watch_for_leaks(const Seen& seen, const json& endpoint) {
    const bool elsewhere = !seen.origin.empty() && seen.origin != origin_;
    const bool says_so = endpoint.contains("auth") && !is_open(endpoint);
    if (!is_open(endpoint) && (!elsewhere || says_so)) return;
    const auto text = seen.text();
    for (const auto& secret : secrets_unlocked())
        if (text.find(secret) != std::string::npos) {
            leaks_.push_back(fmt::format("{} {}{} carries a credential", seen.method, seen.origin, seen.path));
            return;
        }
}

std::string FakeProvider::fault_of_credential(const Seen& seen, const json& endpoint) {
    const auto& auth = contract().at("auth");
    const auto scheme = auth.value("scheme", "key");
    const auto leaked = leaks_.size();
    watch_for_leaks(seen, endpoint);
    if (leaks_.size() > leaked) return leaks_.back();
    if (is_open(endpoint) || scheme == "none") return {};
    const auto prefix = auth.at("prefix").get<std::string>();
    const auto given = seen.header(auth.at("header"));
    if (!given.starts_with(prefix) || given.size() == prefix.size()) return "the credential is missing";
    const auto token = given.substr(prefix.size());
    if (scheme == "pair-jwt") return fault_of_pair_jwt(token);
    if (scheme == "service-account" && std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end()) return {};
    return token == key ? "" : "the credential is another one";
}

Reply FakeProvider::answer(const Seen& seen) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(seen);
    calls_.emplace_back();
    Call call;
    std::string reason, why;
    const bool found = locate(seen, call, reason, why);
    if (!call.endpoint.empty()) calls_.back() = call.endpoint.at("name");
    if (const auto fault = fault_of_credential(seen, call.endpoint); !fault.empty() && (found || reason != "id")) return refuse("key", fault);
    if (!found) return refuse(reason, why);

    call.query = seen.query;
    for (const auto& header : seen.headers) call.headers[core::lower(header.name)] = header.value;
    const auto& endpoint = call.endpoint;
    const json wants = endpoint.value("wants", json::object());
    for (const auto& [name, value] : wants.items())
        if (seen.header(name) != value) return refuse("header", fmt::format("{} is \"{}\" instead of {}", name, seen.header(name), value.dump()));
    if (endpoint.contains("bodies")) {
        const auto& bodies = endpoint.at("bodies");
        if (!bodies.contains(seen.content_type) && !bodies.contains("*")) return refuse("type", "a body of type \"" + seen.content_type + "\"");
        call.body = fields_of(seen);
        const auto schema = contract_.body_schema(call, seen.content_type);
        if (schema.empty()) return refuse("id", "nothing takes such a body at " + seen.path);
        if (const auto fault = contract_.fault(schema, call.body); !fault.empty()) return refuse("body", fault);
    } else if (!seen.body.empty() || !seen.fields.empty()) {
        return refuse("body", "a body, where none is wanted");
    }
    if (endpoint.contains("whole")) {
        const json whole{{"path", call.path}, {"query", call.query}, {"headers", call.headers}, {"body", call.body}};
        if (const auto fault = contract_.fault(endpoint.at("whole"), whole); !fault.empty()) return refuse("body", fault);
    }

    Job* job = nullptr;
    json id = endpoint.contains("id_at") ? value_at(call, endpoint["id_at"]) : call.path.value("id", call.path.value("source", json()));
    if (id.is_number()) id = id.dump();
    if (id.is_string() || endpoint.contains("id_at")) {
        job = id.is_string() ? find(id) : nullptr;
        if (!job) return refuse("id", "no job has the id " + id.dump());
        const json of = endpoint.value("of", json());
        if (of.is_array() && std::find(of.begin(), of.end(), job->call.endpoint.at("name")) == of.end())
            return refuse("id", "this endpoint does not know the jobs of " + job->call.endpoint.at("name").dump());
    }
    return play(call, job);
}

Reply FakeProvider::play(const Call& call, Job* job) {
    const auto& endpoint = call.endpoint;
    auto& queue = script_[endpoint.at("name")];
    Word word = queue.empty() ? Word{"accept"} : queue.front();
    if (queue.size() > 1) queue.pop_front();
    if (word.raw) return *word.raw;
    if (word.text == "drop") return {.drop = true};
    const bool accept = word.text.starts_with("accept");
    if (!accept && !contract_.state(word.text)) return error(word.text, "the story says so");
    const auto story = accept ? "" : word.text;

    if (job && endpoint.contains("while")) {
        const auto& states = endpoint["while"];
        if (std::find(states.begin(), states.end(), job->state) == states.end()) return refuse("late", "the job is " + job->state);
    }
    if (job && endpoint.contains("becomes")) {
        job->state = endpoint["becomes"];
        job->ended = true;
    }
    Reply reply;
    const json answer = endpoint.value("answer", json());
    if (endpoint.value("paid", false)) reply = create(call, story);
    else if (endpoint.contains("states") || answer == "job") reply = told(call, *job, story);
    else if (answer == "list") reply = list(call);
    else if (answer == "token") reply = token(call);
    else if (answer == "bytes") {
        if (contract_.state(job->state)->at("means") != "ready") return refuse("early", "the clip is not rendered yet");
        reply = {200, {{"Content-Type", "video/mp4"}}, clip_unlocked(job->id)};
    } else {
        auto values = values_at(unix_now());
        if (job) values["id"] = job->id;
        values["fields"] = call.body;
        reply = json_reply(endpoint.value("status", 200), fill(answer, values, call));
    }
    add_headers(reply, endpoint);
    reply.drop = word.text == "accept and drop";
    return reply;
}

Reply FakeProvider::create(const Call& call, const std::string& state) {
    const int number = int(jobs_.size()) + 1;
    const auto id = fill(contract().value("id", "job_${n}"), {{"n", std::to_string(number)}}, call).get<std::string>();
    jobs_.push_back({id, number, call, state.empty() ? call.endpoint.at("states").get<std::string>() : state, false, unix_now()});
    book_.push_back({id, call.endpoint.at("name"), call.body});
    auto reply = json_reply(call.endpoint.value("status", 200), job_of(jobs_.back(), call.endpoint.value("form", "job")));
    if (!state.empty()) add_headers(reply, *contract_.state(state));
    return reply;
}

Reply FakeProvider::told(const Call& call, Job& job, const std::string& story) {
    const auto& endpoint = call.endpoint;
    if (!story.empty()) job.state = story;
    else if (endpoint.contains("states") && !job.ended) job.state = endpoint["states"];
    const auto& state = *contract_.state(job.state);
    const auto form = endpoint.value("form", "job");
    const bool own = state.value("forms", json::object()).contains(form);
    if (endpoint.value("needs", "") == "ready" && state.at("means") != "ready" && !own) return refuse("early", "the job is not done yet");
    int status = endpoint.value("status", 200);
    if (endpoint.contains("states")) status = state.value("status", status);
    status = state.value("statuses", json::object()).value(form, status);
    auto reply = json_reply(status, job_of(job, form));
    if (endpoint.contains("states")) add_headers(reply, state);
    return reply;
}

Reply FakeProvider::list(const Call& call) {
    const json rules = call.endpoint.value("list", json::object());
    const auto asked = [&](const char* rule) { return rules.contains(rule) ? value_at(call, rules[rule]) : json(); };
    std::vector<const Job*> jobs;  // newest first
    const json match = call.endpoint.value("match", json::object());
    for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
        bool fits = true;
        for (const auto& [place, what] : match.items()) {
            const auto wanted = words_of(value_at(call, place));
            if (wanted.empty()) continue;
            const json has = what == "id" ? json(job->id) : what == "state" ? json(job->state) : value_at(job->call, what);
            const auto word = has.is_string() ? has.get<std::string>() : has.dump();
            fits = fits && std::find(wanted.begin(), wanted.end(), word) != wanted.end();
        }
        if (fits) jobs.push_back(&*job);
    }
    const auto total = jobs.size();
    const auto limit = number_of(asked("limit"), rules.value("most", 20));
    std::size_t first = (number_of(asked("page"), 1) - 1) * limit;
    if (const auto after = asked("after"); after.is_string() && after != "") {
        const auto at = std::find_if(jobs.begin(), jobs.end(), [&](const Job* job) { return job->id == after; });
        first = std::size_t(at - jobs.begin()) + 1;
    }
    first = std::min(first, total);
    const auto end = std::min(total, first + limit);
    json shown = json::array();
    for (auto at = first; at < end; ++at) shown.push_back(job_of(*jobs[at], rules.value("form", "job")));

    auto values = values_at(unix_now());
    values["jobs"] = shown;
    values["first"] = first < end ? json(jobs[first]->id) : json();
    values["last"] = first < end ? json(jobs[end - 1]->id) : json();
    values["more"] = end < total;
    values["count"] = shown.size();
    values["total"] = total;
    values["next"] = end < total ? fill(rules.value("next", json("${last}")), values, call) : json();
    return json_reply(call.endpoint.value("status", 200), fill(rules.contains("answer") ? rules["answer"] : contract().at("list"), values, call));
}

Reply FakeProvider::token(const Call& call) {
    const auto& auth = contract().at("auth");
    if (const auto fault = fault_of_assertion(call.body, auth, origin_); !fault.empty()) return refuse("key", fault);
    tokens_.push_back(fmt::format("token-{}-of-the-service-account", tokens_.size() + stale_tokens_.size() + 1));
    return json_reply(200, {{"access_token", tokens_.back()}, {"expires_in", auth.value("seconds", 3600)}, {"token_type", "Bearer"}});
}

http::Response response_of(const http::Request& request, Reply reply) {
    http::Response response;
    response.status = reply.status;
    response.headers = std::move(reply.headers);
    response.url = request.url;
    response.body = std::move(reply.body);
    if (!request.spool) return response;
    auto spool = http::Spool::open(request.most);
    if (!spool || !(*spool)->piece(response.body)) throw std::runtime_error("the answer cannot be spooled");
    response.body = (*spool)->text();
    response.spool = *spool;
    return response;
}

}  // namespace shotwire::test
