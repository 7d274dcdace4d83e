#include "serve/server.hpp"

#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <mutex>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "serve/api.hpp"
#include "serve/tls_server.hpp"

namespace shotwire::serve {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest_body = 100 << 20;  // five images of 19 MiB, or one of 20 MiB as a data URL
constexpr std::uint64_t piece = 256 << 10;

// How the bytes of a body leave: all of them, as told, at once, unless a fault says otherwise.
struct Delivery {
    std::uint64_t announced = 0;  // Content-Length
    std::uint64_t sent = 0;       // then the connection is closed where that is less
    double per_second = 0;        // 0: as fast as it goes
};

Delivery delivery_of(const Answer& answer, const std::optional<Fault>& fault) {
    const auto size = answer.size();
    Delivery delivery{size, size, 0};
    if (!fault) return delivery;
    if (fault->kind == "truncate") delivery.sent = std::min(size, std::uint64_t(fault->number(double(size) / 2)));
    if (fault->kind == "slow") delivery.per_second = fault->number(1000);
    if (fault->kind == "length") {
        delivery.announced = std::uint64_t(std::max(0.0, double(size) + fault->number(100)));
        delivery.sent = std::min(size, delivery.announced);
    }
    return delivery;
}

std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                       utc.tm_min, utc.tm_sec);
}

class ServerImpl final : public Server {
public:
    ServerImpl(Options options, std::unique_ptr<TlsServer> http, Certificate certificate)
        : options_(std::move(options)),
          certificate_(std::move(certificate)),
          store_(options_.state, options_.keep),
          faults_(options_.faults),
          renderer_(store_, options_.helper, options_.log),
          api_(store_, renderer_, faults_, options_.api_key),
          http_(std::move(http)) {}

    ~ServerImpl() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        stop_.notify_all();
        renderer_.halt();
        http_->shut_down();
        renderer_.stop();
    }

    Result<> start() {
        if (auto opened = store_.open(); !opened) return opened;
        route();
        auto port = http_->bind(options_.host, options_.port);
        if (!port) return port.error();
        port_ = *port;
        http_->serve();
        renderer_.start(std::max(1, options_.renderers));
        return Ok{};
    }

    std::string url() const override {
        const bool six = options_.host.find(':') != std::string::npos;
        return fmt::format("https://{}:{}/v1", six ? "[" + options_.host + "]" : options_.host, port_);
    }
    std::filesystem::path certificate() const override { return certificate_.certificate; }

private:
    void route() {
        http_->set_payload_max_length(largest_body);
        // A body is read by httplib's router only; everything else is answered before it looks at its patterns.
        http_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
            const auto coding = request.get_header_value("Transfer-Encoding");
            if (!coding.empty() && !core::equal_fold(coding, "chunked")) {
                const auto refused = answer(ApiError{.status = 501,
                                                     .message = fmt::format("Unsupported Transfer-Encoding: '{}'. Send a Content-Length, or chunks.", core::printable(coding)),
                                                     .code = "unsupported_transfer_encoding"});
                response.status = refused.status;
                response.set_content(refused.body, refused.type);
                return httplib::Server::HandlerResponse::Handled;
            }
            if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") return httplib::Server::HandlerResponse::Unhandled;
            if (coding.empty() && request.get_header_value("Content-Length") == "0") TlsServer::keep(request);
            respond(request, response);
            return httplib::Server::HandlerResponse::Handled;
        });
        const auto with_body = [this](const httplib::Request& request, httplib::Response& response) {
            TlsServer::keep(request);
            respond(request, response);
        };
        http_->Post("/v1/[a-z0-9_/]*", with_body);
        http_->Put("/v1/[a-z0-9_/]*", with_body);
        http_->Patch("/v1/[a-z0-9_/]*", with_body);
        // What httplib refuses by itself gets the envelope, too.
        http_->set_error_handler(httplib::Server::HandlerWithResponse([](const httplib::Request&, httplib::Response& response) {
            if (!response.body.empty() || response.content_length_ > 0) return httplib::Server::HandlerResponse::Unhandled;
            const auto refused = answer(ApiError{.status = response.status,
                                                 .message = response.status == 413   ? fmt::format("The body is larger than {} bytes.", largest_body)
                                                            : response.status == 404 ? std::string("Invalid URL.")
                                                                                     : std::string("The request is not valid HTTP."),
                                                 .code = response.status == 413 ? "request_too_large" : ""});
            response.set_content(refused.body, refused.type);
            return httplib::Server::HandlerResponse::Handled;
        }));
        http_->set_post_routing_handler([](const httplib::Request& request, httplib::Response& response) {
            response.set_header("Date", http_date());
            response.set_header("x-request-id", "req_" + core::hex(core::random_bytes(16)));
            if (TlsServer::is_kept(request)) return;
            for (const auto* name : {"Keep-Alive", "Connection"}) response.headers.erase(name);
            response.set_header("Connection", "close");
        });
        http_->set_exception_handler([this](const httplib::Request&, httplib::Response& response, const std::exception_ptr& thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (const std::exception& error) {
                if (options_.log) options_.log(fmt::format("bug: {}", error.what()));
            } catch (...) {
                if (options_.log) options_.log("bug: an exception without a name");
            }
            const auto refused = answer(ApiError{.status = 500, .message = "The server had an error while processing your request.", .code = "server_error", .type = "server_error"});
            response.status = 500;
            response.headers.erase("EXCEPTION_WHAT");
            response.set_content(refused.body, refused.type);
        });
    }

    void respond(const httplib::Request& request, httplib::Response& response) {
        const auto begun = std::chrono::steady_clock::now();
        auto reply = api_.handle(request);
        const auto& fault = reply.fault;
        if (options_.log) {
            const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
            options_.log(fmt::format("{} {} {} {:.1f} ms{}{}", request.method, core::printable(request.path), reply.answer.status, took.count(),
                                     fault ? " fault " : "", fault ? fault->kind : ""));
        }
        if (fault && (fault->kind == "reset-before" || fault->kind == "reset-after")) return TlsServer::reset(request);
        if (fault && fault->kind == "delay") pause(std::chrono::duration<double>(fault->number(1)));
        response.status = reply.answer.status;
        for (const auto& [name, value] : reply.answer.headers) response.set_header(name, value);
        send(std::move(reply), response);
    }

    void send(Reply reply, httplib::Response& response) {
        const auto delivery = delivery_of(reply.answer, reply.fault);
        const bool plain = !reply.answer.file && !reply.fault;
        if (plain || delivery.announced == 0) {
            const bool cut = !plain && reply.answer.size() > 0;  // a length that leaves nothing
            if (reply.answer.status != 304) response.set_content(cut ? std::string() : reply.answer.body, reply.answer.type);
            return;
        }
        const auto answer = std::make_shared<const Answer>(std::move(reply.answer));
        response.set_content_provider(
            std::size_t(delivery.announced), answer->type, [this, delivery, answer](std::size_t offset, std::size_t, httplib::DataSink& sink) {
                auto most = std::min(piece, delivery.sent - std::min<std::uint64_t>(delivery.sent, offset));
                if (delivery.per_second > 0) {
                    most = std::min(most, std::uint64_t(std::max(1.0, delivery.per_second / 10)));
                    if (pause(std::chrono::duration<double>(double(most) / delivery.per_second))) return false;
                }
                const auto bytes = answer->part(offset, most);
                return !bytes.empty() && sink.write(bytes.data(), bytes.size());
            });
    }

    // True: the server is being stopped.
    bool pause(std::chrono::duration<double> length) {
        std::unique_lock lock(mutex_);
        return stop_.wait_for(lock, length, [this] { return stopping_; });
    }

    Options options_;
    Certificate certificate_;
    JobStore store_;
    FaultPlan faults_;
    Renderer renderer_;
    Api api_;
    std::unique_ptr<TlsServer> http_;
    int port_ = 0;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Options options) {
    if (auto made = core::make_private_folder(options.state); !made) return made.error();
    auto certificate = ensure_certificate(options.state, options.host);
    if (!certificate) return certificate.error();
    auto http = TlsServer::make(*certificate);
    if (!http) return http.error();
    auto server = std::make_unique<ServerImpl>(std::move(options), std::move(*http), std::move(*certificate));
    if (auto started = server->start(); !started) return started.error();
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace shotwire::serve
