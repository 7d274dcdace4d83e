#pragma once
#include <httplib.h>
#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "serve/certificate.hpp"
#include "shotwire/result.hpp"

namespace shotwire::serve {

// A connection as a thread sees it while it answers.
class Connection;

// HTTPS (HTTP/1.1) with httplib's parser and routing on connections of our own. httplib's own TLS server wakes each idle
// connection a hundred times a second, cannot be stopped before they time out, listens with a backlog of 5 and shares its
// port silently with whoever asks for it.
class TlsServer : public httplib::Server {
public:
    static Result<std::unique_ptr<TlsServer>> make(const Certificate& certificate);
    ~TlsServer() override;

    // The port. Errors: usage (no such host), local (port taken).
    Result<int> bind(const std::string& host, int port);
    void serve();  // on a thread of its own, once, after bind()
    // Ends the acceptance of connections, cuts the open ones and waits for their handlers.
    void shut_down();
    bool stopping() const { return stopping_; }

    // For a handler: resets the connection of this request once the handler returns; no byte of an answer leaves.
    static void reset(const httplib::Request& request);
    // For a handler: this request was read to its end. The connection ends with the answer to any other, since nobody knows
    // where the next request begins.
    static void keep(const httplib::Request& request);
    static bool is_kept(const httplib::Request& request);

private:
    using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
    explicit TlsServer(Context context);
    bool process_and_close_socket(socket_t socket) override;
    void serve_connection(Connection& connection);

    Context context_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::set<int> open_;
    std::thread acceptor_;
};

}  // namespace shotwire::serve
