// Preloaded into the program: what it asks of the disk, counted. At its end it writes to $BENCH_COUNTS, a line each:
//   wal_syncs, data_syncs    of the ledger's journal and of the ledger itself (a checkpoint syncs each once)
//   commits                  wal_syncs less those of checkpoints
//   turns, most_in_a_turn    waits of the loop, and the most commits between two of them; what is entered before the first is no turn
//   file_syncs               of anything else: clips and their folders
//   trust_opens              of the file $BENCH_TRUST
// $BENCH_SYNC_MS is added to each sync of the ledger, as on a slow disk.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

namespace {

template <class F>
F* next(const char* name) {
    return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

struct Counts {
    std::mutex held;
    long wal = 0, data = 0, files = 0, turns = 0, most = 0, trust = 0;
    long turn = 0;  // commits since the loop last waited
    bool counts = strcmp(program_invocation_short_name, "shotwire") == 0;  // not its helpers, which inherit the environment
    const char* to = getenv("BENCH_COUNTS");
    const char* trusted = getenv("BENCH_TRUST");
    long delay_us = [] {
        const char* text = getenv("BENCH_SYNC_MS");
        return text ? long(atof(text) * 1000) : 0;
    }();

    ~Counts() {
        if (!counts || !to) return;
        static auto* open_file = next<FILE*(const char*, const char*)>("fopen");
        FILE* file = open_file(to, "w");
        if (!file) return;
        fprintf(file, "wal_syncs %ld\ndata_syncs %ld\ncommits %ld\nturns %ld\nmost_in_a_turn %ld\nfile_syncs %ld\ntrust_opens %ld\n", wal, data,
                wal - data, turns, std::max(most, turn), files, trust);
        fclose(file);
    }
};

Counts& counts() {
    static Counts all;
    return all;
}

void synced(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const auto length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    const auto ends = [&](const char* with) {
        const auto have = strlen(path), want = strlen(with);
        return have >= want && strcmp(path + have - want, with) == 0;
    };
    auto& all = counts();
    const bool wal = ends("-wal"), data = ends(".db");
    {
        const std::lock_guard lock(all.held);
        if (wal) ++all.wal, ++all.turn;
        else if (data) ++all.data, --all.turn;
        else ++all.files;
    }
    if ((wal || data) && all.delay_us > 0 && all.counts) {
        const timespec time{all.delay_us / 1'000'000, all.delay_us % 1'000'000 * 1000};
        nanosleep(&time, nullptr);
    }
}

void opened(const char* path) {
    auto& all = counts();
    if (!all.trusted || strcmp(path, all.trusted) != 0) return;
    const std::lock_guard lock(all.held);
    ++all.trust;
}

void turned() {
    auto& all = counts();
    const std::lock_guard lock(all.held);
    if (all.turns++ > 0) all.most = std::max(all.most, all.turn);
    all.turn = 0;
}

}  // namespace

extern "C" {

int fsync(int fd) {
    static auto* real = next<int(int)>("fsync");
    synced(fd);
    return real(fd);
}
int fdatasync(int fd) {
    static auto* real = next<int(int)>("fdatasync");
    synced(fd);
    return real(fd);
}
int poll(pollfd* all, nfds_t count, int timeout) {
    static auto* real = next<int(pollfd*, nfds_t, int)>("poll");
    // libcurl looks at single sockets without waiting: that is no turn.
    if (count > 1 || timeout != 0) turned();
    return real(all, count, timeout);
}
int __poll_chk(pollfd* all, nfds_t count, int timeout, size_t) { return poll(all, count, timeout); }
FILE* fopen(const char* path, const char* mode) {
    static auto* real = next<FILE*(const char*, const char*)>("fopen");
    opened(path);
    return real(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
    static auto* real = next<FILE*(const char*, const char*)>("fopen64");
    opened(path);
    return real(path, mode);
}

}  // extern "C"
