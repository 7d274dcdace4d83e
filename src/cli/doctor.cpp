#include <spdlog/fmt/fmt.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/converse.hpp"
#include "cli/routes.hpp"
#include "cli/version.hpp"
#include "core/disk.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "job/examine.hpp"
#include "media/helper_client.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono;

constexpr std::uint64_t little_room = 1 << 30;  // some long clips
constexpr seconds clock_doubt = 30s, clock_wrong = 5min;

// What is found of one thing. `unset`: it is not set up, and need not be.
enum class State { ok, unset, warning, broken };
constexpr const char* words[] = {"ok", "-", "warning", "broken"};

struct Finding {
    State state = State::ok;
    std::string detail;
};
Finding broken(const Error& error) { return {State::broken, error.message}; }

// The first folder on the way up that is there: a state folder is made with the first job.
fs::path existing(fs::path folder) {
    std::error_code failed;
    while (!fs::exists(folder, failed) && folder.has_relative_path()) folder = folder.parent_path();
    return folder;
}

Finding look_at_folder(const fs::path& folder) {
    const auto place = existing(folder);
    const auto disk = core::disk_of(place);
    if (!disk) return broken(disk.error());
    if (auto proved = core::prove_writable(place); !proved) {
        auto finding = broken(proved.error());
        if (finding.detail.find("cannot lock") != std::string::npos) finding.detail += "; several processes would damage one ledger there. Name another place with --ledger";
        return finding;
    }
    auto detail = fmt::format("{}{}: {:.1f} GB free; writes, syncs and locks", place.string(), place == folder ? "" : fmt::format(" ({} is made with the first job)", folder.string()),
                              double(disk->free) / 1e9);
    if (!disk->network.empty())
        return {State::warning, fmt::format("{}. It is a network file system ({}), whose locks other machines may not see: use this ledger from one machine", detail, disk->network)};
    if (disk->free < little_room) return {State::warning, detail + ". That is little: clips need room before they are paid for"};
    return {State::ok, detail};
}

Finding look_at_ledger(const fs::path& file) {
    const auto found = job::examine(file);
    if (!found) return broken(found.error());
    if (!found->there) return {State::ok, fmt::format("{} is made with the first job", file.string())};
    if (!found->problems.empty())
        return {State::broken, fmt::format("{} is damaged: {}. {} jobs of it can be read. Keep the file and what lies beside it; a copy's rows come out with `sqlite3 COPY .recover`", file.string(),
                                           core::join(found->problems, "; "), found->jobs)};
    return {State::ok, fmt::format("{}: whole, of format {}, {} jobs{}", file.string(), found->format, found->jobs,
                                   found->unfinished ? fmt::format(", {} unfinished (`shotwire jobs resume` goes on)", found->unfinished) : "")};
}

// It answers a word that it does not know by naming those that it knows: that its libraries load is proved by it.
Finding look_at_helper() {
    const auto helper = media::Helper::locate();
    if (::access(helper.program().c_str(), X_OK) != 0)
        return {State::broken, fmt::format("{} is missing: no animatics, and no clips made of AVI or WebM", helper.program().string())};
    const auto answer = helper.run("doctor", json::object());
    if (!answer && answer.error().kind != ErrorKind::usage) return {State::broken, fmt::format("{}: {}", helper.program().string(), answer.error().message)};
    return {State::ok, helper.program().string()};
}

class Examination {
public:
    Examination(const Doctor& options, Context& context) : options_(options), context_(context) {}

    Result<> everything() {
        add("program", {State::ok, fmt::format("shotwire {}, {}, SQLite {}", version, http::library_versions(), job::sqlite_version())});
        const auto config = context_.config();
        add("configuration", config ? Finding{State::ok, (*config)->read.empty() ? "no file, built-in settings" : core::join((*config)->read, ", ")} : broken(config.error()));
        const auto catalog = config ? context_.catalog() : Result<catalog::Catalog*>(config.error());
        if (config) add("catalogue", catalog ? Finding{State::ok, fmt::format("{} models, {} routes", (*catalog)->models().size(), (*catalog)->routes().size())} : broken(catalog.error()));
        add("clock", look_at_clock());
        const auto authorities = http::authorities(options_.network.cacert.value_or(config ? (*config)->cacert : ""));
        add("certificates", authorities ? Finding{State::ok, authorities->string()} : broken(authorities.error()));
        add("state folder", look_at_folder(core::state_home()));
        const auto ledger = fs::absolute(context_.ledger_path());
        if (ledger.parent_path() != core::state_home()) add("ledger's folder", look_at_folder(ledger.parent_path()));
        add("ledger", look_at_ledger(ledger));
        add("helper", look_at_helper());
        if (!catalog) return Ok{};
        for (const auto& name : options_.routes)
            if (!(*catalog)->find_route(name)) return no_route(name, **catalog);
        for (const auto& route : (*catalog)->routes())
            if (auto looked = look_at_route(route); !looked) return looked;
        return Ok{};
    }

    Exit print() const {
        const bool ill = std::any_of(findings_.begin(), findings_.end(), [](const auto& one) { return one.second.state == State::broken; });
        const Exit code = ill ? Exit(ErrorKind::local) : 0;
        auto& out = context_.world.out;
        if (context_.flags.json) {
            json checks = json::array();
            for (const auto& [name, finding] : findings_)
                checks.push_back({{"check", name}, {"state", finding.state == State::unset ? "unset" : words[int(finding.state)]}, {"detail", finding.detail}});
            out << context_.mask(core::dump(json{{"schema", "shotwire.doctor/1"}, {"exit", code}, {"version", version}, {"checks", checks}}, 2)) << '\n';
            return code;
        }
        report::Table table({"CHECK", "STATE", "DETAIL"});
        for (const auto& [name, finding] : findings_) table.add({name, words[int(finding.state)], context_.mask(finding.detail)});
        out << table.print();  // nothing is cut: the details are what is asked for
        return code;
    }

private:
    void add(const std::string& name, Finding finding) { findings_.emplace_back(name, std::move(finding)); }

    // Without a host nobody knows the time, but nothing here is older than its own price list.
    Finding look_at_clock() const {
        const auto now = context_.world.clock.wall();
        core::Wall newest{};
        for (const auto& model : catalog::Catalog::built_in().models())
            if (const auto day = core::parse_iso_time(model.prices.as_of.substr(0, 7) + "-01")) newest = std::max(newest, *day);
        const auto time = core::iso_time(now);
        if (now < newest) return {State::broken, fmt::format("it says {}, which is before this version was made: certificates, links and lost jobs are judged by it", time)};
        return {State::ok, options_.routes.empty() ? time + " (--via ROUTE compares it with a host's)" : time};
    }

    Result<> look_at_route(const catalog::Route& route) {
        const bool asked = std::find(options_.routes.begin(), options_.routes.end(), route.name) != options_.routes.end();
        const auto source = key_source(route);
        const auto place = place_of_key(route, context_.world.env);
        const auto host = route.base_url.empty() ? std::string("in this process") : http::without_userinfo(route.base_url);
        Finding finding{State::ok, host};
        if (const auto held = held_back(route, context_.world.env); !held.empty()) finding = {State::warning, held};
        else if (!place.empty()) finding.detail += ", key from " + place;
        else if (route.base_url.empty() || (asked && (!route.key_needed || route.moved))) finding.detail += ", needs no key";
        else if (!route.key_needed || route.moved) finding = {State::unset, fmt::format("{}, needs no key; --via {} asks whether it is there", host, route.name)};
        else finding = {State::unset, fmt::format("no key: set {}", source.shown())};
        // A command may ask for a password: run where the route is asked for.
        if (!place.empty() && (source.command.empty() || asked)) {
            if (const auto key = credential(route, context_.world.env)) context_.mask.add(key->key);
            else finding = broken(key.error());
        }
        const bool has_host = !route.base_url.empty() && route.base_url.find('{') == std::string::npos;
        if (asked && finding.state != State::broken && has_host) {
            auto answered = ask_host(route, finding);
            if (!answered) return answered;
        }
        add("route " + route.name, finding);
        return Ok{};
    }

    // Whether the host is there and trusted, and what time it has. Without the key: any answer will do.
    Result<> ask_host(const catalog::Route& route, Finding& finding) {
        const auto before = context_.world.clock.wall();
        const auto reply = carry_out(http::Step<http::Response>(http::Ask<http::Response>{{.url = route.base_url}, [](const http::Response& came) { return http::Step<http::Response>(came); }, {}}),
                                     context_.client(options_.network), context_.world.interrupt);
        if (!reply && reply.error().kind == ErrorKind::cancelled) return reply.error();
        if (!reply) {
            finding = broken(reply.error());
            return Ok{};
        }
        finding.detail += ", answers";
        const auto theirs = core::parse_http_date(reply->header("Date"));
        if (!theirs) return Ok{};
        const auto ahead = duration_cast<milliseconds>(before - *theirs);
        if (abs(ahead) < clock_doubt) return Ok{};
        finding.state = abs(ahead) < clock_wrong ? State::warning : State::broken;
        finding.detail += fmt::format(", but this machine's clock is {} {} its own: set it, since lost jobs are looked for by their time", core::print_length(abs(ahead)), ahead.count() > 0 ? "ahead of" : "behind");
        return Ok{};
    }

    static Error no_route(const std::string& name, const catalog::Catalog& catalog) {
        std::vector<std::string> names;
        for (const auto& known : catalog.routes()) names.push_back(known.name);
        const auto near = core::nearest(name, names);
        return {ErrorKind::usage, fmt::format("there is no route {}{}; there are {}", core::printable(name), near ? "; did you mean " + *near + "?" : "", core::join(names, ", "))};
    }

    const Doctor& options_;
    Context& context_;
    std::vector<std::pair<std::string, Finding>> findings_;
};

}  // namespace

void define_doctor(CLI::App& command, Chosen<Doctor> chosen) {
    auto options = std::make_shared<Doctor>();
    command.add_option("--via", options->routes, "Also ask this route's host (free, without its key) and run its key_command (repeatable)")
        ->type_name("ROUTE")
        ->allow_extra_args(false)
        ->group("Flags");
    command.add_option("--cacert", options->network.cacert, "Trust this CA in place of the system's")->type_name("FILE")->group("Flags");
    command.add_option("--proxy", options->network.proxy, "Go through this proxy")->type_name("URL")->group("Flags");
    command.footer(
        "Keys are named by their place and never shown. Exit 0: nothing is broken, 9: something is.\n\n"
        "Examples:\n"
        "  shotwire doctor\n"
        "  shotwire doctor --via fal --json\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Doctor& options, Context& context) {
    Examination examination(options, context);
    if (auto done = examination.everything(); !done) return done.error();
    return examination.print();
}

}  // namespace shotwire::cli
