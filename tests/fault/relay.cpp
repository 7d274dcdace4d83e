#include "fault/relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace shotwire::test {
namespace {

sockaddr_in place(const std::string& address, int port) {
    sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(std::uint16_t(port));
    ::inet_pton(AF_INET, address.c_str(), &made.sin_addr);
    return made;
}

}  // namespace

Relay::Relay(int to_port, const std::string& address, int at_port) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), to_port_(to_port) {
    auto here = place(address, at_port);
    socklen_t length = sizeof here;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&here), length) != 0) throw std::runtime_error("cannot bind");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &length);
    port_ = ntohs(here.sin_port);
}

Relay::~Relay() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    cut();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
}

void Relay::open() {
    if (::listen(listener_, 64) != 0) throw std::runtime_error("cannot listen");
    acceptor_ = std::thread([this] { accept_all(); });
}

void Relay::cut() {
    std::lock_guard lock(mutex_);
    const linger hard{1, 0};
    for (const int socket : sockets_) {
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ::shutdown(socket, SHUT_RDWR);
    }
}

void Relay::accept_all() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (stopping_ || client < 0) {
            if (client >= 0) ::close(client);
            return;
        }
        ++connections_;
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto there = place("127.0.0.1", to_port_);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
            ::close(server);
            ::close(client);
            continue;
        }
        std::lock_guard lock(mutex_);
        sockets_.push_back(client);
        sockets_.push_back(server);
        threads_.emplace_back([this, client, server] { carry(client, server); });
    }
}

void Relay::carry(int client, int server) {
    const int from[] = {client, server}, to[] = {server, client};
    for (bool goes_on = true; goes_on;) {
        pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (::poll(ends, 2, -1) < 0) break;
        for (int i = 0; i < 2; ++i) {
            if (!ends[i].revents) continue;
            char bytes[16384];
            const auto count = ::recv(from[i], bytes, sizeof bytes, 0);
            if (count <= 0 || ::send(to[i], bytes, std::size_t(count), MSG_NOSIGNAL) != count) goes_on = false;
        }
    }
    std::lock_guard lock(mutex_);
    sockets_.remove(client);
    sockets_.remove(server);
    ::close(client);
    ::close(server);
}

}  // namespace shotwire::test
