#include "cli/batch_plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>
#include <ostream>

#include "core/text.hpp"
#include "job/runner.hpp"
#include "lint/lint.hpp"
#include "report/documents.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t most_told = 200;  // problems
constexpr std::size_t dearest = 5;      // rows that a plan names

}  // namespace

BatchPlan::BatchPlan(std::string name, std::filesystem::path folder, const Batch& options, Context& context, std::optional<NetworkFlags> network)
    : name_(std::move(name)), folder_(std::move(folder)), options_(options), context_(context), network_(std::move(network)),
      reader_([this](batch::Row row) { take(std::move(row)); }) {}

void BatchPlan::sync_problems() {
    for (auto& problem : reader_.take_problems()) problems_.push_back(std::move(problem));
}

void BatchPlan::read(std::string_view text, batch::Format format) {
    reader_.read(text, name_, format);
    sync_problems();
}

void BatchPlan::line(std::string_view text) {
    reader_.line(text);
    sync_problems();
}

std::string BatchPlan::print(const batch::Problem& problem) const {
    auto text = core::printable(name_);
    if (!problem.where.empty()) text += ": " + problem.where;
    if (!problem.row.empty()) text += ": row " + core::printable(problem.row);
    return text + ": " + problem.message;
}

Error BatchPlan::problem() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < problems_.size() && i < most_told; ++i) lines.push_back(print(problems_[i]));
    if (problems_.size() > most_told) lines.push_back(fmt::format("and {} more", problems_.size() - most_told));
    lines.push_back("nothing was sent");
    return {ErrorKind::usage, core::join(lines, "\n")};
}

void BatchPlan::take(batch::Row row) {
    sync_problems();
    rows.emplace(row.id, row.where);
    const auto wrong = [&](const std::string& field, std::string message) {
        // Its file's name is told once, in front.
        if (const auto prefix = name_ + ": "; message.starts_with(prefix)) message.erase(0, prefix.size());
        auto key = field;
        std::replace(key.begin(), key.end(), '-', '_');
        const auto mark = row.marks.find(key);
        problems_.push_back({mark == row.marks.end() ? row.where : mark->second, row.id, std::move(message)});
    };
    // The key that a message of the readers begins with ("duration: ..."), where the row has it.
    const auto field_in = [&](std::string_view message) {
        if (const auto prefix = name_ + ": "; message.starts_with(prefix)) message.remove_prefix(prefix.size());
        for (const auto& [key, mark] : row.marks)
            if (const auto word = message.find(key); word != message.npos && word < 16) return key;
        return std::string();
    };
    auto asked = resolve(row.keys, name_, folder_, options_.order, context_);
    if (!asked) return wrong(field_in(asked.error().message), asked.error().message);
    asked->network = network_;
    auto planned = plan_or_problems(*asked, context_);
    if (!planned) return wrong(field_in(planned.error().message), planned.error().message);
    if (const auto* in_the_way = std::get_if<std::vector<catalog::Problem>>(&*planned)) {
        for (const auto& problem : *in_the_way) wrong(problem.field, problem.message);
        return;
    }
    auto& plan = std::get<catalog::Plan>(*planned);
    const auto seconds = plan.order.seconds;
    for (const auto& finding : lint::lint({plan.order.shot, plan.model, seconds, plan.order.audio}))
        if (finding.rule != "no-negative-field") ++findings[std::string(finding.rule)];
    std::vector<std::string> said = plan.changes;
    said.insert(said.end(), plan.notes.begin(), plan.notes.end());
    if (!plan.choice.empty()) said.push_back(plan.choice);
    for (const auto& sentence : said)
        if (told_[sentence]++ == 0 && sentences.size() < most_told) sentences.push_back(sentence);

    const auto key = plan.route.name + " " + plan.route.base_url;
    const auto& route = routes.emplace(key, plan.route).first->second;
    for (long take = 0; take < row.takes; ++take) {
        BatchClip clip;
        clip.row = row.takes > 1 ? fmt::format("{}-take{}", row.id, take + 1) : row.id;
        clip.where = row.where;
        clip.output = row.output;
        clip.named = row.named;
        clip.index = row.index;
        clip.take = int(take) + 1;
        clip.order = plan.order;
        for (auto& image : clip.order.images) image.bytes.reset();  // read again when its turn comes
        clip.route = &route;
        if (clip.order.seed) *clip.order.seed += std::uint64_t(take);
        clip.ordinal = equal_[job::identity_of(clip.order, route)]++;
        clips.push_back(std::move(clip));
    }
}

Money sum_of(const std::vector<BatchClip>& clips, std::size_t& unpriced, bool& upper_bound) {
    Money sum;
    for (const auto& clip : clips) {
        if (clip.order.price.amount) sum = sum + *clip.order.price.amount;
        else ++unpriced;
        upper_bound = upper_bound || clip.order.price.upper_bound;
    }
    return sum;
}

void print_plan(const BatchPlan& plan, Context& context) {
    std::size_t unpriced = 0;
    bool upper_bound = false;
    const auto sum = sum_of(plan.clips, unpriced, upper_bound);
    std::vector<std::size_t> by_price(plan.clips.size());
    std::iota(by_price.begin(), by_price.end(), 0);
    std::stable_sort(by_price.begin(), by_price.end(), [&](auto a, auto b) { return plan.clips[a].order.price.amount.value_or(Money{}) > plan.clips[b].order.price.amount.value_or(Money{}); });
    auto& out = context.world.out;
    if (context.flags.json) {
        json rows = json::array();
        for (const auto& clip : plan.clips)
            rows.push_back({{"row", clip.row}, {"model", clip.order.model}, {"route", clip.order.route}, {"seconds", clip.order.seconds}, {"prompt", clip.order.prompt},
                            {"price", report::price_document(clip.order.price)}});
        const json document{{"schema", "shotwire.batch-plan/1"}, {"rows", rows}, {"usd", double(sum.micros) / 1e6}, {"upper_bound", upper_bound}, {"unpriced", unpriced}};
        out << core::dump(document, 2) << '\n';
        return;
    }
    struct Group {
        std::size_t clips = 0, unpriced = 0;
        double seconds = 0;
        Money sum;
    };
    std::map<std::pair<std::string, std::string>, Group> groups;
    for (const auto& clip : plan.clips) {
        auto& group = groups[{clip.order.model, clip.order.route}];
        ++group.clips;
        group.seconds += clip.order.seconds;
        if (clip.order.price.amount) group.sum = group.sum + *clip.order.price.amount;
        else ++group.unpriced;
    }
    report::Table table({"MODEL", "VIA", "CLIPS", "SECONDS", "PRICE"});
    const auto price = [&](Money amount, std::size_t unknown) {
        auto text = report::print_price({amount, false, ""});
        if (unknown) text += fmt::format(" and {} of unknown price", unknown);
        return text;
    };
    for (const auto& [name, group] : groups)
        table.add({name.first, name.second, std::to_string(group.clips), core::print_number(group.seconds), price(group.sum, group.unpriced)});
    out << table.print(context.table_width());
    if (sum.micros > 0 && plan.clips.size() > 1) {
        out << "\nThe most expensive:\n";
        for (std::size_t i = 0; i < by_price.size() && i < dearest; ++i) {
            const auto& clip = plan.clips[by_price[i]];
            out << fmt::format("  {}: {}, {} s, {}\n", core::printable(clip.row), clip.order.model, core::print_number(clip.order.seconds), report::print_price(clip.order.price));
        }
    }
    out << fmt::format("\n{} clips: {}{}\n", plan.clips.size(), upper_bound ? "at most " : "", price(sum, unpriced)) << std::flush;
}

}  // namespace shotwire::cli
