#include "cli/mend.hpp"

#include <algorithm>
#include <vector>

#include "core/json.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::cli {
namespace {

// Nothing is parsed here: each way to write the change is tried, and the file's own reader judges. An occurrence in a comment or in another
// field reads as another shot, and is passed over.
class Mending {
public:
    Mending(std::string text, Shot shot, const std::function<Result<Shot>(const std::string&)>& read) : text_(std::move(text)), shot_(std::move(shot)), read_(read) {}

    bool replace(const std::string& words, const std::string& by, const Shot& wanted) {
        if (by.empty() && take_out(words, wanted)) return true;
        using Way = std::pair<std::string, std::string>;
        const std::vector<Way> ways{
            {words, by},                              // plain, in quotes, or a block
            {quoted(words), quoted(by)},              // JSON's escapes
            {inside(quoted(words)), inside(quoted(by))},
            {single(words), single(by)},              // '' in single quotes
            {words, quoted(by)},                      // what can no longer stand plain
        };
        for (const auto& [from, to] : ways)
            if (everywhere(from, to, wanted)) return true;
        return difference(words, by, wanted);
    }

    // A key that the file does not have.
    bool add(const std::string& key, const std::string& words, const Shot& wanted) {
        const auto first = text_.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        if (first != std::string::npos && text_[first] == '{') {
            const auto close = text_.rfind('}');
            const auto last = close == std::string::npos || close == 0 ? std::string::npos : text_.find_last_not_of(" \t\r\n", close - 1);
            if (last == std::string::npos) return false;
            const auto next = text_.find_first_not_of(" \t\r\n", first + 1);
            auto space = text_.substr(first + 1, next - first - 1);
            if (space.empty() && text_[last] != '{') space = " ";
            const auto entry = (text_[last] == '{' || text_[last] == ',' ? "" : ",") + space + quoted(key) + ": " + quoted(words);
            return take(text_.substr(0, last + 1) + entry + text_.substr(last + 1), wanted);
        }
        auto head = text_;
        if (!head.empty() && head.back() != '\n') head += '\n';
        for (const auto& value : {words, quoted(words)})
            if (take(head + key + ": " + value + "\n", wanted)) return true;
        return false;
    }

    const std::string& text() const { return text_; }
    const Shot& shot() const { return shot_; }

private:
    static constexpr int most_tries = 2000;  // a reading each: a file of a shot is small

    static std::string quoted(const std::string& words) { return core::dump(json(words)); }
    static std::string inside(const std::string& quoted) { return quoted.substr(1, quoted.size() - 2); }
    static std::string single(std::string words) {
        for (auto at = words.find('\''); at != std::string::npos; at = words.find('\'', at + 2)) words.insert(at, 1, '\'');
        return words;
    }

    bool take(const std::string& candidate, const Shot& wanted) {
        if (candidate == text_ || ++tries_ > most_tries) return false;
        const auto got = read_(candidate);
        if (!got || !(*got == wanted)) return false;
        text_ = candidate;
        shot_ = wanted;
        return true;
    }

    bool everywhere(const std::string& from, const std::string& to, const Shot& wanted) {
        if (from.empty()) return false;
        for (auto at = text_.find(from); at != std::string::npos; at = text_.find(from, at + 1))
            if (take(text_.substr(0, at) + to + text_.substr(at + from.size()), wanted)) return true;
        return false;
    }

    // Words that leave nothing: an item of a list goes with its line or its comma.
    bool take_out(const std::string& words, const Shot& wanted) {
        for (const auto& written : {quoted(words), "'" + single(words) + "'", words}) {
            for (auto at = text_.find(written); at != std::string::npos; at = text_.find(written, at + 1)) {
                const auto newline = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
                const auto line = newline == std::string::npos ? 0 : newline + 1;
                const auto end = std::min(text_.find('\n', at), text_.size());
                const auto behind = at + written.size();
                const bool item = core::trim(std::string_view(text_).substr(line, at - line)) == "-";
                if (item && take(text_.substr(0, line) + text_.substr(std::min(end + 1, text_.size())), wanted)) return true;
                const auto next = text_.find_first_not_of(" \t\r\n", behind);
                if (next != std::string::npos && text_[next] == ',') {
                    const auto rest = text_.find_first_not_of(" \t\r\n", next + 1);
                    if (rest != std::string::npos && take(text_.substr(0, at) + text_.substr(rest), wanted)) return true;
                }
                const auto before = at == 0 ? std::string::npos : text_.find_last_not_of(" \t\r\n", at - 1);
                if (before != std::string::npos && text_[before] == ',' && take(text_.substr(0, before) + text_.substr(behind), wanted)) return true;
            }
        }
        return false;
    }

    // Words that are folded over several lines are found by what differs alone, which may begin early or late: "b, " or ", b" of "a, b, c".
    bool difference(const std::string& words, const std::string& by, const Shot& wanted) {
        const auto least = std::min(words.size(), by.size());
        const auto alike = [&](auto from, auto other, std::size_t most) { return std::size_t(std::mismatch(from, from + std::ptrdiff_t(most), other).first - from); };
        const auto differing = [&](std::size_t head, std::size_t tail) {
            return everywhere(words.substr(head, words.size() - head - tail), by.substr(head, by.size() - head - tail), wanted);
        };
        const auto head = alike(words.begin(), by.begin(), least), tail = alike(words.rbegin(), by.rbegin(), least);
        return differing(head, std::min(tail, least - head)) || differing(std::min(head, least - tail), tail);
    }

    std::string text_;
    Shot shot_;
    const std::function<Result<Shot>(const std::string&)>& read_;
    int tries_ = 0;
};

}  // namespace

std::optional<std::string> mend_text(std::string text, const Shot& before, const Shot& after, const std::function<Result<Shot>(const std::string&)>& read) {
    Mending mending(std::move(text), before, read);
    const json old_fields = shot::to_json(before), new_fields = shot::to_json(after);
    const auto with = [&](const std::string& key, const json& value) {
        auto fields = shot::to_json(mending.shot());
        fields[key] = value;
        auto shot = shot::from_json(fields);
        return shot ? *shot : Shot{};
    };
    for (const auto& key : shot::shot_keys()) {
        const auto was = old_fields.value(key, json()), is = new_fields.value(key, json());
        if (was == is) continue;
        if (was.is_null()) {
            if (!is.is_string() || !mending.add(key, is.get<std::string>(), with(key, is))) return std::nullopt;
        } else if (was.is_string()) {
            const auto words = is.is_null() ? std::string() : is.get<std::string>();  // nothing of it may be left
            if (!mending.replace(was.get<std::string>(), words, with(key, words))) return std::nullopt;
        } else if (is.is_array() && is.size() == was.size()) {
            auto items = was;
            for (std::size_t i = 0; i < was.size(); ++i) {
                if (was[i] == is[i]) continue;
                items[i] = is[i];
                if (!mending.replace(was[i].get<std::string>(), is[i].get<std::string>(), with(key, items))) return std::nullopt;
            }
        } else {
            // Items that are left out; the mends know no other change of a list's length.
            auto items = was;
            for (std::size_t i = 0, kept = 0; i < items.size();) {
                if (kept < is.size() && items[i] == is[kept]) {
                    ++i, ++kept;
                    continue;
                }
                const auto words = items[i].get<std::string>();
                items.erase(i);
                if (!mending.replace(words, "", with(key, items))) return std::nullopt;
            }
        }
    }
    if (!(mending.shot() == after)) return std::nullopt;
    return mending.text();
}

}  // namespace shotwire::cli
