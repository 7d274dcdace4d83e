#pragma once
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "serve/server.hpp"
#include "support/places.hpp"

namespace shotwire::test {

struct Ran {
    int exit = 0;
    std::string out, err;
    std::chrono::milliseconds took = {};
    long peak_memory = 0;  // in kB, by the last look at it; 0: not measured
    json document() const {
        CAPTURE(out, err);
        auto parsed = core::parse_json(out, "stdout");
        REQUIRE(bool(parsed));
        return *parsed;
    }
    std::vector<std::string> lines() const { return core::split(out, '\n'); }
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A home of its own for one test: configuration, state and working folder.
class Home {
public:
    Home() {
        for (const auto* part : {"config", "state", "work"}) std::filesystem::create_directories(folder_.path() / part);
        setenv("HOME", folder_.path().c_str(), 1);
        setenv("XDG_CONFIG_HOME", (folder_.path() / "config").c_str(), 1);
        setenv("XDG_STATE_HOME", (folder_.path() / "state").c_str(), 1);
    }

    // The command line in this process, on the day the catalogue's dates are tested against. No terminal.
    Ran in_process(const std::vector<std::string>& args, const std::string& input = {}) {
        struct Day : core::Clock {
            explicit Day(const std::string& today) : today(*core::parse_iso_time(today)) {}
            core::Wall wall() const override { return today; }
            core::Wall today;
        } day(today);
        std::ostringstream out, err;
        std::istringstream in(input);
        cli::Interrupt interrupt;
        cli::World world{out, err, in, [this](const std::string& name) -> std::optional<std::string> {
                             if (throwing) throw std::logic_error("thrown by a test");
                             const auto at = env.find(name);
                             return at == env.end() ? std::nullopt : std::optional(at->second);
                         }, day, interrupt};
        world.out_is_terminal = out_is_terminal;
        const int exit = cli::run(args, world);
        return {exit, out.str(), err.str(), {}, 0};
    }

    // The built program in the working folder. `on_line` sees each line of stderr, and its process id.
    using OnLine = std::function<void(std::string_view line, int pid)>;
    Ran program(const std::vector<std::string>& args, const OnLine& on_line = {}, const std::string& input = {}) {
        core::Command command;
        command.words = {"/usr/bin/env", "-C", work().string(), "-i", std::string("PATH=") + getenv("PATH")};
        for (const auto& name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) command.words.push_back(std::string(name) + "=" + getenv(name));
        command.words.push_back(std::string("SHOTWIRE_MEDIA=") + places::media);
        for (const auto& [name, value] : env) command.words.push_back(name + "=" + value);
        for (const auto* word : {"/bin/sh", "-c", "", places::program}) command.words.emplace_back(word);
        command.words[command.words.size() - 2] = "echo $$ >&2; " + limits + "exec \"$0\" \"$@\"";
        command.words.insert(command.words.end(), args.begin(), args.end());
        command.input = input;
        command.limit = std::chrono::minutes(2);
        int its = 0;  // several may run at once
        pid = 0;
        command.on_line = [&](std::string_view line) {
            if (its == 0) pid = its = std::stoi(std::string(line));
            else if (on_line) on_line(line, its);
            return true;
        };
        long peak = 0;
        command.keep_going = [&] {  // at each output too, the last of which is close to its end
#ifndef __SANITIZE_ADDRESS__
            const auto about = core::read_file("/proc/" + std::to_string(its) + "/status");
            const auto at = about ? about->find("VmHWM:") : std::string::npos;
            if (at != std::string::npos) peak = std::max(peak, std::stol(about->substr(at + 6)));
#endif
            return true;
        };
        const auto start = std::chrono::steady_clock::now();
        auto finished = core::run_process(command);
        if (!finished) throw std::runtime_error(finished.error().message);  // no assertion: it may run in a thread of the test
        const auto said = finished->err.substr(std::min(finished->err.find('\n') + 1, finished->err.size()));
        return {finished->exit, finished->out, said, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start), peak};
    }

    std::filesystem::path work() const { return folder_.path() / "work"; }
    std::filesystem::path state() const { return folder_.path() / "state/shotwire"; }
    std::filesystem::path write(const std::string& path, const std::string& text) {
        const auto file = folder_.path() / path;
        std::filesystem::create_directories(file.parent_path());
        REQUIRE(bool(core::write_file(file, text, core::Existing::replace)));
        return file;
    }

    std::map<std::string, std::string> env;
    std::string today = "2026-11-22";  // in process
    bool out_is_terminal = false;      // likewise
    std::string limits;     // of the shell, before the program: "ulimit -n 32; "
    std::atomic<int> pid = 0;  // of the program that runs, or ran last
    bool throwing = false;  // whoever asks for a variable in process meets a bug

private:
    core::TemporaryFolder folder_;
};

// The embedded server with faults, and the flags that lead the program to it.
class FaultyServer {
public:
    FaultyServer(const Home& home, const std::vector<std::string>& faults, const std::string& key = {}) {
        setenv("SHOTWIRE_MEDIA", places::media, 1);
        serve::Options options;
        options.state = home.state().parent_path() / "faulty";
        options.api_key = core::Key(key);
        for (const auto& spec : faults) {
            auto fault = serve::parse_fault(spec);
            REQUIRE(bool(fault));
            options.faults.push_back(*fault);
        }
        auto started = serve::Server::start(std::move(options));
        REQUIRE(bool(started));
        server_ = std::move(*started);
    }
    std::vector<std::string> make(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> args{"make", "a heron lifts off",  "-m",       "openai:animatic",       "--base-url", server_->url(),
                                      "-d",   "1",  "--size", "128x128", "--cacert", server_->certificate(), "-o", "{id}.mp4"};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    std::vector<std::string> jobs(const std::string& command, const std::string& id) const {
        return {"jobs", command, id, "--cacert", server_->certificate()};
    }

private:
    std::unique_ptr<serve::Server> server_;
};

}  // namespace shotwire::test
