#pragma once
#include <httplib.h>

#include <memory>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/json.hpp"
#include "serve/server.hpp"

// A server on a free port with a state folder and a helper of the test's own, and a client that trusts its certificate.
namespace running {

using namespace shotwire;

inline const std::string json_type = "application/json";

// A helper that writes what it was asked into the "clip". While a gate stands, it waits for it to be opened.
class StubHelper {
public:
    StubHelper();
    media::Helper helper() const { return media::Helper(folder_.path() / "helper"); }
    void shut_gate();
    void open_gate();     // lets one waiting render pass, and those to come
    void fail();          // from now on it fails
    int renders() const;  // how often it was started

private:
    core::TemporaryFolder folder_;
};

std::unique_ptr<httplib::SSLClient> client_of(const serve::Server& server);

class Running {
public:
    explicit Running(std::vector<std::string> faults = {}, const std::string& key = {});
    void restart();  // as if the process had been started again, without faults
    void stop() { server.reset(); }
    serve::Options options() const;
    std::filesystem::path state() const { return folder_.path() / "state"; }
    std::unique_ptr<httplib::SSLClient> client() const { return client_of(*server); }

    json create(const json& body);            // 200 is required
    json ended(const std::string& id) const;  // asks until the job has ended
    json finished_job();                      // created and completed

    StubHelper stub;
    std::unique_ptr<serve::Server> server;

private:
    core::TemporaryFolder folder_;
    std::vector<serve::Fault> faults_;
    std::string key_;
};

std::string png(int width = 1280, int height = 720);  // the smallest header that says so
// What the helper was asked for a job, which the stub writes into its clip.
json helper_job(const Running& running, const std::string& id);
json body_of(const httplib::Result& result);
// The code of an official error envelope, all of whose keys must be there; "null" where it is null.
std::string code_of(const httplib::Result& result, int status);

}  // namespace running
