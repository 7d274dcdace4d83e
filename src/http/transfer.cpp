#include "http/transfer.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/text.hpp"
#include "http/callbacks.hpp"

namespace shotwire::http {
namespace {
constexpr std::size_t most_header_bytes = 256 << 10;
constexpr std::size_t most_header_lines = 1000;
constexpr const char* encodings = "gzip, deflate";

// A part of a multipart body, read where it lies.
struct Reader {
    std::shared_ptr<const std::string> bytes;
    std::size_t at = 0;

    static std::size_t read(char* to, std::size_t size, std::size_t count, void* self) noexcept {
        auto& reader = *static_cast<Reader*>(self);
        auto length = std::min(size * count, reader.bytes->size() - reader.at);
        std::memcpy(to, reader.bytes->data() + reader.at, length);
        reader.at += length;
        return length;
    }
    static int seek(void* self, curl_off_t offset, int origin) noexcept {
        auto& reader = *static_cast<Reader*>(self);
        if (origin != SEEK_SET || offset < 0 || std::size_t(offset) > reader.bytes->size()) return CURL_SEEKFUNC_CANTSEEK;
        reader.at = std::size_t(offset);
        return CURL_SEEKFUNC_OK;
    }
    static void free(void* self) noexcept { delete static_cast<Reader*>(self); }
};

bool breaks_lines(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool shows_secret(std::string_view name) {
    constexpr std::array names = {"set-cookie", "cookie", "authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key"};
    return std::find(names.begin(), names.end(), core::lower(name)) != names.end();
}

}  // namespace

Transfer::Transfer(Client::Ticket ticket, Request request, Client::Done done)
    : ticket(ticket), request(std::move(request)), origin(origin_of(this->request.url)), done(std::move(done)) {}

Result<> Transfer::check() const {
    auto host = [this] { return host_of(request.url); };
    if (origin.empty()) return Error{ErrorKind::usage, fmt::format("'{}' is no http: or https: URL", without_userinfo(request.url))};
    if (!origin.starts_with("https:") && !is_loopback(host())) {
        auto authority_end = request.url.find_first_of("/?#", request.url.find("://") + 3);
        auto has_password = std::string_view(request.url).substr(0, authority_end).find('@') != std::string_view::npos;
        if (request.credential || has_password)
            return Error{ErrorKind::usage,
                         fmt::format("the key for {} is not sent over plain http:, use https: (only loopback may be http:)", host())};
    }
    for (auto& header : request.headers) {
        if (breaks_lines(header.name) || breaks_lines(header.value))
            return Error{ErrorKind::usage,
                         fmt::format("the header {} for {} holds a line break or NUL", core::printable(header.name), host())};
    }
    auto& credential = request.credential;
    if (credential && breaks_lines(credential->header + credential->prefix + credential->key.expose())) {
        return Error{ErrorKind::auth, fmt::format("the key for {} holds a line break or NUL", host())};
    }
    return Ok{};
}

Result<> Transfer::prepare(Easy easy, const Setting& setting) {
    easy_ = std::move(easy);
    options_ = &setting.options;
    guarded_ = !setting.weakened.unguarded;
    response_ = {};
    response_.url = request.url;
    response_.headers.reserve(8);
    stop_ = Stop::none;
    sendings_ = 0;
    out_of_descriptors_ = false;
    if (auto fine = check(); !fine) return fine;
    spool_.reset();
    if (request.spool) {
        auto spool = Spool::open(request.most);
        if (!spool) return spool.error();
        spool_ = *spool;
    }
    auto way = setting.trust.has(origin) ? Way{Way::direct} : way_of(request, setting.options.proxy);
    if (origin.starts_with("https:") || way.kind != Way::direct) {  // a proxy may be reached by https: too
        auto store = setting.trust.store_for(origin);
        if (!store) return store.error();
        store_ = *store;
    }
    set_constants(setting);
    set_way(way);
    set_method();
    set_headers(setting);
    return Ok{};
}

void Transfer::set_constants(const Setting& setting) {
    set(easy_, CURLOPT_PRIVATE, this);
    set(easy_, CURLOPT_ERRORBUFFER, detail_);
    set(easy_, CURLOPT_URL, request.url.c_str());
    set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy_, CURLOPT_NOSIGNAL, 1L);
    set(easy_, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);  // a record of TLS: libcurl makes one for each request, and to free 64 KB makes malloc tidy up
    set(easy_, CURLOPT_NETRC, long(CURL_NETRC_IGNORED));
    set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
    set(easy_, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    set(easy_, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    set(easy_, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
    // Left to themselves these make every connection parse the system's bundle.
    for (auto option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH})
        set(easy_, option, static_cast<char*>(nullptr));
    // libcurl would keep the first store that it sees and use it for every later host.
    set(easy_, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    set(easy_, CURLOPT_SSL_CTX_FUNCTION, &Callbacks::tls_context);
    set(easy_, CURLOPT_SSL_CTX_DATA, this);
    set(easy_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket);
    set(easy_, CURLOPT_OPENSOCKETDATA, this);
    set(easy_, CURLOPT_PREREQFUNCTION, &Callbacks::before_sending);
    set(easy_, CURLOPT_PREREQDATA, this);
    set(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::header);
    set(easy_, CURLOPT_HEADERDATA, this);
    set(easy_, CURLOPT_WRITEFUNCTION, &Callbacks::body);
    set(easy_, CURLOPT_WRITEDATA, this);
    set(easy_, CURLOPT_XFERINFOFUNCTION, &Callbacks::progress);
    set(easy_, CURLOPT_XFERINFODATA, this);
    set(easy_, CURLOPT_NOPROGRESS, 0L);
    set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy_, CURLOPT_CONNECTTIMEOUT_MS, long(request.connect_timeout.count()));
    // Its total time-out is the loop's: libcurl judges its own before it reads the socket, and would throw away an answer that came
    // while this process was stopped. The connect time-out ends nothing that has left.
    // A connection that was quiet for longer may be closing just now, which would leave a paid request without an answer.
    set(easy_, CURLOPT_MAXAGE_CONN, request.paid ? 3L : 60L);
    set(easy_, CURLOPT_MAXLIFETIME_CONN, 600L);
    set(easy_, CURLOPT_DNS_CACHE_TIMEOUT, 10L);  // a host that moves is found while its jobs still render

    auto http2 = !request.sink && (!request.paid || setting.weakened.paid_over_http2);
    set(easy_, CURLOPT_HTTP_VERSION, long(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    set(easy_, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);  // one connection with many streams, rather than one per request at the start
    if (request.sink)
        set(easy_, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    else
        set(easy_, CURLOPT_ACCEPT_ENCODING, encodings);
}

void Transfer::set_way(const Way& way) {
    direct_ = way.kind == Way::direct;
    if (!direct_) set(easy_, CURLOPT_USERAGENT, options_->user_agent.c_str());  // a proxy's CONNECT has none of our headers
    if (way.kind == Way::environment) return;
    set(easy_, CURLOPT_PROXY, way.proxy.c_str());  // empty: none, whatever the environment says
    if (direct_ || request.public_only) set(easy_, CURLOPT_NOPROXY, "");
}

void Transfer::set_method() {
    auto* text = std::get_if<std::string>(&request.body);
    if (auto* parts = std::get_if<Multipart>(&request.body)) {
        set_multipart(*parts);
    } else if (text || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
        set(easy_, CURLOPT_POST, 1L);
        set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(text ? text->size() : 0));
        set(easy_, CURLOPT_POSTFIELDS, text ? text->data() : "");
    } else if (request.method == "HEAD") {
        set(easy_, CURLOPT_NOBODY, 1L);
    }
    // The word that libcurl would say by itself; any other is told to it.
    auto has_body = !std::holds_alternative<std::monostate>(request.body);
    auto own_word = request.method == "POST" || (!has_body && (request.method == "GET" || request.method == "HEAD"));
    if (!own_word) set(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Transfer::set_multipart(const Multipart& parts) {
    mime_.reset(curl_mime_init(easy_.get()));
    for (auto& part : parts) {
        auto* added = curl_mime_addpart(mime_.get());
        curl_mime_name(added, part.name.c_str());
        if (!part.file_name.empty()) curl_mime_filename(added, part.file_name.c_str());
        if (!part.content_type.empty()) curl_mime_type(added, part.content_type.c_str());
        static const auto nothing = std::make_shared<const std::string>();
        auto reader = std::make_unique<Reader>(Reader{part.bytes ? part.bytes : nothing});
        auto size = curl_off_t(reader->bytes->size());
        curl_mime_data_cb(added, size, &Reader::read, &Reader::seek, &Reader::free, reader.release());
    }
    set(easy_, CURLOPT_MIMEPOST, mime_.get());
}

void Transfer::set_headers(const Setting& setting) {
    headers_.reset();
    const auto add = [this](const std::string& line) {
        auto* longer = curl_slist_append(headers_.get(), line.c_str());
        if (!longer) throw std::bad_alloc();
        (void)headers_.release();
        headers_.reset(longer);
    };
    const auto has = [this](std::string_view name) {
        return std::any_of(request.headers.begin(), request.headers.end(), [&](auto& header) { return core::equal_fold(header.name, name); });
    };
    // First, since of one of the user's that came before it libcurl would wait for a 100 with each body, and send the body again after a 417.
    const bool bare = request.method == "GET" && std::holds_alternative<std::monostate>(request.body);
    if (!bare) add("Expect:");
    const bool told = bool(setting.options.wire);
    if (told) log(fmt::format("> {} {}{}", request.method, without_userinfo(request.url), request.paid ? " (paid)" : ""));
    for (auto& header : request.headers) {
        add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
        if (told) log(fmt::format("> {}: {}", header.name, shows_secret(header.name) ? "***" : header.value));
    }
    if (!bare && !has("Content-Type") && !std::holds_alternative<Multipart>(request.body)) add("Content-Type:");
    // What libcurl would write of its options it writes twice, character by character.
    if (!has("User-Agent")) add("User-Agent: " + setting.options.user_agent);
    if (request.sink || !has("Accept-Encoding")) add(std::string("Accept-Encoding: ") + (request.sink ? "identity" : encodings));
    if (auto& credential = request.credential) {
        add(credential->header + ": " + credential->prefix + credential->key.expose());
        if (told) log(fmt::format("> {}: {}***", credential->header, credential->prefix));
    }
    // For the server alone: a proxy's CONNECT must not carry them.
    set(easy_, CURLOPT_HEADEROPT, long(CURLHEADER_SEPARATE));
    set(easy_, CURLOPT_HTTPHEADER, headers_.get());
    if (!told) return;
    if (auto* text = std::get_if<std::string>(&request.body)) log(fmt::format("> body of {} bytes", text->size()));
    if (auto* parts = std::get_if<Multipart>(&request.body)) {
        for (auto& part : *parts) log(fmt::format("> part {} of {} bytes", part.name, part.bytes ? part.bytes->size() : 0));
    }
}

void Transfer::take_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > most_header_bytes || response_.headers.size() >= most_header_lines) return stop(Stop::headers_too_large);
    if (body_began_) return;  // trailers
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        // A further status line: what came before was a 1xx.
        response_.headers.clear();
        headers_complete_ = false;
        response_.status = int(info<long>(easy_, CURLINFO_RESPONSE_CODE));
        if (options_->wire) log(fmt::format("< {}", line));
        return;
    }
    if (line.empty()) {
        headers_complete_ = response_.status >= 200;
        return;
    }
    auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' || line.front() == '\t') return stop(Stop::bad_headers);
    Header header{std::string(line.substr(0, colon)), std::string(core::trim(line.substr(colon + 1)))};
    if (core::equal_fold(header.name, "Content-Length")) {
        auto before = response_.header("Content-Length");
        if (!before.empty() && before != header.value) return stop(Stop::bad_headers);
    }
    if (options_->wire) {
        auto shown = core::equal_fold(header.name, "Location") ? without_userinfo(header.value) : header.value;
        log(fmt::format("< {}: {}", header.name, shows_secret(header.name) ? "***" : shown));
    }
    response_.headers.push_back(std::move(header));
}

Result<Response> Transfer::finish(CURLcode code) {
    log_end(code);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    // libcurl takes an answer that ends within its headers for a whole one.
    if (code == CURLE_OK && !headers_complete_) code = CURLE_PARTIAL_FILE;
    // An empty download still shows its headers to the sink.
    if (code == CURLE_OK && stop_ == Stop::none && takes_body() && !body_began_ && !request.sink->headers(response_)) stop(Stop::sink);
    if (code == CURLE_OK && stop_ == Stop::none) {
        if (spool_) response_.body = spool_->text();
        response_.spool = spool_;
        return std::move(response_);
    }
    Evidence evidence{.code = code, .stop = stop_, .sendings = sendings_};
    evidence.system_error = out_of_descriptors_ ? long(EMFILE) : info<long>(easy_, CURLINFO_OS_ERRNO);
    evidence.verify_result = info<long>(easy_, CURLINFO_SSL_VERIFYRESULT);
    evidence.proxy_status = info<long>(easy_, CURLINFO_HTTP_CONNECTCODE);
    if (!direct_) evidence.proxy = proxy_between(request, options_->proxy);
    evidence.detail = detail_;
    if (!spool_) evidence.answer = response_.body.substr(0, 4096);
    return failure(request, evidence, options_->mask);
}

Easy Transfer::release() {
    // The mime and the header list are the handle's until it forgets them.
    curl_easy_reset(easy_.get());
    mime_.reset();
    headers_.reset();
    return std::move(easy_);
}

void Transfer::log(const std::string& text) const {
    if (!options_->wire) return;
    auto clean = core::printable(fmt::format("[{}] {}", ticket, text));
    options_->wire(options_->mask ? (*options_->mask)(clean) : clean);
}

void Transfer::log_end(CURLcode code) const {
    if (!options_->wire) return;
    auto milliseconds = [&](CURLINFO what) { return double(info<curl_off_t>(easy_, what)) / 1000; };
    log(fmt::format("= {} {}, {} bytes; name {:.1f} ms, connected {:.1f}, TLS {:.1f}, first byte {:.1f}, all {:.1f}; {} connection",
                    response_.status, code == CURLE_OK && stop_ == Stop::none ? "whole" : curl_easy_strerror(code), body_bytes_,
                    milliseconds(CURLINFO_NAMELOOKUP_TIME_T), milliseconds(CURLINFO_CONNECT_TIME_T),
                    milliseconds(CURLINFO_APPCONNECT_TIME_T), milliseconds(CURLINFO_STARTTRANSFER_TIME_T),
                    milliseconds(CURLINFO_TOTAL_TIME_T), info<long>(easy_, CURLINFO_NUM_CONNECTS) == 0 ? "kept" : "new"));
}

}  // namespace shotwire::http
