#include "bench.hpp"

// Engines of one's own deliver AVI or WebM; what stands on disk is an MP4.
using namespace shotwire;
using namespace shotwire::test;

namespace {

const std::string avi = std::string("RIFF\x10\0\0\0AVI LIST", 16) + std::string(400, 'x');

void deliver(Bench& bench) {
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).always();
    bench.client.on("GET", "/clips/p1", answer(200, avi)).always();
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    std::erase_if(names, [](const std::string& name) { return name.starts_with("ledger"); });
    return names;
}

}  // namespace

TEST_CASE("a clip that came as AVI is an MP4 on disk, with the sum of what stands there") {
    Bench bench;
    deliver(bench);
    std::string came;
    bench.to_mp4 = [&](const std::filesystem::path& from, const std::filesystem::path& to, const auto&) -> Result<> {
        came = *core::read_file(from);
        return core::write_file(to, clip_bytes(), core::Existing::keep);
    };
    const auto outcome = bench.run(bench.wanted());
    CHECK_FALSE(outcome.error);
    CHECK(came == avi);
    CHECK(outcome.row.stage == Stage::done);
    CHECK(*core::read_file(bench.output()) == clip_bytes());
    CHECK(outcome.row.sha256 == core::sha256_hex(clip_bytes()));
    CHECK(files_in(bench.folder.path()) == std::vector<std::string>{"a.mp4", "a.mp4.json"});
}

TEST_CASE("a clip that cannot be made an MP4 is told as what it is, stays fetchable and leaves no half file") {
    Bench bench;
    deliver(bench);
    int tried = 0;
    bench.to_mp4 = [&](const std::filesystem::path&, const std::filesystem::path& to, const auto&) -> Result<> {
        ++tried;
        std::ofstream(to) << "half";
        return Error{ErrorKind::usage, "broken data"};
    };
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(outcome.error);
    CHECK(outcome.error->kind == ErrorKind::provider);
    CHECK(outcome.error->message.find("video/x-msvideo") != std::string::npos);
    CHECK(outcome.row.stage == Stage::ready);
    CHECK(tried == 1);
    CHECK_FALSE(std::filesystem::exists(bench.output()));
    for (const auto& name : files_in(bench.folder.path())) CHECK(name.find(".part.mp4") == std::string::npos);
}
