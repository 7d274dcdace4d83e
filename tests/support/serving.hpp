#pragma once
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "serve/server.hpp"
#include "support/places.hpp"

namespace shotwire::test {

// The embedded server as a host of the user's: on a free port, in a folder of its own, rendering with the built helper.
class Serving {
public:
    explicit Serving(const std::vector<std::string>& faults = {}, const std::string& key = {}) {
        serve::Options options;
        options.state = folder_.path();
        options.helper = media::Helper(places::media);
        options.api_key = core::Key(key);
        for (const auto& spec : faults) {
            auto fault = serve::parse_fault(spec);
            if (!fault) FAIL(fault.error().message);
            options.faults.push_back(*fault);
        }
        auto started = serve::Server::start(std::move(options));
        if (!started) FAIL(started.error().message);
        server_ = std::move(*started);
    }
    std::string url() const { return server_->url(); }
    std::filesystem::path certificate() const { return server_->certificate(); }
    const std::filesystem::path& state() const { return folder_.path(); }

private:
    core::TemporaryFolder folder_;
    std::unique_ptr<serve::Server> server_;
};

}  // namespace shotwire::test
