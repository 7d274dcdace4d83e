#include "serve/loaded.hpp"

#include <dlfcn.h>
#include <spdlog/fmt/fmt.h>

#include "core/paths.hpp"
#include "serve/module.hpp"

namespace shotwire::serve {
namespace {

struct Module {
    plain::Start start = nullptr;
    plain::Stop stop = nullptr;
};

// Never unloaded: its threads and their ends are its own.
Result<Module> load() {
    std::error_code failed;
    const auto file = std::filesystem::absolute(core::companion("SHOTWIRE_SERVE", "shotwire-serve.so"), failed);
    if (!std::filesystem::exists(file, failed))
        return Error{ErrorKind::local, fmt::format("the embedded server is not installed: {} is missing", file.string())};
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return Error{ErrorKind::local, fmt::format("the embedded server cannot be loaded: {}", ::dlerror())};
    Module found{reinterpret_cast<plain::Start>(::dlsym(library, plain::start_name)), reinterpret_cast<plain::Stop>(::dlsym(library, plain::stop_name))};
    if (!found.start || !found.stop)
        return Error{ErrorKind::local, fmt::format("{} belongs to another version of shotwire", file.string())};
    return found;
}

class Loaded final : public Server {
public:
    explicit Loaded(const Options& options) : log_(options.log) {}
    ~Loaded() override {
        if (server_) module_.stop(server_);
    }

    Result<> start(const Options& options) {
        auto loaded = load();
        if (!loaded) return loaded.error();
        module_ = *loaded;
        const auto state = options.state.string(), helper = options.helper.program().string();
        std::vector<plain::Fault> faults;
        for (const auto& fault : options.faults)
            faults.push_back({fault.endpoint.c_str(), fault.kind.c_str(), fault.value.c_str(), fault.probability, fault.count, fault.skip});
        const plain::Options given{options.host.c_str(), options.port, state.c_str(), options.api_key.expose().c_str(), helper.c_str(), faults.data(),
                                    faults.size(), options.keep.count(), options.renderers, log_ ? log : nullptr, this};
        const plain::Outcome outcome{this, started, failed};
        server_ = module_.start(&given, &outcome);
        if (!server_) return failure_;
        return Ok{};
    }

    std::string url() const override { return url_; }
    std::filesystem::path certificate() const override { return certificate_; }

private:
    static void log(void* self, const char* line) noexcept { static_cast<Loaded*>(self)->log_(line); }
    static void started(void* self, const char* url, const char* certificate) noexcept {
        static_cast<Loaded*>(self)->url_ = url;
        static_cast<Loaded*>(self)->certificate_ = certificate;
    }
    static void failed(void* self, int kind, const char* message) noexcept {
        static_cast<Loaded*>(self)->failure_ = {ErrorKind(kind), message};
    }

    std::function<void(const std::string&)> log_;
    Module module_;
    void* server_ = nullptr;
    std::string url_;
    std::filesystem::path certificate_;
    Error failure_;
};

}  // namespace

Result<std::unique_ptr<Server>> start_loaded(const Options& options) {
    auto server = std::make_unique<Loaded>(options);
    if (auto started = server->start(options); !started) return started.error();
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace shotwire::serve
