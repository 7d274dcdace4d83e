#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "shot/shot_file.hpp"
#include "shotwire/result.hpp"

namespace shotwire::batch {

// One clip that a batch asks for: the keys of a shot file, with the file's defaults below them and the values of a matrix above.
struct Row {
    std::string id;         // the file's, or its number; with the values of a matrix behind it. Unique within the file
    bool named = false;     // the file gave it
    json below;             // the file's defaults, where the row names a shot file, which goes over them; else they are among the keys
    json keys;              // of a shot and an order, hyphens as underscores
    std::string output;     // template of its path; empty: not given
    long takes = 1;
    bool lacks = false; // a column of its table is none that is known: what the row does not say may stand there
    bool sound = true;  // false: a problem of it was told; its other keys are worth a look all the same
    int index = 0;          // among all rows, from 1
    std::string where;      // "line 12, column 3"
    shot::Marks marks;      // the same of each key
};

std::string name_of_take(const std::string& id, long take);  // from 1: of rows that have several

struct Problem {
    std::string where;  // "line 12, column 3"; empty: the whole file
    std::string row;    // id; empty: none
    std::string message;
};
std::string print(const Problem& problem, const std::string& file);  // "shots.yaml: line 3, column 5: row fox: why"

// YAML, JSON, JSONL and CSV by the file's ending, else by what it looks like. A list of rows, or a group with `shots` (the list),
// `defaults` (keys for every row) and `matrix` (lists by key: every row once for each combination); a row may have a matrix of its
// own. In JSONL a line with `defaults` or `matrix` alone holds for the lines below it. CSV: the first row names the keys, empty cells
// are not given, several values of a repeatable key stand in several columns of its name or behind one another with a `;`.
enum class Format { document, lines, csv };
Format format_of(const std::string& name, std::string_view text);
bool is_batch(const std::string& name, std::string_view text);  // rather than one shot

// Hands out the rows one by one, so that no file is held twice; what cannot be read is a problem and the next row follows.
class Reader {
public:
    using OnRow = std::function<void(Row)>;
    explicit Reader(OnRow on_row) : on_row_(std::move(on_row)) {}

    void read(std::string_view text, const std::string& name, Format format);
    void line(std::string_view text);  // of JSONL: the next one
    void close() { ids_ = {}; }        // after the last one: ids are no longer compared
    const std::vector<Problem>& problems() const { return problems_; }
    std::vector<Problem> take_problems() { return std::exchange(problems_, {}); }
    int rows() const { return index_; }

private:
    void document(std::string_view text, const std::string& name);
    void csv(std::string_view text);
    void group(json given, const std::string& where, shot::Marks marks);
    std::optional<std::string> name_taken(const Row& row) const;
    void row(json below, json keys, const std::string& base, bool named, bool sound, const std::vector<std::string>& suffix, const std::string& where,
             shot::Marks marks);
    void problem(const std::string& where, const std::string& id, std::string message);
    bool take_settings(json& keys, const std::string& where);

    OnRow on_row_;
    std::vector<Problem> problems_;
    json defaults_ = json::object();
    std::vector<std::pair<std::string, json>> matrix_;  // key and its values
    struct Seen {
        std::string where;  // first
        long takes = 1;
    };
    std::map<std::string, Seen> ids_;
    int index_ = 0;   // of rows
    bool lacks_ = false;  // Row::lacks
    std::size_t clips_ = 0;
    int number_ = 0;  // of groups in the file: the id of one that has none
    std::size_t line_ = 0;
};

}  // namespace shotwire::batch
