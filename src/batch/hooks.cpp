#include "batch/hooks.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/process.hpp"
#include "core/text.hpp"

namespace shotwire::batch {

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

Result<std::vector<std::string>> Hooks::fill(const std::vector<std::string>& words, const Values& values) {
    std::vector<std::string> all;
    for (const auto& word : words) {
        auto filled = core::fill(word, placeholders(), [&](const std::string& name) {
            const auto at = values.find(name);
            return at == values.end() ? std::nullopt : std::optional(at->second);
        });
        if (!filled) return Error{ErrorKind::usage, "--exec has " + filled.error().message};
        all.push_back(std::move(*filled));
    }
    return all;
}

Result<> Hooks::check(const std::vector<std::string>& words) {
    Values none;
    for (const auto& name : placeholders()) none[name];
    if (auto filled = fill(words, none); !filled) return filled.error();
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

void Hooks::start(Values values) {
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

// Runs one; empty: it went well.
std::string Hooks::failure_of(const Values& values) const {
    auto words = fill(words_, values);
    if (!words) return words.error().message;
    core::Command command;
    command.words = std::move(*words);
    command.limit = std::chrono::hours(1);
    command.keep_going = [this] { return !stopped_; };
    const auto ran = core::run_process(command);
    if (!ran) return ran.error().message;
    if (ran->exit == 0) return "";
    return fmt::format("{} ended with {}{}", command.words.front(), ran->exit, ran->err.empty() ? "" : ": " + std::string(core::trim(ran->err)));
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
        const auto why = failure_of(values);
        lock.lock();
        --running_;
        if (!why.empty()) ++failed_, failures_.push_back({values.at("row"), why});
        changed_.notify_all();
    }
}

}  // namespace shotwire::batch
