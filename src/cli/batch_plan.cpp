#include "cli/batch_plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>

#include "cli/lint_formats.hpp"
#include "cli/planning.hpp"
#include "cli/routes.hpp"
#include "core/text.hpp"
#include "job/runner.hpp"
#include "lint/lint.hpp"
#include "report/documents.hpp"
#include "report/table.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t most_told = 200;  // sentences, and what lint says
constexpr std::size_t most_dear = 5;    // rows that a price names

}  // namespace

BatchPlan::BatchPlan(std::string name, std::filesystem::path folder, const Batch& options, Context& context, std::optional<NetworkFlags> network)
    : name_(std::move(name)), folder_(std::move(folder)), options_(options), context_(context), network_(std::move(network)),
      reader_([this](batch::Row row) { take(std::move(row)); }) {
    if (auto defaults = read_defaults(context)) defaults_ = *std::move(defaults);
    else problems_.push_back({"", "", defaults.error().message});
    std::error_code failed;
    here_ = (std::filesystem::current_path(failed) / "").string();
}

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
    equals_.settle(clips);
}

void BatchPlan::settle(std::vector<job::Ledger::BatchRow> earlier) {
    equals_.know(std::move(earlier));
    equals_.settle(clips);
    settled_ = true;
    outputs_ = {};
}

void BatchPlan::close() {
    reader_.close();
    equals_ = {};
    told_ = {};
}

std::string BatchPlan::print(const batch::Problem& problem) const { return batch::print(problem, name_); }

Error BatchPlan::problem() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < problems_.size() && i < most_problems_told; ++i) lines.push_back(print(problems_[i]));
    if (problems_.size() > most_problems_told) lines.push_back(fmt::format("and {} more", problems_.size() - most_problems_told));
    lines.push_back("nothing was sent");
    return {ErrorKind::usage, core::join(lines, "\n")};
}

BatchPlan::Place BatchPlan::place_of(const BatchClip& clip) const {
    const auto all = context_.setting(options_.job.output, "output").value_or("");
    const auto folder = options_.out_dir.value_or("");
    const bool said = !clip.output.empty() || !all.empty();
    Place place{!clip.output.empty() ? clip.output : !all.empty() ? all : clip.named ? "{row}.mp4" : job::default_output, clip.named && !said, clip.named || said || !folder.empty()};
    if (!folder.empty() && !place.text.starts_with('/')) place.text.insert(0, folder.ends_with('/') ? folder : folder + "/");
    return place;
}

Result<std::string> BatchPlan::fill(const std::string& text, const BatchClip& clip, const Order& order) const {
    return job::fill_template(text, [&]() -> const Order& { return order; }, {}, clip.index, clip.take, context_.world.clock.wall(), clip.row);
}

std::string BatchPlan::absolute(const std::string& file) const {
    const bool straight = !file.starts_with('.') && file.find("/.") == std::string::npos && file.find("//") == std::string::npos;
    if (!straight) return (std::filesystem::path(here_) / file).lexically_normal().string();
    return file.starts_with('/') ? file : here_ + file;
}

// Where another row has the clip's output already, as far as that is known before there are ids and drawn seeds: the runner has the last word.
std::optional<Error> BatchPlan::shared_output(const BatchClip& clip, const Order& order, const Place& place) {
    if (settled_ || place.text.find("{id}") != std::string::npos || (clip.draws && place.text.find("{seed}") != std::string::npos)) return {};
    const auto path = [&](const std::string& text, const BatchClip& one, const Order& its) {
        const auto filled = fill(text, one, its);
        return filled ? absolute(*filled) : "";
    };
    const auto mine = path(place.text, clip, order);
    const auto [other, fresh] = outputs_.emplace(std::hash<std::string>()(mine), std::uint32_t(clips.size()));
    if (fresh) return {};
    const auto& first = clips[other->second];
    const auto its = catalog::read_order(first.order);
    if (!its || path(place_of(first).text, first, *its) != mine) return {};
    return job::output_taken(mine, first.row, place.by_id);
}

std::vector<std::string> BatchPlan::news() {
    std::vector<std::string> lines(sentences_.begin() + std::ptrdiff_t(sentences_told_), sentences_.end());
    sentences_told_ = sentences_.size();
    for (auto& [said, warned] : findings_) {
        if (warned.places.empty()) continue;
        const auto more = std::exchange(warned.told, true) ? 0 : std::size_t(warned.rows) - warned.places.size();
        for (const auto& place : std::exchange(warned.places, {}))
            lines.push_back(fmt::format("warning: {}: {} [{}]{}", core::printable(place), said.second, said.first,
                                        more ? fmt::format("; and {} row{} more: -v lists all", more, more == 1 ? "" : "s") : ""));
    }
    return lines;
}

bool BatchPlan::lists_all() const { return options_.job.dry_run || context_.flags.verbose > 0; }

void BatchPlan::take(batch::Row row) {
    sync_problems();
    const auto wrong = [&](const std::string& field, std::string message) {
        // Its file's name is told once, in front.
        if (const auto prefix = name_ + ": "; message.starts_with(prefix)) message.erase(0, prefix.size());
        auto key = field;
        std::replace(key.begin(), key.end(), '-', '_');
        batch::Problem problem{shot::place_in(row.marks, key, row.where), row.id, std::move(message)};
        // The rows of a matrix share what is wrong with them.
        const bool known = std::any_of(problems_.begin(), problems_.end(), [&](const auto& one) { return !one.where.empty() && one.where == problem.where && one.message == problem.message; });
        if (!known) problems_.push_back(std::move(problem));
    };
    // The key that a message of the readers begins with ("duration: ..."), where the row has it.
    const auto field_in = [&](std::string_view message) {
        if (const auto prefix = name_ + ": "; message.starts_with(prefix)) message.remove_prefix(prefix.size());
        std::string first;
        std::size_t at = 16;
        for (const auto* keys : {&row.keys, &row.below})
            for (const auto& [key, value] : keys->items())
                if (const auto word = message.find(key); word < at) at = word, first = key;
        return first;
    };
    BatchClip plain;
    plain.row = row.id;
    plain.where = row.where;
    plain.output = row.output;
    plain.named = row.named;
    plain.index = row.index;
    const auto place = place_of(plain);
    if (place.text != sound_template_) {
        if (auto known = fill(place.text, plain, {})) {
            sound_template_ = place.text;
        } else {
            row.sound = false;
            if (!row.output.empty() || settled_) wrong("output", known.error().message);
            else if (!std::exchange(told_template_, true)) problems_.push_back({"", "", known.error().message});  // of the whole batch
        }
    }
    const auto resolved = [&] { return resolve(defaults_, {&row.below, &row.keys}, name_, folder_, options_.order, context_); };
    auto asked = resolved();
    // One key after the other is taken away, so that all are told at once.
    for (; !asked; asked = resolved()) {
        const auto field = field_in(asked.error().message);
        wrong(field, asked.error().message);
        if (field.empty()) return;
        row.keys.erase(field);
        row.below.erase(field);
        row.sound = false;
    }
    if (row.lacks && asked->shot == Shot{}) return;
    asked->network = network_;
    asked->wishes.takes = row.takes;
    const auto model = asked->wishes.model + " " + asked->wishes.via;
    auto planned = plan_or_problems(*asked, context_, planned_.contains(model));
    if (!planned) return wrong(field_in(planned.error().message), planned.error().message);
    if (const auto* in_the_way = std::get_if<std::vector<catalog::Problem>>(&*planned)) {
        for (const auto& problem : *in_the_way) wrong(problem.field, problem.message);
        return;
    }
    if (network_)
        if (auto known = check_settings(std::get<catalog::Plan>(*planned).route, context_.world.env); !known) return wrong("via", known.error().message);
    if (!row.sound) return;
    auto& plan = std::get<catalog::Plan>(*planned);
    const auto seconds = plan.order.seconds;
    const auto linted = lint::lint({plan.order.shot, plan.model, seconds, plan.order.audio, &plan.order.prompt});
    if (options_.strict && !linted.empty()) {
        for (const auto& finding : linted) wrong(finding.field, fmt::format("{} [{}]", sentence(finding), finding.rule));
        return;
    }
    for (const auto& finding : linted) {
        if (finding.rule == "no-negative-field") continue;
        const std::pair said{std::string(finding.rule), finding.message};
        if (findings_.size() == most_told && !findings_.contains(said)) continue;
        auto& warned = findings_[said];
        if (std::exchange(warned.last, row.index) == row.index) continue;
        if (warned.rows++ == 0 || lists_all()) warned.places.push_back(row.where.empty() ? row.id : fmt::format("{}, {}", row.id, row.where));
    }
    std::vector<std::string> said = plan.changes;
    said.insert(said.end(), plan.notes.begin(), plan.notes.end());
    if (!plan.choice.empty()) said.push_back(plan.choice);
    for (const auto& sentence : said)
        if (told_[sentence]++ == 0 && sentences_.size() < most_told) sentences_.push_back(sentence);

    planned_.insert(model);
    const auto& route = routes.try_emplace(plan.route.name + " " + plan.route.base_url, plan.route).first->second;
    for (long take = 0; take < row.takes; ++take) {
        const bool last = take + 1 == row.takes;
        auto clip = last ? std::exchange(plain, {}) : plain;
        if (row.takes > 1) clip.row = batch::name_of_take(row.id, take + 1);
        clip.take = int(take) + 1;
        auto order = catalog::with_absolute_pictures(last ? std::move(plan.order) : plan.order);
        clip.draws = asked->wishes.seed_drawn && !options_.job.again;
        if (clip.draws) order.seed.reset();
        else if (order.seed) *order.seed += std::uint64_t(take);
        clip.identity = job::identity_of(order, route);
        clip.order = catalog::write_order(order);
        clip.operation = order.operation;
        clip.model = order.model;
        clip.resolution = catalog::resolution_of(order);
        clip.seconds = order.seconds;
        clip.price = order.price.amount;
        clip.upper_bound = order.price.upper_bound;
        clip.route = &route;
        if (const auto shared = shared_output(clip, order, place)) return wrong("output", shared->message);  // once for all takes
        clips.push_back(std::move(clip));
    }
}

void Cost::add(const BatchClip& clip) {
    ++clips;
    upper_bound = upper_bound || clip.upper_bound;
    if (!clip.price) return void(++unpriced);
    sum = sum + *clip.price;
    if (clip.price->micros == 0 || (dearest.size() == most_dear && *clip.price <= dearest.back().first)) return;
    const auto after = std::upper_bound(dearest.begin(), dearest.end(), *clip.price, [](Money price, const auto& one) { return price > one.first; });
    dearest.insert(after, {*clip.price, fmt::format("{}: {}, {} s", core::printable(clip.row), clip.model, core::print_number(clip.seconds))});
    if (dearest.size() > most_dear) dearest.pop_back();
}

std::string Cost::print() const {
    const auto unknown = unpriced ? fmt::format("{} of unknown price", unpriced) : "";
    if (sum.micros == 0 && unpriced) return unknown;
    return fmt::format("{}USD {}{}{}", upper_bound ? "at most " : "", to_string(sum), unpriced ? " and " : "", unknown);
}

std::string Cost::print_dearest() const {
    if (clips < 2 || dearest.empty()) return {};
    std::vector<std::string> rows;
    for (const auto& [price, row] : dearest) rows.push_back(fmt::format("{}, USD {}", row, to_string(price)));
    return "the most expensive: " + core::join(rows, "; ");
}

void print_plan(const BatchPlan& plan, Context& context) {
    Cost cost;
    for (const auto& clip : plan.clips) cost.add(clip);
    auto& out = context.world.out;
    if (context.flags.json) {
        json rows = json::array();
        for (const auto& clip : plan.clips)
            if (const auto order = catalog::read_order(clip.order))
                rows.push_back({{"row", clip.row}, {"model", clip.model}, {"route", order->route}, {"seconds", clip.seconds}, {"prompt", order->prompt},
                                {"price", report::price_document(order->price)}});
        const json document{{"schema", "shotwire.batch-plan/1"}, {"rows", rows}, {"usd", double(cost.sum.micros) / 1e6}, {"upper_bound", cost.upper_bound}, {"unpriced", cost.unpriced}};
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
        auto& group = groups[{clip.model, clip.route->name}];
        ++group.clips;
        group.seconds += clip.seconds;
        if (clip.price) group.sum = group.sum + *clip.price;
        else ++group.unpriced;
    }
    report::Table table({"MODEL", "VIA", "CLIPS", "SECONDS", "PRICE"});
    const auto price = [&](Money amount, std::size_t unknown) {
        const auto rest = fmt::format("{} of unknown price", unknown);
        if (amount.micros == 0 && unknown) return rest;
        const auto text = report::print_price({amount, false, ""});
        return unknown ? text + " and " + rest : text;
    };
    for (const auto& [name, group] : groups)
        table.add({name.first, name.second, std::to_string(group.clips), core::print_number(group.seconds), price(group.sum, group.unpriced)});
    out << table.print(context.table_width());
    if (!cost.dearest.empty() && plan.clips.size() > 1) {
        out << "\nThe most expensive:\n";
        for (const auto& [amount, row] : cost.dearest) out << fmt::format("  {}, {}\n", row, price(amount, 0));
    }
    out << fmt::format("\n{} clip{}: {}{}\n", plan.clips.size(), plan.clips.size() == 1 ? "" : "s", cost.upper_bound && cost.sum.micros ? "at most " : "", price(cost.sum, cost.unpriced)) << std::flush;
}

}  // namespace shotwire::cli
