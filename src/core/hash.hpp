#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace shotwire::core {

// SHA-256 of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void add(std::string_view bytes);
    std::string hex();  // ends it

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
std::string random_bytes(std::size_t count);               // from the system's generator
std::string random_id(std::string_view prefix, int length);  // lower-case letters and digits without look-alikes

}  // namespace shotwire::core
