#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/secrets.hpp"
#include "http/client.hpp"

namespace shotwire::http {

struct CurlOptions {
    std::string proxy = {};              // --proxy; empty: the environment's, as curl reads it
    std::filesystem::path ca_file = {};  // --cacert: replaces the system's store
    int most_transfers = 64;             // in flight at once; more wait in order
    int most_connections_per_host = 64;
    std::function<void(const std::string& line)> wire = {};  // -vv: masked lines, one attempt id each; null: off
    std::string user_agent = "shotwire";
    const core::Mask* mask = nullptr;  // for `wire` and for error texts
};

// libcurl's multi interface as client and loop, on one thread. The trust store is opened at most once a process.
// A server's certificate is always verified. `extra_ca` adds a certificate for one origin alone (the embedded server's).
class CurlClient : public Client, public Loop {
public:
    virtual void trust(const std::string& origin, const std::filesystem::path& certificate) = 0;
};
std::unique_ptr<CurlClient> make_curl_client(CurlOptions options);

// Where the certificates of authorities are read from: --cacert, the variables, the system. Errors: local, where there are none.
Result<std::filesystem::path> authorities(const std::filesystem::path& ca_file);
std::string library_versions();  // "libcurl/7.88.1 OpenSSL/3.0.17 ..."

}  // namespace shotwire::http
