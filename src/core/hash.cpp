#include "core/hash.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <stdexcept>
#include <utility>

#include "core/text.hpp"

namespace shotwire::core {

namespace {
// It fails for want of memory, and would give the hash of nothing.
void need(bool done) {
    if (!done) throw std::bad_alloc();
}
}  // namespace

struct Hash::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    explicit State(const EVP_MD* algorithm) {
        if (context && algorithm && EVP_DigestInit_ex(context, algorithm, nullptr) == 1) return;
        EVP_MD_CTX_free(context);
        throw std::bad_alloc();
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

// Looked up once, not for each hash.
static const EVP_MD* md5() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
    return algorithm;
}
static const EVP_MD* sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

Hash::Hash(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hash::~Hash() = default;
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;

Sha256::Sha256() : Hash(std::make_unique<State>(sha256())) {}
Md5::Md5() : Hash(std::make_unique<State>(md5())) {}
bool Md5::is_there() { return md5(); }

void Hash::add(std::string_view bytes) { need(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

std::string Hash::hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    need(EVP_DigestFinal_ex(state_->context, digest, &length) == 1 && length >= 16);  // a context without its algorithm says yes to all
    return core::hex({reinterpret_cast<const char*>(digest), length});
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

namespace {
// Bytes are drawn ahead, a thread's own: each call of the generator costs far more than the few bytes of an id.
std::atomic<unsigned> forgotten = 0;
struct Drawn {
    std::array<unsigned char, 512> bytes;
    std::size_t left = 0;  // at the end
    unsigned forgotten = 0;
};
}  // namespace

void forget_drawn_bytes() { ++forgotten; }

std::string random_bytes(std::size_t count) {
    static const bool forks_are_told = ::pthread_atfork(nullptr, nullptr, forget_drawn_bytes) == 0;
    thread_local Drawn drawn;
    if (!forks_are_told || drawn.forgotten != forgotten) drawn.left = 0;
    drawn.forgotten = forgotten;
    std::string bytes;
    while (bytes.size() < count) {
        if (drawn.left == 0) {
            if (RAND_bytes(drawn.bytes.data(), int(drawn.bytes.size())) != 1) throw std::runtime_error("the system's random generator failed");
            drawn.left = drawn.bytes.size();
        }
        const auto taken = std::min(count - bytes.size(), drawn.left);
        bytes.append(reinterpret_cast<const char*>(drawn.bytes.data()) + drawn.bytes.size() - drawn.left, taken);
        drawn.left -= taken;
    }
    return bytes;
}

std::string random_id(std::string_view prefix, int length) {
    static constexpr std::string_view letters = "23456789abcdefghjkmnpqrstuvwxyz";  // 31
    std::string id(prefix);
    while (length > 0)
        for (unsigned char byte : random_bytes(std::size_t(length)))
            if (byte < 8 * letters.size() && length > 0) {
                id += letters[byte % letters.size()];
                --length;
            }
    return id;
}

}  // namespace shotwire::core
