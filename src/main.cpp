#include <fcntl.h>
#ifdef __GLIBC__  // as the header before says
#include <malloc.h>
#endif
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cli/run.hpp"
#include "core/process.hpp"

namespace {

shotwire::cli::Interrupt interrupt;

extern "C" void stop(int) {
    const int saved = errno;
    if (!interrupt.raise()) {
        shotwire::core::end_processes();
        _exit(130);
    }
    errno = saved;
}

// What is opened later must not get the number of a stream that was closed: text for the stream would go into it. Opened the wrong way
// round, as a closed stream takes and gives nothing.
void hold_closed_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// A closed pipe and a file that reached its limit are errors of a write, not the end of a paid job.
void handle_signals() {
    struct sigaction action {};
    action.sa_handler = stop;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
    action.sa_handler = SIG_IGN;
    for (const int signal : {SIGPIPE, SIGXFSZ}) sigaction(signal, &action, nullptr);
}

// Memory holds keys: it goes into no core file and to no debugger of the same user.
void keep_memory_private() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifdef PR_SET_DUMPABLE
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

// What thousands of answers take and give back in turn stays at hand: the system has to clear each page that it gives anew. Blocks of 128 KB
// and more still go back at once: with them in the same heap ten thousand jobs need a megabyte more.
void keep_free_memory() {
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}

std::vector<std::string> env_names() {
    std::vector<std::string> names;
    for (char** at = environ; at && *at; ++at) names.emplace_back(*at, std::strcspn(*at, "="));
    return names;
}

int columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
}

// A pipe without its other end; a full disk has one.
bool reader_is_gone() {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

int main(int count, char** words) {
    hold_closed_streams();
    keep_memory_private();
    keep_free_memory();
    handle_signals();
    std::ios::sync_with_stdio(false);
    const shotwire::core::Clock clock;
    const auto env = [](const std::string& name) {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
    shotwire::cli::World world{std::cout, std::cerr, std::cin, env, clock, interrupt, isatty(STDERR_FILENO) == 1, columns, env_names(),
                               isatty(STDOUT_FILENO) == 1, isatty(STDIN_FILENO) == 1, reader_is_gone};
    return shotwire::cli::run({words + 1, words + count}, world);
}
