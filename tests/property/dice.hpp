#pragma once
#include <cstddef>
#include <cstdint>
#include <random>

namespace shotwire::test {

// Chance from a seed. Only the engine is the library's: its distributions differ from one library to the next, and a seed must not.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : engine_() % end; }
    bool percent(int of_a_hundred) { return below(100) < std::uint64_t(of_a_hundred); }
    template <class List>
    auto& one_of(List& list) {
        return list[std::size_t(below(list.size()))];
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace shotwire::test
