#pragma once
#include <memory>

#include "batch/hooks.hpp"
#include "cli/batch_plan.hpp"
#include "cli/batch_reports.hpp"
#include "cli/batch_source.hpp"
#include "cli/drive.hpp"
#include "report/batch_view.hpp"
#include "report/outlet.hpp"

namespace shotwire::cli {

// What an earlier run left of a row's order; unsent: it surely was never accepted, so its turn has not come yet. Nothing but --again
// orders anew what was refused by the provider, cancelled by the user, or lost there when it may have been billed.
enum class Before { nothing, unsent, live, done, failed, refused, cancelled, lost };
struct Found {
    Before what = Before::nothing;
    std::optional<job::Row> row;
    std::optional<JobId> next;  // a second try of it that was never sent
};
Result<Found> before(const BatchClip& clip, job::Ledger& ledger);
bool is_left(Before what, bool again);  // it stays as it ended; `again`: what failed is tried again

// A batch under way: gives its rows to the runner, tells of each as it ends, and sums up.
class BatchRun final : public job::Observer {
public:
    BatchRun(std::string batch, const BatchReports& reports, std::vector<std::string> exec, const Batch& options, const Waiting& waiting, Context& context, BatchPlan& plan,
             std::vector<report::RowEnd>& ends);
    ~BatchRun() override;

    void ended_before(const BatchClip& clip, const job::Row& row);  // in an earlier run, or it was left there, and this one does not go on with it
    // To the end; with `more` rows, as they come. Errors, before anything was sent: local, usage.
    Result<Exit> run(std::deque<BatchClip> clips, std::unique_ptr<BatchSource> more);

    void changed(const job::Row&, const job::Progress&) override {}
    void warned(const JobId& job, const std::string& sentence) override;
    bool wants_ends() const override { return true; }
    void ended(const job::Outcome& outcome) override;

private:
    struct Clip {
        std::string row;
        int index = 0;
    };
    Result<> add(job::Runner& runner, BatchClip& clip);  // takes its order
    Result<> add_later(job::Runner& runner, BatchClip& clip);
    void add_more(job::Runner& runner);
    void refuse(const BatchClip& clip, const Error& error);
    void tell(const std::string& line, report::RowEnd end, bool now);
    void write_line(const std::string& line, const report::RowEnd& end);
    void look_at_out();
    bool hand_on();
    bool finish_hooks();
    void tell_hooks();
    void complain(const std::string& sentence);

    struct Awake : Interrupt::Listener {
        void interrupted() noexcept override {}  // it is counted: whoever waits looks
    };

    std::string batch_;
    const BatchReports& reports_;
    const Batch& options_;
    const Waiting& waiting_;
    Context& context_;
    BatchPlan& plan_;
    report::Outlet outlet_;  // stdout and stderr while the batch runs
    Awake awake_;
    std::vector<Clip> clips_;  // by Wanted::index
    std::vector<int> codes_;  // of each end
    std::vector<report::RowEnd>& ends_;        // where a report wants them, also one of a batch that is refused after some rows were told
    std::size_t done_ = 0, differs_ = 0, left_ = 0;
    bool lost_out_ = false;
    std::unique_ptr<batch::Hooks> hooks_;
    std::unique_ptr<report::BatchView> view_;
    std::unique_ptr<BatchSource> source_;
    job::Tally tally_;
    core::Wall started_;
};

}  // namespace shotwire::cli
