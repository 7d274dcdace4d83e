#include <openssl/x509_vfy.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/text.hpp"
#include "http/transfer.hpp"

// Evidence decides what a failure means, not libcurl's error code: a paid request that may have arrived is `unknown`, whatever
// went wrong afterwards.
namespace shotwire::http {
namespace {

std::string certificate_trouble(long verify_result) {
    switch (verify_result) {
        case X509_V_ERR_CERT_HAS_EXPIRED: return "its certificate has expired";
        case X509_V_ERR_CERT_NOT_YET_VALID: return "its certificate is not valid yet (is this machine's clock right?)";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "its certificate is self-signed (--cacert FILE names one to trust)";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "its certificate comes from an authority that is not known here (--cacert FILE names one to trust)";
        case X509_V_OK:
        case X509_V_ERR_UNSPECIFIED: return "its certificate is for another name";
        default: return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(verify_result));
    }
}

std::string system_reason(long error) { return error ? std::generic_category().message(int(error)) : "no reason given"; }

std::string stopped(const Request& request, const Evidence& evidence) {
    switch (evidence.stop) {
        case Stop::body_too_large: return fmt::format("answered with more than {} bytes", request.most);
        case Stop::headers_too_large: return "answered with too many headers";
        case Stop::bad_headers: return "answered with broken headers";
        case Stop::sink: return "sent data that could not be kept";
        case Stop::idle: return fmt::format("fell silent for {}", core::print_length(request.idle_timeout));
        case Stop::private_address:
            return "is a private address, from which no result is fetched (the route's allow_private would allow it)";
        case Stop::repeated: return "closed the connection without an answer";
        case Stop::cancelled: return "was no longer asked";
        case Stop::none: break;
    }
    return {};
}

std::string not_connected(const Request& request, const Evidence& evidence) {
    auto connect_limit = std::min(request.connect_timeout, request.timeout.value_or(request.connect_timeout));
    switch (evidence.code) {
        case CURLE_COULDNT_RESOLVE_HOST: return "does not resolve: no such name, or no network";
        case CURLE_COULDNT_RESOLVE_PROXY: return "was not reached: the proxy's name does not resolve";
        case CURLE_COULDNT_CONNECT:
            if (!evidence.proxy.empty()) return fmt::format("was not reached: the proxy {} {}", evidence.proxy, evidence.system_error == ECONNREFUSED ? "refused the connection" : "could not be connected to: " + system_reason(evidence.system_error));
            if (evidence.system_error == ECONNREFUSED) return "refused the connection";
            return fmt::format("could not be connected to: {}", system_reason(evidence.system_error));
        case CURLE_OPERATION_TIMEDOUT: return fmt::format("was not connected to within {}", core::print_length(connect_limit));
        case CURLE_PEER_FAILED_VERIFICATION: return "is not trusted: " + certificate_trouble(evidence.verify_result);
        case CURLE_SSL_CONNECT_ERROR: return "ended the TLS handshake";
        case CURLE_PROXY: return "was not reached: the proxy refused";
        default: break;
    }
    if (evidence.proxy_status == 407) return "was not reached: the proxy wants a user name and password (http://USER:PASSWORD@PROXY)";
    if (evidence.proxy_status >= 300) return fmt::format("was not reached: the proxy answered {}", evidence.proxy_status);
    return fmt::format("was not reached: {}", evidence.detail.empty() ? curl_easy_strerror(evidence.code) : evidence.detail);
}

std::string no_answer(const Request& request, const Evidence& evidence) {
    switch (evidence.code) {
        case CURLE_GOT_NOTHING: return "closed the connection without an answer";
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR: return "broke the connection";
        case CURLE_PARTIAL_FILE: return "broke off its answer";
        case CURLE_OPERATION_TIMEDOUT:
            return fmt::format("did not answer within {}", core::print_length(request.timeout.value_or(request.idle_timeout)));
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM: return "reset the HTTP/2 stream";
        case CURLE_BAD_CONTENT_ENCODING: return "answered in an encoding that cannot be read";
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return "answered with something that is no HTTP";
        default: return fmt::format("gave no answer: {}", evidence.detail.empty() ? curl_easy_strerror(evidence.code) : evidence.detail);
    }
}

ErrorKind kind_of(const Request& request, const Evidence& evidence) {
    if (evidence.stop == Stop::private_address && evidence.sendings == 0) return ErrorKind::provider;
    if (evidence.sendings == 0) return evidence.code == CURLE_OUT_OF_MEMORY ? ErrorKind::local : ErrorKind::network;
    if (request.paid) return ErrorKind::unknown;
    switch (evidence.stop) {
        case Stop::body_too_large:
        case Stop::headers_too_large:
        case Stop::bad_headers:
        case Stop::private_address: return ErrorKind::provider;
        case Stop::sink: return ErrorKind::local;
        default: break;
    }
    switch (evidence.code) {
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return ErrorKind::provider;
        default: return ErrorKind::network;
    }
}

}  // namespace

Error failure(const Request& request, const Evidence& evidence, const core::Mask* mask) {
    auto what = evidence.stop != Stop::none ? stopped(request, evidence)
                : evidence.sendings == 0    ? not_connected(request, evidence)
                                            : no_answer(request, evidence);
    Error error{kind_of(request, evidence), fmt::format("{} {}", host_of(request.url), what)};
    if (evidence.sendings == 0) {
        const bool no_name = evidence.code == CURLE_COULDNT_RESOLVE_HOST;
        error.lasting = no_name || evidence.code == CURLE_PEER_FAILED_VERIFICATION || evidence.code == CURLE_URL_MALFORMAT ||
                        evidence.code == CURLE_UNSUPPORTED_PROTOCOL;
        // A name may come back with the network: worth another try or two, no minutes of them.
        if (no_name) error.retry_after = std::chrono::seconds(2);
    }
    if (error.kind == ErrorKind::unknown) error.message += "; it may have accepted the request all the same";
    // The id may stand in it: a hint for whoever settles the job, and no receipt. Masked as a whole, so that no cut leaves half a key.
    if (error.kind == ErrorKind::unknown && request.paid && !evidence.answer.empty())
        error.message += fmt::format("; its answer began with {}", core::printable(mask ? (*mask)(evidence.answer) : evidence.answer).substr(0, 200));
    error.message = core::printable(mask ? (*mask)(error.message) : error.message);
    return error;
}

}  // namespace shotwire::http
