#pragma once
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fault/invariants.hpp"

namespace shotwire::test {

// The built program as a process of its own that the test can look at, send signals and stop.
class Child {
public:
    struct Options {
        std::filesystem::path folder;             // where it works
        std::map<std::string, std::string> env;   // all of it
        std::vector<std::string> before = {};     // a command line to run it with: {"setarch", "-R"}
        std::string input = {};
    };
    Child(const std::vector<std::string>& args, const Options& options);
    ~Child();  // killed, if it is still there
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    void send(int signal) const;
    // Waits until stderr holds it that often; false: after half a minute, or when the program has ended without.
    bool says(const std::string& text, int times = 1);
    std::string said() const;  // on stderr, so far
    // Waits for its end, at most two minutes; then it is killed and 137 its exit.
    Output wait();

private:
    void read(int fd, std::string& into);

    pid_t pid_ = -1;
    int out_ = -1, err_ = -1;
    std::chrono::steady_clock::time_point start_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Output output_;
    int open_ends_ = 2;
    std::thread out_reader_, err_reader_;
};

}  // namespace shotwire::test
