#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "support/fake_provider.hpp"

namespace shotwire::test {

// The provider on a loopback port, over TLS with a certificate of its own.
class FakeServer {
public:
    explicit FakeServer(FakeProvider& provider);
    ~FakeServer();
    std::string url() const;     // https://127.0.0.1:PORT and the contract's base
    std::string origin() const;  // the API's
    std::string cdn() const;     // the same server under another name: another origin
    std::filesystem::path certificate() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace shotwire::test
