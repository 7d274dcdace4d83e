#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "backend/backend.hpp"
#include "catalog/catalog.hpp"
#include "catalog/row.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"
#include "http/message.hpp"
#include "support/fake_tokens.hpp"

// Answers of providers, read by their backends: submit and what follows, poll, find, cancel, describe, list. Seeds are the answers
// that the contracts in tests/fakes have.
namespace shotwire::fuzz {
namespace {

constexpr const char* origin = "https://api.studio.example";
constexpr std::array statuses{200, 200, 200, 201, 202, 204, 301, 400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 503, 520};
enum Verb { submit, poll, find, cancel, describe, list, verbs };

// A contract's form with its ${...} filled in: whole values keep a type that fits. `id` is the job's.
json filled(const json& form, const std::string& id = "p1") {
    if (form.is_string()) {
        const auto& text = form.get_ref<const std::string&>();
        static const std::vector<std::string> numbers{"${n}", "${now}", "${now_ms}", "${later}", "${count}", "${total}"};
        if (std::find(numbers.begin(), numbers.end(), text) != numbers.end()) return 1795600800;
        if (text == "${more}") return false;
        if (text == "${clip_base64}") return core::base64("a clip");
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const auto open = text.find("${", at), close = open == std::string::npos ? open : text.find('}', open);
            out += text.substr(at, open == std::string::npos ? open : open - at);
            if (close == std::string::npos) break;
            const auto name = text.substr(open + 2, close - open - 2);
            out += name == "origin" ? origin : name == "base_url" ? std::string(origin) + "/v1" : name == "cdn" ? "https://cdn.studio.example" : name == "key" ? "sekret" : name == "id" ? id : "p1";
            at = close + 1;
        }
        return out;
    }
    json out = form;
    if (form.is_structured())
        for (auto& part : out) part = filled(part, id);
    return out;
}

struct Subject {
    std::string name;  // of the contract
    json contract;
    std::string entry;
    backend::Deps deps;
    std::string hosts;  // where else the credential may go: the route's own dialect names them
    Order order;
    std::string before = {};  // the answers that come before the one to the paid request, each with its part_end

    // Anew for each input: a token that was had is kept, and the next input is to be read as well.
    std::unique_ptr<backend::Backend> made() const { return backend::find_entry(entry)->make(deps); }
};

Order order_of(const json& given) {
    Order order;
    order.route = "studio";
    order.model = given.value("model", "model-1");
    order.remote_model = given.value("remote_model", order.model);
    order.prompt = given.value("prompt", "a paper boat");
    order.seconds = given.value("seconds", 5.0);
    order.resolution = given.value("resolution", "720p");
    order.size = Size{1280, 720};
    order.ratio = AspectRatio{16, 9};
    if (given.contains("form")) order.form = given["form"].dump();
    return order;
}

Subject subject_of(const std::string& name, const std::string& entry, const json& dialect) {
    Subject made{.name = name, .contract = json::parse(source_file("tests/fakes/" + name + ".json")), .entry = entry, .deps = {}, .hosts = {}, .order = {}};
    made.deps.route = "studio";
    made.deps.base_url = origin + made.contract.at("base").get<std::string>();
    const auto scheme = made.contract.at("auth").value("scheme", "key");
    made.deps.credential.key = core::Key(scheme == "none" ? "" : scheme == "pair-jwt" ? "access:sekret" : "sekret");
    made.deps.dialect = dialect;
    made.deps.dialect.update(filled(made.contract.value("dialect", json::object())));
    made.deps.now = [] { return core::Wall(std::chrono::seconds(1795600800)); };
    made.hosts = made.deps.dialect.dump();
    made.order = order_of(made.contract.at("order"));
    return made;
}

// A picture that no backend writes into its request: it is uploaded before, and what answers that is read.
Subject with_picture(Subject subject, std::size_t bytes) {
    for (const auto& over : subject.contract.at("orders")) {
        if (!over.contains("images") || over["images"][0].contains("source")) continue;
        auto given = subject.contract.at("order");
        given.merge_patch(over);
        if (over.contains("form")) given["form"] = over["form"];
        subject.order = order_of(given);
        if (!given.contains("ratio")) subject.order.ratio.reset();
        subject.order.images = {{ImageRole::first_frame, "frame.png", "image/png", "ab12", {1280, 720}, std::make_shared<const std::string>(bytes, 'x')}};
        break;
    }
    for (const auto& endpoint : subject.contract.at("endpoints"))
        for (const auto* step : {"initiate upload", "upload", "policy", "store"})
            if (endpoint.at("name") == step) {
                const auto answer = filled(endpoint.at("answer"));
                subject.before += (answer.is_string() ? answer.get<std::string>() : answer.dump()) + part_end;
            }
    return subject;
}

// Its key is a service account's: a token is asked for first.
Subject with_account(Subject subject) {
    subject.deps.credential.key = core::Key(test::credential_text(subject.contract.at("auth"), origin));
    subject.hosts += "https://storage.googleapis.com";  // what opens the API opens its buckets
    subject.before = R"({"access_token":"ya29.a","expires_in":3600,"token_type":"Bearer"})" + std::string(1, part_end);
    return subject;
}

const std::vector<Subject>& subjects() {
    static const std::vector<Subject> all = [] {
        std::vector<Subject> made;
        for (const auto& entry : backend::registry())
            if (entry.name != std::string("custom")) made.push_back(subject_of(entry.name, entry.name, json::object()));
        std::map<std::string, json> examples;
        for (const auto& text : files_in("examples/backends", ".json"))
            for (const auto file = json::parse(text); const auto& route : file.at("routes")) examples[route.at("name")] = route.at("dialect");
        for (const auto& [name, dialect] : examples) made.push_back(subject_of(name, "custom", dialect));
        const auto& catalog = catalog::Catalog::built_in();
        for (const auto& dialect : catalog.dialects()) made.push_back(subject_of(dialect.name, dialect.backend, dialect.keys));
        made.push_back(subject_of("azure", "openai", catalog.find_route("azure")->dialect));
        for (const auto& [name, bytes] : {std::pair("fal", 2 << 20), {"replicate", 256 << 10}, {"ltx", 6 << 20}, {"dashscope", 8 << 20}})
            made.push_back(with_picture(subject_of(name, name, json::object()), std::size_t(bytes)));
        made.push_back(with_account(subject_of("vertex", "vertex", json::object())));
        return made;
    }();
    return all;
}

// Hosts that the route's own dialect names may have the key, too: fal lists its jobs at another one.
std::string named_in_dialect;
void holds_of_credential(const http::Request& request) {
    if (!request.credential || request.credential->key.empty()) return;
    const auto to = http::origin_of(request.url);
    holds(to == origin || named_in_dialect.find(to) != std::string::npos, "a key goes to the provider's own hosts alone", request.url);
}

void holds_of_request(const http::Request& request) {
    const auto to = http::origin_of(request.url);
    holds(!to.empty(), "a request goes to a URL", request.url);
    holds(request.url.find_first_of(std::string_view("\r\n\0 ", 4)) == std::string::npos, "a URL is one line", request.url);
    for (const auto& header : request.headers) holds(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a header is one line", header.name);
    holds_of_credential(request);
}

// The conversation with the answers of the input, the last of them again where it ends early.
template <class T>
std::optional<Result<T>> walk(backend::Step<T> step, const std::vector<http::Response>& answers) {
    for (std::size_t turn = 0; turn < 12; ++turn) {
        auto* ask = std::get_if<http::Ask<T>>(&step);
        if (!ask) {
            auto result = http::outcome(std::move(step));
            if (!result) holds_of_error(result.error());
            return result;
        }
        holds_of_request(ask->request);
        auto answer = answers[std::min(turn, answers.size() - 1)];
        answer.url = ask->request.url;
        auto next = ask->then(answer);
        step = std::move(next);
    }
    return {};  // some lists have no end
}

void holds_of_state(const backend::JobState& state) {
    if (const auto* rendering = std::get_if<backend::Rendering>(&state)) {
        if (rendering->progress) holds(*rendering->progress >= 0 && *rendering->progress <= 1, "progress is a share", std::to_string(*rendering->progress));
        if (rendering->queue) holds(*rendering->queue >= 0, "no place in a queue is negative");
        if (rendering->not_before) holds(rendering->not_before->count() >= 0, "no poll hint is negative");
        holds_of_text(rendering->word, "the provider's word can be printed");
    } else if (const auto* ready = std::get_if<backend::Ready>(&state)) {
        for (const auto& clip : ready->clips)
            if (const auto* request = std::get_if<http::Request>(&clip)) {
                holds_of_credential(*request);
                holds(!request->paid, "a download costs nothing");
            }
        if (ready->billed) holds(ready->billed->micros >= 0, "no bill is negative");
    } else if (const auto* failed = std::get_if<backend::Failed>(&state)) {
        holds_of_error(failed->reason);
        if (failed->billed) holds(failed->billed->micros >= 0, "no bill is negative");
    }
}

void holds_of_handle(const Subject& subject, const backend::Backend& backend, const backend::Handle& handle) {
    const auto kept = backend::Handle{json::parse(core::dump(handle.value))};
    holds(kept == handle, "the ledger keeps a handle as it is", core::dump(handle.value));
    const auto id = backend.remote_id(handle);
    holds(!id.empty(), "a job at the provider has an id", core::dump(handle.value));
    if (!subject.contract.value("adopts", true)) return;  // a handle holds more than the id
    holds(backend.remote_id(backend.adopt(id, subject.order)) == id, "an adopted job is the one that was named", id);
}

// What `models check` compares with the catalogue, and what a model without a row is made from.
void holds_of_list(const json& rows) {
    holds(rows.is_object(), "a list is rows by the ids of their models");
    for (const auto& [id, told] : rows.items()) {
        holds(!id.empty() && told.is_object(), "each model of a list has an id and a row", id);
        if (told.empty()) continue;
        auto row = told;
        row.update({{"id", "studio:model-1"}, {"title", "model-1"}, {"routes", {{{"route", "studio"}, {"id", "model-1"}}}}});
        const auto model = catalog::read_model(row, "the list");
        holds(bool(model), "a row that is made from a list is one of the catalogue", model ? "" : model.error().message);
    }
}

}  // namespace

// Who, what, status, then the bodies of the answers.
void run_replies(std::string_view input) {
    if (input.size() < 3) return;
    const auto number = [&](std::size_t at, std::size_t end) { return std::size_t(static_cast<unsigned char>(input[at])) % end; };
    const auto& subject = subjects()[number(0, subjects().size())];
    const auto verb = Verb(number(1, verbs));
    std::vector<http::Response> answers;
    for (const auto& body : split_at(input.substr(3), part_end, 6)) {
        // The first has the status; those behind it come after a success, as a rule.
        http::Response answer{.status = answers.empty() ? statuses[number(2, statuses.size())] : 200, .headers = {{"Content-Type", "application/json"}}, .body = body};
        if (answer.status == 429) answer.headers.push_back({"Retry-After", body.substr(0, 8)});
        answers.push_back(answer);
    }
    const auto made = subject.made();
    const auto& backend = *made;
    named_in_dialect = subject.hosts;
    const auto job = backend.adopt("p1", subject.order);
    const backend::Intent intent{JobId{"job"}, "shotwire-key", core::Wall(std::chrono::seconds(1795600800))};
    switch (verb) {
        case submit: {
            const auto accepted = walk(backend.submit(subject.order, intent), answers);
            if (!accepted || !*accepted) return;
            holds_of_handle(subject, backend, (*accepted)->handle);
            if ((*accepted)->already) holds_of_state(*(*accepted)->already);
            if (const auto state = walk(backend.poll((*accepted)->handle), {answers.back()}); state && *state) holds_of_state(**state);
            return;
        }
        case poll:
            if (const auto state = walk(backend.poll(job), answers); state && *state) holds_of_state(**state);
            return;
        case find:
            if (const auto found = walk(backend.find(subject.order, intent), answers); found && *found) {
                for (const auto& each : (*found)->candidates) holds_of_handle(subject, backend, each);
                for (const auto& each : (*found)->doubtful) holds_of_handle(subject, backend, each);
            }
            return;
        case cancel: (void)walk(backend.cancel(job), answers); return;
        case list:
            if (!backend.lists()) return;
            if (const auto rows = walk(backend.list(), answers); rows && *rows) holds_of_list(**rows);
            return;
        default: {
            const auto row = walk(backend.describe("owner/model"), answers);
            if (!row || !*row) return;
            const auto model = catalog::read_model(**row, "the schema");
            holds(bool(model), "a row that is made from a schema is one of the catalogue", model ? "" : model.error().message);
        }
    }
}

std::vector<std::string> seeds_of_replies() {
    std::vector<std::string> seeds;
    const auto status_at = [](int status) {
        const auto found = std::find(statuses.begin(), statuses.end(), status);
        return char(found == statuses.end() ? 0 : found - statuses.begin());
    };
    for (std::size_t who = 0; who < subjects().size(); ++who) {
        const auto& contract = subjects()[who].contract;
        const auto& before = subjects()[who].before;
        const auto add = [&](Verb verb, int status, const json& body) {
            const auto text = body.is_string() ? body.get<std::string>() : body.dump();
            seeds.push_back(std::string{char(who), char(verb), status_at(status)} + text);
            if (!before.empty()) seeds.push_back(std::string{char(who), char(verb), status_at(200)} + before + text);
        };
        const auto model = subjects()[who].order.remote_model;
        add(list, 200, {{"object", "list"}, {"data", {{{"id", model}}}}, {"models", {{{"name", "models/" + model}}}}});
        const auto made = filled(contract.value("id", json("p1")));
        const auto id = made.is_string() ? made.get<std::string>() : made.dump();
        const auto job = filled(contract.value("job", json::object()), id);
        for (const auto& state : contract.at("states")) {
            auto told = job;
            if (state.contains("job")) told.merge_patch(filled(state["job"], id));
            add(poll, state.value("status", 200), told);
            add(submit, 200, told);
            const auto forms = contract.value("forms", json::object());
            for (const auto& [name, form] : forms.items()) {
                auto other = filled(form, id);
                if (state.contains("forms") && state["forms"].contains(name)) other.merge_patch(filled(state["forms"][name], id));
                add(poll, 200, other);
                add(submit, 200, other);
            }
        }
        for (const auto& error : contract.at("errors"))
            for (const auto verb : {submit, poll})
                if (error.contains("body")) add(verb, error.at("status"), filled(error["body"]));
        for (const auto& endpoint : contract.at("endpoints"))
            if (endpoint.contains("list")) {
                auto list = endpoint["list"].value("answer", json("${jobs}"));
                const std::function<void(json&)> jobs = [&](json& value) {
                    if (value == "${jobs}") value = json::array({job});
                    else if (value.is_structured())
                        for (auto& part : value) jobs(part);
                };
                jobs(list);
                add(find, 200, filled(list));
            } else if (endpoint.value("answer", json()).is_object()) {
                add(describe, 200, filled(endpoint["answer"]));
                add(list, 200, filled(endpoint["answer"]));
                add(cancel, 200, filled(endpoint["answer"]));
            }
    }
    return seeds;
}

// A provider as its user's file describes it, then what it answers to a submit and a poll.
void run_provider_file(std::string_view input) {
    const auto parts = split_at(input, part_end, 2);
    auto file = core::parse_json(parts[0], "mine.json");
    if (!file) return holds_of_error(file.error());
    const auto rows = file->is_object() && file->contains("routes") && (*file)["routes"].is_array() ? (*file)["routes"] : json::array({*file});
    for (const auto& row : rows) {
        const auto route = catalog::read_route(row, "mine.json: route");
        if (!route) {
            holds_of_error(route.error());
            holds(route.error().message.find("mine.json") != std::string::npos, "an error names the file", route.error().message);
            continue;
        }
        if (route->backend != "custom") continue;
        backend::Deps deps{.route = route->name, .base_url = origin, .dialect = route->dialect};
        deps.credential.key = core::Key("sekret");
        named_in_dialect = deps.dialect.dump();
        const auto backend = backend::find_entry("custom")->make(deps);
        const auto order = order_of(json::object());
        const std::vector<http::Response> answers{{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = parts.size() > 1 ? parts[1] : R"({"id":"p1","status":"done","url":"https://cdn.studio.example/x"})"}};
        const auto accepted = walk(backend->submit(order, {JobId{"job"}, "shotwire-key", {}}), answers);
        if (accepted && *accepted)
            if (const auto state = walk(backend->poll((*accepted)->handle), answers); state && *state) holds_of_state(**state);
        if (!backend->lists()) continue;
        if (const auto listed = walk(backend->list(), answers); listed && *listed) holds_of_list(**listed);
    }
}

std::vector<std::string> seeds_of_provider_file() {
    std::vector<std::string> seeds;
    for (const auto& text : files_in("examples/backends", ".json")) {
        seeds.push_back(json::parse(text).dump());
        for (const auto file = json::parse(text); const auto& route : file.at("routes")) seeds.push_back(route.dump() + part_end + R"({"id":"a","status":"succeeded","output":["https://x.example/y"],"video":{"url":"https://x.example/y"}})");
    }
    return seeds;
}

}  // namespace shotwire::fuzz
