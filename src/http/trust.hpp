#pragma once
#include <openssl/ssl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "http/curl.hpp"
#include "shotwire/result.hpp"

namespace shotwire::http {

using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;

// The certificates that servers are checked against. libcurl would parse the system's bundle for every new connection (19 ms
// each), so they are read once, at first need, and each TLS context shares them.
class Trust {
public:
    explicit Trust(std::filesystem::path ca_file) : ca_file_(std::move(ca_file)) {}

    // That origin shows exactly this certificate; nothing else is believed there, and the certificate nowhere else.
    void add(const std::string& origin, std::filesystem::path certificate);
    bool has(const std::string& origin) const { return own_.contains(origin); }

    // The store for an origin; it lives as long as this. Errors: local, naming the file that cannot be read.
    Result<X509_STORE*> store_for(const std::string& origin);

private:
    struct Own {
        std::filesystem::path certificate;
        Store store;
    };
    std::filesystem::path ca_file_;
    Store common_;
    std::map<std::string, Own> own_;
};

}  // namespace shotwire::http
