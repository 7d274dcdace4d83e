#include "report/batch_view.hpp"

#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

struct SetClock final : core::Clock {
    core::Moment moment{};
    core::Moment now() const override { return moment; }
};

// The totals of a large batch under way, as they stand on a terminal.
std::string drawn_at(int columns) {
    using End = report::BatchView::End;
    std::ostringstream out;
    SetClock clock;
    core::Mask mask;
    report::BatchView view(out, clock, mask, {true, false, false, [&] { return columns; }}, 1000);
    const auto ended = [&](End end, int rows) {
        for (int i = 0; i < rows; ++i) view.ended(end, true, "row", "why");
    };
    ended(End::done, 400);
    ended(End::differs, 12);
    ended(End::failed, 34);
    ended(End::left, 54);
    clock.moment += 50min;
    job::Tally tally;
    tally.under_way = 64;
    tally.fetching = 16;
    tally.queued = 420;
    tally.spent = Money{123'450'000};
    tally.reserved = Money{16'000'000};
    view.tick(tally);
    const auto text = out.str();
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("a batch tells what is spent and how long yet at 80 columns, what is less important shorter") {
    CHECK(drawn_at(200) ==
          "400 of 1000 done, 12 delivered, but not as ordered, 34 failed, 54 left for the next run, 64 under way, 16 being fetched, 420 waiting; "
          "USD 123.45 spent, 16.00 reserved; about 50m00s left");
    const auto narrow = drawn_at(80);
    CAPTURE(narrow);
    CHECK(narrow.size() < 80);
    CHECK(contains(narrow, "400 of 1000 done"));
    CHECK(contains(narrow, ", 34 failed"));
    CHECK(contains(narrow, "; USD 123.45 spent"));
    CHECK(narrow.ends_with("; about 50m00s left"));
}

TEST_CASE("a batch leaves out what its lanes tell before it leaves out what became of rows") {
    const auto words = drawn_at(100);
    CAPTURE(words);
    CHECK(words.size() < 100);
    CHECK(contains(words, "12 not as ordered, 34 failed, 54 left over"));
    CHECK_FALSE(contains(words, "waiting"));
}
