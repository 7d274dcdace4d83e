#include "support/fake_provider.hpp"

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/text.hpp"

namespace shotwire::test {
namespace {

std::string decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::int64_t unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// "/videos/{id}/content" against "/videos/v1/content"; the id is what stands in the braces.
bool matches(const std::string& pattern, const std::string& path, std::string& id) {
    const auto wanted = core::split(pattern, '/');
    const auto given = core::split(path, '/');
    if (wanted.size() != given.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].front() == '{') id = decode(given[i]);
        else if (wanted[i] != given[i]) return false;
    }
    return true;
}

// Text "${name}" becomes the value of that name, of whatever type; "${/pointer}" what the request said there.
json fill(const json& form, const json& values) {
    if (form.is_structured()) {
        json out = form;
        for (auto& item : out) item = fill(item, values);
        return out;
    }
    if (!form.is_string()) return form;
    auto text = form.get<std::string>();
    for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
        const auto end = text.find('}', at);
        const auto name = text.substr(at + 2, end - at - 2);
        const json::json_pointer pointer(name.front() == '/' ? "/fields" + name : "/" + name);
        const json value = values.contains(pointer) ? values.at(pointer) : json();
        if (at == 0 && end + 1 == text.size()) return value;
        text.replace(at, end + 1 - at, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return text;
}

// Multipart fields as the JSON they stand for: a[b] is a member, a file is what is known of it.
json fields_of(const Seen& seen) {
    json out = json::object();
    for (const auto& field : seen.fields) {
        const json value = field.file_name.empty() ? json(field.value)
                                                   : json{{"file_name", field.file_name},
                                                          {"content_type", field.content_type},
                                                          {"bytes", field.value.size()}};
        const auto bracket = field.name.find('[');
        if (bracket == std::string::npos) out[field.name] = value;
        else out[field.name.substr(0, bracket)][field.name.substr(bracket + 1, field.name.size() - bracket - 2)] = value;
    }
    return out;
}

Reply json_reply(int status, const json& body) {
    if (body.is_string()) return {status, {{"Content-Type", "text/html"}}, body.get<std::string>()};
    return {status, {{"Content-Type", "application/json"}}, body.dump()};
}

void add_headers(Reply& reply, const json& row) {
    const json headers = row.value("headers", json::object());
    for (const auto& [name, value] : headers.items()) reply.headers.push_back({name, value.get<std::string>()});
}

}  // namespace

std::string Seen::header(const std::string& name) const {
    for (const auto& header : headers)
        if (core::equal_fold(header.name, name)) return header.value;
    return {};
}

Seen see(const http::Request& request) {
    Seen seen;
    seen.method = request.method;
    const auto path = request.url.find('/', request.url.find("://") + 3);
    const auto question = request.url.find('?');
    if (path != std::string::npos) seen.path = request.url.substr(path, question == std::string::npos ? question : question - path);
    if (question != std::string::npos)
        for (const auto& pair : core::split(request.url.substr(question + 1), '&')) {
            const auto equals = pair.find('=');
            seen.query[decode(pair.substr(0, equals))] = equals == std::string::npos ? "" : decode(pair.substr(equals + 1));
        }
    seen.headers = request.headers;
    if (request.credential) seen.headers.push_back({request.credential->header, request.credential->prefix + request.credential->key.expose()});
    if (const auto* text = std::get_if<std::string>(&request.body)) {
        seen.body = *text;
        seen.content_type = core::lower(core::trim(seen.header("Content-Type").substr(0, seen.header("Content-Type").find(';'))));
    } else if (const auto* parts = std::get_if<http::Multipart>(&request.body)) {
        seen.content_type = "multipart/form-data";
        for (const auto& part : *parts) seen.fields.push_back({part.name, *part.bytes, part.file_name, part.content_type});
    }
    return seen;
}

FakeProvider::FakeProvider(const std::string& name) {
    const auto file = std::filesystem::path(SHOTWIRE_SOURCE_DIR) / "tests/fakes" / (name + ".json");
    auto text = core::read_file(file);
    if (!text) throw std::runtime_error(text.error().message);
    auto document = core::parse_json(*text, file.string());
    if (!document) throw std::runtime_error(document.error().message);
    contract_ = std::move(*document);
    for (const auto* key : {"base", "order", "auth", "endpoints", "schemas", "job", "states", "errors", "refusals", "stories"})
        if (!contract_.contains(key)) throw std::runtime_error(fmt::format("{} has no \"{}\"", file.string(), key));
}

const json* FakeProvider::named(const char* list, const std::string& name) const {
    for (const auto& row : contract_.at(list))
        if (row.at("name") == name) return &row;
    return nullptr;
}

void FakeProvider::tell(const std::string& story) {
    for (const auto& [endpoint, words] : contract_.at("stories").at(story).items()) next(endpoint, words.get<std::vector<std::string>>());
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

std::vector<FakeProvider::Sale> FakeProvider::book() const {
    const std::lock_guard lock(mutex_);
    return book_;
}

std::vector<Seen> FakeProvider::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::string FakeProvider::complaint() const {
    const std::lock_guard lock(mutex_);
    return complaint_;
}

bool FakeProvider::fits(const std::string& schema, const json& value) {
    const json document{{"definitions", contract_.at("schemas")}, {"$ref", "#/definitions/" + schema}};
    valijson::Schema compiled;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), compiled);
    valijson::ValidationResults results;
    if (valijson::Validator().validate(compiled, valijson::adapters::NlohmannJsonAdapter(value), &results)) return true;
    for (valijson::ValidationResults::Error fault; results.popError(fault);)
        complaint_ = core::join(fault.context, "") + ": " + fault.description;
    complaint_ += " in " + value.dump().substr(0, 400);
    return false;
}

FakeProvider::Job* FakeProvider::find(const std::string& id) {
    for (auto& job : jobs_)
        if (job.id == id) return &job;
    return nullptr;
}

json FakeProvider::job_of(const Job& job) const {
    const json values{{"id", job.id}, {"now", job.created}, {"later", job.created + 3600}, {"fields", job.fields}};
    auto form = contract_.at("job");
    if (const auto* state = named("states", job.state)) form.merge_patch(state->at("job"));
    return fill(form, values);
}

Reply FakeProvider::error(const std::string& name, const std::string& why) {
    const auto* row = named("errors", name);
    if (!row) throw std::runtime_error("the contract has neither a state nor an error called " + name);
    if (!why.empty()) complaint_ = why;
    auto reply = json_reply(row->at("status").get<int>(), fill(row->at("body"), {{"key", key}}));
    add_headers(reply, *row);
    return reply;
}

Reply FakeProvider::refuse(const std::string& reason, const std::string& why) {
    return error(contract_.at("refusals").at(reason).get<std::string>(), why);
}

Reply FakeProvider::answer(const Seen& seen) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(seen);

    const auto& auth = contract_.at("auth");
    if (seen.header(auth.at("header").get<std::string>()) != auth.at("prefix").get<std::string>() + key)
        return refuse("key", "the credential is missing or another one");

    const auto base = contract_.at("base").get<std::string>();
    if (!seen.path.starts_with(base + "/")) return refuse("id", "nothing is at " + seen.path);
    const auto path = seen.path.substr(base.size());
    const json* endpoint = nullptr;
    bool known_path = false;
    std::string id;
    for (const auto& row : contract_.at("endpoints")) {
        std::string found;
        if (!matches(row.at("path"), path, found)) continue;
        known_path = true;
        if (row.at("method") != seen.method) continue;
        endpoint = &row;
        id = found;
        break;
    }
    if (!known_path) return refuse("id", "nothing is at " + path);
    if (!endpoint) return refuse("method", seen.method + " " + path);
    if (endpoint->contains("query") && !fits(endpoint->at("query"), seen.query)) return refuse("query", "");

    json fields = json::object();
    if (endpoint->contains("bodies")) {
        const auto& bodies = endpoint->at("bodies");
        if (!bodies.contains(seen.content_type)) return refuse("type", "a body of type \"" + seen.content_type + "\"");
        fields = seen.content_type == "multipart/form-data" ? fields_of(seen) : json::parse(seen.body, nullptr, false);
        if (!fits(bodies.at(seen.content_type), fields)) return refuse("body", "");
    }
    if (!id.empty() && !find(id)) return refuse("id", "no job has the id " + id);
    return play(*endpoint, fields, id, seen.query);
}

Reply FakeProvider::play(const json& endpoint, const json& fields, const std::string& id, const json& query) {
    const auto name = endpoint.at("name").get<std::string>();
    auto& queue = script_[name];
    Word word = queue.empty() ? Word{"accept"} : queue.front();
    if (queue.size() > 1) queue.pop_front();
    if (word.raw) return *word.raw;
    const bool drop = word.text == "accept and drop";
    const bool accept = drop || word.text == "accept";
    const auto* state = named("states", word.text);
    if (!accept && !state) return error(word.text, "the story says so");

    Reply reply;
    if (endpoint.value("paid", false)) {
        jobs_.push_back({fmt::format("job_{}", jobs_.size() + 1), fields, endpoint.at("states"), unix_now()});
        book_.push_back({jobs_.back().id, name, fields});
        if (state) jobs_.back().state = word.text;
        reply = json_reply(endpoint.value("status", 200), job_of(jobs_.back()));
    } else if (endpoint.contains("states")) {
        auto& job = *find(id);
        job.state = state ? word.text : endpoint.at("states").get<std::string>();
        reply = json_reply(endpoint.value("status", 200), job_of(job));
    } else if (endpoint.at("answer") == "list") {
        reply = list(endpoint, query);
    } else if (endpoint.at("answer") == "bytes") {
        const auto* told = named("states", find(id)->state);
        if (!told || told->at("means") != "ready") return refuse("early", "the clip is not rendered yet");
        reply = {200, {{"Content-Type", "video/mp4"}}, "the clip of " + id};
    } else {
        reply = json_reply(endpoint.value("status", 200), fill(endpoint.at("answer"), {{"id", id}}));
    }
    if (state) add_headers(reply, *state);
    reply.drop = drop;
    return reply;
}

Reply FakeProvider::list(const json& endpoint, const json& query) {
    json shown = json::array();
    const auto limit = std::stoul(query.value("limit", "20"));
    bool after = !query.contains("after"), more = false;
    for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
        if (after && shown.size() == limit) more = true;
        if (after && shown.size() < limit) shown.push_back(job_of(*job));
        if (query.value("after", "") == job->id) after = true;
    }
    const auto id = [](const json& job) { return job.value("id", json()); };
    const json values{{"jobs", shown},
                      {"first", shown.empty() ? json() : id(shown.front())},
                      {"last", shown.empty() ? json() : id(shown.back())},
                      {"more", more}};
    return json_reply(endpoint.value("status", 200), fill(contract_.at("list"), values));
}

// The TLS front.

namespace tls {

template <auto F>
struct Free {
    void operator()(auto* pointer) const { F(pointer); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Ext = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Free<std::fclose>>;

static Cert self_signed(EVP_PKEY* key) {
    Cert cert(X509_new());
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 24 * 3600);
    X509_set_pubkey(cert.get(), key);
    auto* name = X509_get_subject_name(cert.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
    X509_set_issuer_name(cert.get(), name);
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert.get(), cert.get(), nullptr, nullptr, 0);
    for (const auto& [nid, value] : {std::pair(NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"), std::pair(NID_basic_constraints, "CA:TRUE")}) {
        Ext extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
        X509_add_ext(cert.get(), extension.get(), -1);
    }
    X509_sign(cert.get(), key, EVP_sha256());
    return cert;
}

}  // namespace tls

struct FakeServer::Impl {
    explicit Impl(FakeProvider& provider) : provider(provider), key(EVP_EC_gen("P-256")), cert(tls::self_signed(key.get())), server(cert.get(), key.get()) {
        tls::File file(std::fopen((folder.path() / "cert.pem").c_str(), "w"));
        PEM_write_X509(file.get(), cert.get());
    }

    void serve(const httplib::Request& request, httplib::Response& response) {
        Seen seen;
        seen.method = request.method;
        seen.path = request.path;
        seen.body = request.body;
        const auto type = request.get_header_value("Content-Type");
        seen.content_type = core::lower(core::trim(type.substr(0, type.find(';'))));
        for (const auto& [name, value] : request.headers) seen.headers.push_back({name, value});
        for (const auto& [name, value] : request.params) seen.query[name] = value;
        for (const auto& [name, file] : request.files) seen.fields.push_back({name, file.content, file.filename, file.content_type});

        const auto reply = provider.answer(seen);
        response.status = reply.status;
        std::string content_type = "application/json";
        for (const auto& header : reply.headers) {
            if (header.name == "Content-Type") content_type = header.value;
            else response.set_header(header.name, header.value);
        }
        if (reply.drop) {
            // The head promises a body, then the connection ends: the answer is lost.
            response.set_content_provider(1000, content_type, [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
        } else {
            response.set_content(reply.body, content_type);
        }
    }

    FakeProvider& provider;
    core::TemporaryFolder folder;
    tls::Pkey key;
    tls::Cert cert;
    httplib::SSLServer server;
    int port = 0;
    std::thread thread;
};

FakeServer::FakeServer(FakeProvider& provider) : impl_(std::make_unique<Impl>(provider)) {
    auto& server = impl_->server;
    const auto serve = [impl = impl_.get()](const httplib::Request& request, httplib::Response& response) { impl->serve(request, response); };
    server.Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve).Delete(".*", serve);
    server.set_keep_alive_timeout(1);
    impl_->port = server.bind_to_any_port("127.0.0.1");
    if (impl_->port <= 0) throw std::runtime_error("no free port on 127.0.0.1");
    impl_->thread = std::thread([&server] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
}

FakeServer::~FakeServer() {
    impl_->server.stop();
    impl_->thread.join();
}

std::string FakeServer::origin() const { return fmt::format("https://127.0.0.1:{}", impl_->port); }
std::string FakeServer::url() const { return origin() + impl_->provider.contract().at("base").get<std::string>(); }
std::filesystem::path FakeServer::certificate() const { return impl_->folder.path() / "cert.pem"; }

}  // namespace shotwire::test
