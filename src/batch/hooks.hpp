#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::batch {

// A command line as words, as a shell would split it: blanks part, quotes ('...', "...") and a backslash keep together. Nothing is
// expanded and no shell is started. Errors: usage: an open quote, no word.
Result<std::vector<std::string>> split_words(const std::string& text);

// What runs for each finished clip (--exec): the words with {placeholders} filled, each filled word staying one word. A few at once, on
// threads of their own; what one prints goes to nobody but its failure.
class Hooks {
public:
    static const std::vector<std::string>& placeholders();  // clip, sidecar, row, id, model, route, index
    using Values = std::map<std::string, std::string>;      // of each placeholder
    // Errors: usage: an unknown placeholder.
    static Result<> check(const std::vector<std::string>& words);
    static Result<std::vector<std::string>> fill(const std::vector<std::string>& words, const Values& values);

    explicit Hooks(std::vector<std::string> words, std::size_t most = 2);
    ~Hooks();  // waits for those under way; those that wait for their turn are run, too
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    void start(Values values);
    struct Failure {
        std::string row, why;  // as the command said it: not yet masked
    };
    std::vector<Failure> failures();  // since the last call
    std::size_t finish();             // waits for all; how many have failed so far
    bool wait(std::chrono::milliseconds limit);  // for all; false: some are not over yet
    std::size_t hold();               // starts no more: those that wait for their turn have failed. How many they are
    void end();                       // and ends those under way, with what they started

private:
    std::string failure_of(const Values& values) const;
    void work();

    std::vector<std::string> words_;
    std::mutex guard_;
    std::condition_variable changed_;
    std::deque<Values> waiting_;
    std::vector<Failure> failures_;
    std::size_t running_ = 0, failed_ = 0;
    bool ending_ = false;
    std::atomic<bool> stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace shotwire::batch
