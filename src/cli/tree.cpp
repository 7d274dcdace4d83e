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

}  // namespace

std::unique_ptr<CLI::App> make_tree(GlobalFlags& globals, std::function<void(Action)> chosen, const std::vector<std::string>* line) {
    auto root = std::make_unique<CLI::App>("Shots to clips: a command-line client for text-to-video models", "shotwire");
    root->formatter(std::make_shared<HelpFormatter>());
    root->set_help_flag("-h,--help", "Print this help")->group("Global");
    root->set_version_flag("--version", std::string("shotwire ") + version, "Print the version")->group("Global");
    root->require_subcommand(0, 1);
    root->footer(root_footer());

    // Copies what was asked for: the tree is gone when it runs.
    const auto choose = [chosen]<class T>(const T& asked) { chosen([asked](Context& context) { return run(asked, context); }); };
    const auto may_be = [line](const char* name) { return !line || std::find(line->begin(), line->end(), name) != line->end(); };
    if (may_be("make")) add_make(*root, choose);
    if (may_be("prompt")) add_prompt(*root, choose);
    if (may_be("lint")) add_lint(*root, choose);
    if (may_be("estimate")) add_estimate(*root, choose);
    if (may_be("batch")) add_batch(*root, choose);
    if (may_be("jobs")) {
        auto* jobs = root->add_subcommand("jobs", "The ledger: what was ordered, and how it stands");
        jobs->require_subcommand(0, 1);
        jobs->footer("Examples:\n  shotwire jobs ls\n  shotwire jobs wait 3f9a\n  shotwire jobs resume\n");
        add_jobs_list(*jobs, choose);
        add_jobs_show(*jobs, choose);
        add_jobs_wait(*jobs, choose);
        add_jobs_cancel(*jobs, choose);
        add_jobs_forget(*jobs, choose);
        add_jobs_settle(*jobs, choose);
    }
    if (may_be("spend")) add_spend(*root, choose);
    if (may_be("models")) add_models(*root, choose, choose, choose);
    if (may_be("doctor")) add_doctor(*root, choose);
    if (may_be("serve")) add_serve(*root, choose);
    if (may_be("completion")) add_completion(*root, choose);
    if (may_be("man")) add_man(*root, choose);
    if (may_be("help")) add_help(*root, choose);
    add_globals_to_leaves(*root, globals);
    let_the_last_win(*root);
    return root;
}

}  // namespace shotwire::cli
