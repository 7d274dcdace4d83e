#pragma once
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/text.hpp"
#include "support/certificate.hpp"

namespace shotwire::test {

// A request as the server heard it.
struct Heard {
    std::string method;
    std::string target;
    std::string head;  // request line and headers as they came
    std::string body;
    int connection = 0;  // 1, 2, ...
    bool http2 = false;

    std::string header(const std::string& name) const {
        for (auto& line : core::split(head, '\n')) {
            auto colon = line.find(':');
            if (colon != std::string::npos && core::equal_fold(line.substr(0, colon), name))
                return std::string(core::trim(line.substr(colon + 1)));
        }
        return {};
    }
};

// Something that a server's script waits for. Opens by itself when the server ends.
class Gate {
public:
    void open() {
        std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return is_open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = false;
};

// The server's end of a connection.
class Peer {
public:
    Peer(int socket, int number) : socket_(socket), number_(number) {}
    ~Peer() { close(); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    bool start_tls(SSL_CTX* context) {
        tls_.reset(SSL_new(context));
        SSL_set_fd(tls_.get(), socket_);
        return SSL_accept(tls_.get()) == 1;
    }
    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned length = 0;
        if (tls_) SSL_get0_alpn_selected(tls_.get(), &name, &length);
        return {reinterpret_cast<const char*>(name), length};
    }
    // Empty at the end of the stream.
    std::string receive() {
        std::string buffer(16384, '\0');
        auto length =
            tls_ ? SSL_read(tls_.get(), buffer.data(), int(buffer.size())) : int(::recv(socket_, buffer.data(), buffer.size(), 0));
        buffer.resize(std::size_t(std::max(length, 0)));
        return buffer;
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto length = tls_ ? SSL_write(tls_.get(), bytes.data(), int(std::min<std::size_t>(bytes.size(), 1 << 20)))
                               : int(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
            if (length <= 0) return false;
            bytes.remove_prefix(std::size_t(length));
        }
        return true;
    }
    void close() {
        std::lock_guard lock(mutex_);
        if (socket_ < 0) return;
        if (tls_ && SSL_is_init_finished(tls_.get())) SSL_shutdown(tls_.get());
        ::close(std::exchange(socket_, -1));
    }
    // RST instead of FIN.
    void reset() {
        linger hard{1, 0};
        std::lock_guard lock(mutex_);
        if (socket_ < 0) return;
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ::close(std::exchange(socket_, -1));
    }
    // From another thread: ends what it is waiting for.
    void interrupt() {
        std::lock_guard lock(mutex_);
        if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
    }
    int number() const { return number_; }
    bool is_open() const { return socket_ >= 0; }

private:
    struct FreeTls {
        void operator()(SSL* tls) const { SSL_free(tls); }
    };
    std::mutex mutex_;
    std::unique_ptr<SSL, FreeTls> tls_;
    int socket_;
    int number_;
};

// What a server does with a request that it has read. True: the connection goes on.
using Act = std::function<bool(Peer&, const Heard&)>;

inline std::string http_reply(int status, std::string_view body, const std::vector<std::string>& headers = {}) {
    auto reply = "HTTP/1.1 " + std::to_string(status) + " Fine\r\n";
    for (auto& header : headers) reply += header + "\r\n";
    return reply + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
inline Act reply(int status, std::string body = {}, std::vector<std::string> headers = {}) {
    return [=](Peer& peer, const Heard&) { return peer.send(http_reply(status, body, headers)); };
}
inline Act raw_reply(std::string bytes) {  // then closes
    return [=](Peer& peer, const Heard&) { return peer.send(bytes), false; };
}
inline Act close_silently() {
    return [](Peer&, const Heard&) { return false; };
}
inline Act reset() {
    return [](Peer& peer, const Heard&) { return peer.reset(), false; };
}
inline Act truncate(std::size_t announced, std::string body) {
    return raw_reply("HTTP/1.1 200 Fine\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n" + body);
}
inline Act wait_for(std::shared_ptr<Gate> gate, Act then) {
    return [=](Peer& peer, const Heard& heard) {
        gate->wait();
        return then(peer, heard);
    };
}

// A server on a loopback port that does what its script says, request by request, and keeps a book of every request that it
// read to the end: the judge of what was accepted. The last act of the script is repeated.
class RawServer {
public:
    struct Options {
        bool tls = false;
        std::optional<Certificate> certificate = {};    // else one is made, self-signed for 127.0.0.1 and localhost
        std::vector<std::shared_ptr<Gate>> gates = {};  // opened when the server ends
        std::function<bool(Peer&)> on_connect = {};     // before TLS; false closes
        std::function<void(std::string_view)> on_first_bytes = {};  // of a request, before anything else is read
        std::function<void(Peer&, const std::function<void(Heard)>& book)> http2 = {};  // speaks it where ALPN agrees
    };

    explicit RawServer(std::vector<Act> script) : RawServer(std::move(script), Options()) {}
    RawServer(std::vector<Act> script, Options options) : options_(std::move(options)), script_(script.begin(), script.end()) {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
        certificate_ = options_.certificate ? *options_.certificate : make_certificate();
        context_.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(context_.get(), certificate_.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), certificate_.key.get());
        SSL_CTX_set_alpn_select_cb(context_.get(), &choose_protocol, this);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 256) != 0)
            throw std::runtime_error("cannot listen");
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    ~RawServer() {
        stopping_ = true;
        for (auto& gate : options_.gates) gate->open();
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        {
            std::lock_guard lock(mutex_);
            for (auto& peer : peers_) peer.interrupt();
        }
        for (auto& thread : threads_) thread.join();
        ::close(listener_);
    }

    int port() const { return port_; }
    std::string origin(const std::string& host = "127.0.0.1") const {
        return (options_.tls ? "https://" : "http://") + host + ":" + std::to_string(port_);
    }
    std::string url(const std::string& path = "/") const { return origin() + path; }
    const Certificate& certificate() const { return certificate_; }
    SSL_CTX* context() const { return context_.get(); }

    std::vector<Heard> book() const {
        std::lock_guard lock(mutex_);
        return book_;
    }
    std::size_t accepted(const std::string& method) const {
        std::size_t count = 0;
        for (auto& heard : book()) count += heard.method == method;
        return count;
    }
    int connections() const { return connections_; }
    int most_at_once() const { return most_at_once_; }
    // Waits until that many requests were read; false after ten seconds.
    bool wait_for_requests(std::size_t count) {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, std::chrono::seconds(10), [&] { return book_.size() >= count; });
    }
    void write_down(Heard heard) {
        std::lock_guard lock(mutex_);
        book_.push_back(std::move(heard));
        heard_.notify_all();
    }

private:
    static int choose_protocol(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* in, unsigned in_length,
                               void* self) {
        static const unsigned char both[] = "\x02h2\x08http/1.1";
        auto two = bool(static_cast<RawServer*>(self)->options_.http2);
        auto* offer = two ? both : both + 3;
        auto offer_length = unsigned(two ? 12 : 9);
        unsigned char* chosen = nullptr;
        auto agreed = SSL_select_next_proto(&chosen, length, offer, offer_length, in, in_length);
        *out = chosen;
        return agreed == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    void accept_all() {
        for (;;) {
            auto socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (stopping_ || socket < 0) {
                if (socket >= 0) ::close(socket);
                return;
            }
            int on = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            std::lock_guard lock(mutex_);
            auto& peer = peers_.emplace_back(socket, ++connections_);
            threads_.emplace_back([this, &peer] { serve(peer); });
        }
    }

    void serve(Peer& peer) {
        const int open = ++open_;
        for (int most = most_at_once_; most < open && !most_at_once_.compare_exchange_weak(most, open);) {
        }
        if ((!options_.on_connect || options_.on_connect(peer)) && (!options_.tls || peer.start_tls(context_.get()))) {
            if (peer.protocol() == "h2")
                options_.http2(peer, [&](Heard heard) { write_down(std::move(heard)); });
            else
                serve_requests(peer);
        }
        peer.close();
        --open_;
    }

    void serve_requests(Peer& peer) {
        std::string bytes;
        while (auto heard = read_request(peer, bytes)) {
            write_down(*heard);
            if (!next_act()(peer, *heard) || !peer.is_open()) return;
        }
    }

    Act next_act() {
        std::lock_guard lock(mutex_);
        if (script_.empty()) return close_silently();
        auto act = script_.front();
        if (script_.size() > 1) script_.pop_front();
        return act;
    }

    std::optional<Heard> read_request(Peer& peer, std::string& bytes) const {
        auto more = [&] {
            auto piece = peer.receive();
            if (bytes.empty() && !piece.empty() && options_.on_first_bytes) options_.on_first_bytes(piece);
            bytes += piece;
            return !piece.empty();
        };
        while (bytes.find("\r\n\r\n") == std::string::npos) {
            if (!more()) return {};
        }
        Heard heard;
        auto head_end = bytes.find("\r\n\r\n") + 4;
        heard.head = bytes.substr(0, head_end);
        heard.connection = peer.number();
        bytes.erase(0, head_end);
        auto words = core::split(heard.head.substr(0, heard.head.find('\r')), ' ');
        if (words.size() < 2) return {};
        heard.method = words[0];
        heard.target = words[1];
        if (core::equal_fold(heard.header("Transfer-Encoding"), "chunked")) {
            while (bytes.find("0\r\n\r\n") == std::string::npos) {
                if (!more()) return {};
            }
            heard.body = std::exchange(bytes, {});
            return heard;
        }
        auto length = heard.header("Content-Length");
        auto wanted = length.empty() ? 0 : std::stoul(length);
        while (bytes.size() < wanted) {
            if (!more()) return {};
        }
        heard.body = bytes.substr(0, wanted);
        bytes.erase(0, wanted);
        return heard;
    }

    struct FreeContext {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    Options options_;
    Certificate certificate_;
    std::unique_ptr<SSL_CTX, FreeContext> context_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0, open_ = 0, most_at_once_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable heard_;
    std::deque<Act> script_;
    std::vector<Heard> book_;
    std::list<Peer> peers_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace shotwire::test
