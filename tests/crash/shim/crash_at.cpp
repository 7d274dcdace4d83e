// Preloaded into the program: kills it, as kill -9 would, at the N-th call that changes something on disk (CRASH_AT=N). What was
// written before stays, what would have come does not.
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

namespace {

void step() {
    static std::atomic<long> calls = 0;
    static const long at = [] {
        const char* text = getenv("CRASH_AT");
        // The helper inherits the environment; only the client is to die.
        return text && strcmp(program_invocation_short_name, "shotwire") == 0 ? atol(text) : 0;
    }();
    if (at > 0 && ++calls == at) kill(getpid(), SIGKILL);
}

template <class F>
F* next(const char* name) {
    return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int fd) {
    static auto* real = next<int(int)>("fsync");
    step();
    return real(fd);
}
int fdatasync(int fd) {
    static auto* real = next<int(int)>("fdatasync");
    step();
    return real(fd);
}
ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t at) {
    static auto* real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
    step();
    return real(fd, bytes, count, at);
}
ssize_t pwrite(int fd, const void* bytes, size_t count, off_t at) {
    static auto* real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    step();
    return real(fd, bytes, count, at);
}
int rename(const char* from, const char* to) {
    static auto* real = next<int(const char*, const char*)>("rename");
    step();
    return real(from, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    static auto* real = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
    step();
    return real(from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) {
    static auto* real = next<int(const char*, const char*)>("link");
    step();
    return real(from, to);
}
int unlink(const char* path) {
    static auto* real = next<int(const char*)>("unlink");
    step();
    return real(path);
}
int ftruncate64(int fd, off64_t length) {
    static auto* real = next<int(int, off64_t)>("ftruncate64");
    step();
    return real(fd, length);
}

}  // extern "C"
