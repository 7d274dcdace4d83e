#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::shot {
namespace {

constexpr std::size_t most_bytes = 16 << 20;
constexpr std::size_t most_depth = 32;
constexpr std::size_t marked_depth = 4;  // of a batch: shots, a row, its key, what is in it
constexpr std::size_t most_alias_values = 50'000;  // what all aliases together may stand for

// Thrown through the parsers, caught in this file.
struct Refused {
    Place where;
    std::string what;
};

// Puts values together as a parser names them; both parsers feed it.
class Builder {
public:
    explicit Builder(Marks* marks = nullptr) : marks_(marks) {}
    void open(json container, Place where) {
        if (open_.size() >= most_depth) throw Refused{where, fmt::format("more than {} levels deep", most_depth)};
        auto path = open_.empty() ? std::string() : child();
        mark(path, where);
        open_.push_back({std::move(container), {}, std::move(path)});
    }
    const json& close(Place where) {
        if (open_.back().key) throw Refused{where, fmt::format("'{}' has no value", *open_.back().key)};
        auto done = std::move(open_.back().value);
        open_.pop_back();
        return add(std::move(done));
    }
    bool wants_key() const { return !open_.empty() && open_.back().value.is_object() && !open_.back().key; }
    void key(std::string name, Place where) {
        auto& level = open_.back();
        if (level.value.contains(name)) throw Refused{where, fmt::format("'{}' stands twice", core::printable(name))};
        level.key = std::move(name);
        mark(child(), where);
    }
    const json& add(json value) {
        if (open_.empty()) return root_ = std::move(value);
        auto& level = open_.back();
        if (level.value.is_array()) return level.value.emplace_back(std::move(value));
        return level.value[*std::exchange(level.key, {})] = std::move(value);
    }
    json take() { return std::move(root_); }

private:
    struct Level {
        json value;
        std::optional<std::string> key;
        std::string path;
    };
    std::string child() const {
        const auto& level = open_.back();
        if (!marks_) return {};
        return level.path + "/" + (level.key ? *level.key : std::to_string(level.value.size()));
    }
    void mark(const std::string& path, Place where) {
        if (marks_ && open_.size() <= marked_depth) marks_->emplace(path, where);
    }

    Marks* marks_;
    std::vector<Level> open_;
    json root_;
};

std::size_t count_values(const json& value) {
    std::size_t count = 1;
    for (const auto& child : value)
        if (value.is_structured()) count += count_values(child);
    return count;
}

// A plain scalar: numbers as JSON writes them, true and false, null; "no", "on", "9:16" and "007" stay text.
json plain_scalar(const std::string& text) {
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return text;
    auto number = core::json_of(text);
    const bool whole = text.find_first_of(".eE") == std::string::npos;
    if (number.is_discarded() || (whole && number.is_number_float())) return text;  // too long for a number: stays exact
    return number;
}

class YamlEvents final : public YAML::EventHandler {
public:
    explicit YamlEvents(Builder& builder) : builder_(builder) {}
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { value(nullptr, mark, anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) throw Refused{where(mark), "this alias stands inside what it refers to"};
        alias_values_ += count_values(known->second);
        if (alias_values_ > most_alias_values)
            throw Refused{where(mark), fmt::format("its aliases stand for more than {} values", most_alias_values)};
        value(known->second, mark, 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
        refuse_tag(mark, tag);
        if (!builder_.wants_key()) return value(tag == "!" ? json(text) : plain_scalar(text), mark, anchor);
        if (text == "<<" && tag != "!") throw Refused{where(mark), "merge keys (<<) are not read; repeat the keys"};
        builder_.key(text, where(mark));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        start(json::array(), mark, tag, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        start(json::object(), mark, tag, anchor);
    }
    void OnMapEnd() override { end(); }

private:
    static Place where(const YAML::Mark& mark) { return {std::size_t(mark.line) + 1, std::size_t(mark.column) + 1}; }
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            throw Refused{where(mark), fmt::format("the tag {} is not read", core::printable(tag))};
    }
    void value(json one, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (builder_.wants_key()) throw Refused{where(mark), "a key must be text"};
        if (anchor) anchors_[anchor] = one;
        builder_.add(std::move(one));
    }
    void start(json container, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuse_tag(mark, tag);
        if (builder_.wants_key()) throw Refused{where(mark), "a key must be text"};
        builder_.open(std::move(container), where(mark));
        starts_.push_back({where(mark), anchor});
    }
    void end() {
        const auto [place, anchor] = starts_.back();
        starts_.pop_back();
        const auto& done = builder_.close(place);
        if (anchor) anchors_[anchor] = done;
    }

    Builder& builder_;
    std::map<YAML::anchor_t, json> anchors_;
    std::vector<std::pair<Place, YAML::anchor_t>> starts_;
    std::size_t alias_values_ = 0;
};

// Reads characters and counts lines: nlohmann's events do not tell where they are.
class Cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;
    Cursor(const char* at, Place* place) : at_(at), place_(place) {}
    reference operator*() const { return *at_; }
    Cursor& operator++() {
        if (*at_ == '\n') {
            ++place_->line;
            place_->column = 0;
        } else {
            ++place_->column;
        }
        ++at_;
        return *this;
    }
    friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }
    friend bool operator!=(const Cursor& a, const Cursor& b) { return a.at_ != b.at_; }

private:
    const char* at_;
    Place* place_;
};

class JsonEvents {
public:
    JsonEvents(Builder& builder, const Place& place) : builder_(builder), place_(place) {}
    bool null() { return value(nullptr); }
    bool boolean(bool one) { return value(one); }
    bool number_integer(std::int64_t one) { return value(one); }
    bool number_unsigned(std::uint64_t one) { return value(one); }
    bool number_float(double one, const std::string&) { return value(one); }
    bool string(std::string& one) { return value(std::move(one)); }
    bool binary(json::binary_t&) { return false; }
    bool start_object(std::size_t) { return builder_.open(json::object(), where()), true; }
    bool start_array(std::size_t) { return builder_.open(json::array(), where()), true; }
    bool end_object() { return builder_.close({}), true; }  // no key of JSON is without a value
    bool end_array() { return end_object(); }
    bool key(std::string& name) {
        const auto behind = name.size() + 1;  // it has been read to its end
        const auto column = place_.column > behind ? place_.column - behind : 1;
        return builder_.key(std::move(name), {place_.line, column}), true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception& problem) {
        std::string_view what = problem.what();  // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error ..."
        if (const auto at = what.find("] "); at != what.npos) what.remove_prefix(at + 2);
        if (const auto at = what.find(": "); what.starts_with("parse error") && at != what.npos) what.remove_prefix(at + 2);
        throw Refused{where(), core::printable(what.substr(0, 200))};
    }

private:
    Place where() const { return {place_.line, std::max<std::size_t>(place_.column, 1)}; }
    bool value(json one) { return builder_.add(std::move(one)), true; }
    Builder& builder_;
    const Place& place_;
};

Error refused(const std::string& name, const Refused& problem) {
    return {ErrorKind::usage, fmt::format("{}{}: {}", name, problem.where.line ? ": " + print(problem.where) : "", problem.what)};
}

Result<json> read_json(std::string_view text, const std::string& name, Marks* marks) {
    Builder builder(marks);
    Place place{1, 0};
    JsonEvents events(builder, place);
    try {
        json::sax_parse(Cursor(text.data(), &place), Cursor(text.data() + text.size(), &place), &events);
    } catch (const Refused& problem) {
        return refused(name, problem);
    }
    return builder.take();
}

Result<json> read_yaml(std::string_view text, const std::string& name, Marks* marks) {
    Builder builder(marks);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        YamlEvents events(builder);
        parser.HandleNextDocument(events);
        auto document = builder.take();
        Builder second;
        YamlEvents more(second);
        if (parser.HandleNextDocument(more)) throw Refused{{}, "holds more than one YAML document (---); one is read"};
        return document;
    } catch (const Refused& problem) {
        return refused(name, problem);
    } catch (const YAML::Exception& problem) {
        return refused(name,
                       {{std::size_t(problem.mark.line) + 1, std::size_t(problem.mark.column) + 1}, core::printable(problem.msg)});
    }
}

std::size_t first_broken_line(std::string_view text) {
    std::size_t line = 1;
    while (true) {
        const auto end = text.find('\n');
        if (!core::is_utf8(text.substr(0, end)) || end == std::string_view::npos) return line;
        text.remove_prefix(end + 1);
        ++line;
    }
}

}  // namespace

std::string print(const Place& place) { return fmt::format("line {}, column {}", place.line, place.column); }

std::string place_in(const Marks& marks, std::string_view key, const std::string& otherwise) {
    const auto mark = marks.find(key);
    return mark == marks.end() ? otherwise : print(mark->second);
}

Result<json> read_value(std::string_view text, const std::string& name, Marks* marks) {
    if (text.size() > most_bytes)
        return Error{ErrorKind::usage, fmt::format("{} has {} bytes; at most {} are read", name, text.size(), most_bytes)};
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!core::is_utf8(text)) return Error{ErrorKind::usage, fmt::format("{}: line {} is not valid UTF-8", name, first_broken_line(text))};
    const auto begin = core::trim(text);
    if (begin.empty()) return Error{ErrorKind::usage, fmt::format("{} is empty", name)};
    const bool braces = begin.front() == '{' || begin.front() == '[';
    auto document = braces ? read_json(text, name, marks) : read_yaml(text, name, marks);
    // YAML's flow style looks like JSON but for the quotes: {subject: a fox}.
    if (!document && braces && !core::lower(name).ends_with(".json")) {
        const auto inside = core::trim(begin.substr(1));
        const bool looks_like_json = inside.empty() || std::string_view("\"[{]}").find(inside.front()) != std::string_view::npos;
        if (marks) marks->clear();
        auto flow = read_yaml(text, name, marks);
        if (flow || !looks_like_json) document = std::move(flow);
    }
    return document;
}

Result<json> read_document(std::string_view text, const std::string& name) {
    auto document = read_value(text, name);
    if (document && !document->is_object())
        return Error{ErrorKind::usage, fmt::format("{} holds {} where keys with values are expected, such as 'subject: a fox'", name,
                                                   document->is_array()  ? "a list"
                                                   : document->is_null() ? "nothing"
                                                                         : "a single value")};
    return document;
}

}  // namespace shotwire::shot
