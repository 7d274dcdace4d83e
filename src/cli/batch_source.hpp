#pragma once
#include <iosfwd>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"

namespace shotwire::cli {

// Whether a batch comes through a pipe or a device, which has no name of its own: `-`, /dev/stdin, <(...).
bool is_stream(const std::string& file);

// Rows that come while a batch runs (--watch): appended to its file, or written into the stream. Of a file whole lines alone. A file that
// takes its place under its name is gone on with where it begins with what was read, since that is how editors save.
class BatchSource {
public:
    // What proves later that a file still begins with what was read of it.
    static std::string last_of(std::string_view read);
    // Of a file what stands behind `offset`, where `last` stands before it; `in` is read for `-`. Errors: local.
    static Result<std::unique_ptr<BatchSource>> open(const std::string& file, std::size_t offset, std::string last, std::istream& in, const core::Clock& clock);

    std::vector<std::string> take();  // the lines since the last call
    bool over() const { return over_; }
    const std::string& why() const { return why_; }  // it is over although nobody ended it, and what was not read
    std::string unread() const;                      // what stands in the file that was not taken; empty: nothing

private:
    struct Pipe {
        std::mutex guard;
        std::vector<std::string> lines;
        bool over = false;
    };
    explicit BatchSource(const core::Clock& clock) : clock_(clock) {}
    void read(std::vector<std::string>& lines);
    void remember();
    void end(const std::string& what);
    void end_unless_it_passes(const std::string& what);
    std::string behind() const;
    bool begins_alike(int other) const;

    const core::Clock& clock_;
    std::string name_;
    std::shared_ptr<Pipe> pipe_;
    core::Fd file_;
    std::size_t offset_ = 0;                  // behind the last line that was taken
    std::string last_;                        // what stands before it
    std::size_t seen_ = 0;                    // its size when it was last read
    std::optional<core::Moment> wrong_since_;  // an editor that writes a file anew begins with an empty one
    bool over_ = false;
    std::string why_;
};

}  // namespace shotwire::cli
