#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace shotwire::core {

// The hash of bytes that come piece by piece.
class Hash {
public:
    ~Hash();
    Hash(Hash&&) noexcept;
    Hash& operator=(Hash&&) noexcept;
    void add(std::string_view bytes);
    std::string hex();  // ends it

protected:
    struct State;
    explicit Hash(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct Sha256 : Hash {
    Sha256();
};

// For sums that somebody else gives, and nothing of ours.
struct Md5 : Hash {
    Md5();
    static bool is_there();  // some systems forbid it
};

std::string sha256_hex(std::string_view bytes);
std::string random_bytes(std::size_t count);                 // from the system's generator; never the same in a forked child
void forget_drawn_bytes();                                   // what was drawn ahead in any thread: the next ones come afresh
std::string random_id(std::string_view prefix, int length);  // lower-case letters and digits without look-alikes

}  // namespace shotwire::core
