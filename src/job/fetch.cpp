#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "core/text.hpp"
#include "http/shown.hpp"
#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {
constexpr auto link_patience = 15min;
}

void Runner::Impl::fetch(Charge& charge) {
    const bool here = !charge.sources.empty() && !std::holds_alternative<http::Request>(charge.sources.front());
    if (leaving && !here) return rest(charge, why_left(charge));
    // A run before us came as far as the check: what is left is to give the file its name.
    if (charge.row().stage == Stage::downloading && !charge.row().sha256.empty()) return land(charge);
    if (charge.sources.empty()) return poll(charge);  // links expire: a fresh one
    if (!here && charge.flight != Charge::Flight::download) {
        auto& road = *charge.traffic;
        if (road.downloads >= road.most_downloads) {
            charge.queued = true;
            road.fetches.push_back(charge.id);
            return;
        }
        take_off(charge, Charge::Flight::download);
    }
    const auto name = PartFile::name(charge.row().output, charge.id.text).string();
    if (!charge.part && !PartFile::was_open(charge.row().part) && core::field_or(charge.row().part, "/file", "") != name) {
        // Its name is on disk before the file: a crash between the two leaves no file that nobody knows. An older version may have noted
        // a name that does not tell whose it is, and made no file yet.
        charge.row().part = {{"file", name}};
        if (!save(charge)) return;
        charge.busy = true;
        after_commit.push_back([this, id = charge.id] {
            auto* job = find(id);
            if (!job || job->rests) return;
            job->busy = false;
            fetch(*job);
        });
        return;
    }
    if (!charge.part) {
        auto part = PartFile::open(charge.row().part);
        if (!part) return rest(charge, part.error());
        charge.part = std::make_unique<PartFile>(std::move(*part));
        charge.row().part = charge.part->known();
    }
    if (charge.row().stage == Stage::ready ? !move(charge, Stage::downloading) : !save(charge)) return;
    if (here) return take_from_answer(charge);
    if (charge.part->total() && charge.part->bytes() == charge.part->total()) return verify(charge);
    download(charge, std::get<http::Request>(charge.sources.front()), 0);
}

// The clip came with the answer: it is nowhere else, so it goes to disk even while we leave.
void Runner::Impl::take_from_answer(Charge& charge) {
    auto& part = *charge.part;
    const auto write = [&](std::string_view piece) { return part.write(piece); };
    part.restart();
    if (auto begun = part.begin({.status = 200}, most_bytes(charge.order())); !begun) return rest(charge, begun.error());
    const auto& source = charge.sources.front();
    Result<> taken = Ok{};
    if (const auto* spooled = std::get_if<backend::Spooled>(&source)) taken = spooled->spool->decode(spooled->mark, write);
    else write(std::get<backend::Inline>(source).bytes);
    if (part.error()) return part_failed(charge, *part.error());
    if (taken) return verify(charge);
    if (taken.error().kind == ErrorKind::local) return rest(charge, taken.error());
    charge.sources.clear();
    try_again(charge, taken.error());
}

void Runner::Impl::download(Charge& charge, http::Request request, int hops) {
    if (auto may = http::may_fetch(request.url, charge.link->connection.fetch); !may) return rest(charge, may.error());
    request.public_only = http::origin_of(request.url) != charge.link->connection.fetch.base_origin && !charge.link->connection.fetch.allow_private;
    const auto plain = request;
    charge.part->ask_for_rest(request);
    request.sink = std::make_shared<http::Request::Sink>();
    const auto begun = deps.loop.now();
    const auto heard = std::make_shared<core::Moment>(begun);  // the last byte
    request.sink->headers = [this, id = charge.id, heard](const http::Response& head) {
        *heard = deps.loop.now();
        auto* job = find(id);
        if (!job || !job->part) return false;
        auto begun = job->part->begin(head, most_bytes(job->order()));
        if (!begun) {
            job->fetch_error = begun.error();
            return false;
        }
        job->row().part = job->part->known();
        job->progress.bytes_total = job->part->total();
        return save(*job);
    };
    request.sink->piece = [this, id = charge.id, heard](std::string_view piece) {
        *heard = deps.loop.now();
        auto* job = find(id);
        if (!job || !job->part) return false;
        if (!job->part->write(piece)) return job->fetch_error = *job->part->error(), false;
        job->progress.bytes = job->part->bytes();
        tell(*job, false);
        return true;
    };
    charge.busy = true;
    charge.fetch_error.reset();
    take_off(charge, Charge::Flight::download);  // again behind a redirect
    send(charge, request, [this, id = charge.id, plain, hops, begun, heard](Result<http::Response> answer) {
        auto* job = find(id);
        if (!job || job->rests || !open_up(*job)) return;
        const bool silent = !answer && !job->fetch_error && deps.loop.now() - *heard >= plain.idle_timeout;
        ended_downloading(*job, begun, answer && (answer->status == 200 || answer->status == 206), silent);
        downloaded(*job, plain, hops, std::move(answer));
    });
}

// A line that is too thin for as many lets some fall silent: half as many, once for all that were under way together.
void Runner::Impl::ended_downloading(Charge& charge, core::Moment begun, bool well, bool silent) {
    auto& road = *charge.traffic;
    if (well) road.most_downloads = std::min(road.most_downloads + 1, most_downloads());
    if (!silent || begun < road.fewer_since) return;
    road.most_downloads = std::max(1, road.most_downloads / 2);
    road.fewer_since = deps.loop.now();
}

void Runner::Impl::downloaded(Charge& charge, const http::Request& request, int hops, Result<http::Response> answer) {
    charge.busy = false;
    if (!answer) {
        const auto error = charge.fetch_error ? *charge.fetch_error : answer.error();
        if (error.kind == ErrorKind::local) return part_failed(charge, error);
        // Refused by its head or its size: it would be refused for ever, and nothing of it is worth a file.
        if (charge.fetch_error && charge.fresh_tries++ > 0) {
            charge.part->discard();
            return part_failed(charge, error);
        }
        return try_again(charge, error);
    }
    const int status = answer->status;
    const auto where = http::host_of(request.url);
    if (status == 200 || status == 206) return verify(charge);
    if (status >= 301 && status <= 308) {
        auto next = http::follow(request, *answer, charge.link->connection.fetch, hops + 1);
        if (!next) return rest(charge, next.error());
        return download(charge, *next, hops + 1);
    }
    const Error error{ErrorKind::provider, fmt::format("{} answered {} to the download", where, status), http::retry_after(*answer, deps.clock.wall())};
    // A token may have ended since the poll that gave the link: another poll brings a fresh one.
    if (status == 401 && charge.renewed > 0) return rest(charge, Error{ErrorKind::auth, fmt::format("{} refused the key for the download", where)});
    if (status == 401 || status == 403 || status == 404 || status == 410) return link_expired(charge, error);
    if (status == 416) charge.part->restart();
    try_again(charge, error);
}

// The job rests and can be gone on with. What is on disk counts, unless the disk lost some of it.
void Runner::Impl::part_failed(Charge& charge, const Error& error) {
    if (charge.part && charge.part->is_discarded()) {
        charge.part.reset();
        charge.row().part = json::object();
        if (!save(charge)) return;
    }
    rest(charge, error);
}

// A download is free: again, after a pause, from where it stopped; until the time-out.
void Runner::Impl::try_again(Charge& charge, const Error& error) {
    charge.last_failure = error;
    charge.progress.word = error.message;
    tell(charge);
    if (charge.part) charge.row().part = charge.part->known();
    if (!save(charge, error.message)) return;
    if (out_of_time(charge)) return rest(charge, why_left(charge));
    later(charge, std::max(http::backoff(charge.failures++, dice()), error.retry_after.value_or(0ms)), &Impl::fetch);
}

// A link that is refused may have ended, or its host may be ill: asked for anew, first soon, then for a quarter of an hour. Only a
// fresh link that is refused after that means that the clip is gone.
void Runner::Impl::link_expired(Charge& charge, const Error& error) {
    charge.sources.clear();
    charge.last_failure = error;
    charge.progress.word = error.message;
    if (!charge.no_link_since) charge.no_link_since = deps.loop.now();
    if (deps.loop.now() - *charge.no_link_since < link_patience) {
        if (!move(charge, Stage::ready, error.message)) return;
        if (leaving) return rest(charge, why_left(charge));
        return later(charge, http::backoff(charge.renewed++, dice(), 1s, 4min), &Impl::fetch);
    }
    const auto paid = charge.row().price && charge.row().price->micros ? fmt::format("; USD {} were paid for it", to_string(*charge.row().price)) : "";
    charge.row().error = Error{ErrorKind::provider, fmt::format("the link to the clip has expired and the provider gives no other: {}{}", error.message, paid)};
    if (move(charge, Stage::expired, error.message)) rest(charge, charge.row().error);
}

void Runner::Impl::verify(Charge& charge) {
    auto& part = *charge.part;
    auto finished = part.finish();
    if (!finished && finished.error().kind == ErrorKind::local) return part_failed(charge, finished.error());
    if (!finished) return try_again(charge, finished.error());
    if (const auto same = part.check_sums(); !same)
        return same.error().kind == ErrorKind::local ? rest(charge, same.error()) : no_clip(charge, {ErrorKind::provider, fmt::format("what {} delivered is no clip: {}", charge.row().route, same.error().message)});
    auto measures = media::read_mp4(part.path());
    if (!measures && measures.error().kind == ErrorKind::local) return rest(charge, measures.error());  // tells nothing of the clip
    if (!measures) {
        const auto type = media::sniff(part.head());
        const bool convertible = type == "video/x-msvideo" || type == "video/webm" || type == "video/x-matroska";
        if (convertible && deps.to_mp4 && !charge.converted) return convert(charge);
        const Error error{measures.error().kind, type.empty() || type == "video/mp4" ? fmt::format("what {} delivered is no clip: {}", charge.row().route, measures.error().message)
                                                                                    : fmt::format("{} delivered {}, not an MP4", charge.row().route, type)};
        // A page or a message in the place of a clip means that the link has ended.
        if (type == "text/html" || type == "application/json") {
            part.restart();
            return link_expired(charge, error);
        }
        return no_clip(charge, error);
    }
    charge.row().sha256 = part.sha256();
    charge.row().measures = {{"seconds", measures->seconds}, {"width", measures->size.width}, {"height", measures->size.height}, {"fps", measures->fps},
                           {"frames", measures->frames},   {"video", measures->video},      {"audio", measures->audio},        {"bytes", measures->bytes}};
    if (const auto other = difference(charge.order(), *measures)) charge.row().note = *other;
    if (!save(charge, "whole and checked")) return;
    charge.busy = true;
    after_commit.push_back([this, id = charge.id] {
        if (auto* job = find(id); job && !job->rests) land(*job);
    });
}

// Once more from the start; then it stays fetchable, and what came stays beside its place.
void Runner::Impl::no_clip(Charge& charge, const Error& error) {
    if (charge.fresh_tries++ == 0) {
        charge.part->restart();
        return try_again(charge, error);
    }
    charge.row().error = error;
    charge.sources.clear();
    if (move(charge, Stage::ready, error.message)) rest(charge, error);
}

void Runner::Impl::land(Charge& charge) {
    charge.busy = false;
    const fs::path part = core::field_or(charge.row().part, "/file", PartFile::name(charge.row().output, charge.id.text).string());
    const fs::path output = charge.row().output;
    const auto beside = output.parent_path() / fmt::format("{}-{}{}", output.stem().string(), charge.id.text, output.extension().string());
    // Hashed as it came, a moment ago: to read a gigabyte once more would tell nothing.
    const bool whole = charge.part && charge.part->is_in_place();
    charge.part.reset();
    const auto is_ours = [&](const fs::path& place) {
        auto sum = core::sha256_of_file(place);
        return sum && *sum == charge.row().sha256;
    };
    for (const auto& place : {output, beside})  // a run before us may have come as far as the rename
        if (!whole && is_ours(place)) return landed(charge, place);
    if (!whole && !is_ours(part)) {
        charge.row().sha256.clear();
        charge.row().part = json::object();
        ::unlink(part.c_str());
        if (save(charge, "the downloaded file is gone")) fetch(charge);
        return;
    }
    const bool free = charge.row().force || sidecar_is_free(output);
    if (free) {
        auto named = core::publish(part, output, charge.row().force ? core::Existing::replace : core::Existing::keep);
        if (named) return landed(charge, output);
        std::error_code failed;
        if (!fs::exists(fs::symlink_status(output, failed))) return rest(charge, named.error());
    }
    // Somebody put a file there while it was rendering: theirs stays, and ours is not lost.
    if (auto named = core::publish(part, beside, core::Existing::keep); !named) return rest(charge, named.error());
    const auto theirs = free ? output : sidecar_path(output);
    if (deps.observer) deps.observer->warned(charge.id, fmt::format("{} appeared meanwhile and was kept; the clip is {}", theirs.string(), beside.string()));
    landed(charge, beside);
}

// The paid request as it left, made again from the order; nothing where that yields other bytes now (a picture was changed, an upload has
// another address). Its headers hold the key and nothing of the clip.
json Runner::Impl::request_of(Charge& charge) {
    if (auto connected = connect(charge); !connected) return json::object();
    if (auto loaded = catalog::reload(charge.order()); !loaded) return json::object();
    const auto& row = charge.row();
    auto step = charge.link->connection.backend->submit(charge.order(), {charge.id, row.key, row.submitted.value_or(row.created)});
    while (const auto* ask = http::ask(step)) {
        if (!ask->request.paid) {
            auto next = ask->then(ask->sampled());
            step = std::move(next);
            continue;
        }
        if (http::body_digest(ask->request) != row.body_sha256) break;
        auto shown = http::shown(ask->request);
        shown.erase("headers");
        shown.erase("paid");
        return shown;
    }
    return json::object();
}

void Runner::Impl::landed(Charge& charge, const fs::path& clip) {
    // Where a name is given by a link and its removal, a crash between the two leaves the part.
    std::error_code failed;
    if (const auto part = core::field_or(charge.row().part, "/file", ""); !part.empty() && fs::equivalent(part, clip, failed)) ::unlink(part.c_str());
    charge.row().clip = clip.string();
    charge.progress.word.clear();
    const bool right = charge.row().note.empty();
    if (!right) charge.row().error = Error{ErrorKind::mismatch, fmt::format("not what was ordered: {}", charge.row().note)};
    else charge.row().error.reset();
    charge.row().part = json::object();
    charge.row().request = request_of(charge);
    if (auto written = write_sidecar(charge.row()); !written) return rest(charge, written.error());
    charge.row().force = false;  // the word was for this clip: what stands there later is not replaced when it is fetched again
    if (move(charge, right ? Stage::done : Stage::mismatch, clip.string())) finish(charge);
}

}  // namespace shotwire::job
