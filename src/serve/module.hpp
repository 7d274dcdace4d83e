#pragma once
#include <cstddef>

// What crosses between the client and the module shotwire-serve.so: C alone, since each may have a C++ library of its own, and no
// exception. Text ends with a zero and is copied by whoever keeps it.
namespace shotwire::serve::plain {

struct Fault {
    const char *endpoint, *kind, *value;
    double probability;
    int count, skip;
};

struct Options {
    const char* host;
    int port;
    const char *state, *api_key, *helper;
    const Fault* faults;
    std::size_t fault_count;
    long long keep_hours;
    int renderers;
    void (*log)(void* logger, const char* line);  // from many threads; null: silent
    void* logger;
};

// How a start ended: one of the two is called, once, before the start returns.
struct Outcome {
    void* to;
    void (*started)(void* to, const char* url, const char* certificate);
    void (*failed)(void* to, int kind, const char* message);
};

// The names carry the number of this interface: a module of another one is not taken for ours.
constexpr const char* start_name = "shotwire_serve_1_start";
constexpr const char* stop_name = "shotwire_serve_1_stop";
using Start = void* (*)(const Options* options, const Outcome* outcome);  // null: failed
using Stop = void (*)(void* server);

}  // namespace shotwire::serve::plain
