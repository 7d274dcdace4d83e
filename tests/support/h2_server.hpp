#pragma once
#include <nghttp2/nghttp2.h>

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/raw_server.hpp"

namespace shotwire::test {

// What an HTTP/2 server does with a stream. `book` tells whether the request counts as accepted.
enum class Stream {
    answer,            // 200 once the request was read
    early_answer,      // accepted; 200 before the body is read, then RST_STREAM with NO_ERROR
    refuse,            // RST_STREAM with REFUSED_STREAM: not accepted
    leave_with_it,     // accepted, GOAWAY that counts the stream in, then the connection ends
    leave_without_it,  // not accepted: GOAWAY that does not count it in
    drop,              // accepted, then the connection ends without a word
};

// Speaks HTTP/2 as its script says, stream by stream over all connections; the last entry is repeated. For RawServer::Options.
class Http2Speaker {
public:
    explicit Http2Speaker(std::vector<Stream> script) : script_(std::make_shared<Script>()) {
        script_->left.assign(script.begin(), script.end());
    }

    void operator()(Peer& peer, const std::function<void(Heard)>& book) const {
        Connection connection{peer, book, *script_};
        connection.serve();
    }

private:
    struct Script {
        std::mutex mutex;
        std::deque<Stream> left;
        Stream next() {
            std::lock_guard lock(mutex);
            auto stream = left.front();
            if (left.size() > 1) left.pop_front();
            return stream;
        }
    };

    struct Connection {
        Peer& peer;
        const std::function<void(Heard)>& book;
        Script& script;
        nghttp2_session* session = nullptr;
        std::map<int, Heard> streams = {};
        std::map<int, Stream> acts = {};
        bool ended = false;

        void serve() {
            nghttp2_session_callbacks* callbacks = nullptr;
            nghttp2_session_callbacks_new(&callbacks);
            nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
            nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
            nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &on_frame);
            nghttp2_session_server_new(&session, callbacks, this);
            nghttp2_session_callbacks_del(callbacks);
            nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
            while (flush() && !ended) {
                auto bytes = peer.receive();
                if (bytes.empty() || nghttp2_session_mem_recv(session, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) < 0)
                    break;
            }
            flush();
            nghttp2_session_del(session);
        }

        bool flush() {
            const uint8_t* bytes = nullptr;
            for (ssize_t length; (length = nghttp2_session_mem_send(session, &bytes)) > 0;) {
                if (!peer.send({reinterpret_cast<const char*>(bytes), std::size_t(length)})) return false;
            }
            return true;
        }

        static int on_header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_length, const uint8_t* value,
                             size_t value_length, uint8_t, void* self) {
            auto& heard = static_cast<Connection*>(self)->streams[frame->hd.stream_id];
            std::string key(reinterpret_cast<const char*>(name), name_length), text(reinterpret_cast<const char*>(value), value_length);
            if (key == ":method") heard.method = text;
            if (key == ":path") heard.target = text;
            heard.head += key + ": " + text + "\n";
            return 0;
        }
        static int on_data(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* data, size_t length, void* self) {
            static_cast<Connection*>(self)->streams[stream].body.append(reinterpret_cast<const char*>(data), length);
            return 0;
        }
        static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
            auto& connection = *static_cast<Connection*>(self);
            if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
            auto stream = frame->hd.stream_id;
            if (frame->hd.type == NGHTTP2_HEADERS) connection.acts[stream] = connection.script.next();
            auto whole = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
            auto early = connection.acts[stream] == Stream::early_answer && frame->hd.type == NGHTTP2_HEADERS;
            if (whole || early) connection.act(stream);
            return 0;
        }

        void act(int stream) {
            auto what = std::exchange(acts[stream], Stream::answer);
            auto& heard = streams[stream];
            heard.connection = peer.number();
            heard.http2 = true;
            if (what != Stream::refuse && what != Stream::leave_without_it) book(heard);
            switch (what) {
                case Stream::answer: return answer(stream);
                case Stream::early_answer:
                    answer(stream);
                    flush();
                    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR);
                    return;
                case Stream::refuse: nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_REFUSED_STREAM); return;
                case Stream::leave_with_it: nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR, nullptr, 0); break;
                case Stream::leave_without_it:
                    nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE, stream - 2, NGHTTP2_NO_ERROR, nullptr, 0);
                    break;
                case Stream::drop: break;
            }
            ended = true;
        }

        void answer(int stream) {
            auto field = [](const char* name, const char* value) {
                return nghttp2_nv{reinterpret_cast<uint8_t*>(const_cast<char*>(name)), reinterpret_cast<uint8_t*>(const_cast<char*>(value)),
                                  std::strlen(name), std::strlen(value), NGHTTP2_NV_FLAG_NONE};
            };
            nghttp2_nv fields[] = {field(":status", "200"), field("content-type", "application/json")};
            nghttp2_data_provider body{};
            body.read_callback = [](nghttp2_session*, int32_t, uint8_t* to, size_t, uint32_t* flags, nghttp2_data_source*,
                                    void*) -> ssize_t {
                std::memcpy(to, "{}", 2);
                *flags |= NGHTTP2_DATA_FLAG_EOF;
                return 2;
            };
            nghttp2_submit_response(session, stream, fields, 2, &body);
        }
    };

    std::shared_ptr<Script> script_;
};

}  // namespace shotwire::test
