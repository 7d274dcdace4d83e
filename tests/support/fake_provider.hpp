#pragma once
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "http/step.hpp"
#include "support/fake_contract.hpp"
#include "support/fake_tokens.hpp"
#include "support/seen.hpp"

namespace shotwire::test {

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
    FakeProvider(json contract, const std::string& where);

    const json& contract() const { return contract_.document(); }
    static constexpr const char* key = plain_key;

    // Where its API is, and another host of the same provider, whose URLs are `${cdn}` in answers.
    static constexpr const char* default_origin = "https://api.studio.example";
    static std::string cdn_of(const std::string& origin);
    void settle_at(const std::string& origin);
    std::string origin() const;

    // From here on, the endpoints answer as the story says: one word each time, the last one for ever.
    void tell(const std::string& story);
    // The next answers of one endpoint: names of states and errors, "accept", "accept and drop", "drop".
    void next(const std::string& endpoint, const std::vector<std::string>& words);
    void next_raw(const std::string& endpoint, Reply raw);
    void revoke_tokens();  // those handed out so far

    Reply answer(const Seen& seen);

    struct Sale {
        std::string id;
        std::string endpoint;
        json fields;
    };
    std::vector<Sale> book() const;          // accepted paid requests, in order
    std::vector<Seen> requests() const;      // all of them
    std::vector<std::string> calls() const;  // the endpoints that they met, in order; "" where there was none
    std::string complaint() const;           // why the last refused request was refused
    std::vector<std::string> leaks() const;  // where a credential went that had no business there
    std::vector<std::string> secrets() const;  // texts that nobody but this provider may see

    std::string clip_of(const std::string& id) const;
    void enlarge_clips(std::size_t bytes);  // to that size: larger than an answer that is held in memory

private:
    struct Word {
        std::string text;
        std::optional<Reply> raw = {};
    };
    struct Job {
        std::string id;
        int number = 0;
        Call call;  // that created it
        std::string state;
        bool ended = false;  // cancelled: told states no longer change by themselves
        std::int64_t created = 0;
    };
    Reply error(const std::string& name, const std::string& why);
    Reply refuse(const std::string& reason, const std::string& why);
    bool locate(const Seen& seen, Call& call, std::string& reason, std::string& why) const;
    std::string fault_of_credential(const Seen& seen, const json& endpoint);
    void watch_for_leaks(const Seen& seen, const json& endpoint);
    Reply play(const Call& call, Job* job);
    Reply create(const Call& call, const std::string& state);
    Reply told(const Call& call, Job& job, const std::string& state);
    Reply list(const Call& call);
    Reply token(const Call& call);
    json values_at(std::int64_t time) const;
    json job_of(const Job& job, const std::string& form) const;
    Job* find(const std::string& id);
    std::vector<std::string> secrets_unlocked() const;
    std::string clip_unlocked(const std::string& id) const;

    Contract contract_;
    std::string origin_ = default_origin;
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<Word>> script_;
    std::deque<Job> jobs_;
    std::vector<Sale> book_;
    std::vector<Seen> requests_;
    std::vector<std::string> calls_;
    std::vector<std::string> tokens_;
    std::vector<std::string> stale_tokens_;
    std::vector<std::string> leaks_;
    std::string complaint_;
    std::size_t clip_bytes_ = 0;
};

// The answer as the client hands it over.
http::Response response_of(const http::Request& request, Reply reply);

// Carries a conversation out against the provider, without a socket. `sent` gets every request.
template <class T>
Result<T> walk(http::Step<T> step, FakeProvider& provider, std::vector<http::Request>* sent = nullptr) {
    while (auto* ask = std::get_if<http::Ask<T>>(&step)) {
        if (sent) sent->push_back(ask->request);
        auto reply = provider.answer(see(ask->request));
        if (reply.drop) return Error{ask->request.paid ? ErrorKind::unknown : ErrorKind::network, "the connection ended"};
        const auto response = response_of(ask->request, std::move(reply));
        const auto then = ask->then;
        step = then(response);
    }
    return http::outcome(std::move(step));
}

}  // namespace shotwire::test
