#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "core/hash.hpp"

using namespace shotwire;

TEST_CASE("ids are never drawn twice: not by many threads, and not by a forked child") {
    constexpr int threads = 4, each = 500;
    std::set<std::string> ids;
    std::mutex one_at_a_time;
    std::vector<std::thread> drawing;
    for (int i = 0; i < threads; ++i)
        drawing.emplace_back([&] {
            for (int n = 0; n < each; ++n) {
                auto id = core::random_id("", 12);
                const std::lock_guard lock(one_at_a_time);
                ids.insert(std::move(id));
            }
        });
    for (auto& thread : drawing) thread.join();
    CHECK(ids.size() == threads * each);

    (void)core::random_bytes(1);  // some are drawn ahead
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto drawn = core::random_bytes(16);
        ::_exit(::write(ends[1], drawn.data(), drawn.size()) == 16 ? 0 : 1);
    }
    std::string childs(16, '\0');
    REQUIRE(::read(ends[0], childs.data(), childs.size()) == 16);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(childs != core::random_bytes(16));
}

TEST_CASE("bytes come in the number that is asked for, however many") {
    for (const std::size_t count : {0u, 1u, 511u, 512u, 513u, 5000u}) CHECK(core::random_bytes(count).size() == count);
    CHECK(core::random_bytes(5000).substr(0, 512) != core::random_bytes(512));
}
