#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/version.hpp"

namespace shotwire::cli {
namespace {

void add_globals_to_leaves(CLI::App& command, GlobalFlags& globals) {
    add_global_flags(command, globals);
    for (auto* child : command.get_subcommands([](CLI::App*) { return true; })) add_globals_to_leaves(*child, globals);
}

// As with curl, the last of several wins, so that an alias may bring defaults; what is repeatable keeps all of them.
void let_the_last_win(CLI::App& command) {
    for (auto* option : command.get_options([](CLI::Option* each) { return each->nonpositional() && each->get_items_expected_max() == 1; }))
        option->take_last();
    for (auto* child : command.get_subcommands([](CLI::App*) { return true; })) let_the_last_win(*child);
}

// `--image "$UNSET"` must not become an order without the picture.
void refuse_empty(CLI::App& command) {
    for (auto* option : command.get_options([](CLI::Option* each) { return each->get_items_expected_max() > 0; }))
        if (!may_be_empty(*option)) option->check([](const std::string& text) { return std::string(text.empty() ? empty_value : ""); });
    for (auto* child : command.get_subcommands([](CLI::App*) { return true; })) refuse_empty(*child);
}

}  // namespace

std::unique_ptr<CLI::App> make_tree(GlobalFlags& globals, const std::function<void(Action)>& chosen, const std::vector<std::string>* line) {
    auto root = std::make_unique<CLI::App>("Shots to clips: a command-line client for text-to-video models", "shotwire");
    root->formatter(std::make_shared<HelpFormatter>());
    root->set_help_flag("-h,--help", "Print this help")->group("Global");
    root->set_version_flag("--version", std::string("shotwire ") + version, "Print the version")->group("Global");
    root->require_subcommand(0, 1);
    root->footer(root_footer());

    // Copies what was asked for: the tree is gone when it runs.
    const auto choose = [chosen]<class T>(const T& asked) { chosen([asked](Context& context) { return run(asked, context); }); };
    const auto add = [&](const char* name, const char* about, const auto& define) {
        auto* command = root->add_subcommand(name, about);
        if (line && std::find(line->begin(), line->end(), name) == line->end()) return;
        define(*command);
        add_globals_to_leaves(*command, globals);
    };
    add("make", "Render one shot and save the MP4", [&](auto& command) { define_make(command, choose); });
    add("prompt", "Print the prompt that a shot becomes for a model", [&](auto& command) { define_prompt(command, choose); });
    add("lint", "Look for what models are known to read badly in a shot", [&](auto& command) { define_lint(command, choose); });
    add("estimate", "Price of a shot or a batch, exact or an upper bound, with the date of the price", [&](auto& command) { define_estimate(command, choose); });
    add("batch", "Render many shots from a YAML, JSON, JSONL or CSV file", [&](auto& command) { define_batch(command, choose); });
    add("jobs", "The ledger: what was ordered, and how it stands", [&](auto& command) {
        command.require_subcommand(0, 1);
        command.footer("Examples:\n  shotwire jobs ls\n  shotwire jobs wait 3f9a\n  shotwire jobs resume\n");
        add_jobs_list(command, choose);
        add_jobs_show(command, choose);
        add_jobs_wait(command, choose);
        add_jobs_cancel(command, choose);
        add_jobs_forget(command, choose);
        add_jobs_settle(command, choose);
    });
    add("spend", "Money by day, model, route or batch: what is settled, what is estimated", [&](auto& command) { define_spend(command, choose); });
    add("models", "The catalogue: what each model takes, costs, and when it ends", [&](auto& command) { define_models(command, choose, choose, choose); });
    add("doctor", "What is set up and what is broken: keys, clock, certificates, disk, ledger, routes", [&](auto& command) { define_doctor(command, choose); });
    add("serve", "The embedded server: OpenAI's Videos protocol over HTTPS, rendering animatics", [&](auto& command) { define_serve(command, choose); });
    add("completion", "Print the completions of a shell", [&](auto& command) { define_completion(command, choose); });
    add("man", "Print the manual page (roff)", [&](auto& command) { define_man(command, choose); });
    add("help", "Help on a command, or on the environment variables", [&](auto& command) { define_help(command, choose); });
    add_global_flags(*root, globals);
    let_the_last_win(*root);
    refuse_empty(*root);
    return root;
}

}  // namespace shotwire::cli
