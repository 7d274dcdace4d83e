#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "core/hash.hpp"
#include "history.hpp"

// Lives of jobs by dice. A seed that fails is printed with its steps; SHOTWIRE_SEED starts at another one, SHOTWIRE_ROUNDS lives more of them:
//
//     SHOTWIRE_SEED=$RANDOM SHOTWIRE_ROUNDS=100000 build/release/tests/test_property
using namespace shotwire;
using namespace shotwire::test;

// Ids come from here alone: the same seed gives the same ids, which the order of some steps depends on.
namespace {
Dice& ids() {
    static Dice dice(0);
    return dice;
}
// Folders of lives are in memory where that is possible: what a power loss would leave is not the matter here.
const int in_memory = ::access("/dev/shm", W_OK) == 0 ? ::setenv("TMPDIR", "/dev/shm", 1) : 0;

}  // namespace
extern "C" int RAND_bytes(unsigned char* bytes, int count) {
    for (int i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(ids().below(256));
    return 1;
}

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Lived {
    std::optional<Violation> violation;
    std::vector<std::string> told;
    std::uint64_t events = 0;
};

Lived live(std::uint64_t seed, int steps, Bug bug = Bug::none, bool tells = false) {
    ids() = Dice(seed);
    core::forget_drawn_bytes();
    History history(seed, bug, tells);
    Lived lived;
    try {
        history.live(steps);
    } catch (const Violation& violation) {
        lived.violation = violation;
    }
    lived.told = history.told();
    lived.events = history.events();
    return lived;
}

constexpr int most_steps = 6;

// The seed's shortest life that fails in the same way, told in full.
std::string tale_of(std::uint64_t seed, const std::string& which) {
    int steps = 0;
    while (steps < most_steps) {
        const auto lived = live(seed, steps);
        if (lived.violation && lived.violation->which == which) break;
        ++steps;
    }
    const auto lived = live(seed, steps, Bug::none, true);
    std::string tale = "SHOTWIRE_SEED=" + std::to_string(seed) + ", " + std::to_string(steps) + " steps:\n";
    for (const auto& line : lived.told) tale += line + "\n";
    return tale + (lived.violation ? lived.violation->which + ": " + lived.violation->what : "it did not fail when it was told");
}

}  // namespace

TEST_CASE("every life of a job keeps the invariants") {
    const auto first = number_from("SHOTWIRE_SEED", 1), rounds = number_from("SHOTWIRE_ROUNDS", 300);
    std::uint64_t events = 0;
    int failed = 0;
    for (auto seed = first; seed < first + rounds && failed < 3; ++seed) {
        const auto lived = live(seed, most_steps);
        events += lived.events;
        if (!lived.violation) continue;
        ++failed;
        FAIL_CHECK(tale_of(seed, lived.violation->which));
    }
    REQUIRE((failed > 0 || events > rounds * 50));  // they were lives
}

TEST_CASE("the same seed lives the same life") {
    const auto once = live(5, most_steps, Bug::none, true), again = live(5, most_steps, Bug::none, true);
    REQUIRE(once.told.size() > 20);
    REQUIRE(once.told == again.told);
}

TEST_CASE("each deliberate bug is found by the invariant that forbids it") {
    struct Expected {
        Bug bug;
        std::string which;
    };
    const auto expected = GENERATE(from_range(std::vector<Expected>{{Bug::forgets_the_sending, "I1"},
                                                                    {Bug::commits_late, "I2"},
                                                                    {Bug::forgets_the_id, "I3"},
                                                                    {Bug::halves_the_clip, "I4"},
                                                                    {Bug::overwrites, "I4"},
                                                                    {Bug::skips_a_stage, "I7"},
                                                                    {Bug::loses_the_clip, "I8"},
                                                                    {Bug::never_pauses, "I9"},
                                                                    {Bug::waits_for_ever, "I11"},
                                                                    {Bug::sees_no_equal, "I12"}}));
    CAPTURE(int(expected.bug), expected.which);
    std::optional<Violation> found;
    for (std::uint64_t seed = 1; seed <= 200 && !found; ++seed) found = live(seed, most_steps, expected.bug).violation;
    REQUIRE(found);
    CAPTURE(found->what);
    REQUIRE(found->which == expected.which);
}
