#include "cli/run.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <exception>
#include <ostream>

#include "cli/context.hpp"
#include "cli/parse.hpp"
#include "cli/resolve.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {

constexpr const char* bug = "a bug in shotwire; the ledger is as the last step left it";

int fail(World& world, const Error& error, bool json, const core::Mask& mask = {}) {
    for (const auto& line : core::split(mask(error.message), '\n')) world.err << "shotwire: " << core::printable(line) << '\n';
    if (json) world.out << mask(core::dump(report::error_document(error), 2)) << '\n';
    return int(error.kind);
}

// The line could not be read, so a look at its words must tell whether a program is listening.
bool wants_json(const std::vector<std::string>& args) { return std::find(args.begin(), args.end(), "--json") != args.end(); }

constexpr const char* not_delivered = "the result could not be written to stdout";

// A listing whose reader has seen enough (`| head -1`) has done its work.
bool is_delivered(World& world, bool of_jobs) {
    world.out.flush();
    return world.out || (!of_jobs && world.reader_is_gone());
}

int run_line(const std::vector<std::string>& args, World& world) {
    auto parsed = parse(args);
    if (const auto* answer = std::get_if<Answer>(&parsed)) {
        world.out << answer->text;
        return is_delivered(world, false) ? 0 : fail(world, {ErrorKind::local, not_delivered}, false);
    }
    if (const auto* error = std::get_if<Error>(&parsed)) return fail(world, *error, wants_json(args));

    const auto& [flags, action] = std::get<Parsed>(parsed);
    if (flags.color)
        if (auto known = check_word("--color", *flags.color, {"auto", "always", "never"}); !known) return fail(world, known.error(), flags.json);
    Context context(world, flags);
    auto ended = action(context);
    const int code = ended ? *ended : fail(world, ended.error(), flags.json, context.mask);
    if (!is_delivered(world, context.ran_jobs) && ended) context.lost(not_delivered);
    return context.exit_of(code);
}

}  // namespace

int run(const std::vector<std::string>& args, World& world) {
    try {
        return run_line(args, world);
    } catch (const std::exception& error) {
        return fail(world, {ErrorKind::bug, fmt::format("{}: {}", bug, error.what())}, wants_json(args));
    } catch (...) {
        return fail(world, {ErrorKind::bug, bug}, wants_json(args));
    }
}

}  // namespace shotwire::cli
