#include "fault/invariants.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "job/sqlite.hpp"
#include "media/mp4.hpp"
#include "shotwire/job.hpp"

namespace shotwire::test {
namespace {
namespace fs = std::filesystem;

struct Job {
    std::string id, handle, route;
    std::optional<Stage> stage;
    std::optional<std::int64_t> price, settled;
    std::int64_t attempt = 0, cost = 0;
    std::string remote = {};  // the id in the handle
    json detail;
    std::string text(const char* pointer) const { return core::field_or(detail, pointer, ""); }

    // What it must count for, reckoned apart from the client: reserved once its request may have left, then as it was billed; given back
    // where nothing was created. What is unknown counts, and so does an earlier sending of it that may have been paid.
    Money counts() const {
        const auto doubtful = detail.is_object() ? detail.value("doubtful", std::int64_t(0)) : 0;
        if (!stage || *stage == Stage::planned) return Money{doubtful};
        const bool over = *stage == Stage::failed || *stage == Stage::rejected || *stage == Stage::cancelled;
        return Money{doubtful + settled.value_or(over && handle.empty() ? 0 : price.value_or(0))};
    }
};

// The ledger as it lies on disk, read without touching it.
struct Opened {
    std::vector<Job> jobs;
    Money forgotten;  // that still counts of jobs that the user removed
    std::vector<std::string> faults;
};

void copy_to(const fs::path& ledger, const fs::path& folder) {
    for (const char* tail : {"", "-wal"}) {
        std::error_code missing;
        fs::copy_file(ledger.string() + tail, folder / (std::string("ledger.db") + tail), missing);
    }
}

Opened read_ledger(const fs::path& ledger) {
    Opened opened;
    core::TemporaryFolder copy;
    copy_to(ledger, copy.path());
    const auto fault = [&](const std::string& what) { opened.faults.push_back(what); };
    auto db = job::Sqlite::open(copy.path() / "ledger.db", false, std::chrono::seconds(1));
    if (!db) return fault(db.error().message), opened;
    const auto each = [&](const char* sql, auto read) {
        auto statement = db->prepare(sql);
        if (!statement) return fault(statement.error().message);
        for (;;) {
            auto more = statement->step();
            if (!more) return fault(more.error().message);
            if (!*more) return;
            read(*statement);
        }
    };
    each("PRAGMA integrity_check", [&](job::Statement& row) {
        if (row.text(0) != "ok") fault(row.text(0));
    });
    each("SELECT id, stage, route, price, settled, attempt, handle, detail, wanted, cost FROM jobs", [&](job::Statement& row) {
        auto detail = json::parse(row.text(7), nullptr, false);
        if (detail.is_object()) detail["order"] = json::parse(row.text(8), nullptr, false);
        const auto handle = json::parse(row.text(6), nullptr, false);
        opened.jobs.push_back({row.text(0), row.text(6), row.text(2), stage_from(row.text(1)), row.maybe_integer(3), row.maybe_integer(4), row.integer(5), row.integer(9),
                               handle.is_object() ? core::field_or(handle, "/id", "") : "", std::move(detail)});
    });
    each("SELECT (SELECT coalesce(sum(micros), 0) FROM accounts), (SELECT coalesce(sum(cost), 0) FROM jobs) + (SELECT coalesce(sum(cost), 0) FROM forgotten)", [&](job::Statement& row) {
        if (row.integer(0) != row.integer(1)) fault(fmt::format("the accounts hold {} millionths, the jobs {}", row.integer(0), row.integer(1)));
    });
    each("SELECT coalesce(sum(cost), 0) FROM forgotten", [&](job::Statement& row) { opened.forgotten.micros = row.integer(0); });
    std::map<std::string, std::string> last;
    each("SELECT id, before, after FROM history JOIN jobs ON number = job ORDER BY history.rowid", [&](job::Statement& row) {
        const auto job = row.text(0), before = row.text(1), after = row.text(2);
        const auto from = stage_from(before), to = stage_from(after);
        if (const auto known = last.find(job); known != last.end() && known->second != before)
            fault(fmt::format("job {} left {} after it had become {}", job, before, known->second));
        if (!to || (!before.empty() && before != after && (!from || !may_follow(*from, *to)))) fault(fmt::format("job {} went from {} to {}", job, before, after));
        last[job] = after;
    });
    for (const auto& job : opened.jobs) {
        if (!job.stage || job.detail.is_discarded()) fault("job " + job.id + " cannot be read");
        else if (const auto known = last.find(job.id); known == last.end() || known->second != to_string(*job.stage))
            fault(fmt::format("job {} is {} and its history ends with {}", job.id, to_string(*job.stage), known == last.end() ? "nothing" : known->second));
        if (!job.detail.is_discarded() && job.counts().micros != job.cost)
            fault(fmt::format("job {} counts for {} millionths and should for {}", job.id, job.cost, job.counts().micros));
        if (job.price.value_or(0) < 0 || job.settled.value_or(0) < 0) fault("job " + job.id + " costs less than nothing");
    }
    return opened;
}

bool in_any(Stage stage, std::initializer_list<Stage> stages) { return std::find(stages.begin(), stages.end(), stage) != stages.end(); }

struct Judge {
    const Book& book;
    const fs::path& ledger;
    const fs::path& folder;
    const Output& output;
    const Terms& terms;
    std::vector<Job> jobs = {};
    Money forgotten = {};
    std::vector<std::string> broken = {};

    template <class... Args>
    void fault(fmt::format_string<Args...> text, Args&&... args) {
        broken.push_back(fmt::format(text, std::forward<Args>(args)...));
    }

    const Job* job_with(const std::string& id) const {
        for (const auto& job : jobs)
            if (job.remote == id) return &job;
        return nullptr;
    }

    void paid_once() {
        std::map<std::string, int> sold, asked;
        for (const auto& sale : book.sales) ++sold[sale.prompt];
        for (const auto& job : jobs) ++asked[job.text("/order/prompt")];
        int again = terms.resent;
        for (const auto& [prompt, count] : sold) {
            const int extra = count - asked[prompt];
            if (extra > 0 && (again -= extra) < 0) fault("I1: \"{}\" was accepted {} times and is {} jobs", prompt, count, asked[prompt]);
        }
    }

    void intent_first() {
        for (const auto& sale : book.sales) {
            if (sale.ledger_then.empty()) continue;
            const auto then = read_ledger(sale.ledger_then / "ledger.db");
            const auto written = std::any_of(then.jobs.begin(), then.jobs.end(), [&](const Job& job) {
                return job.stage == Stage::submitting && job.text("/order/prompt") == sale.prompt && job.attempt > 0 && !job.route.empty() &&
                       !job.text("/key").empty() && (sale.key.empty() || job.text("/key") == sale.key) && job.text("/body_sha256") == core::sha256_hex(sale.body) &&
                       (job.price || sale.price.micros == 0);
            });
            if (!written) fault("I2: {} was accepted before its intent was on disk", sale.id);
        }
    }

    void no_clip_lost() {
        std::map<std::string, int> open;  // jobs whose answer was lost, by their words
        for (const auto& job : jobs)
            if (job.stage && in_any(*job.stage, {Stage::unknown, Stage::submitting}) && !job.detail.value("unsent", false)) ++open[job.text("/order/prompt")];
        for (const auto& sale : book.sales) {
            const auto* job = job_with(sale.id);
            if (!job) {
                if (--open[sale.prompt] < 0) fault("I3: {} is not in the ledger", sale.id);
                continue;
            }
            if (sale.failed || !job->stage) continue;
            switch (*job->stage) {
                case Stage::done:
                case Stage::mismatch: {
                    // Moved or removed by its owner later is no loss; here nobody does.
                    const auto clip = folder / job->text("/clip");
                    auto sum = core::sha256_of_file(clip);
                    if (!sum || *sum != job->text("/sha256")) fault("I3: {} is done and its clip is not at {}", sale.id, clip.string());
                    break;
                }
                case Stage::planned:
                case Stage::failed:
                case Stage::rejected: fault("I3: {} is {} in the ledger and was not at the provider", sale.id, to_string(*job->stage)); break;
                default: break;
            }
        }
    }

    void whole_or_absent() {
        std::set<std::string> made(terms.also_whole.begin(), terms.also_whole.end());
        for (const auto& sale : book.sales)
            if (!sale.clip_sha256.empty()) made.insert(sale.clip_sha256);
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file() || entry.path().extension() != ".mp4" || terms.untouched.contains(entry.path())) continue;
            if (auto clip = media::read_mp4(entry.path()); !clip) fault("I4: {} is no whole clip: {}", entry.path().string(), clip.error().message);
            const auto sum = core::sha256_of_file(entry.path());
            if (!made.empty() && (!sum || !made.contains(*sum))) fault("I4: {} is no clip that the server made", entry.path().string());
            const auto sidecar = core::read_file(entry.path().string() + ".json");
            if (sidecar && sum && sidecar->find(*sum) == std::string::npos) fault("I4: the sidecar of {} tells of another file", entry.path().string());
        }
        for (const auto& [file, sum] : terms.untouched) {
            const auto now = core::sha256_of_file(file);
            if (!now || *now != sum) fault("I4: {} is not what it was", file.string());
        }
    }

    void no_key_anywhere() {
        std::map<std::string, std::string> texts{{"stdout", output.out}, {"stderr", output.err}, {"the command line", output.command_line}};
        for (const auto& place : {folder, ledger.parent_path()}) {
            if (place.empty() || !fs::exists(place)) continue;
            for (const auto& entry : fs::recursive_directory_iterator(place, fs::directory_options::skip_permission_denied))
                if (entry.is_regular_file())
                    if (auto bytes = core::read_file(entry.path())) texts[entry.path().string()] = std::move(*bytes);
        }
        for (const auto& secret : terms.secrets)
            for (const auto& form : {secret, core::base64(secret), core::base64(secret).substr(0, core::base64(secret).find('=')), core::url_encode(secret)})
                for (const auto& [place, text] : texts)
                    if (!form.empty() && text.find(form) != std::string::npos) fault("I5: a key is in {}", place);
    }

    void keys_stay_home() {
        for (const auto& call : book.elsewhere) {
            const auto head = core::lower(call.head + call.target);
            for (const char* name : {"authorization:", "cookie:", "api-key:", "x-key:", "token:"})
                if (head.find(name) != std::string::npos) fault("I6: {} {} of another origin came with \"{}\"", call.method, call.target, name);
            for (const auto& secret : terms.secrets)
                if (head.find(core::lower(secret)) != std::string::npos) fault("I6: {} {} of another origin was given a key", call.method, call.target);
        }
    }

    void truthful_exit() {
        static const std::set<int> codes{0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 130};
        if (!codes.contains(output.exit) && !(output.exit == 70 && terms.may_be_bug)) fault("I8: exit {} is no code of the manual", output.exit);
        int there = 0;
        for (const auto& job : jobs) {
            if (!job.stage || !in_any(*job.stage, {Stage::done, Stage::mismatch})) continue;
            const auto sum = core::sha256_of_file(folder / job.text("/clip"));
            there += sum && *sum == job.text("/sha256");
        }
        if (output.exit == 0 && there < terms.asked) fault("I8: exit 0, and {} of {} clips are there", there, terms.asked);
        if (!output.json) return;
        const auto whole = output.out.substr(0, output.out.rfind('\n') + 1);
        const auto fine = [](const std::string& text) { return json::accept(text); };
        const auto lines = core::split(whole, '\n');
        if (!fine(whole) && !std::all_of(lines.begin(), lines.end(), fine)) fault("I8: stdout is no JSON");
    }

    void bounded_load() {
        if (terms.calls_without_fault && double(book.calls.size()) > 1.2 * double(*terms.calls_without_fault) + 20)
            fault("I9: {} requests where {} were needed", book.calls.size(), *terms.calls_without_fault);
        for (const auto& wait : book.waits)
            for (const auto& call : book.calls)
                if (call.method == wait.method && call.target == wait.target && call.at > wait.from && call.at < wait.from + wait.length)
                    fault("I9: {} {} came {} ms after the server had asked for {} ms", call.method, call.target,
                          std::chrono::duration_cast<std::chrono::milliseconds>(call.at - wait.from).count(), wait.length.count());
        if (book.most_downloads > terms.most_downloads) fault("I9: {} transfers at once", book.most_downloads);
        if (book.most_connections > 64) fault("I9: {} connections at once", book.most_connections);
    }

    void bounded_self() {
        std::set<std::string> parts;
        for (const auto& job : jobs) {
            if (job.stage && (*job.stage == Stage::done || *job.stage == Stage::mismatch)) continue;
            parts.insert((folder / job.text("/part/file")).lexically_normal().string());
            parts.insert((folder / job.text("/output")).lexically_normal().string() + ".json." + job.id + ".tmp");  // its sidecar, cut by a crash
        }
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            const auto name = entry.path().lexically_normal().string();
            if ((name.ends_with(".tmp") && !parts.contains(name)) || (name.ends_with(".part") && !parts.contains(name) && !terms.untouched.contains(entry.path()) && !terms.ledger_is_lost))
                fault("I10: {} is left and no job knows it", name);
        }
        if (output.peak_memory > terms.most_memory) fault("I10: {} kB of memory", output.peak_memory);
        // Whoever still works in the folder is ours: the program runs there, and so do its helpers.
        std::error_code failed;
        for (const auto& process : fs::directory_iterator("/proc", failed)) {
            const auto name = process.path().filename().string();
            if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(::getpid())) continue;
            std::error_code gone;
            if (fs::read_symlink(process.path() / "cwd", gone) == folder) fault("I10: process {} is still there", name);
        }
    }

    void it_ends() {
        if (terms.time_limit && output.took > *terms.time_limit) fault("I11: it took {} ms of {}", output.took.count(), terms.time_limit->count());
    }

    void budget_holds() {
        Money taken, counted = forgotten;
        for (const auto& sale : book.sales) taken = taken + sale.price;
        for (const auto& job : jobs) counted = counted + job.counts();
        if (taken > counted) fault("I13: the server takes USD {} and the ledger counts {}", to_string(taken), to_string(counted));
        if (terms.budget && taken > *terms.budget) fault("I13: the server takes USD {} of {}", to_string(taken), to_string(*terms.budget));
        if (terms.budget && counted > *terms.budget) fault("I13: the ledger counts USD {} of {}, what is unknown among them", to_string(counted), to_string(*terms.budget));
    }
};

}  // namespace

std::vector<std::string> broken_invariants(const Book& book, const fs::path& ledger, const fs::path& folder, const Output& output, const Terms& terms) {
    Judge judge{book, ledger, folder, output, terms};
    if (!terms.ledger_is_lost) {
        if (fs::exists(ledger)) {
            auto opened = read_ledger(ledger);
            judge.jobs = std::move(opened.jobs);
            judge.forgotten = opened.forgotten;
            for (const auto& what : opened.faults) judge.broken.push_back("I7: " + what);
        }
        judge.paid_once();
        judge.no_clip_lost();
        judge.truthful_exit();
        judge.budget_holds();
    }
    judge.intent_first();
    judge.whole_or_absent();
    judge.no_key_anywhere();
    judge.keys_stay_home();
    judge.bounded_load();
    judge.bounded_self();
    judge.it_ends();
    return judge.broken;
}

void check_invariants(const Book& book, const fs::path& ledger, const fs::path& folder, const Output& output, const Terms& terms) {
    CAPTURE(output.exit, output.out, output.err);
    for (const auto& broken : broken_invariants(book, ledger, folder, output, terms)) FAIL_CHECK(broken);
}

}  // namespace shotwire::test
