// The row C3 of the fault matrix: the power goes. The folder is built again from what a run wrote, as a disk may hold it that keeps what
// was synced, and of the rest any part in any order.
#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "crash/record.hpp"
#include "crash/rig.hpp"
#include "job/examine.hpp"
#include "media/mp4.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

constexpr std::size_t never = std::size_t(-1);
constexpr std::size_t sector = 512;

// One change that a disk keeps or loses: bytes of a file, or what names stand in a folder.
struct Change {
    std::size_t at = 0;         // its place in the record
    std::size_t synced = never; // from this place on it is kept
    int file = -1;              // whose bytes; -1: it is about names
    std::int64_t offset = 0;
    std::string bytes;
    bool cuts = false;          // the file's length becomes `offset`
    std::map<std::string, int> names = {};  // a name and its file; -1: it is gone
};

struct Tape {
    std::vector<Recorded> record;
    std::vector<Change> changes;

    explicit Tape(std::vector<Recorded> recorded) : record(std::move(recorded)) {
        std::map<std::string, int> files;
        int next = 0;
        const auto file_at = [&](const std::string& path) {
            const auto found = files.find(path);
            return found == files.end() ? files[path] = next++ : found->second;
        };
        for (std::size_t at = 0; at < record.size(); ++at) {
            const auto& entry = record[at];
            if (entry.path.ends_with("-shm")) continue;  // never synced, and made anew from the log
            Change change;
            change.at = at;
            switch (entry.op) {
                case 'C': change.names[entry.path] = files[entry.path] = next++; break;
                case 'W':
                    change.file = file_at(entry.path);
                    change.offset = entry.offset;
                    change.bytes = entry.bytes;
                    break;
                case 'T':
                    change.file = file_at(entry.path);
                    change.offset = entry.offset;
                    change.cuts = true;
                    break;
                case 'R':
                    change.names[entry.bytes] = files[entry.bytes] = file_at(entry.path);
                    change.names[entry.path] = -1;
                    files.erase(entry.path);
                    break;
                case 'L': change.names[entry.bytes] = files[entry.bytes] = file_at(entry.path); break;
                case 'U':
                    change.names[entry.path] = -1;
                    files.erase(entry.path);
                    break;
                case 'S': {
                    const auto synced = files.find(entry.path);
                    for (auto& earlier : changes) {
                        const bool bytes = synced != files.end() && earlier.file == synced->second;
                        const bool names = std::any_of(earlier.names.begin(), earlier.names.end(), [&](const auto& name) { return fs::path(name.first).parent_path() == entry.path; });
                        if (earlier.synced == never && (bytes || names)) earlier.synced = at;
                    }
                    continue;
                }
                default: continue;
            }
            changes.push_back(std::move(change));
        }
    }

    // The changes before `end`, that are on disk for sure and that are not.
    void split(std::size_t end, std::vector<const Change*>& kept, std::vector<const Change*>& open) const {
        for (const auto& change : changes)
            if (change.at < end) (change.synced < end ? kept : open).push_back(&change);
    }
};

// What a disk holds of those changes; one of them may be torn: its first sectors alone.
std::map<std::string, std::string> disk_of(std::vector<const Change*> held, const Change* torn) {
    std::sort(held.begin(), held.end(), [](const auto* one, const auto* other) { return one->at < other->at; });
    std::map<std::string, int> names;
    std::map<int, std::string> files;
    for (const auto* change : held) {
        for (const auto& [name, file] : change->names) {
            if (file < 0) names.erase(name);
            else names[name] = file;
        }
        if (change->file < 0) continue;
        auto& bytes = files[change->file];
        if (change->cuts) {
            bytes.resize(std::size_t(change->offset));
            continue;
        }
        const auto piece = change == torn ? change->bytes.substr(0, change->bytes.size() / 2 / sector * sector) : change->bytes;
        if (bytes.size() < std::size_t(change->offset) + piece.size()) bytes.resize(std::size_t(change->offset) + piece.size());
        bytes.replace(std::size_t(change->offset), piece.size(), piece);
    }
    std::map<std::string, std::string> disk;
    for (const auto& [name, file] : names) disk[name] = files[file];
    return disk;
}

// The places where the power goes: around each sync and each request, and when the result was told.
std::set<std::size_t> moments(const std::vector<Recorded>& record) {
    std::set<std::size_t> found{record.size()};
    for (std::size_t at = 0; at < record.size(); ++at)
        if (record[at].op == 'S' || record[at].op == 'N' || record[at].op == 'O' || record[at].op == 'R') {
            found.insert(at);
            found.insert(at + 1);
        }
    return found;
}

struct Loss {
    std::vector<const Change*> held;
    const Change* torn = nullptr;
};

// All, none, each alone and all but each, torn ones, and some by chance.
std::vector<Loss> losses(const std::vector<const Change*>& kept, const std::vector<const Change*>& open, std::mt19937& random) {
    std::vector<Loss> all;
    const auto add = [&](const auto& survives, const Change* torn = nullptr) {
        Loss loss{kept, torn};
        for (std::size_t i = 0; i < open.size(); ++i)
            if (survives(i)) loss.held.push_back(open[i]);
        all.push_back(std::move(loss));
    };
    add([](std::size_t) { return false; });
    if (open.empty()) return all;
    add([](std::size_t) { return true; });
    for (std::size_t n = 0; n < std::min<std::size_t>(open.size(), 6); ++n) {
        const auto one = open.size() <= 6 ? n : random() % open.size();
        add([&](std::size_t i) { return i != one; });
        add([&](std::size_t i) { return i == one; });
        if (open[one]->bytes.size() >= 2 * sector) add([](std::size_t) { return true; }, open[one]);
    }
    for (int chance = 0; chance < 3; ++chance) {
        const auto dice = random();
        add([&](std::size_t i) { return (dice >> (i % 32)) & 1; });
    }
    return all;
}

// Every disk that a power loss at any moment of the tape may leave, in a folder of its own; how many lacked something.
struct Disks {
    int all = 0, lost_something = 0;
};
template <class Look>  // (folder, moment)
Disks for_each_disk(const Tape& tape, const fs::path& home, Look look) {
    Disks disks;
    std::mt19937 random(4);
    const fs::path memory = "/dev/shm";
    const auto before = fs::temp_directory_path();
    if (fs::is_directory(memory)) setenv("TMPDIR", memory.c_str(), 1);
    for (const auto moment : moments(tape.record)) {
        std::vector<const Change*> kept, open;
        tape.split(moment, kept, open);
        for (const auto& loss : losses(kept, open, random)) {
            ++disks.all;
            disks.lost_something += loss.held.size() < kept.size() + open.size();
            const core::TemporaryFolder folder;
            for (const auto& [name, bytes] : disk_of(loss.held, loss.torn)) {
                const auto place = folder.path() / fs::path(name).lexically_relative(home);
                fs::create_directories(place.parent_path());
                std::ofstream(place, std::ios::binary) << bytes;
            }
            INFO(fmt::format("the power went at entry {} of {}, {} of {} unsynced changes were kept{}", moment, tape.record.size(), loss.held.size() - kept.size(), open.size(), loss.torn ? ", one torn" : ""));
            look(folder.path(), moment);
        }
    }
    setenv("TMPDIR", before.c_str(), 1);
    return disks;
}

// The ledger that such a disk holds, sound; null where there is none yet.
std::unique_ptr<job::Ledger> ledger_on(const fs::path& folder, const core::Clock& clock) {
    const auto file = folder / "state/shotwire/ledger.db";
    const auto examined = job::examine(file);
    if (!examined) FAIL(examined.error().message);
    if (!examined->problems.empty()) FAIL(core::join(examined->problems, "; "));
    if (!examined->there) return nullptr;
    auto opened = job::Ledger::open(file, clock);
    if (!opened) FAIL(opened.error().message);
    return std::move(*opened);
}

// The intent of what was sent stood there before the request left.
void check_sent(const job::Row& row) {
    if (row.stage == Stage::planned || row.body_sha256.empty() || row.key.empty()) FAIL("a job was sent, and the ledger does not know");
    if (!row.handle && row.stage != Stage::submitting) FAIL("a job has no id, and is taken for more than submitted");
}

void check_told(const fs::path& folder, const std::string& clip) {
    if (!fs::exists(folder / "work" / clip)) FAIL("a clip that was told done is not there");
    const auto sidecar = core::read_file((folder / "work" / (clip + ".json")).string());
    if (!sidecar || !json::accept(*sidecar)) FAIL("a clip that was told done has no sidecar");
}

}  // namespace

TEST_CASE("C3: whatever of the unsynced writes a power loss takes, what was paid and what was told done is still there") {
    Rig rig({.queued = 1});
    const auto record = rig.home.work().parent_path() / "record";
    rig.home.env["SHOTWIRE_TEST_RECORD"] = record.string();
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    const Tape tape(read_record(record));
    const auto sum = rig.host.sum_of("video_1");

    std::size_t sent = never, told = never;
    for (std::size_t at = 0; at < tape.record.size(); ++at) {
        if (tape.record[at].op == 'N' && tape.record[at].bytes.starts_with("POST") && sent == never) sent = at;
        if (tape.record[at].op == 'O' && told == never) told = at;
    }
    REQUIRE(sent != never);
    REQUIRE(told != never);

    const core::Clock clock;
    const auto disks = for_each_disk(tape, rig.home.work().parent_path(), [&](const fs::path& folder, std::size_t moment) {
        std::optional<job::Row> row;
        if (const auto ledger = ledger_on(folder, clock)) {
            const auto rows = *ledger->list({});
            if (rows.size() > 1) FAIL("two jobs");
            if (!rows.empty()) row = rows[0];
        }
        if (sent < moment && !row) FAIL("a job was sent, and is not in the ledger");
        if (sent < moment) check_sent(*row);
        const auto clip = folder / "work/a.mp4";
        if (fs::exists(clip) && *core::sha256_of_file(clip) != sum) FAIL("the clip has its name, and is not whole");
        if (told < moment && (!row || row->stage != Stage::done)) FAIL("a job that was told done is not");
        if (row && row->stage == Stage::done) check_told(folder, "a.mp4");
    });
    CAPTURE(disks.all, disks.lost_something);
    REQUIRE(disks.all > 100);
    REQUIRE(disks.lost_something > 50);
}

TEST_CASE("C3: a power loss in a batch leaves each row that was sent in the ledger, its price in the accounts, and each that was told on disk") {
    Rig rig({.queued = 1});
    const auto record = rig.home.work().parent_path() / "record";
    rig.home.env["SHOTWIRE_TEST_RECORD"] = record.string();
    rig.home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
        "audio": "always", "sizes": [{"size": "128x128", "resolution": "128p", "ratio": "1:1"}], "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    rig.home.write("config/shotwire/config.toml", "[budget]\nday = 5\n");
    std::string rows;
    for (const auto* id : {"a", "b", "c"}) rows += fmt::format("{{\"id\": \"{}\", \"prompt\": \"heron {} lifts off\"}}\n", id, id);
    rig.home.write("work/rows.jsonl", rows);
    const auto ran = rig.run({"batch", "rows.jsonl", "-m", "openai:priced", "--base-url", rig.host.url(), "-d", "1", "--yes", "-j", "2"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    const Tape tape(read_record(record));

    std::map<std::string, std::size_t> sent, told;  // by row
    for (std::size_t at = 0; at < tape.record.size(); ++at) {
        const auto& entry = tape.record[at];
        for (const auto* id : {"a", "b", "c"}) {
            if (entry.op == 'N' && entry.bytes.find(fmt::format("heron {} lifts off", id)) != std::string::npos) sent.emplace(id, at);
            if (entry.op == 'O' && entry.bytes.find(fmt::format("\"row\":\"{}\"", id)) != std::string::npos) told.emplace(id, at);
        }
    }
    REQUIRE(sent.size() == 3);
    REQUIRE(told.size() == 3);

    const core::Clock clock;
    const auto disks = for_each_disk(tape, rig.home.work().parent_path(), [&](const fs::path& folder, std::size_t moment) {
        std::map<std::string, job::Row> there;
        Money spent, paid;
        if (const auto ledger = ledger_on(folder, clock)) {
            const auto rows = *ledger->list({});
            for (const auto& row : rows) {
                if (!there.emplace(row.batch_row, row).second) FAIL("two jobs of one row");
                if (row.stage != Stage::planned) paid.micros += 100'000;
            }
            spent = *ledger->account("", "");
        }
        if (spent != paid) FAIL("the accounts say USD " << to_string(spent) << ", the jobs USD " << to_string(paid));
        for (const auto& [id, at] : sent) {
            if (at >= moment) continue;
            if (!there.contains(id)) FAIL("row " << id << " was sent, and is not in the ledger");
            check_sent(there.at(id));
        }
        for (const auto& [id, at] : told)
            if (at < moment && there.at(id).stage != Stage::done) FAIL("row " << id << " was told done and is not");
        for (const auto& [id, row] : there) {
            if (row.stage != Stage::done) continue;
            check_told(folder, id + ".mp4");
            if (*core::sha256_of_file(folder / "work" / (id + ".mp4")) != rig.host.sum_of(row.handle->value["id"])) FAIL("row " << id << " has the clip of another");
        }
    });
    CAPTURE(disks.all, disks.lost_something);
    REQUIRE(disks.all > 300);
    REQUIRE(disks.lost_something > 150);
}
