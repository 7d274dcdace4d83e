#include "batch/batch_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "batch/csv.hpp"
#include "batch/keys.hpp"
#include "core/text.hpp"

namespace shotwire::batch {
namespace {

constexpr std::size_t most_rows = 1'000'000;
constexpr long most_takes = 1000;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string key_of_column(std::string_view cell) { return plain(core::lower(core::trim(cell))); }
bool is_column(std::string_view cell) { return !unknown_key(key_of_column(cell)); }

std::string word_of(const json& value) { return value.is_string() ? value.get<std::string>() : core::dump(value); }

// What a matrix puts behind an id for each value of a list: its ASCII letters; where two values have the same, their letters of all
// alphabets; where these are the same, too, their places in the list. A value that stands there twice is the same row twice.
std::vector<std::string> id_parts(const json& values) {
    const auto letters = [](std::string word, bool all) {
        for (auto& c : word) {
            const auto byte = static_cast<unsigned char>(c);
            if (!(std::isalnum(byte) || c == '.' || c == '_' || (all && byte >= 0x80))) c = '-';
        }
        return word;
    };
    std::vector<std::string> words, parts;
    std::map<std::string, std::size_t> place;  // of each word
    for (const auto& value : values) {
        words.push_back(word_of(value));
        parts.push_back(letters(words.back(), false));
        place.emplace(words.back(), words.size());
    }
    const auto part_shared = [&](auto better) {
        std::map<std::string, std::set<std::string>> shared;
        for (std::size_t i = 0; i < words.size(); ++i) shared[parts[i]].insert(words[i]);
        for (std::size_t i = 0; i < words.size(); ++i)
            if (shared[parts[i]].size() > 1) parts[i] = better(i);
    };
    part_shared([&](std::size_t i) { return letters(words[i], true); });
    part_shared([&](std::size_t i) { return fmt::format("{}-{}", parts[i], place[words[i]]); });
    return parts;
}

}  // namespace

std::string name_of_take(const std::string& id, long take) { return fmt::format("{}-take{}", id, take); }

Format format_of(const std::string& name, std::string_view text) {
    const auto lower = core::lower(name);
    if (lower.ends_with(".csv")) return Format::csv;
    if (lower.ends_with(".jsonl") || lower.ends_with(".ndjson")) return Format::lines;
    if (lower.ends_with(".yaml") || lower.ends_with(".yml") || lower.ends_with(".json")) return Format::document;
    // By its looks: a first line that is a whole JSON group is one of several; one with commas and without a colon names columns, and so
    // does one that is a key of a row.
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const auto start = core::trim(text.substr(0, text.find('\n')));
    const auto first = start.starts_with('{') ? core::json_of(start) : json();
    if (first.is_object() && (core::trim(text).size() > start.size() || !first.contains("shots"))) return Format::lines;
    const bool columns = start.find_first_of(":{[") == start.npos && (start.find(',') != start.npos || is_column(start));
    return columns ? Format::csv : Format::document;
}

bool is_batch(const std::string& name, std::string_view text) {
    if (format_of(name, text) != Format::document) return true;
    const auto value = shot::read_value(text, name);
    return value && (value->is_array() || (value->is_object() && value->contains("shots")));
}

std::string print(const Problem& problem, const std::string& file) {
    auto text = core::printable(file);
    if (!problem.where.empty()) text += ": " + problem.where;
    if (!problem.row.empty()) text += ": row " + core::printable(problem.row);
    return text + ": " + problem.message;
}

void Reader::problem(const std::string& where, const std::string& id, std::string message) { problems_.push_back({where, id, std::move(message)}); }

void Reader::read(std::string_view text, const std::string& name, Format format) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (!core::is_utf8(text)) return problem("", "", "it is not valid UTF-8");
    if (core::trim(text).empty()) return problem("", "", "it is empty");
    switch (format) {
        case Format::document: document(text, name); break;
        case Format::csv: csv(text); break;
        case Format::lines:
            while (!text.empty()) {
                const auto end = text.find('\n');
                line(text.substr(0, end));
                text.remove_prefix(end == text.npos ? text.size() : end + 1);
            }
    }
    if (rows() == 0 && problems_.empty()) problem("", "", "it has no row");
}

// `defaults` and `matrix`, taken out of the keys. False: they are no good, and that was told.
bool Reader::take_settings(json& keys, const std::string& where) {
    if (keys.contains("defaults")) {
        if (!keys["defaults"].is_object()) return problem(where, "", "defaults holds no group of keys"), false;
        if (const auto twice = given_twice(keys["defaults"])) return problem(where, "", "defaults: " + twice->second), false;
        defaults_ = with_plain_keys(keys["defaults"]);
        keys.erase("defaults");
        for (const char* own : {"id", "shots", "matrix", "defaults"})
            if (defaults_.contains(own)) return problem(where, "", fmt::format("defaults cannot hold {}", own)), false;
        if (defaults_.contains("base_url")) return problem(where, "", "defaults: " + said_elsewhere("base_url")), false;
    }
    if (!keys.contains("matrix")) return true;
    const auto lists = keys["matrix"];
    keys.erase("matrix");
    if (!lists.is_object()) return problem(where, "", "matrix holds no lists by key, such as {model: [a, b]}"), false;
    if (const auto twice = given_twice(lists)) return problem(where, "", "matrix: " + twice->second), false;
    matrix_.clear();
    for (const auto& [key, values] : lists.items()) {
        if (!values.is_array() || values.empty()) return problem(where, "", fmt::format("matrix: {} holds no list of values", core::printable(key))), false;
        const auto name = plain(key);
        if (const auto where_else = said_elsewhere(name); !where_else.empty()) return problem(where, "", "matrix: " + where_else), false;
        if (name != "no_audio") {
            matrix_.emplace_back(name, values);
            continue;
        }
        auto opposites = json::array();
        for (const auto& value : values) opposites.push_back(opposite(value));
        matrix_.emplace_back("audio", opposites);
    }
    return true;
}

void Reader::document(std::string_view text, const std::string& name) {
    shot::Marks marks;
    auto value = shot::read_value(text, name, &marks);
    if (!value) {
        auto message = value.error().message;  // "NAME: line 3, column 5: why"
        if (message.starts_with(name + ": ")) message.erase(0, name.size() + 2);
        const auto end = message.starts_with("line ") ? message.find(": ") : message.npos;
        return end == message.npos ? problem("", "", message) : problem(message.substr(0, end), "", message.substr(end + 2));
    }
    json* rows = &*value;
    std::string path;
    if (value->is_object()) {
        if (!value->contains("shots")) return problem("", "", "it holds no list of shots: neither a list itself, nor a group with the key shots");
        if (!take_settings(*value, "")) return;
        for (const auto& [key, unused] : value->items())
            if (key != "shots") return problem(shot::place_in(marks, "/" + key, ""), "", fmt::format("unknown key {}; beside shots there may be defaults and matrix", core::printable(key)));
        rows = &(*value)["shots"];
        path = "/shots";
    }
    if (!rows->is_array()) return problem("", "", "the shots are no list");
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto place = fmt::format("{}/{}", path, i);
        shot::Marks own;
        const auto prefix = place + "/";
        for (auto at = marks.lower_bound(prefix); at != marks.end() && at->first.starts_with(prefix); ++at)
            if (at->first.find('/', prefix.size()) == std::string::npos) own.emplace(plain(at->first.substr(prefix.size())), at->second);
        group(std::move((*rows)[i]), shot::place_in(marks, place, ""), std::move(own));
    }
}

void Reader::line(std::string_view text) {
    ++line_;
    text = core::trim(text);
    if (text.empty()) return;
    shot::Marks marks;
    const auto here = fmt::format("line {}, ", line_);
    const auto place = here + "column 1";
    auto value = shot::read_value(text, "line.json", &marks);
    if (!value) {
        auto message = value.error().message;
        const auto at = message.find(": ");
        message.erase(0, at == message.npos ? 0 : at + 2);
        const auto column = message.find("column ");
        const auto end = message.find(": ");
        if (message.starts_with("line ") && column < end) return problem(here + message.substr(column, end - column), "", message.substr(end + 2));
        return problem(place, "", message);
    }
    if (!value->is_object()) return ++number_, problem(place, "", "it is no JSON group of keys");
    const bool settings = std::all_of(value->items().begin(), value->items().end(), [](const auto& one) { return one.key() == "defaults" || one.key() == "matrix"; });
    if (settings && !value->empty()) return void(take_settings(*value, place));
    shot::Marks own;
    for (const auto& [path, mark] : marks)
        if (path.size() > 1 && path.find('/', 1) == std::string::npos) own.emplace(plain(path.substr(1)), shot::Place{line_, mark.column});
    group(std::move(*value), place, std::move(own));
}

void Reader::csv(std::string_view text) {
    std::vector<std::string> names, places;  // of the columns; a wrong one has no name
    const auto failed = read_csv(text, [&](const std::vector<std::string>& cells, std::size_t line) {
        const auto where = [&](std::size_t column) { return fmt::format("line {}, column {}", line, column + 1); };
        if (names.empty()) {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                auto name = key_of_column(cells[i]);
                places.push_back(where(i));
                auto wrong = name.empty() ? std::optional<std::string>("this column has no name") : unknown_key(name);
                if (const auto where_else = said_elsewhere(name); !where_else.empty()) wrong = where_else;
                if (name == "matrix") wrong = "a table holds no matrix: a row for each combination, or YAML or JSON, does";
                if (wrong) problem(places.back(), "", std::move(*wrong));
                lacks_ = lacks_ || wrong.has_value();
                names.push_back(wrong ? "" : std::move(name));
            }
            return;
        }
        if (std::all_of(cells.begin(), cells.end(), [](const auto& cell) { return core::trim(cell).empty(); })) return;
        if (cells.size() > names.size()) return ++number_, problem(where(names.size()), "", fmt::format("it has {} cells, the first row names {} columns", cells.size(), names.size()));
        json keys = json::object();
        shot::Marks marks;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto cell = std::string(core::trim(cells[i]));
            if (cell.empty() || names[i].empty()) continue;  // of a column that is wrong: told once, with it
            marks.emplace(names[i], shot::Place{line, i + 1});
            auto& value = keys[names[i]];
            if (names[i] == "camera" || names[i] == "references") {
                if (value.is_null()) value = json::array();
                for (const auto& part : core::split(cell, ';'))
                    if (!core::trim(part).empty()) value.push_back(core::trim(part));
            } else if (names[i] == "params") {
                if (value.is_null()) value = json::object();
                for (const auto& part : core::split(cell, ';')) {
                    const auto at = part.find('=');
                    if (at == std::string::npos || at == 0) return problem(where(i), "", fmt::format("param '{}' is not of the form name=value", core::printable(part)));
                    value[std::string(core::trim(part.substr(0, at)))] = core::trim(part.substr(at + 1));
                }
            } else if (!value.is_null()) {
                problem(places[i], "", fmt::format("two columns are named {}", core::printable(std::exchange(names[i], ""))));
            } else {
                value = cell;
            }
        }
        group(std::move(keys), where(0), std::move(marks));
    });
    if (failed) problem(fmt::format("line {}, column 1", failed->line), "", failed->message);
}

// One group of the file: a row, or one for each combination of its matrix.
void Reader::group(json given, const std::string& where, shot::Marks marks) {
    ++number_;
    if (!given.is_object()) return problem(where, "", "a row is a group of keys, such as {subject: a fox}");
    json keys = with_plain_keys(given);
    const auto twice = keys.size() < given.size() ? given_twice(given) : std::nullopt;
    auto base = std::to_string(number_);
    const bool named = keys.contains("id");
    if (named) {
        base = word_of(keys["id"]);
        keys.erase("id");
        const bool control = std::any_of(base.begin(), base.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
        const bool good = !base.empty() && base.size() <= 100 && base.find_first_of("/\\") == base.npos && !control;
        if (!good) return problem(where, "", fmt::format("id '{}' is not of 1 to 100 characters without slashes, line ends and control characters", core::printable(base)));
    }
    const auto above = matrix_;
    if (keys.contains("matrix")) {
        json own{{"matrix", keys["matrix"]}};
        keys.erase("matrix");
        if (!take_settings(own, where)) return void(matrix_ = above);
        // The file's lists keep their order, and so do the ids of its rows; the row's own go in their places, or behind them.
        auto lists = above;
        for (auto& mine : matrix_) {
            const auto same = std::find_if(lists.begin(), lists.end(), [&](const auto& one) { return one.first == mine.first; });
            if (same == lists.end()) lists.push_back(std::move(mine));
            else same->second = std::move(mine.second);
        }
        matrix_ = std::move(lists);
    }
    bool sound = true;
    if (keys.contains("base_url")) {
        problem(shot::place_in(marks, "base_url", where), base, said_elsewhere("base_url"));
        keys.erase("base_url");
        sound = false;
    }
    if (twice) {
        problem(shot::place_in(marks, twice->first, where), base, twice->second);
        sound = false;
    }
    // A shot file that the row names goes over the defaults, and the row's keys over that.
    const auto says = [&](const char* key) { return keys.contains(key) || std::any_of(matrix_.begin(), matrix_.end(), [&](const auto& list) { return list.first == key; }); };
    const bool files = says("shot");
    auto lower = files ? defaults_ : json::object(), merged = files ? json::object() : defaults_;
    for (const char* key : {"output", "takes"})
        if (lower.contains(key)) merged[key] = lower[key], lower.erase(key);
    // Pixels and what they stand for replace one another.
    if (says("size")) merged.erase("resolution"), merged.erase("aspect_ratio");
    if (says("resolution") || says("aspect_ratio")) merged.erase("size");
    keys.get_ref<json::object_t&>().merge(merged.get_ref<json::object_t&>());
    std::size_t combinations = 1;
    for (const auto& [key, values] : matrix_)
        if (combinations <= most_rows) combinations *= values.size();  // a hundred lists would come round to nothing
    const auto lists = std::exchange(matrix_, above);
    if (combinations > most_rows) return problem(where, base, fmt::format("its matrix has {} combinations; at most {} rows are read", combinations, most_rows));
    std::vector<std::vector<std::string>> parts;
    for (const auto& [key, values] : lists) parts.push_back(id_parts(values));
    for (std::size_t n = 0; n < combinations; ++n) {
        const bool last = n + 1 == combinations;
        auto one = last ? std::exchange(keys, {}) : keys;
        std::vector<std::string> suffix;
        auto left = n;
        // The last list turns fastest, as digits do.
        std::size_t below = combinations;
        for (std::size_t i = 0; i < lists.size(); ++i) {
            const auto& [key, values] = lists[i];
            below /= values.size();
            const auto which = left / below;
            left %= below;
            one[key] = values[which];
            suffix.push_back(parts[i][which]);
        }
        row(lower, std::move(one), base, named, sound, suffix, where, last ? std::exchange(marks, {}) : marks);
    }
}

// By another row: its id, or one of its takes, has a name that this one would give its clip.
std::optional<std::string> Reader::name_taken(const Row& row) const {
    if (row.takes > 1) {
        for (long take = 1; take <= row.takes; ++take)
            if (const auto other = ids_.find(name_of_take(row.id, take)); other != ids_.end() && other->second.takes <= 1)
                return fmt::format("its take {} would be called {}, as the row at {} is", take, core::printable(other->first), other->second.where);
        return {};
    }
    const auto end = row.id.rfind("-take");
    const auto owner = end == std::string::npos ? ids_.end() : ids_.find(row.id.substr(0, end));
    if (owner == ids_.end()) return {};
    for (long take = 1; owner->second.takes > 1 && take <= owner->second.takes; ++take)
        if (name_of_take(owner->first, take) == row.id) return fmt::format("the id {} is the name of a take of the row at {}", core::printable(row.id), owner->second.where);
    return {};
}

void Reader::row(json below, json keys, const std::string& base, bool named, bool sound, const std::vector<std::string>& suffix, const std::string& where,
                 shot::Marks marks) {
    Row row;
    row.sound = sound;
    row.lacks = lacks_;
    row.id = base;
    for (const auto& part : suffix) row.id += "-" + part;
    row.named = named;
    row.where = where;
    row.marks = std::move(marks);
    if (const auto denied = row.marks.find("no_audio"); denied != row.marks.end()) row.marks.emplace("audio", denied->second);
    if (std::size_t(index_) >= most_rows) return problem(where, row.id, fmt::format("at most {} rows are read", most_rows));
    row.index = ++index_;
    const auto mark = [&](const char* key) { return shot::place_in(row.marks, key, where); };
    const auto [seen, fresh] = ids_.emplace(row.id, Seen{where});
    if (!fresh) problem(mark("id"), row.id, fmt::format("the id {} stands at {} already", core::printable(row.id), seen->second.where)), row.sound = false;
    if (keys.contains("output")) {
        row.output = word_of(keys["output"]);
        keys.erase("output");
    }
    if (keys.contains("takes")) {
        const auto word = word_of(keys["takes"]);
        keys.erase("takes");
        const bool digits = !word.empty() && word.size() <= 4 && word.find_first_not_of("0123456789") == word.npos;
        row.takes = digits ? std::stol(word) : 0;
        if (row.takes < 1 || row.takes > most_takes)
            problem(mark("takes"), row.id, fmt::format("takes {} is not a whole number from 1 to {}", core::printable(word), most_takes)), row.sound = false;
    }
    if (fresh) seen->second.takes = row.takes;
    if (const auto taken = name_taken(row)) problem(mark(row.takes > 1 ? "takes" : "id"), row.id, *taken), row.sound = false;
    clips_ += std::size_t(std::max(0L, row.takes));
    if (clips_ > most_rows) return problem(mark("takes"), row.id, fmt::format("with all takes these are more than {} clips", most_rows));
    row.below = std::move(below);
    row.keys = std::move(keys);
    on_row_(std::move(row));
}

}  // namespace shotwire::batch
