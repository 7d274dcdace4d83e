#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fate.hpp"
#include "job/ledger.hpp"

namespace shotwire::test {

// Deliberate bugs: each breaks one promise of the ledger or of who uses it, to prove that the judge sees it.
enum class Bug {
    none,
    forgets_the_sending,  // a row that was sent looks as if it surely was not
    commits_late,         // says Ok before anything is on disk
    forgets_the_id,       // of the provider's job
    halves_the_clip,      // behind the rename
    loses_the_clip,       // calls it done and leaves no file
    sees_no_equal,        // an equal order is taken for a new one
    skips_a_stage,        // in the history
    never_pauses,         // a timer is due at once
    waits_for_ever,       // the time-out does not come
    overwrites,           // a stranger's file
};

// The real ledger, each of whose calls is an event of its process; after its process died it takes nothing more.
class WatchedLedger final : public job::Ledger {
public:
    WatchedLedger(std::unique_ptr<job::Ledger> ledger, Fate& fate, Bug bug) : ledger_(std::move(ledger)), fate_(fate), bug_(bug) {}
    void die() { dead_ = true; }

    Result<std::optional<job::Row>> find(const std::string& id) override {
        auto row = ledger_->find(id);
        if (bug_ == Bug::forgets_the_sending && row && *row && (*row)->stage == Stage::submitting) (*row)->unsent = true;
        return row;
    }
    Result<std::vector<job::Row>> list(const job::Filter& filter) override { return ledger_->list(filter); }
    Result<std::vector<job::Row>> by_fingerprint(const std::string& fingerprint) override {
        if (bug_ == Bug::sees_no_equal) return std::vector<job::Row>();
        return ledger_->by_fingerprint(fingerprint);
    }
    Result<std::vector<job::HistoryLine>> history(const JobId& id) override { return ledger_->history(id); }
    Result<std::vector<backend::Handle>> other_handles(const job::Row& row) override { return ledger_->other_handles(row); }

    Result<std::vector<BatchRow>> batch_rows(const std::string& batch) override { return ledger_->batch_rows(batch); }

    Result<job::Row> insert(job::Row row, bool claimed) override {
        if (gone()) return no_more();
        if (bug_ == Bug::sees_no_equal) row.ordinal += ++inserted_ * 10;
        return ledger_->insert(row, claimed);
    }
    Result<> save(job::Row& row, const std::string& note) override {
        if (gone()) return no_more();
        auto written = row;
        if (bug_ == Bug::forgets_the_id) written.handle.reset();
        if (row.stage == Stage::done) spoil(row);
        auto saved = ledger_->save(written, note);
        row.updated = written.updated;
        return saved;
    }
    Result<> commit() override {
        if (gone()) return no_more();
        if (bug_ == Bug::commits_late && std::exchange(waits_, !waits_) == false) return Ok{};
        auto done = ledger_->commit();
        fate_.event();
        return done;
    }
    bool broken() const override { return ledger_->broken(); }
    std::filesystem::path file() const override { return ledger_->file(); }
    Result<bool> claim(const JobId& id) override {
        if (gone()) return no_more();
        return ledger_->claim(id);
    }
    Result<std::optional<Look>> look(const JobId& id) override { return ledger_->look(id); }
    Result<> renew() override { return gone() ? no_more() : ledger_->renew(); }
    Result<> release(const JobId& id) override { return gone() ? no_more() : ledger_->release(id); }
    Result<> forget(const JobId& id) override { return gone() ? no_more() : ledger_->forget(id); }
    Result<Money> account(const std::string& profile, const std::string& day) override {
        if (gone()) return no_more();
        return ledger_->account(profile, day);
    }
    Result<std::vector<job::Spent>> spending() override { return ledger_->spending(); }
    Result<std::vector<Past>> past(const std::string& route, const std::string& model, const std::string& resolution) override {
        return ledger_->past(route, model, resolution);
    }

private:
    static Error no_more() { return {ErrorKind::local, "the process is dead"}; }
    bool gone() {
        if (!dead_) fate_.event();
        return dead_;
    }
    void spoil(const job::Row& row) const {
        std::error_code failed;
        if (bug_ == Bug::halves_the_clip) std::filesystem::resize_file(row.clip, 40, failed);
        if (bug_ == Bug::loses_the_clip) std::filesystem::remove(row.clip, failed);
    }

    std::unique_ptr<job::Ledger> ledger_;
    Fate& fate_;
    Bug bug_;
    bool dead_ = false;
    bool waits_ = false;
    int inserted_ = 0;
};

}  // namespace shotwire::test
