#include <CLI/CLI.hpp>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/planning.hpp"
#include "core/text.hpp"
#include "report/table.hpp"
#include "shot/compose.hpp"

namespace shotwire::cli {

void define_prompt(CLI::App& command, Chosen<Prompt> chosen) {
    auto options = std::make_shared<Prompt>();
    add_shot_flags(command, options->shot);
    add_order_flags(command, options->order);
    command.add_flag("--explain", options->explain, "Say which field became which words, and why")->group("Flags");
    command.footer("Examples:\n"
                    "  shotwire prompt -m sora-2 -s \"a heron\" -a \"lifts off\" -c \"crane up\"\n"
                    "  shotwire prompt --shot heron.yaml --explain\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Prompt& options, Context& context) {
    auto asked = resolve(options.shot, options.order, context);
    if (!asked) return asked.error();
    auto row = row_of(asked->wishes, context);
    if (!row) return row.error();
    const auto style = *row ? (*row)->prompt : shot::PromptStyle{};
    auto composed = shot::compose(asked->shot, style);
    if (!composed) return composed.error();

    auto& out = context.world.out;
    if (context.flags.json) {
        json document{{"schema", "shotwire.prompt/1"},
                      {"model", *row ? (*row)->id : asked->wishes.model},
                      {"prompt", composed->prompt},
                      {"negative_prompt", composed->negative_prompt},
                      {"characters", core::count_characters(composed->prompt)},
                      {"limit", style.limit ? json(style.limit) : json()},
                      {"pieces", json::array()}};
        for (const auto& piece : composed->pieces)
            document["pieces"].push_back({{"field", shot::to_string(piece.field)}, {"given", piece.given}, {"words", piece.words}, {"why", piece.why}});
        out << core::dump(document, 2) << '\n';
        return 0;
    }
    out << composed->prompt << '\n';
    if (!options.explain) return 0;
    if (!composed->negative_prompt.empty()) out << "\nnegative prompt: " << composed->negative_prompt << '\n';
    for (const auto& piece : composed->pieces)
        out << '\n' << shot::to_string(piece.field) << "\n  given:   " << piece.given << "\n  becomes: "
            << (piece.words.empty() ? "(nothing here)" : piece.words) << "\n  why:     " << piece.why << '\n';
    return 0;
}

}  // namespace shotwire::cli
