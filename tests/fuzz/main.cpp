#include <spdlog/fmt/fmt.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/files.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"

// One program for all targets: `fuzz --list`, `fuzz --seeds=FOLDER --target=NAME`, `fuzz --target=NAME [libFuzzer's arguments]`.
namespace shotwire::fuzz {
namespace fs = std::filesystem;

const std::vector<Target>& targets() {
    static const std::vector<Target> all{
        {"config", run_config, seeds_of_config},
        {"fault", run_fault, seeds_of_fault, 128},
        {"headers", run_headers, seeds_of_headers, 512},
        {"json", run_json, seeds_of_json},
        {"model-file", run_model_file, seeds_of_model_file},
        {"mp4", run_mp4, seeds_of_mp4},
        {"provider-file", run_provider_file, seeds_of_provider_file, 8192},
        {"redirect", run_redirect, seeds_of_redirect, 512},
        {"replies", run_replies, seeds_of_replies},
        {"row", run_row, seeds_of_row},
        {"shot-file", run_shot_file, seeds_of_shot_file, 2048},
        {"spool", run_spool, seeds_of_spool, 512},
        {"template", run_template, seeds_of_template, 256},
        {"text", run_text, seeds_of_text, 512},
        {"url", run_url, seeds_of_url, 512},
        {"words", run_words, seeds_of_words, 1024},
        {"batch", run_batch, seeds_of_batch},
    };
    return all;
}

void holds(bool property, const char* sentence, std::string_view shown) {
    if (property) return;
    std::fprintf(stderr, "\nnot so: %s%s%s\n", sentence, shown.empty() ? "" : ": ", core::printable(shown).c_str());
    std::abort();
}

void holds_of_text(std::string_view text, const char* sentence) { holds(core::printable(text) == text, sentence, text); }

void holds_of_error(const Error& error) {
    holds(!error.message.empty(), "an error gives a reason");
    holds_of_text(error.message, "an error can be printed as it is");
    holds(error.kind != ErrorKind::bug, "what came from outside is no bug of ours", error.message);
    holds(!error.retry_after || error.retry_after->count() >= 0, "nobody waits a negative time");
}

std::string as_file(std::string_view bytes) {
    static const int fd = ::memfd_create("input", 0);
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, bytes.data(), bytes.size(), 0) != ssize_t(bytes.size())) std::abort();
    return fmt::format("/proc/self/fd/{}", fd);
}

std::string source_file(const std::string& relative) {
    const auto path = fs::path(SHOTWIRE_SOURCE_DIR) / relative;
    auto bytes = core::read_file(path);
    holds(bool(bytes), "the checkout has", path.string());
    return *bytes;
}

std::vector<std::string> files_in(const std::string& folder, const std::string& extension) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SHOTWIRE_SOURCE_DIR) / folder))
        if (entry.path().extension() == extension) found.push_back(*core::read_file(entry.path()));
    holds(!found.empty(), "the checkout has files in", folder);
    return found;
}

std::vector<std::string> split_at(std::string_view input, char separator, std::size_t most) {
    std::vector<std::string> parts;
    while (parts.size() + 1 < most) {
        const auto at = input.find(separator);
        if (at == std::string_view::npos) break;
        parts.emplace_back(input.substr(0, at));
        input.remove_prefix(at + 1);
    }
    parts.emplace_back(input);
    return parts;
}

namespace {

const Target* chosen = nullptr;

std::string option(int argc, char** argv, const std::string& name) {
    for (int i = 1; i < argc; ++i)
        if (const std::string argument = argv[i]; argument.starts_with("--" + name)) return argument.size() > name.size() + 3 ? argument.substr(name.size() + 3) : "yes";
    return {};
}

[[noreturn]] void leave(int code) {
    std::fflush(stdout);
    ::_exit(code);
}

}  // namespace
}  // namespace shotwire::fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    using namespace shotwire::fuzz;
    const auto name = option(*argc, *argv, "target"), folder = option(*argc, *argv, "seeds");
    if (!option(*argc, *argv, "list").empty()) {
        for (const auto& target : targets()) std::printf("%s %zu\n", target.name, target.longest);
        leave(0);
    }
    const auto found = std::find_if(targets().begin(), targets().end(), [&](const Target& each) { return each.name == name; });
    if (found == targets().end()) {
        std::fprintf(stderr, "fuzz: no target '%s'; --list shows them\n", name.c_str());
        leave(2);
    }
    chosen = &*found;
    if (folder.empty()) return 0;
    fs::create_directories(folder);
    const auto seeds = chosen->seeds();
    holds(!seeds.empty(), "a target has seeds", name);
    for (std::size_t i = 0; i < seeds.size(); ++i) std::ofstream(fs::path(folder) / fmt::format("seed-{:04}", i), std::ios::binary) << seeds[i];
    leave(0);
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    shotwire::fuzz::chosen->run({reinterpret_cast<const char*>(data), size});
    return 0;
}
