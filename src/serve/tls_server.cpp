#include "serve/tls_server.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <vector>

#include "core/text.hpp"

namespace shotwire::serve {

// A socket and its TLS, read through a buffer: httplib reads headers byte by byte.
class Connection final : public httplib::Stream {
public:
    Connection(int fd, SSL_CTX* context) : fd_(fd), ssl_(SSL_new(context), SSL_free) {
        if (!ssl_) return;
        SSL_set_fd(ssl_.get(), fd);
        SSL_set_app_data(ssl_.get(), this);
    }
    bool handshake() { return ssl_ && SSL_accept(ssl_.get()) == 1; }
    void say_goodbye() {
        if (!broken_) SSL_shutdown(ssl_.get());
    }
    void reset() {
        broken_ = true;
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    const SSL* ssl() const { return ssl_.get(); }
    bool buffered() const { return !unread().empty() || SSL_pending(ssl_.get()) > 0; }
    bool was_reset() const { return broken_; }
    // Takes a field out of the head of the request that comes next, which httplib then never sees. Empty: it is not there.
    std::string take_field(std::string_view name) {
        std::size_t end;
        while ((end = unread().find("\r\n\r\n")) == std::string_view::npos)
            if (unread().size() > longest_head || fill() <= 0) return {};
        std::string taken;
        // Behind the request's line. The last field ends with the head, so that what is found never lies beyond it.
        for (auto line = buffer_.find("\r\n", begin_) + 2, last = begin_ + end; line < last;) {
            const auto next = buffer_.find("\r\n", line) + 2;
            const auto text = std::string_view(buffer_).substr(line, next - line);
            const auto colon = text.find(':');
            if (colon == std::string_view::npos || !core::equal_fold(text.substr(0, colon), name)) {
                line = next;
                continue;
            }
            taken += (taken.empty() ? "" : ", ") + std::string(core::trim(text.substr(colon + 1)));
            buffer_.erase(line, text.size());
            last -= text.size();
        }
        return taken;
    }
    bool kept = true;  // the request was read to its end: the next one may follow

    bool is_readable() const override { return buffered() || ready(POLLIN); }
    bool is_writable() const override { return !broken_ && ready(POLLOUT); }
    ssize_t read(char* to, std::size_t size) override {
        if (unread().empty())
            if (const int count = fill(); count <= 0) return count == 0 ? 0 : -1;
        const auto taken = unread().copy(to, size);
        begin_ += taken;
        return ssize_t(taken);
    }
    ssize_t write(const char* bytes, std::size_t size) override {
        if (broken_) return -1;
        if (size == 0) return 0;
        ERR_clear_error();
        const int count = SSL_write(ssl_.get(), bytes, int(std::min<std::size_t>(size, 1 << 20)));
        if (count <= 0) broken_ = true;
        return count > 0 ? count : -1;
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override { ip = {}, port = 0; }
    void get_local_ip_and_port(std::string& ip, int& port) const override { ip = {}, port = 0; }
    socket_t socket() const override { return fd_; }

private:
    static constexpr std::size_t record = 16 << 10;        // of TLS, at most
    static constexpr std::size_t longest_head = 64 << 10;  // beyond it httplib sees a head as it is

    std::string_view unread() const { return std::string_view(buffer_).substr(begin_); }
    // Reads more, behind what is unread; what SSL_read says.
    int fill() {
        buffer_.erase(0, begin_);
        begin_ = 0;
        const auto full = buffer_.size();
        buffer_.resize(full + record);
        ERR_clear_error();
        const int count = broken_ ? -1 : SSL_read(ssl_.get(), buffer_.data() + full, int(record));
        if (count <= 0) broken_ = broken_ || SSL_get_error(ssl_.get(), count) != SSL_ERROR_ZERO_RETURN;
        buffer_.resize(full + std::size_t(std::max(count, 0)));
        return count;
    }
    bool ready(short events) const {
        pollfd polled{fd_, events, 0};
        return ::poll(&polled, 1, 10'000) > 0 && (polled.revents & events);
    }

    int fd_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of what is unread in it
    bool broken_ = false;
};

namespace {

constexpr int most_connections = 256;
constexpr int backlog = 512;
constexpr auto keep_alive = std::chrono::seconds(120);
constexpr timeval io_limit{30, 0};

// A thread a connection, made when it is needed and reused: `make` starts a server for one client.
class ConnectionThreads final : public httplib::TaskQueue {
public:
    void enqueue(std::function<void()> task) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        if (tasks_.size() > idle_ && threads_.size() < most_connections)
            threads_.emplace_back([this] { work(); });
        else
            wake_.notify_one();
    }
    void shutdown() override {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake_.notify_all();
        for (auto& thread : threads_) thread.join();
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            ++idle_;
            wake_.wait(lock, [&] { return ending_ || !tasks_.empty(); });
            --idle_;
            if (tasks_.empty()) return;
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool ending_ = false;
};

int choose_http1(SSL*, const unsigned char** out, unsigned char* length, const unsigned char* offered, unsigned int size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, length, ours, sizeof ours - 1, offered, size) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

// None of a request whose head httplib could not read.
Connection* connection_of(const httplib::Request& request) {
    return request.ssl ? static_cast<Connection*>(SSL_get_app_data(request.ssl)) : nullptr;
}

Error cannot_listen(const std::string& host, int port, int reason) {
    return {ErrorKind::local, fmt::format("cannot listen on {}:{}: {}", host, port, std::strerror(reason))};
}

}  // namespace

Result<std::unique_ptr<TlsServer>> TlsServer::make(const Certificate& certificate) {
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context || SSL_CTX_use_certificate_chain_file(context.get(), certificate.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), certificate.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1)
        return Error{ErrorKind::local, fmt::format("{} and {} do not fit: remove both and start again", certificate.certificate.string(),
                                                   certificate.key.string())};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_http1, nullptr);
    SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
    return std::unique_ptr<TlsServer>(new TlsServer(std::move(context)));
}

TlsServer::TlsServer(Context context) : context_(std::move(context)) {
    new_task_queue = [] { return new ConnectionThreads; };  // httplib deletes it
    set_tcp_nodelay(true);
    set_keep_alive_timeout(keep_alive.count());
    set_keep_alive_max_count(1'000'000);
    // Not SO_REUSEPORT, its default: two servers would share a port, and half of the requests would go astray.
    set_socket_options([](socket_t socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    });
}

TlsServer::~TlsServer() { shut_down(); }

Result<int> TlsServer::bind(const std::string& host, int port) {
    addrinfo* found = nullptr;
    const addrinfo hints{.ai_flags = AI_PASSIVE, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = 0, .ai_addrlen = 0,
                         .ai_addr = nullptr, .ai_canonname = nullptr, .ai_next = nullptr};
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
        return Error{ErrorKind::usage, fmt::format("\"{}\" is no address of this machine", host)};
    ::freeaddrinfo(found);
    if (port < 0 || port > 65535) return Error{ErrorKind::usage, fmt::format("port {} does not exist; allowed: 0 to 65535", port)};
    errno = 0;
    const int bound = port ? (bind_to_port(host, port) ? port : -1) : bind_to_any_port(host);
    if (bound <= 0) return cannot_listen(host, port, errno ? errno : EADDRNOTAVAIL);
    if (::listen(svr_sock_, backlog) != 0) return cannot_listen(host, port, errno);
    return bound;
}

void TlsServer::serve() {
    acceptor_ = std::thread([this] { listen_after_bind(); });
    // stop() does nothing before httplib says that it runs.
    while (!is_running()) std::this_thread::yield();
}

void TlsServer::shut_down() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    stop();
    if (acceptor_.joinable()) acceptor_.join();
}

void TlsServer::reset(const httplib::Request& request) { connection_of(request)->reset(); }
void TlsServer::keep(const httplib::Request& request) { connection_of(request)->kept = true; }
bool TlsServer::is_kept(const httplib::Request& request) {
    const auto* connection = connection_of(request);
    return connection && connection->kept;
}

bool TlsServer::process_and_close_socket(socket_t socket) {
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &io_limit, sizeof io_limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &io_limit, sizeof io_limit);
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) open_.insert(socket);
    }
    {
        Connection connection(socket, context_.get());
        if (!stopping_ && connection.handshake()) serve_connection(connection);
    }
    {
        const std::lock_guard lock(mutex_);
        open_.erase(socket);
        ::close(socket);
    }
    return true;
}

void TlsServer::serve_connection(Connection& connection) {
    bool closed = false;
    while (!closed && !stopping_ && connection.kept && !connection.was_reset()) {
        pollfd polled{connection.socket(), POLLIN, 0};
        if (!connection.buffered() && ::poll(&polled, 1, int(std::chrono::milliseconds(keep_alive).count())) <= 0) break;
        connection.kept = false;
        // Ranges are ours: httplib would answer what is none by itself, and apply the others to error answers, too.
        const auto range = connection.take_field("Range");
        const bool answered = process_request(connection, false, closed, [&](httplib::Request& request) {
            request.ssl = connection.ssl();
            request.ranges.clear();
            if (!range.empty()) request.headers.emplace("Range", range);
            // httplib would read such a body until the connection ends: whoever does not announce one has none.
            if (!request.has_header("Content-Length") && !core::equal_fold(request.get_header_value("Transfer-Encoding"), "chunked"))
                request.headers.emplace("Content-Length", "0");
        });
        if (!answered) break;
    }
    if (!connection.was_reset()) connection.say_goodbye();
}

}  // namespace shotwire::serve
