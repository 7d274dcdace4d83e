#include "cli/interrupt.hpp"

#include <catch2/catch.hpp>
#include <atomic>
#include <optional>
#include <thread>

using namespace shotwire;

namespace {
struct Ear : cli::Interrupt::Listener {
    std::atomic<int> heard = 0;
    void interrupted() noexcept override { ++heard; }
};
}  // namespace

TEST_CASE("an interrupt that comes while somebody begins to listen is heard once, not as two") {
    std::atomic<cli::Interrupt*> target = nullptr;
    std::atomic<bool> raised = false, over = false;
    std::thread other([&] {
        while (!over)
            if (auto* interrupt = target.exchange(nullptr)) {
                interrupt->raise();
                raised = true;
            }
    });
    int twice = 0, never = 0;
    for (int i = 0; i < 100'000; ++i) {
        cli::Interrupt interrupt;
        Ear ear;
        target = &interrupt;
        for (int pause = 0; pause < i % 64; ++pause) (void)over.load();
        std::optional<cli::Interrupt::Listening> listening(std::in_place, interrupt, ear);
        while (!raised.exchange(false)) {}
        listening.reset();
        twice += ear.heard > 1;
        never += ear.heard < 1;
    }
    over = true;
    other.join();
    CHECK(twice == 0);
    CHECK(never == 0);
}

TEST_CASE("what was interrupted before is heard at once, and the second one as the second") {
    cli::Interrupt interrupt;
    CHECK_FALSE(interrupt.raise());  // nobody listens
    Ear outer;
    const cli::Interrupt::Listening listening(interrupt, outer);
    CHECK(outer.heard == 1);
    {
        Ear inner;
        const cli::Interrupt::Listening nearer(interrupt, inner);
        CHECK(inner.heard == 1);
        CHECK(interrupt.raise());
        CHECK(inner.heard == 2);
    }
    CHECK(outer.heard == 1);
    CHECK_FALSE(interrupt.raise());
    CHECK(outer.heard == 1);
}
