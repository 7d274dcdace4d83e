#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"

namespace shotwire::job {
namespace fs = std::filesystem;

namespace {
// Ids are told apart by what a slug loses, too: letters beyond ASCII, and what is too long for it.
std::string slug_of_row(const std::string& id) {
    const auto is_plain = [](unsigned char c) { return c < 0x80; };
    const auto is_letter = [](unsigned char c) { return c < 0x80 && std::isalnum(c); };
    auto slug = core::slug(id);
    const bool whole = std::all_of(id.begin(), id.end(), is_plain) && std::any_of(id.begin(), id.end(), is_letter) && core::slug(id, id.size()) == slug;
    return whole ? slug : slug + "-" + core::sha256_hex(id).substr(0, 8);
}
}  // namespace

Result<std::string> fill_template(const std::string& text, const std::function<const Order&()>& order, const JobId& id, int index, int take, core::Wall day,
                                  const std::string& batch_row) {
    static const std::vector<std::string> known_of_batch{"slug", "model", "index", "take", "seed", "id", "date", "row"};
    static const std::vector<std::string> known(known_of_batch.begin(), known_of_batch.end() - 1);
    const auto value = [&](const std::string& name) -> std::optional<std::string> {
        const auto slug = [&] { return core::slug(!order().shot.subject.empty() ? order().shot.subject : order().prompt); };
        if (name == "slug") return slug();
        if (name == "model") return core::slug(order().model);
        if (name == "index") return fmt::format("{:03}", index);
        if (name == "take") return std::to_string(take);
        if (name == "seed") return order().seed ? std::to_string(*order().seed) : "noseed";
        if (name == "id") return id.text;
        if (name == "row") return batch_row.empty() ? slug() : slug_of_row(batch_row);
        if (name == "date") return core::iso_day(day);
        return {};
    };
    auto filled = core::fill(text, batch_row.empty() ? known : known_of_batch, value);
    if (!filled) return Error{ErrorKind::usage, fmt::format("output '{}' has {}", core::printable(text), filled.error().message)};
    return filled;
}

namespace {

Result<> sync(const fs::path& file) {
    const core::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return fd && ::fsync(fd.get()) == 0 ? Result<>(Ok{}) : core::system_error("sync", file);
}

Result<> write_sidecar_at(const fs::path& place, const Row& row) {
    const fs::path part = fmt::format("{}.{}.tmp", place.string(), row.id.text);  // the same one each time: a crash leaves nothing for ever
    core::Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd) return core::system_error("create", part);
    auto written = core::write_all(fd.get(), core::dump(sidecar_of(row), 2) + "\n", part);
    if (written && ::fsync(fd.get()) != 0) written = core::system_error("sync", part);
    if (written) written = core::publish(part, place, core::Existing::replace);
    if (!written) ::unlink(part.c_str());
    return written;
}

// By making a file that has no name: permissions alone do not tell of a full or read-only disk. File systems that cannot are believed.
bool takes_files(const fs::path& folder) {
    if (core::Fd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600))) return true;
    const bool cannot_tell = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
    struct statvfs about {};
    if (!cannot_tell || ::statvfs(folder.c_str(), &about) != 0) return false;
    if (!(about.f_flag & ST_RDONLY)) return true;
    errno = EROFS;
    return false;
}

}  // namespace

bool sidecar_is_free(const fs::path& clip) {
    std::error_code failed;
    const auto place = sidecar_path(clip);
    if (!fs::exists(fs::symlink_status(place, failed))) return true;
    const auto text = core::read_file(place, 16 << 20);
    const auto document = text ? core::json_of(*text) : json();
    return document.is_object() && core::field_or(document, "/schema", "") == "shotwire.clip/1";
}

namespace {
Error cannot_save(const fs::path& output, const std::string& why) { return {ErrorKind::local, fmt::format("cannot save to {}: {}", output.string(), why)}; }
}  // namespace

Result<> check_folder(const fs::path& output) {
    const auto wrong = [&](const std::string& why) { return cannot_save(output, why); };
    const auto folder = output.parent_path().empty() ? fs::path(".") : output.parent_path();
    std::error_code failed;
    if (!fs::exists(folder, failed)) return wrong("its folder does not exist");
    if (!fs::is_directory(folder, failed)) return wrong(fmt::format("{} is not a folder", folder.string()));
    if (::access(folder.c_str(), W_OK | X_OK) != 0 || !takes_files(folder)) return wrong(fmt::format("its folder cannot be written to ({})", std::strerror(errno)));
    return Ok{};
}

Result<> check_output(const fs::path& output, bool force) {
    std::error_code failed;
    if (output.filename().string().size() > 200) return cannot_save(output, "the file name is longer than 200 bytes");
    const auto there = fs::symlink_status(output, failed);
    if (fs::exists(there)) {
        if (!fs::is_regular_file(there) && !fs::is_symlink(there)) return cannot_save(output, "it is not a regular file");
        if (!force) return Error{ErrorKind::usage, fmt::format("output {} exists; choose another name, or --force to replace it", output.string())};
    }
    if (!force && !sidecar_is_free(output))
        return Error{ErrorKind::usage, fmt::format("{} exists and is no sidecar of a clip; choose another output, or --force to replace it", sidecar_path(output).string())};
    return Ok{};
}

fs::path sidecar_path(const fs::path& clip) { return clip.string() + ".json"; }

json order_document(const Row& row) {
    auto order = core::json_of(row.order);
    return order.is_object() ? order : json::object();
}

void write_clip(core::ObjectWriter& out, const Row& row) {
    out.text("model", row.model).text("route", row.route);
    if (row.beside.empty()) out.number("take", row.ordinal + 1);
    else out.written("take", "null");
    out.written("order", core::is_object_line(row.order) ? row.order : core::dump(order_document(row)));
    out.text("sha256", row.sha256).value("measures", row.measures).text("created", core::iso_time(row.created));
    if (!row.base_url.empty()) out.text("base_url", http::without_userinfo(row.base_url));
    auto request = row.request;
    request["body_sha256"] = row.body_sha256;
    request["attempt"] = row.attempt;
    out.value("request", request);
    if (row.handle) out.value("remote", row.handle->value);
    if (row.submitted) out.text("submitted", core::iso_time(*row.submitted));
    if (row.ready) out.text("ready", core::iso_time(*row.ready));
    const auto paid = row.settled ? row.settled : row.price;
    out.written("price", paid ? std::move(core::ObjectWriter().flag("settled", bool(row.settled)).value("usd", double(paid->micros) / 1e6)).take() : "null");
    if (!row.note.empty()) out.text("difference", row.note);
}

json sidecar_of(const Row& row) {
    core::ObjectWriter out;
    out.text("schema", "shotwire.clip/1").text("job", row.id.text).text("stage", to_string(row.stage)).text("clip", row.clip);
    write_clip(out, row);
    return core::json_of(std::move(out).take());
}

Result<> write_sidecar(const Row& row) {
    auto finished = row;
    finished.stage = row.note.empty() ? Stage::done : Stage::mismatch;
    return write_sidecar_at(sidecar_path(row.clip), finished);
}

namespace {
// Whose clip stands in that place, by its sidecar; empty: nobody's.
std::string job_of_clip(const fs::path& place) {
    std::error_code failed;
    if (!fs::exists(fs::symlink_status(place, failed))) return {};
    const auto text = core::read_file(sidecar_path(place), 16 << 20);
    const auto document = text ? core::json_of(*text) : json();
    return document.is_object() && core::field_or(document, "/schema", "") == "shotwire.clip/1" ? core::field_or(document, "/job", "") : "";
}
}  // namespace

bool is_of_same_row(Ledger& ledger, const fs::path& place, const Wanted& wanted, const Row& own, bool here) {
    if (wanted.batch.empty() || (here && place == own.clip)) return false;
    const auto id = job_of_clip(place);
    if (id.empty() || (id != own.id.text && !wanted.named_by_row)) return false;
    const auto row = ledger.find(id);  // as it is now: another process may have put its clip there since we looked
    if (!row || !*row) return false;
    if (id != own.id.text) return (*row)->batch == wanted.batch && (*row)->batch_row == wanted.batch_row;
    const auto sum = core::sha256_of_file(place);
    return sum && *sum != (*row)->sha256;
}

Error output_taken(const fs::path& output, const std::string& row, bool named_by_row) {
    return {ErrorKind::usage, fmt::format("output {} is that of row {} already; {}", output.string(), row,
                                          named_by_row ? "their ids differ in nothing that a file's name keeps: change one, or give the row an output of its own"
                                                       : "give one an output of its own, or add {row}, {index}, {take} or {id} to the template")};
}

bool clip_is_there(const Row& row) {
    if (row.clip.empty()) return false;
    const auto sum = core::sha256_of_file(row.clip);
    return sum && *sum == row.sha256;
}

Result<> copy_clip(const Row& row, const fs::path& to, bool force) {
    auto copy = row;
    copy.clip = to.string();
    std::error_code failed;
    if (const auto there = core::sha256_of_file(to); there && *there == row.sha256)
        return fs::exists(sidecar_path(to), failed) ? Result<>(Ok{}) : write_sidecar(copy);
    if (auto takes = check_folder(to); !takes) return takes;
    if (auto free = check_output(to, force); !free) return free;
    const fs::path part = fmt::format("{}.{}.copy", to.string(), row.id.text);
    fs::copy_file(row.clip, part, fs::copy_options::overwrite_existing, failed);
    auto named = failed ? Result<>(Error{ErrorKind::local, fmt::format("cannot copy {} to {}: {}", row.clip, part.string(), failed.message())}) : sync(part);
    if (named) named = core::publish(part, to, force ? core::Existing::replace : core::Existing::keep);
    if (!named) {
        ::unlink(part.c_str());
        return named;
    }
    return write_sidecar(copy);
}

}  // namespace shotwire::job
