#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dice.hpp"
#include "http/client.hpp"
#include "job/bench.hpp"

namespace shotwire::test {

// A provider that keeps a book, and the network before it. What it accepted is the truth that the ledger is held against: the
// book outlives the processes that ask. It speaks the protocol of FlakyProvider.
class FlakyHost {
public:
    using Time = std::chrono::milliseconds;  // of the world: never jumps, goes on between processes

    enum class End { clip, refused, broken };
    struct Made {  // a job that was accepted, and is to be paid
        std::string id, key, prompt;
        Time at{}, visible{}, over{};
        End end = End::clip;
        bool cancelled = false;
        bool gone = false;  // no longer kept: neither job nor clip is found
    };

    FlakyHost(Dice& dice, bool list_is_whole, bool keeps_keys) : dice_(dice), list_is_whole_(list_is_whole), keeps_keys_(keeps_keys) {}

    struct Answer {
        Time delay{};
        Result<http::Response> response;
        std::optional<std::size_t> cut = {};  // of a download
    };
    Answer hear(const http::Request& request, Time now);

    void heal() { ill_ = false; }  // from here on it answers everything, soon and rightly
    void lose_one(Time now);       // a finished job that it no longer keeps
    const std::vector<Made>& book() const { return book_; }
    const Made* find(const std::string& id) const;

    static std::string clip_of(const std::string& id);  // each job's is another one

private:
    Answer create(const http::Request& request, Time now);
    Answer list(const http::Request& request, Time now);
    Answer state(const std::string& id, Time now);
    Answer clip(const http::Request& request, const std::string& id, Time now);
    Answer cancel(const http::Request& request, const std::string& id);
    Made& accept(const http::Request& request, Time now);
    Time some_delay();

    Dice& dice_;
    bool list_is_whole_, keeps_keys_;
    bool ill_ = true;
    std::vector<Made> book_;
    std::map<std::string, Time> heard_;  // when each key was first sent
};

// The bench's provider, whose list is asked for jobs with the same words that are not older than the sending: what a real one's
// `find` sees to.
struct FlakyProvider final : Provider {
    backend::Step<backend::Found> find(const Order& order, const backend::Intent& intent) const override;
};

}  // namespace shotwire::test
