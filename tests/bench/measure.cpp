// Runs a program and prints, as the kernel accounts for it: `WALL_MS CPU_MS PEAK_KB STARTED_S EXIT`, STARTED_S as seconds since 1970.
//   measure [--core N (-1: any)] [--env NAME=VALUE]... PROGRAM [ARGUMENT...]
// Its output goes to nowhere, its complaints to stderr. Bash's own timing would cost more than what some rows measure.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

double ms(const timeval& time) { return double(time.tv_sec) * 1e3 + double(time.tv_usec) / 1e3; }

}  // namespace

int main(int argc, char** argv) {
    int at = 1;
    for (; at + 1 < argc && std::strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (!std::strcmp(argv[at], "--core")) {
            cpu_set_t cores;
            CPU_ZERO(&cores);
            const int core = std::atoi(argv[at + 1]);
            if (core < 0) continue;
            CPU_SET(unsigned(core), &cores);
            if (sched_setaffinity(0, sizeof cores, &cores) != 0) std::perror("measure: core");
        } else if (!std::strcmp(argv[at], "--env")) {
            putenv(argv[at + 1]);
        } else {
            break;
        }
    }
    if (at >= argc) {
        std::fprintf(stderr, "usage: measure [--core N] [--env NAME=VALUE]... PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    const auto wall = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        execvp(argv[at], argv + at);
        std::perror(argv[at]);
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        std::perror("measure");
        return 1;
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("%.3f %.3f %ld %.6f %d\n", took.count(), ms(used.ru_utime) + ms(used.ru_stime), used.ru_maxrss, wall,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
