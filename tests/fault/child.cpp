#include "fault/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

#include "core/files.hpp"
#include "support/places.hpp"

namespace shotwire::test {
using namespace std::chrono_literals;

Child::Child(const std::vector<std::string>& args, const Options& options) {
    std::vector<std::string> words = options.before, variables;
    words.push_back(places::program);
    words.insert(words.end(), args.begin(), args.end());
    for (const auto& [name, value] : options.env) variables.push_back(name + "=" + value);
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> all;
        for (auto& text : texts) all.push_back(text.data());
        all.push_back(nullptr);
        return all;
    };
    auto argv = pointers(words), envp = pointers(variables);
    int out[2], err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    core::TemporaryFolder scratch;
    const auto input = scratch.path() / "input";
    if (!core::write_file(input, options.input, core::Existing::replace)) throw std::runtime_error("input");
    start_ = std::chrono::steady_clock::now();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::setpgid(0, 0);
        std::signal(SIGPIPE, SIG_DFL);  // the servers of this process ignore it
        ::dup2(::open(input.c_str(), O_RDONLY), 0);
        ::dup2(out[1], 1);
        ::dup2(err[1], 2);
        if (::chdir(options.folder.c_str()) == 0) ::execvpe(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
    out_reader_ = std::thread([this] { read(out_, output_.out); });
    err_reader_ = std::thread([this] { read(err_, output_.err); });
}

Child::~Child() {
    if (pid_ > 0) (void)wait();
}

void Child::read(int fd, std::string& into) {
    char buffer[16384];
    for (ssize_t count; (count = ::read(fd, buffer, sizeof buffer)) > 0;) {
        std::lock_guard lock(mutex_);
        into.append(buffer, std::size_t(count));
        changed_.notify_all();
    }
    std::lock_guard lock(mutex_);
    --open_ends_;
    changed_.notify_all();
}

void Child::send(int signal) const { ::kill(pid_, signal); }

bool Child::says(const std::string& text, int times) {
    std::unique_lock lock(mutex_);
    const auto there = [&] {
        int count = 0;
        for (auto at = output_.err.find(text); at != std::string::npos; at = output_.err.find(text, at + 1)) ++count;
        return count >= times;
    };
    changed_.wait_for(lock, 30s, [&] { return there() || open_ends_ == 0; });
    return there();
}

std::string Child::said() const {
    std::lock_guard lock(mutex_);
    return output_.err;
}

Output Child::wait() {
    if (auto line = core::read_file("/proc/" + std::to_string(pid_) + "/cmdline")) output_.command_line = *line;
    const int handle = int(::syscall(SYS_pidfd_open, pid_, 0));
    const auto patience = std::chrono::steady_clock::now() + 120s;
    // What it used at most so far: its `rusage` would count what this process held when it forked.
    for (pollfd end{handle, POLLIN, 0}; ::poll(&end, 1, 10) == 0;) {
        const auto about = core::read_file("/proc/" + std::to_string(pid_) + "/status");
        const auto at = about ? about->find("VmHWM:") : std::string::npos;
        if (at != std::string::npos) output_.peak_memory = std::max(output_.peak_memory, std::stol(about->substr(at + 6)));
        if (std::chrono::steady_clock::now() > patience) ::kill(-pid_, SIGKILL);
    }
    ::close(handle);
    int status = 0;
    ::waitpid(pid_, &status, 0);
#ifdef __SANITIZE_ADDRESS__
    output_.peak_memory = 0;
#endif
    output_.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
    ::kill(-pid_, SIGKILL);  // what it was started with: it would hold the pipes. The program's helpers have groups of their own
    pid_ = -1;
    out_reader_.join();
    err_reader_.join();
    ::close(out_);
    ::close(err_);
    output_.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output_;
}

}  // namespace shotwire::test
