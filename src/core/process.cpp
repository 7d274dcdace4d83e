#include "core/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <spdlog/fmt/fmt.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/files.hpp"
#include "core/text.hpp"

extern char** environ;

namespace shotwire::core {
namespace {

using namespace std::chrono;

struct Pipe {
    Fd read, write;
};
Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make", "a pipe");
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// The child and its group, killed and reaped unless it was waited for.
// Those that run, for `end_processes`; more at once are waited for as ever, and not ended by it.
std::array<std::atomic<pid_t>, 64> running{};

struct Child {
    pid_t pid;
    std::atomic<pid_t>* place = nullptr;
    explicit Child(pid_t started) : pid(started) {
        for (auto& one : running)
            if (pid_t none = 0; one.compare_exchange_strong(none, started)) {
                place = &one;
                return;
            }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid > 0) {
            ::kill(-pid, SIGKILL);
            wait();
        }
    }
    int wait() {
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        pid = -1;
        if (place) place->store(0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
};

// "OPENAI_API_KEY=..."
bool names_a_secret(std::string_view variable) {
    const auto name = lower(variable.substr(0, variable.find('=')));
    for (const auto* word : {"key", "token", "secret", "pass", "credential", "auth"})
        if (name.find(word) != std::string::npos) return true;
    return false;
}

Result<pid_t> spawn(const Command& command, int in, int out, int err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, ordinary;
    sigemptyset(&none);
    sigemptyset(&ordinary);
    sigaddset(&ordinary, SIGPIPE);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ordinary);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> environment;
    for (char** variable = environ; *variable; ++variable)
        if (!command.without_secrets || !names_a_secret(*variable)) environment.push_back(*variable);
    environment.push_back(nullptr);
    std::vector<char*> words;
    for (const auto& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t child = -1;
    const int failed = posix_spawnp(&child, words[0], &actions, &attributes, words.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed) return Error{ErrorKind::local, fmt::format("cannot run {}: {}", command.words[0], std::strerror(failed))};
    return child;
}

}  // namespace

void end_processes() noexcept {
    for (auto& one : running)
        if (const pid_t pid = one.load(); pid > 0) ::kill(-pid, SIGKILL);
}

Result<Finished> run_process(const Command& command) {
    auto in = make_pipe(), out = make_pipe(), err = make_pipe();
    for (auto* pipe : {&in, &out, &err})
        if (!*pipe) return pipe->error();
    auto started = spawn(command, in->read.get(), out->write.get(), err->write.get());
    if (!started) return started.error();
    Child child(*started);
    in->read = Fd();
    out->write = Fd();
    err->write = Fd();
    // A child that does not read its input must not stop us with SIGPIPE or a full pipe.
    ::fcntl(in->write.get(), F_SETFL, O_NONBLOCK);
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    struct Restore {
        const sigset_t& signal;
        const sigset_t& before;
        ~Restore() {
            const timespec now{};
            while (sigtimedwait(&signal, nullptr, &now) > 0) {
            }
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
        }
    } restore{pipe_signal, before};

    Finished finished;
    std::string_view unsent = command.input;
    std::size_t lines_told = 0;
    const auto end = steady_clock::now() + command.limit;
    const auto name = fs::path(command.words[0]).filename().string();
    while (out->read || err->read) {
        if (unsent.empty()) in->write = Fd();
        pollfd polled[3] = {{out->read.get(), POLLIN, 0}, {err->read.get(), POLLIN, 0}, {in->write.get(), POLLOUT, 0}};
        const auto left = duration_cast<milliseconds>(end - steady_clock::now()).count();
        if (left <= 0)
            return Error{ErrorKind::local, fmt::format("{} did not end within {} s and was stopped", name, duration_cast<seconds>(command.limit).count())};
        const auto wait = std::min<long long>(left, command.keep_going ? 50 : 60'000);
        if (::poll(polled, 3, int(wait)) < 0 && errno != EINTR) return system_error("poll", name);
        if (command.keep_going && !command.keep_going()) return Error{ErrorKind::local, fmt::format("{} was stopped", name)};
        if (polled[2].revents) {
            const auto count = ::write(in->write.get(), unsent.data(), unsent.size());
            if (count > 0) unsent.remove_prefix(std::size_t(count));
            if (count < 0 && errno != EAGAIN && errno != EINTR) unsent = {};
        }
        for (int i : {0, 1}) {
            if (!polled[i].revents) continue;
            auto& pipe = i ? err->read : out->read;
            auto& text = i ? finished.err : finished.out;
            char buffer[16 * 1024];
            const auto count = ::read(pipe.get(), buffer, sizeof buffer);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                pipe = Fd();
                continue;
            }
            text.append(buffer, std::size_t(count));
            if (text.size() > command.most_output)
                return Error{ErrorKind::local, fmt::format("{} printed more than {} bytes and was stopped", name, command.most_output)};
        }
        for (auto line_end = finished.err.find('\n', lines_told); command.on_line && line_end != std::string::npos;
             line_end = finished.err.find('\n', lines_told)) {
            if (!command.on_line(std::string_view(finished.err).substr(lines_told, line_end - lines_told)))
                return Error{ErrorKind::local, fmt::format("{} was stopped", name)};
            lines_told = line_end + 1;
        }
    }
    finished.exit = child.wait();
    return finished;
}

}  // namespace shotwire::core
