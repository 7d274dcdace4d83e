#include "cli/flags.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace shotwire::cli {
namespace {

// A group of --help, and the flags that are put into it.
class Group {
public:
    Group(CLI::App& command, const char* name) : command_(command), name_(name) {}

    template <class T>
    CLI::Option* value(const char* names, T& to, const char* type, const char* help) {
        return command_.add_option(names, to, help)->type_name(type)->group(name_);
    }
    // Takes one value each time, so that the positional behind it survives.
    void repeatable(const char* names, std::vector<std::string>& to, const char* type, const char* help) {
        value(names, to, type, help)->allow_extra_args(false);
    }
    void flag(const char* names, bool& to, const char* help) { command_.add_flag(names, to, help)->disable_flag_override()->group(name_); }
    void count(const char* names, int& to, const char* help) { command_.add_flag(names, to, help)->group(name_); }

private:
    CLI::App& command_;
    const char* name_;
};

// Texts of a shot, which an empty one takes back.
const char* const texts_of_shot[] = {"subject", "action", "environment", "lighting", "camera", "style", "sound", "opening", "ending", "negative-prompt", "prompt"};

}  // namespace

bool may_be_empty(const CLI::Option& option) {
    return option.get_group() == "Shot" && std::any_of(std::begin(texts_of_shot), std::end(texts_of_shot), [&](const char* name) { return option.check_lname(name); });
}

void add_global_flags(CLI::App& command, GlobalFlags& flags) {
    if (auto* help = command.get_help_ptr()) help->group("Global");
    Group group(command, "Global");
    group.flag("--json", flags.json, "Print the result as one JSON document");
    group.flag("-q,--quiet", flags.quiet, "No progress and no warnings on stderr");
    group.count("-v,--verbose", flags.verbose, "Say more on stderr; twice: the wire too, secrets masked");
    group.value("--color", flags.color, "WHEN", "auto, always or never; auto honours NO_COLOR");
    group.value("--config", flags.config, "FILE", "Read this configuration in place of the usual ones");
    group.value("--profile", flags.profile, "NAME", "Take the table [profiles.NAME] of the configuration");
    group.value("--ledger", flags.ledger, "PATH", "The ledger of jobs [$XDG_STATE_HOME/shotwire/ledger.db]");
}

void add_shot_flags(CLI::App& command, ShotFlags& flags, Words words) {
    Group group(command, "Shot");
    if (words == Words::prompt) {
        group.value("PROMPT", flags.prompt, "", "Ready text; - reads it from stdin. The fields below join it");
        group.value("--shot", flags.file, "FILE", "Read the shot from YAML or JSON with the same keys; - reads it from stdin. Flags win");
    } else {
        group.value("--shot,FILE", flags.file, "FILE", "The shot as YAML or JSON, with or without --shot, or a batch; - reads a shot from stdin. Flags win");
    }
    if (words == Words::file) group.value("--prompt", flags.prompt, "TEXT", "Ready text, as PROMPT of make; - reads it from stdin");
    Shot& shot = flags.shot;
    group.value("-s,--subject", shot.subject, "TEXT", "Who or what is on screen");
    group.value("-a,--action", shot.action, "TEXT", "What happens");
    group.value("-e,--environment", shot.environment, "TEXT", "Where it happens, and when");
    group.value("-l,--lighting", shot.lighting, "TEXT", "Sources, colour and contrast of the light");
    group.repeatable("-c,--camera", shot.camera, "MOVE", "A move, from `shotwire models --cameras` or free (repeatable)");
    group.value("--style", shot.style, "TEXT", "Film stock, grade, medium");
    group.value("--sound", shot.sound, "TEXT", "What is heard");
    group.value("--opening", shot.opening, "TEXT", "How the clip begins");
    group.value("--ending", shot.ending, "TEXT", "How it ends");
    group.value("--negative-prompt", shot.negative_prompt, "TEXT", "What must not be seen");
    group.value("--first-frame,--image", shot.first_frame, "FILE|URL", "The clip starts with this picture");
    group.value("--last-frame", shot.last_frame, "FILE|URL", "The clip ends with this picture");
    group.repeatable("--reference", shot.references, "FILE|URL", "A picture to keep to (repeatable)");
    for (const char* name : texts_of_shot) {
        auto* option = command.get_option_no_throw(std::string("--") + name);
        if (!option) continue;
        std::string key(name);
        std::replace(key.begin(), key.end(), '-', '_');
        option->each([&flags, key](const std::string& text) {
            if (text.empty()) flags.cleared.push_back(key);
        });
    }
}

void add_order_flags(CLI::App& command, OrderFlags& flags) {
    Group group(command, "Order");
    group.value("-m,--model", flags.model, "MODEL", "A model, or ROUTE:MODEL; see `shotwire models` [animatic]");
    group.value("--via", flags.via, "ROUTE", "Send it over this route");
    group.value("--base-url", flags.base_url, "URL", "Move the route named by --via or -m ROUTE:MODEL to this host");
    group.value("--aspect-ratio,--ar", flags.aspect_ratio, "W:H", "16:9, 9:16, 1:1, ...");
    group.value("-d,--duration,--seconds", flags.duration, "SECONDS", "Length of the clip: 8 or 8s");
    group.value("--resolution", flags.resolution, "NAME", "480p, 720p, 1080p, ... 4k");
    group.value("--size", flags.size, "WxH", "Pixels, in place of resolution and aspect ratio");
    group.value("--fps", flags.fps, "N", "Frames a second");
    group.value("--seed", flags.seed, "N|random", "The same seed renders the same clip, where the model can; random draws one anew in each run");
    command.add_flag_function("--audio,!--no-audio", [&flags](std::int64_t count) { flags.audio = count > 0; }, "With sound, or without")
        ->take_last()
        ->group("Order");
    group.repeatable("--param", flags.params, "K=V", "Raw to the provider (repeatable)");
    group.flag("--fit", flags.fit, "Take the nearest length, size or ratio that the model has");
}

void add_wait_flags(CLI::App& command, WaitFlags& flags) {
    Group group(command, "Job");
    group.flag("--no-wait,--async", flags.no_wait, "Submit, print the job's id and leave");
    group.value("--timeout", flags.timeout, "TIME", "Stop waiting after that long, such as 90s, 10m or 2h; the job goes on [60m]");
    group.value("--events", flags.events, "FILE", "Append what happens as NDJSON, a line each");
    group.flag("--cancel-on-interrupt", flags.cancel_on_interrupt, "Ctrl-C cancels at the provider, where it can");
    group.value("-j,--jobs", flags.jobs, "N", "How many jobs are submitted at once [16]");
    group.value("--rpm", flags.rpm, "N", "At most N submits a minute over each route");
    group.value("--cacert", flags.network.cacert, "FILE", "Trust this CA in place of the system's");
    group.value("--proxy", flags.network.proxy, "URL", "Go through this proxy");
}

void add_job_flags(CLI::App& command, JobFlags& flags) {
    Group output(command, "Output");
    output.value("-o,--output", flags.output, "PATH",
                 "Where to save it; - streams to stdout; {slug} {model} {index} {take} {seed} {id} {date} are filled in, "
                 "{{ and }} are braces [{slug}-{id}.mp4]");
    output.flag("--force", flags.force, "Overwrite an existing file");
    Group job(command, "Job");
    job.flag("--dry-run", flags.dry_run, "Print the exact request and the price; send nothing");
    job.value("--max-cost", flags.max_cost, "USD", "Refuse what may cost more; nothing is sent then");
    job.flag("--allow-unpriced", flags.allow_unpriced, "With --max-cost: let a model through whose price is unknown");
    job.flag("--again", flags.again, "A new clip, even where the same order was made before");
    job.value("--retake", flags.retake, "N", "The N-th retake of the order; the same N joins the same job");
    add_wait_flags(command, flags.wait);
}

}  // namespace shotwire::cli
