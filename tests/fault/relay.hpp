#pragma once
#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace shotwire::test {

// A port that carries bytes to another port of this machine, or does not. Until `open` it refuses connections: the port is taken,
// and nobody listens.
class Relay {
public:
    // `address`: where it stands itself, 127.0.0.1 or another of the loopback's.
    explicit Relay(int to_port, const std::string& address = "127.0.0.1", int at_port = 0);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    int port() const { return port_; }
    void open();
    void cut();                     // resets what is under way; new connections are served
    int connections() const { return connections_; }

private:
    void accept_all();
    void carry(int client, int server);

    int listener_, port_ = 0, to_port_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::mutex mutex_;
    std::list<int> sockets_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace shotwire::test
