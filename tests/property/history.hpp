#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "flaky_host.hpp"
#include "job/bench.hpp"
#include "watched_ledger.hpp"

namespace shotwire::test {

// One life of a ledger and an output folder, told by a seed: commands that make, resume, resend, adopt and cancel jobs, each in a
// process of its own that may die, be interrupted or find another date at any moment, before a provider that fails by dice. After
// each process the invariants are judged; at the end all is well again, and the same commands must finish what can be finished.
class History {
public:
    History(std::uint64_t seed, Bug bug, bool tells);
    ~History();

    void live(int steps);  // throws Violation
    const std::vector<std::string>& told() const { return told_; }
    std::uint64_t events() const { return all_events_; }

private:
    using Time = FlakyHost::Time;
    struct Asked {  // what the user has in mind: an order and where its clip shall go
        std::string prompt;
        int ordinal = 0;
        std::string name;
        bool square = false;  // what is delivered is not what was ordered
    };
    struct Process {  // what may befall one
        job::Settings settings;
        bool calm = false;
    };
    struct Ran {
        bool died = false;
        std::vector<job::Runner::Outcome> outcomes;
    };
    class Wire;

    Ran process(const Process& how, const std::string& what, const std::function<void(job::Runner&)>& command);
    Process some_process();
    void step();
    void make(const std::vector<const Asked*>& orders, Process how);
    void resume_all(const Process& how);
    void recover();  // all is well: everything comes to its end, at no cost but what was never sent

    // judge.cpp
    void judge_request(const http::Request& request);
    void judge_end(const Process& how, Time took, int requests, std::size_t jobs) const;
    void judge_outcomes(const Process& how, const Ran& ran);
    void judge_books();
    void judge_history(const job::Row& row) const;
    void judge_folder() const;
    void judge_clip(const job::Row& row) const;
    void judge_as_others_do() const;

    job::Wanted wanted(const Asked& asked) const;
    std::filesystem::path place(const std::string& name) const { return folder_.path() / name; }
    std::filesystem::path ledger_file() const { return folder_.path() / "ledger" / "ledger.db"; }
    std::unique_ptr<job::Ledger> open(const core::Clock& clock) const;
    std::vector<job::Row> rows() const;
    void save_disk();
    void put_disk_back();
    void tell(const std::string& line);

    Dice dice_;
    Bug bug_;
    bool tells_;
    core::TemporaryFolder folder_;
    std::shared_ptr<Provider> provider_;
    FlakyHost host_;
    std::vector<Asked> asked_;
    Time now_{};           // since the history began
    Time date_is_off_by_{};
    core::Clock onlooker_;
    std::unique_ptr<job::Ledger> on_disk_;     // as any other process would see it
    std::map<std::string, std::string> disk_;  // the ledger's files as they were when the process died

    std::map<std::string, std::string> job_of_key_;  // who sent it
    std::map<std::string, int> resends_;             // by the user's word, of each job
    std::set<std::string> adopted_, cancelled_;      // likewise
    std::map<std::filesystem::path, std::string> strangers_;  // files that are not ours, and what is in them
    std::set<std::string> removed_;                  // clips of done jobs that the user removed
    std::vector<std::string> told_;
    std::uint64_t all_events_ = 0;
};

}  // namespace shotwire::test
