#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/json.hpp"
#include "http/step.hpp"

namespace shotwire::test {

// A request as a provider sees it, whichever way it came.
struct Seen {
    struct Field {
        std::string name, value, file_name, content_type;
    };
    std::string method;
    std::string path;  // with the base, without the query
    json query = json::object();
    std::vector<http::Header> headers;
    std::string content_type;   // without parameters
    std::string body;
    std::vector<Field> fields;  // of a multipart body

    std::string header(const std::string& name) const;
};
Seen see(const http::Request& request);

struct Reply {
    int status = 200;
    std::vector<http::Header> headers = {};
    std::string body = {};
    bool drop = false;  // the connection ends instead
};

// Plays the contract in tests/fakes/NAME.json (see its README.md): refuses what the contract does not know with the contract's own
// error answers, keeps a book of the paid requests that it accepted, and tells stories. Usable from several threads.
class FakeProvider {
public:
    explicit FakeProvider(const std::string& name);  // throws, naming the file, where it is missing or broken

    const json& contract() const { return contract_; }
    static constexpr const char* key = "sekret-key-0123456789";

    // From here on, the endpoints answer as the story says: one word each time, the last one for ever.
    void tell(const std::string& story);
    // The next answers of one endpoint: names of states and errors, "accept", "accept and drop".
    void next(const std::string& endpoint, const std::vector<std::string>& words);
    void next_raw(const std::string& endpoint, Reply raw);

    Reply answer(const Seen& seen);

    struct Sale {
        std::string id;
        std::string endpoint;
        json fields;
    };
    std::vector<Sale> book() const;      // accepted paid requests, in order
    std::vector<Seen> requests() const;  // all of them
    std::string complaint() const;       // why the last refused request was refused

private:
    struct Word {
        std::string text;
        std::optional<Reply> raw = {};
    };
    struct Job {
        std::string id;
        json fields;
        std::string state;
        std::int64_t created = 0;
    };
    const json* named(const char* list, const std::string& name) const;
    Reply error(const std::string& name, const std::string& why);
    Reply refuse(const std::string& reason, const std::string& why);
    Reply play(const json& endpoint, const json& fields, const std::string& id, const json& query);
    Reply list(const json& endpoint, const json& query);
    json job_of(const Job& job) const;
    bool fits(const std::string& schema, const json& value);
    Job* find(const std::string& id);

    json contract_;
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<Word>> script_;
    std::vector<Job> jobs_;
    std::vector<Sale> book_;
    std::vector<Seen> requests_;
    std::string complaint_;
};

// The provider on a loopback port, over TLS with a certificate of its own.
class FakeServer {
public:
    explicit FakeServer(FakeProvider& provider);
    ~FakeServer();
    std::string url() const;  // https://127.0.0.1:PORT and the contract's base
    std::string origin() const;
    std::filesystem::path certificate() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Carries a conversation out against the provider, without a socket. `sent` gets every request.
template <class T>
Result<T> walk(http::Step<T> step, FakeProvider& provider, std::vector<http::Request>* sent = nullptr) {
    while (auto* ask = std::get_if<http::Ask<T>>(&step)) {
        if (sent) sent->push_back(ask->request);
        auto reply = provider.answer(see(ask->request));
        if (reply.drop) return Error{ask->request.paid ? ErrorKind::unknown : ErrorKind::network, "the connection ended"};
        const http::Response response{reply.status, reply.headers, reply.body, ask->request.url};
        const auto then = ask->then;
        step = then(response);
    }
    return http::outcome(std::move(step));
}

}  // namespace shotwire::test
