#include "serve/loaded.hpp"

#include <CLI/CLI.hpp>
#include <semaphore.h>
#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <mutex>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/resolve.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

// Sleeps until Ctrl-C. A semaphore, since a signal handler may post one.
class Asleep : public Interrupt::Listener {
public:
    Asleep() { sem_init(&interrupted_, 0, 0); }
    ~Asleep() override { sem_destroy(&interrupted_); }
    void interrupted() noexcept override { sem_post(&interrupted_); }
    void wait() {
        while (sem_wait(&interrupted_) != 0 && errno == EINTR) {
        }
    }

private:
    sem_t interrupted_;
};

std::string faults_help() {
    auto text = fmt::format("Faults, as ENDPOINT:KIND[=VALUE][:xCOUNT][:pPROBABILITY][:skipN]. ENDPOINT is one of\n{}. KIND:\n",
                            core::join(serve::fault_endpoints(), ", "));
    for (const auto& kind : serve::fault_kinds()) text += help_entry(kind.name, kind.help);
    return text;
}

}  // namespace

void define_serve(CLI::App& command, Chosen<Serve> chosen) {
    auto options = std::make_shared<Serve>();
    const auto flag = [&](const char* names, Text& to, const char* type, const char* help) {
        command.add_option(names, to, help)->type_name(type)->group("Flags");
    };
    flag("--host", options->host, "ADDRESS", "Listen here [127.0.0.1]");
    flag("--port", options->port, "N", "Listen on this port; 0 takes a free one [0]");
    flag("--api-key-env", options->api_key_env, "NAME", "Callers need the key that this variable holds");
    flag("--state", options->state, "DIR", "Certificate and jobs [$XDG_STATE_HOME/shotwire/serve]");
    command.add_option("--fault", options->faults, "Play a fault on purpose (repeatable)")->type_name("SPEC")->allow_extra_args(false)->group("Flags");
    command.footer("Prints its URL and the path of its certificate on stderr; with --json as one document on stdout.\n"
                    "Ctrl-C and SIGTERM stop it with exit 0; unfinished jobs go on at the next start.\n\n" +
                    faults_help() +
                    "\nExamples:\n"
                    "  shotwire serve --port 8443\n"
                    "  shotwire serve --fault create:429=2:x1 --fault content:truncate=1000:p0.3\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Serve& options, Context& context) {
    auto port = parse_whole("--port", options.port.value_or("0"), 0, 65535);
    if (!port) return port.error();
    serve::Options server;
    server.host = options.host.value_or(server.host);
    server.port = int(*port);
    server.state = options.state ? std::filesystem::path(*options.state) : core::state_home() / "serve";
    for (const auto& spec : options.faults) {
        auto fault = serve::parse_fault(spec);
        if (!fault) return fault.error();
        server.faults.push_back(*fault);
    }
    if (options.api_key_env) {
        const auto value = context.world.env(*options.api_key_env);
        if (!value || value->empty())
            return Error{ErrorKind::auth, fmt::format("--api-key-env names {}, which is not set", core::printable(*options.api_key_env))};
        auto key = core::parse_key(*value, "$" + *options.api_key_env);
        if (!key) return key.error();
        context.mask.add(*key);
        server.api_key = *key;
    }
    std::mutex one_line;
    if (context.flags.verbose > 0)
        server.log = [&](const std::string& line) {
            const std::lock_guard lock(one_line);
            context.world.err << core::printable(context.mask(line)) << std::endl;
        };
    Asleep asleep;  // hears before anybody can know that we are here
    const Interrupt::Listening listening(context.world.interrupt, asleep);
    auto started = serve::start_loaded(server);
    if (!started) return started.error();
    const auto url = (*started)->url(), certificate = (*started)->certificate().string();
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.serve/1"}, {"url", url}, {"certificate", certificate}}) << std::endl;
    {
        const std::lock_guard lock(one_line);
        context.world.err << url << '\n' << certificate << std::endl;
    }
    asleep.wait();
    return 0;
}

}  // namespace shotwire::cli
