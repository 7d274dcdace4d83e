#include "lint/lint.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <ostream>

#include "cli/commands.hpp"
#include "cli/lint_formats.hpp"
#include "cli/resolve.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::cli {
namespace {

// The new words put where the old ones stand, so that comments and order of the file survive. None where that is not plain.
std::optional<std::string> rewritten(std::string text, const Shot& before, const Shot& after) {
    const json old_fields = shot::to_json(before), new_fields = shot::to_json(after);
    for (const auto& [key, old_value] : old_fields.items()) {
        const auto new_value = new_fields.value(key, json(""));  // a text of which nothing is left
        if (new_value == old_value) continue;
        if (!old_value.is_string() || !new_value.is_string()) return std::nullopt;
        const auto words = old_value.get<std::string>();
        const auto at = text.find(words);
        if (at == std::string::npos || text.find(words, at + 1) != std::string::npos) return std::nullopt;
        text.replace(at, words.size(), new_value.get<std::string>());
    }
    return text;
}

// Mends the file in place, or the error says what to write there.
Result<> mend_file(const std::string& file, const Shot& after) {
    auto text = core::read_file(file);
    if (!text) return text.error();
    const auto read = [&](const std::string& source) -> Result<Shot> {
        auto document = shot::read_document(source, file);
        if (!document) return document.error();
        return shot::take_shot(*document, file, std::filesystem::path(file).parent_path());
    };
    auto before = read(*text);
    if (!before) return before.error();
    if (*before == after) return Ok{};
    const auto mended = rewritten(*text, *before, after);
    auto reread = mended ? read(*mended) : Result<Shot>(Shot{});
    if (!mended || !reread || !(*reread == after))
        return Error{ErrorKind::usage, fmt::format("{} is not written in a way that can be mended in place; the mended shot is\n{}", file,
                                                   core::dump(shot::to_json(after)))};
    return core::write_file(file, *mended, core::Existing::replace);
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
                    "  shotwire lint heron.yaml --format sarif > lint.sarif\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Lint& options, Context& context) {
    const auto format = options.format.value_or(context.flags.json ? "json" : "text");
    if (auto known = check_word("--format", format, {"text", "json", "sarif", "github"}); !known) return known.error();
    auto asked = resolve(options.shot, options.order, context);
    if (!asked) return asked.error();
    auto row = row_of(asked->wishes, context);
    if (!row) return row.error();
    const double seconds = asked->wishes.seconds.value_or(*row ? (*row)->default_seconds : 0);
    const bool in_file = options.shot.file && options.shot.file != "-";

    auto& out = context.world.out;
    Shot shot = asked->shot;
    if (options.fix) {
        std::vector<lint::Finding> applied;
        shot = lint::fix({shot, *row, seconds, asked->wishes.audio}, &applied);
        for (const auto& finding : applied) context.warn(fmt::format("mended: {} [{}]", sentence(finding), finding.rule));
        if (in_file) {
            if (auto mended = applied.empty() ? Result<>(Ok{}) : mend_file(*options.shot.file, shot); !mended) return mended.error();
        } else {
            out << core::dump(shot::to_json(shot), 2) << '\n';
        }
    }
    const auto findings = lint::lint({shot, *row, seconds, asked->wishes.audio});
    const auto file = in_file ? *options.shot.file : "";
    // With --fix and flags the mended shot is the result; what is left is talk.
    if (options.fix && !in_file)
        for (const auto& finding : findings) context.warn(fmt::format("{} [{}]", sentence(finding), finding.rule));
    else if (format == "text")
        out << lint_text(findings, file);
    else if (format == "github")
        out << lint_github(findings, file);
    else
        out << core::dump(format == "sarif" ? lint_sarif(findings, file) : lint_json(findings, file), 2) << '\n';
    return options.strict && !findings.empty() ? int(ErrorKind::usage) : 0;
}

}  // namespace shotwire::cli
