#pragma once
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/secrets.hpp"
#include "job/runner.hpp"

namespace shotwire::report {

// Jobs as lines on stderr: one for each that is under way, drawn over on a terminal; a line per change elsewhere.
class ProgressLines : public job::Observer {
public:
    struct Look {
        bool terminal = false;
        bool quiet = false;
        bool color = false;
        int columns = 100;
    };
    // `out`, `clock` and `mask` outlive it.
    ProgressLines(std::ostream& out, const core::Clock& clock, const core::Mask& mask, Look look)
        : out_(out), clock_(clock), mask_(mask), look_(look) {}
    ~ProgressLines() override { clear(); }

    void changed(const job::Row& row, const job::Progress& progress) override;
    void warned(const JobId& job, const std::string& sentence) override;
    void tick();   // time passed: draws anew on a terminal
    void clear();  // leaves the terminal as if nothing had been drawn

private:
    struct Line {
        std::string name;
        Stage stage = Stage::planned;
        job::Progress progress;
        core::Moment seen;
        int told = -1;  // tenths of the progress that a line off the terminal has told
    };
    std::string words(const std::string& id, const Line& line) const;
    void draw();

    std::ostream& out_;
    const core::Clock& clock_;
    const core::Mask& mask_;
    Look look_;
    std::vector<std::string> order_;
    std::map<std::string, Line> lines_;
    int drawn_ = 0;
};

// The same as NDJSON, for programs that follow (--events): schema "shotwire.event/1".
class EventStream : public job::Observer {
public:
    // `write` gets a line with its end, at once.
    EventStream(std::function<void(const std::string&)> write, const core::Clock& clock, const core::Mask& mask)
        : write_(std::move(write)), clock_(clock), mask_(mask) {}
    void changed(const job::Row& row, const job::Progress& progress) override;
    void warned(const JobId& job, const std::string& sentence) override;
    void ended(const json& job_document);

private:
    void tell(const char* event, json document);
    std::function<void(const std::string&)> write_;
    const core::Clock& clock_;
    const core::Mask& mask_;
};

}  // namespace shotwire::report
