#pragma once
#include "cli/harness.hpp"
#include "core/hash.hpp"
#include "fault/invariants.hpp"

namespace shotwire::test {

// What the embedded server took, from the folder where it keeps its jobs. It writes down neither the requests nor a ledger of that moment.
inline Book book_of_serve(const std::filesystem::path& state, Money price = {}) {
    Book book;
    std::error_code none;
    for (const auto& job : std::filesystem::directory_iterator(state / "jobs", none)) {
        const auto spec = core::read_file(job.path() / "job.json");
        if (!spec || !job.path().filename().string().starts_with("video_")) continue;
        const auto clip = core::sha256_of_file(job.path() / "video.mp4");
        book.sales.push_back({.id = job.path().filename().string(), .prompt = json::parse(*spec).at("prompt").get<std::string>(), .body = "", .price = price, .failed = !clip,
                              .clip_sha256 = clip ? *clip : ""});
    }
    return book;
}

// The promises after a run of the program on the embedded server.
inline void judge(const Home& home, const Ran& ran, Terms terms = {}, const std::string& serve = "state/shotwire/serve", Money price = {}) {
    check_invariants(book_of_serve(home.work().parent_path() / serve, price), home.state() / "ledger.db", home.work(),
                     {.exit = ran.exit, .out = ran.out, .err = ran.err, .json = true, .took = ran.took, .peak_memory = ran.peak_memory}, terms);
}

}  // namespace shotwire::test
