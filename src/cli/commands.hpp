#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/flags.hpp"
#include "shotwire/result.hpp"

namespace shotwire::cli {
class Context;

// Each command is what was asked for (a struct), `add_...` that reads it from the command line, and `run` that does it.
// `run` returns the exit code where a result was printed, and the Error where none was.
using Exit = int;

struct Make {
    ShotFlags shot;
    OrderFlags order;
    JobFlags job;
    Text takes, from, remix, edit, extend;
    bool yes = false;
};
struct Prompt {
    ShotFlags shot;
    OrderFlags order;
    bool explain = false;
};
struct Lint {
    ShotFlags shot;
    OrderFlags order;
    Text format;
    bool strict = false, fix = false;
};
struct Estimate {
    ShotFlags shot;
    OrderFlags order;
    std::vector<std::string> models;
    Text takes;
};
struct Batch {
    Text file;
    OrderFlags order;
    JobFlags job;
    Text name, out_dir, retries, summary, junit, exec;
    bool only_failed = false, watch = false, strict = false, yes = false;
};
struct Spend {
    Text by, since;
    bool csv = false;
};
struct JobsList {
    std::vector<std::string> stages;
    Text model, via, most;
};
struct JobsShow {
    std::string id;
};
struct JobsWait {
    std::vector<std::string> ids;  // none: all that are unfinished
    WaitFlags wait;
};
struct JobsCancel {
    std::vector<std::string> ids;
    NetworkFlags network;
};
struct JobsForget {
    std::vector<std::string> ids;
    bool yes = false;
};
struct JobsSettle {
    std::string id;
    Text remote_id;  // adopt; none: resend
    WaitFlags wait;
};
struct Models {
    bool cameras = false, markdown = false;
    OrderFlags order;  // what the models must be able to do
    std::vector<std::string> images;
    Text most_price, sort;
};
struct ModelsShow {
    std::string id;
    bool refresh = false;
};
struct ModelsCheck {
    std::vector<std::string> routes;  // none: all that can be asked
    NetworkFlags network;
};
struct Doctor {
    std::vector<std::string> routes;  // whose hosts are asked too
    NetworkFlags network;
};
struct Serve {
    Text host, port, api_key_env, state;
    std::vector<std::string> faults;
};
struct Completion {
    std::string shell;
};
struct Man {};
struct Help {
    std::vector<std::string> words;  // a command, or a topic; none: all commands
};

template <class T>
using Chosen = const std::function<void(const T&)>&;  // copied by who keeps it

void define_make(CLI::App& command, Chosen<Make> chosen);
void define_prompt(CLI::App& command, Chosen<Prompt> chosen);
void define_lint(CLI::App& command, Chosen<Lint> chosen);
void define_estimate(CLI::App& command, Chosen<Estimate> chosen);
void define_batch(CLI::App& command, Chosen<Batch> chosen);
void define_spend(CLI::App& command, Chosen<Spend> chosen);
void add_jobs_list(CLI::App& jobs, Chosen<JobsList> chosen);
void add_jobs_show(CLI::App& jobs, Chosen<JobsShow> chosen);
void add_jobs_wait(CLI::App& jobs, Chosen<JobsWait> chosen);    // wait, and resume
void add_jobs_cancel(CLI::App& jobs, Chosen<JobsCancel> chosen);
void add_jobs_forget(CLI::App& jobs, Chosen<JobsForget> chosen);
void add_jobs_settle(CLI::App& jobs, Chosen<JobsSettle> chosen);  // resend and adopt
void define_models(CLI::App& command, Chosen<Models> chosen, Chosen<ModelsShow> show, Chosen<ModelsCheck> check);
CLI::App* add_models_check(CLI::App& models, Chosen<ModelsCheck> chosen);
void define_doctor(CLI::App& command, Chosen<Doctor> chosen);
void define_serve(CLI::App& command, Chosen<Serve> chosen);
void define_completion(CLI::App& command, Chosen<Completion> chosen);
void define_man(CLI::App& command, Chosen<Man> chosen);
void define_help(CLI::App& command, Chosen<Help> chosen);  // topics.cpp

Result<Exit> run(const Make&, Context&);
Result<Exit> run(const Prompt&, Context&);
Result<Exit> run(const Lint&, Context&);
Result<Exit> run(const Estimate&, Context&);
Result<Exit> run(const Batch&, Context&);
Result<Exit> run(const Spend&, Context&);
Result<Exit> run(const JobsList&, Context&);
Result<Exit> run(const JobsShow&, Context&);
Result<Exit> run(const JobsWait&, Context&);
Result<Exit> run(const JobsCancel&, Context&);
Result<Exit> run(const JobsForget&, Context&);
Result<Exit> run(const JobsSettle&, Context&);
Result<Exit> run(const Models&, Context&);
Result<Exit> run(const ModelsShow&, Context&);
Result<Exit> run(const ModelsCheck&, Context&);
Result<Exit> run(const Doctor&, Context&);
Result<Exit> run(const Serve&, Context&);
Result<Exit> run(const Completion&, Context&);
Result<Exit> run(const Man&, Context&);
Result<Exit> run(const Help&, Context&);

std::vector<std::string> job_states();  // the words of `jobs ls --state`

}  // namespace shotwire::cli
