#include "report/progress.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>

#include "core/text.hpp"
#include "report/table.hpp"

namespace shotwire::report {
namespace {

using namespace std::chrono;

const char* colour(Stage stage) {
    switch (stage) {
        case Stage::done: return "\x1b[32m";
        case Stage::failed:
        case Stage::rejected:
        case Stage::expired: return "\x1b[31m";
        case Stage::unknown:
        case Stage::mismatch:
        case Stage::cancelled: return "\x1b[33m";
        default: return "\x1b[36m";
    }
}

std::string painted(const std::string& text, Stage stage, bool color) { return color ? colour(stage) + text + "\x1b[0m" : text; }

// How far the stage is, 0 to 1, where anybody knows.
std::optional<double> share(Stage stage, const job::Progress& progress) {
    if (stage == Stage::rendering) return progress.done;
    if (stage != Stage::downloading) return std::nullopt;
    if (!progress.bytes_total) return std::nullopt;
    return double(progress.bytes) / double(progress.bytes_total);
}

// How long rendering probably takes; before and after it, the figure says nothing.
std::optional<milliseconds> expectation(Stage stage, const job::Progress& progress) {
    return stage == Stage::rendering ? progress.expected : std::nullopt;
}

std::string size_of(std::uint64_t bytes) { return fmt::format("{:.1f} MB", double(bytes) / 1e6); }

}  // namespace

std::string ProgressLines::words(const std::string& id, const Line& line) const {
    const auto elapsed = line.progress.elapsed + (look_.terminal ? duration_cast<milliseconds>(clock_.now() - line.seen) : milliseconds(0));
    std::string text = fmt::format("{}  {:<11}", id, to_string(line.stage));
    if (const auto done = share(line.stage, line.progress)) text += fmt::format(" {:3.0f}%", *done * 100);
    text += "  " + core::print_length(elapsed);
    if (const auto expected = expectation(line.stage, line.progress))
        text += (elapsed > *expected ? ", usually " : " of about ") + core::print_length(*expected);
    if (line.stage == Stage::downloading && line.progress.bytes) text += "  " + size_of(line.progress.bytes);
    if (line.progress.queue) text += fmt::format("  {} before it", *line.progress.queue);
    if (!line.progress.word.empty()) text += "  " + line.progress.word;
    text += "  " + line.name;
    return core::printable(mask_(text));
}

void ProgressLines::changed(const job::Row& row, const job::Progress& progress) {
    if (look_.quiet) return;
    auto [at, fresh] = lines_.try_emplace(row.id.text);
    if (fresh) order_.push_back(row.id.text);
    Line& line = at->second;
    line.name = row.model;
    line.stage = row.stage;
    line.progress = progress;
    line.seen = clock_.now();
    if (look_.terminal) return draw();
    const auto done = share(row.stage, progress);
    const int tenths = done ? int(*done * 10) : -1;
    // While it renders the word is the provider's, and there are many; else it is the reason of a wait.
    const bool waits = row.stage != Stage::rendering && !is_final(row.stage) && !progress.word.empty();
    const auto what = waits ? "waits " + progress.word : std::string(to_string(row.stage));
    const bool news = line.told.insert(what).second;
    if (news || tenths > line.tenths) out_ << painted(words(row.id.text, line), line.stage, look_.color) << std::endl;
    line.tenths = news ? std::max(tenths, 0) : std::max(tenths, line.tenths);
}

void ProgressLines::warned(const JobId& job, const std::string& sentence) {
    if (look_.quiet) return;
    clear();
    out_ << "shotwire: " << (job.text.empty() ? "" : "job " + job.text + ": ") << core::printable(mask_(sentence)) << std::endl;
    draw();
}

void ProgressLines::tick() {
    if (look_.terminal && !look_.quiet) draw();
}

void ProgressLines::clear() {
    // A terminal that became narrower has wrapped what stood on it.
    const auto width = std::size_t(std::max(1, look_.columns()));
    std::size_t rows = 0;
    for (const auto length : drawn_) rows += length == 0 ? 1 : (length + width - 1) / width;
    if (rows > 0) out_ << fmt::format("\x1b[{}F\x1b[J", rows) << std::flush;
    drawn_.clear();
}

// The jobs that moved last, as many as a screen surely has room for.
void ProgressLines::draw() {
    if (!look_.terminal) return;
    clear();
    std::vector<std::string> live;
    for (const auto& id : order_)
        if (!is_final(lines_.at(id).stage)) live.push_back(id);
    const std::size_t most = 12, width = std::size_t(std::max(2, look_.columns()) - 1);
    for (std::size_t i = live.size() > most ? live.size() - most : 0; i < live.size(); ++i) {
        const auto& line = lines_.at(live[i]);
        const auto text = cut(words(live[i], line), width);
        out_ << painted(text, line.stage, look_.color) << '\n';
        drawn_.push_back(core::count_characters(text));
    }
    out_ << std::flush;
}

void EventStream::tell(const char* event, json document) {
    document["schema"] = "shotwire.event/1";
    document["event"] = event;
    document["at"] = core::iso_time(clock_.wall());
    write_(mask_(core::dump(document)) + "\n");
}

void EventStream::changed(const job::Row& row, const job::Progress& progress) {
    if (is_final(row.stage) && !ended_.insert(row.id.text + " " + std::string(to_string(row.stage))).second) return;
    json event{{"job", row.id.text},
               {"model", row.model},
               {"route", row.route},
               {"state", to_string(row.stage)},
               {"elapsed_seconds", double(progress.in_all.count()) / 1000}};
    // What is expected counts from when the provider took it.
    if (const auto expected = expectation(row.stage, progress)) {
        event["rendering_seconds"] = double(progress.elapsed.count()) / 1000;
        event["expected_seconds"] = double(expected->count()) / 1000;
    }
    if (progress.done && row.stage == Stage::rendering) event["progress"] = *progress.done;  // behind it the figure is an old one
    if (progress.queue) event["queue"] = *progress.queue;
    if (progress.bytes) event["bytes"] = progress.bytes;
    if (progress.bytes_total) event["bytes_total"] = progress.bytes_total;
    if (!progress.word.empty()) event["word"] = progress.word;
    tell("changed", std::move(event));
}

void EventStream::warned(const JobId& job, const std::string& sentence) { tell("warned", {{"job", job.text}, {"message", sentence}}); }

void EventStream::ended(const json& job_document) { tell("ended", {{"job", job_document}}); }

}  // namespace shotwire::report
