#include "support/fake_server.hpp"

#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <stdexcept>
#include <thread>

#include "core/files.hpp"
#include "core/text.hpp"
#include "support/certificate.hpp"

namespace shotwire::test {

struct FakeServer::Impl {
    explicit Impl(FakeProvider& provider) : provider(provider), server(certificate.certificate.get(), certificate.key.get()) {
        certificate.save(folder.path() / "cert.pem");
    }

    void serve(const httplib::Request& request, httplib::Response& response) {
        Seen seen;
        seen.method = request.method;
        seen.origin = "https://" + request.get_header_value("Host");
        see_target(seen, request.target);
        seen.body = request.body;
        const auto type = request.get_header_value("Content-Type");
        seen.content_type = core::lower(core::trim(type.substr(0, type.find(';'))));
        for (const auto& [name, value] : request.headers) seen.headers.push_back({name, value});
        for (const auto& [name, file] : request.files) seen.fields.push_back({name, file.content, file.filename, file.content_type});

        const auto reply = provider.answer(seen);
        response.status = reply.status;
        std::string content_type = "application/json";
        for (const auto& header : reply.headers) {
            if (header.name == "Content-Type") content_type = header.value;
            else response.set_header(header.name, header.value);
        }
        if (reply.drop) {
            // The head promises a body, then the connection ends: the answer is lost.
            response.set_content_provider(1000, content_type, [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
        } else {
            response.set_content(reply.body, content_type);
        }
    }

    FakeProvider& provider;
    core::TemporaryFolder folder;
    Certificate certificate = make_certificate({.authority = true});
    httplib::SSLServer server;
    int port = 0;
    std::thread thread;
};

FakeServer::FakeServer(FakeProvider& provider) : impl_(std::make_unique<Impl>(provider)) {
    auto& server = impl_->server;
    const auto serve = [impl = impl_.get()](const httplib::Request& request, httplib::Response& response) { impl->serve(request, response); };
    server.Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve).Delete(".*", serve);
    server.set_keep_alive_timeout(1);
    impl_->port = server.bind_to_any_port("127.0.0.1");
    if (impl_->port <= 0) throw std::runtime_error("no free port on 127.0.0.1");
    provider.settle_at(origin());
    impl_->thread = std::thread([&server] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
}

FakeServer::~FakeServer() {
    impl_->server.stop();
    impl_->thread.join();
}

std::string FakeServer::origin() const { return fmt::format("https://127.0.0.1:{}", impl_->port); }
std::string FakeServer::cdn() const { return FakeProvider::cdn_of(origin()); }
std::string FakeServer::url() const { return origin() + impl_->provider.contract().at("base").get<std::string>(); }
std::filesystem::path FakeServer::certificate() const { return impl_->folder.path() / "cert.pem"; }

}  // namespace shotwire::test
