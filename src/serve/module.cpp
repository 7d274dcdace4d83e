// The door of the module, seen from inside. See module.hpp.
#include "serve/module.hpp"

#include <exception>

#include "serve/server.hpp"

namespace shotwire::serve {
namespace {

Options options_of(const plain::Options& from) {
    Options options;
    options.host = from.host;
    options.port = from.port;
    options.state = from.state;
    options.api_key = core::Key(from.api_key);
    for (std::size_t i = 0; i < from.fault_count; ++i) {
        const auto& fault = from.faults[i];
        options.faults.push_back({fault.endpoint, fault.kind, fault.value, fault.probability, fault.count, fault.skip});
    }
    options.keep = std::chrono::hours(from.keep_hours);
    options.renderers = from.renderers;
    options.helper = media::Helper(from.helper);
    if (from.log) options.log = [log = from.log, logger = from.logger](const std::string& line) { log(logger, line.c_str()); };
    return options;
}

void* start(const plain::Options& options, const plain::Outcome& outcome) {
    auto server = Server::start(options_of(options));
    if (!server) {
        outcome.failed(outcome.to, int(server.error().kind), server.error().message.c_str());
        return nullptr;
    }
    outcome.started(outcome.to, (*server)->url().c_str(), (*server)->certificate().c_str());
    return server->release();
}

}  // namespace
}  // namespace shotwire::serve

extern "C" __attribute__((visibility("default"))) void* shotwire_serve_1_start(const shotwire::serve::plain::Options* options,
                                                                                const shotwire::serve::plain::Outcome* outcome) noexcept {
    try {
        return shotwire::serve::start(*options, *outcome);
    } catch (const std::exception& error) {
        outcome->failed(outcome->to, int(shotwire::ErrorKind::bug), error.what());
    } catch (...) {
        outcome->failed(outcome->to, int(shotwire::ErrorKind::bug), "an exception without a name");
    }
    return nullptr;
}

extern "C" __attribute__((visibility("default"))) void shotwire_serve_1_stop(void* server) noexcept {
    delete static_cast<shotwire::serve::Server*>(server);
}
