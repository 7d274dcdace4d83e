#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/secrets.hpp"
#include "media/helper_client.hpp"
#include "serve/fault.hpp"
#include "shotwire/result.hpp"

namespace shotwire::serve {

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                      // 0: a free one
    std::filesystem::path state;       // cert.pem, key.pem (0600), jobs/
    core::Key api_key;                 // empty: any caller
    std::vector<Fault> faults;
    std::chrono::hours keep = std::chrono::hours(24 * 7);
    int renderers = 1;                 // jobs rendered at once
    media::Helper helper = media::Helper::locate();
    std::function<void(const std::string&)> log = {};  // a line a request; null: silent
};

// The embedded server: the OpenAI Videos protocol over HTTPS (HTTP/1.1), rendering animatics. Its jobs live in the state
// folder; several servers may share it: each job is rendered by whoever holds its lock, and all of them answer for it.
class Server {
public:
    // Listening when it returns. Errors: local (port taken, state folder), usage (host).
    static Result<std::unique_ptr<Server>> start(Options options);
    virtual ~Server() = default;                                // stops it; unfinished jobs stay for the next one
    virtual std::string url() const = 0;                        // https://127.0.0.1:PORT/v1
    virtual std::filesystem::path certificate() const = 0;
};

}  // namespace shotwire::serve
