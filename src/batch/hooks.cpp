#include "batch/hooks.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/process.hpp"
#include "core/text.hpp"

namespace shotwire::batch {
namespace {

// Calls back with each {name}; gives the word with what the call returned in their place.
template <class Value>
std::string filled(const std::string& word, Value value) {
    std::string out;
    for (std::size_t at = 0; at < word.size();) {
        const auto open = word.find('{', at), close = open == word.npos ? open : word.find('}', open);
        if (close == word.npos) return out + word.substr(at);
        out += word.substr(at, open - at) + value(word.substr(open + 1, close - open - 1));
        at = close + 1;
    }
    return out;
}

}  // namespace

Result<std::vector<std::string>> split_words(const std::string& text) {
    std::vector<std::string> words;
    bool inside = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
            inside = false;
            continue;
        }
        if (!std::exchange(inside, true)) words.emplace_back();
        const bool escape = c == '\\' && quote != '\'' && i + 1 < text.size();
        if (escape) words.back() += text[++i];
        else if (quote && c == quote) quote = 0;
        else if (!quote && (c == '\'' || c == '"')) quote = c;
        else words.back() += c;
    }
    if (quote) return Error{ErrorKind::usage, fmt::format("--exec {}: the quote {} is not closed", core::printable(text), quote)};
    if (words.empty() || words.front().empty()) return Error{ErrorKind::usage, "--exec names no command"};
    return words;
}

const std::vector<std::string>& Hooks::placeholders() {
    static const std::vector<std::string> names{"clip", "sidecar", "row", "id", "model", "route", "index"};
    return names;
}

Result<> Hooks::check(const std::vector<std::string>& words) {
    for (const auto& word : words) {
        std::string unknown;
        filled(word, [&](const std::string& name) {
            const auto& known = placeholders();
            if (std::find(known.begin(), known.end(), name) == known.end()) unknown = name;
            return std::string();
        });
        if (!unknown.empty())
            return Error{ErrorKind::usage, fmt::format("--exec has the unknown placeholder {{{}}}; allowed: {{{}}}", core::printable(unknown), core::join(placeholders(), "} {"))};
    }
    return Ok{};
}

Hooks::Hooks(std::vector<std::string> words, std::size_t most) : words_(std::move(words)) {
    for (std::size_t i = 0; i < most; ++i) threads_.emplace_back([this] { work(); });
}

Hooks::~Hooks() {
    {
        const std::lock_guard lock(guard_);
        ending_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Hooks::start(std::map<std::string, std::string> values) {
    {
        const std::lock_guard lock(guard_);
        waiting_.push_back(std::move(values));
    }
    changed_.notify_all();
}

std::vector<Hooks::Failure> Hooks::failures() {
    const std::lock_guard lock(guard_);
    return std::exchange(failures_, {});
}

std::size_t Hooks::finish() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return waiting_.empty() && running_ == 0; });
    return failed_;
}

bool Hooks::wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(guard_);
    return changed_.wait_for(lock, limit, [this] { return waiting_.empty() && running_ == 0; });
}

std::size_t Hooks::hold() {
    const std::lock_guard lock(guard_);
    const auto held = waiting_.size();
    for (const auto& values : waiting_) failures_.push_back({values.at("row"), "not run: interrupted"});
    failed_ += held;
    waiting_.clear();
    changed_.notify_all();
    return held;
}

void Hooks::end() {
    hold();
    stopped_ = true;
}

void Hooks::work() {
    std::unique_lock lock(guard_);
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const auto values = std::move(waiting_.front());
        waiting_.pop_front();
        ++running_;
        lock.unlock();
        core::Command command;
        for (const auto& word : words_) command.words.push_back(filled(word, [&](const std::string& name) { return values.at(name); }));
        command.limit = std::chrono::hours(1);
        command.keep_going = [this] { return !stopped_; };
        const auto ran = core::run_process(command);
        std::string why;
        if (!ran) why = ran.error().message;
        else if (ran->exit != 0) why = fmt::format("{} ended with {}{}", command.words.front(), ran->exit, ran->err.empty() ? "" : ": " + std::string(core::trim(ran->err)));
        lock.lock();
        --running_;
        if (!why.empty()) ++failed_, failures_.push_back({values.at("row"), core::printable(why.substr(0, 500))});
        changed_.notify_all();
    }
}

}  // namespace shotwire::batch
