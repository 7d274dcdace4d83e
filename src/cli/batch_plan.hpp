#pragma once
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch/batch_file.hpp"
#include "cli/batch_equals.hpp"
#include "cli/commands.hpp"
#include "cli/resolve.hpp"

namespace shotwire::cli {

inline constexpr std::size_t most_problems_told = 200;  // the others are counted

// A clip of a batch, ready to be ordered; ten thousand of them wait for the word of consent.
struct BatchClip {
    std::string row;    // its id
    std::string where;  // in the file
    std::string output; // template; empty: the batch's
    bool named = false; // the file gave the id
    int index = 0;      // of the row
    int take = 1, ordinal = -1;  // -1: it has none yet
    bool draws = false;  // a seed, which its order does not have yet
    std::string order;  // catalog::write_order
    std::string identity;  // job::identity_of
    Operation operation = Operation::create;
    std::string model, resolution;
    double seconds = 0;
    std::optional<Money> price;  // none: unknown
    bool upper_bound = false;    // of the price
    const catalog::Route* route = nullptr;  // in `BatchPlan::routes`
};

// What clips cost together.
struct Cost {
    Money sum;
    std::size_t clips = 0, unpriced = 0;
    bool upper_bound = false;
    std::vector<std::pair<Money, std::string>> dearest;  // the most expensive rows, and how they are named

    void add(const BatchClip& clip);
    std::string print() const;  // "at most USD 1.20 and 2 of unknown price"
    std::string print_dearest() const;  // "; the most expensive: a: veo-3.1, 8 s, USD 3.20; ..."; empty where one row is all there is
};

// The rows in which a lint rule says the same.
struct Warned {
    int rows = 0;
    int last = 0;                     // Row::index: a row counts once, however often it is said of it
    std::vector<std::string> places;  // row, and where it stands: the first, or all where all are listed; until they are told
    bool told = false;
};

// What has been read of a batch so far: rows planned, and all that is in the way.
class BatchPlan {
public:
    BatchPlan(std::string name, std::filesystem::path folder, const Batch& options, Context& context, std::optional<NetworkFlags> network);

    void read(std::string_view text, batch::Format format);
    // Gives each clip that has been read its place among equal orders, and those of the lines to come. `earlier`: what was ordered for
    // the batch before.
    void settle(std::vector<job::Ledger::BatchRow> earlier);
    const Equals& equals() const { return equals_; }
    void line(std::string_view text);  // one more of JSONL; a row that cannot be made is told by `take_problems`

    std::deque<BatchClip> clips;
    std::map<std::string, catalog::Route> routes;
    // What is to be said of the rows since the last call: choices, changes, notes and what lint warns of, each once.
    std::vector<std::string> news();

    // Where a clip goes.
    struct Place {
        std::string text;    // template, below --out-dir
        bool by_id = false;  // nobody asked for that very name
        bool asked = true;   // false: wherever an equal clip is
    };
    Place place_of(const BatchClip& clip) const;

    void close();  // no more lines come: what only they would be compared with is given up

    bool sound() const { return problems_.empty(); }
    Error problem() const;  // all of them, a line each
    const std::vector<batch::Problem>& problems() const { return problems_; }
    std::vector<batch::Problem> take_problems() { return std::exchange(problems_, {}); }
    std::string print(const batch::Problem& problem) const;

private:
    void take(batch::Row row);
    void sync_problems();
    bool lists_all() const;  // places of findings: with -v, and where nothing is sent
    Result<std::string> fill(const std::string& text, const BatchClip& clip, const Order& order) const;
    std::string absolute(const std::string& file) const;
    std::optional<Error> shared_output(const BatchClip& clip, const Order& order, const Place& place);

    std::string name_;
    std::filesystem::path folder_;
    const Batch& options_;
    Context& context_;
    std::optional<NetworkFlags> network_;
    Defaults defaults_;
    std::set<std::string> planned_;  // models and routes, as they were asked for
    batch::Reader reader_;
    std::vector<batch::Problem> problems_;
    Equals equals_;
    std::map<std::pair<std::string, std::string>, Warned> findings_;  // by lint rule and what it says
    std::vector<std::string> sentences_;
    std::size_t sentences_told_ = 0;
    std::map<std::string, int> told_;
    bool settled_ = false;  // what comes now comes later than the others
    bool told_template_ = false;
    std::string sound_template_;                              // the last that was good
    std::unordered_map<std::uint64_t, std::uint32_t> outputs_;  // their hashes, and whose they are in `clips`: there may be ten thousand
    std::string here_;  // with a slash at the end
};

// The plan on stdout, for --dry-run and estimate: rows, prices, the most expensive ones.
void print_plan(const BatchPlan& plan, Context& context);

}  // namespace shotwire::cli
