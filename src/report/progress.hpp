#pragma once
#include <functional>
#include <iosfwd>
#include <map>
#include <set>
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
        std::function<int()> columns = [] { return 100; };  // asked at each drawing: terminals change their width
    };
    // `out`, `clock` and `mask` outlive it.
    ProgressLines(std::ostream& out, const core::Clock& clock, const core::Mask& mask, Look look)
        : out_(out), clock_(clock), mask_(mask), look_(std::move(look)) {}
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
        int tenths = -1;             // of the progress that a line off the terminal has told
        std::set<std::string> told;  // stages and their reasons that such a line has told: tries and retries are one matter
    };
    std::string words(const std::string& id, const Line& line) const;
    void draw();

    std::ostream& out_;
    const core::Clock& clock_;
    const core::Mask& mask_;
    Look look_;
    std::vector<std::string> order_;
    std::map<std::string, Line> lines_;
    std::vector<std::size_t> drawn_;  // characters of each line that stands on the terminal
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
    std::set<std::string> ended_;  // jobs and the end that has been told of them
};

}  // namespace shotwire::report
