#include "lint/lint.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <tuple>

#include "batch/batch_file.hpp"
#include "cli/commands.hpp"
#include "cli/lint_formats.hpp"
#include "cli/mend.hpp"
#include "cli/planning.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::cli {
namespace {

// What the file itself says: no flag, and nothing of the configuration.
Result<Shot> shot_in(const std::string& text, const std::string& file) {
    auto document = shot::read_document(text, file);
    if (!document) return document.error();
    return shot::take_shot(*document, file, std::filesystem::path(file).parent_path());
}

// Mends the file in place, or leaves it as it is and the error says what to write there. What the rules need to know of model and length
// comes from the whole order.
Result<std::vector<lint::Finding>> mend_file(const std::string& file, const catalog::Model* model, double seconds, std::optional<bool> audio) {
    auto text = core::read_file(file);
    if (!text) return text.error();
    auto before = shot_in(*text, file);
    if (!before) return before.error();
    std::vector<lint::Finding> applied;
    const auto after = lint::fix({*before, model, seconds, audio}, &applied);
    if (*before == after) return std::vector<lint::Finding>();
    const auto mended = mend_text(*text, *before, after, [&](const std::string& candidate) { return shot_in(candidate, file); });
    if (!mended)
        return Error{ErrorKind::usage, fmt::format("{} is not written in a way that can be mended in place, and is left as it was; the mended shot is\n{}", file,
                                                   core::dump(shot::to_json(after)))};
    if (auto written = core::write_file(core::behind_links(file), *mended, core::Existing::replace); !written) return written.error();
    return applied;
}

// Each row as a shot of its own. The rows of a matrix share what stands in their place of the file: it is said once.
Result<std::vector<Remark>> lint_rows(const std::string& file, const std::string& text, const Lint& options, Context& context) {
    if (!(options.shot.shot == Shot{}) || options.shot.prompt || options.fix)
        return Error{ErrorKind::usage, fmt::format("{} is a batch: flags of a shot and --fix do not go with it", core::printable(file))};
    std::vector<Remark> remarks;
    std::set<std::tuple<std::string, std::string_view, std::string>> said;
    std::vector<batch::Problem> problems;
    const auto defaults = read_defaults(context);
    if (!defaults) return defaults.error();
    batch::Reader reader([&](const batch::Row& row) {
        const auto asked = resolve(*defaults, {&row.below, &row.keys}, file, std::filesystem::path(file).parent_path(), options.order, context);
        const auto model = asked ? row_of(asked->wishes, context) : Result<const catalog::Model*>(asked.error());
        if (!model) {
            auto message = model.error().message;
            if (message.starts_with(file + ": ")) message.erase(0, file.size() + 2);
            return problems.push_back({row.where, row.id, message});
        }
        for (auto& finding : lint::lint({asked->shot, *model, asked->wishes.seconds.value_or(*model ? (*model)->default_seconds : 0), asked->wishes.audio})) {
            auto key = finding.field;
            std::replace(key.begin(), key.end(), '-', '_');
            const auto where = shot::place_in(row.marks, key, row.where);
            if (said.emplace(where.empty() ? row.id : where, finding.rule, finding.message).second) remarks.push_back({std::move(finding), row.id, where});
        }
    });
    reader.read(text, file, batch::format_of(file, text));
    problems.insert(problems.end(), reader.problems().begin(), reader.problems().end());
    if (problems.empty()) return remarks;
    std::vector<std::string> lines;
    for (const auto& problem : problems) lines.push_back(batch::print(problem, file));
    return Error{ErrorKind::usage, core::join(lines, "\n")};
}

// Exit 2 with --strict.
Exit print_remarks(const std::vector<Remark>& remarks, const std::string& file, const std::string& format, const Lint& options, Context& context) {
    auto& out = context.world.out;
    if (format == "text") out << lint_text(remarks, file);
    else if (format == "github") out << lint_github(remarks, file);
    else out << core::dump(format == "sarif" ? lint_sarif(remarks, file) : lint_json(remarks, file), 2) << '\n';
    return options.strict && !remarks.empty() ? int(ErrorKind::usage) : 0;
}

}  // namespace

void define_lint(CLI::App& command, Chosen<Lint> chosen) {
    auto options = std::make_shared<Lint>();
    add_shot_flags(command, options->shot, Words::file);
    add_order_flags(command, options->order);
    command.add_option("--format", options->format, "text, json, sarif or github [text]")->type_name("NAME")->group("Flags");
    command.add_flag("--strict", options->strict, "Findings fail with exit 2")->group("Flags");
    command.add_flag("--fix", options->fix, "Mend what is mechanical: FILE in place, flags to stdout as JSON")->group("Flags");
    command.footer("Examples:\n"
                    "  shotwire lint heron.yaml --strict\n"
                    "  shotwire lint heron.yaml --fix\n"
                    "  shotwire lint shots.csv --strict\n"
                    "  shotwire lint heron.yaml --format sarif > lint.sarif\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Lint& options, Context& context) {
    const auto format = options.format.value_or(context.flags.json ? "json" : "text");
    if (auto known = check_word("--format", format, {"text", "json", "sarif", "github"}); !known) return known.error();
    const bool in_file = options.shot.file && options.shot.file != "-";
    if (in_file) {
        const auto& file = *options.shot.file;
        if (const auto text = core::read_file(file); text && batch::is_batch(file, *text)) {
            const auto remarks = lint_rows(file, *text, options, context);
            if (!remarks) return remarks.error();
            return print_remarks(*remarks, file, format, options, context);
        }
    }
    const auto tell_mended = [&](const std::vector<lint::Finding>& applied) {
        for (const auto& finding : applied) context.warn(fmt::format("mended: {} [{}]", sentence(finding), finding.rule));
    };
    if (options.fix && in_file) {
        auto flags = options.shot;
        flags.prompt.reset();  // it may be stdin, which is read once
        auto asked = resolve(flags, options.order, context);
        if (!asked) return asked.error();
        auto row = row_of(asked->wishes, context);
        if (!row) return row.error();
        auto applied = mend_file(*options.shot.file, *row, asked->wishes.seconds.value_or(*row ? (*row)->default_seconds : 0), asked->wishes.audio);
        if (!applied) return applied.error();
        tell_mended(*applied);
    }
    auto asked = resolve(options.shot, options.order, context);
    if (!asked) return asked.error();
    auto row = row_of(asked->wishes, context);
    if (!row) return row.error();
    const double seconds = asked->wishes.seconds.value_or(*row ? (*row)->default_seconds : 0);

    Shot shot = asked->shot;
    if (options.fix && !in_file) {
        std::vector<lint::Finding> applied;
        shot = lint::fix({shot, *row, seconds, asked->wishes.audio}, &applied);
        tell_mended(applied);
        context.world.out << core::dump(shot::to_json(shot), 2) << '\n';
    }
    std::vector<Remark> remarks;
    for (auto& finding : lint::lint({shot, *row, seconds, asked->wishes.audio})) remarks.push_back({std::move(finding)});
    if (!options.fix || in_file) return print_remarks(remarks, in_file ? *options.shot.file : "", format, options, context);
    // With --fix and flags the mended shot is the result; what is left is talk.
    for (const auto& remark : remarks) context.warn(fmt::format("{} [{}]", sentence(remark.finding), remark.finding.rule));
    return options.strict && !remarks.empty() ? int(ErrorKind::usage) : 0;
}

}  // namespace shotwire::cli
