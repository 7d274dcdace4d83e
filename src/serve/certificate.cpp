#include "serve/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <spdlog/fmt/fmt.h>

#include <memory>

#include "core/files.hpp"

// Key first, certificate second, each published only where nothing is: whoever loses the race takes what the winner made, and
// since every certificate is made from the one key, any certificate fits it.
namespace shotwire::serve {
namespace {

namespace fs = std::filesystem;

template <auto F>
struct Free {
    void operator()(auto* p) const noexcept { F(p); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

constexpr long day = 24 * 60 * 60;

Error failed(const fs::path& path) { return {ErrorKind::local, fmt::format("OpenSSL cannot make {}", path.string())}; }

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, std::size_t(length));
}

Memory memory_of(const std::string& text) { return Memory(BIO_new_mem_buf(text.data(), int(text.size()))); }

PrivateKey read_key(const std::string& pem) { return PrivateKey(PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, nullptr, nullptr)); }

bool is_address(const std::string& host) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}
bool is_wildcard(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

bool add(X509* certificate, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Cert make_certificate(EVP_PKEY* key, const std::string& host) {
    Cert certificate(X509_new());
    unsigned char serial[16];
    if (!certificate || RAND_bytes(serial, sizeof serial) != 1) return nullptr;
    serial[0] &= 0x7f;
    BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
    BN_free(number);
    X509_set_version(certificate.get(), 2);
    // Yesterday: a clock that is corrected backwards must not make it invalid.
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3650 * day);
    auto* name = X509_get_subject_name(certificate.get());
    const auto* common = reinterpret_cast<const unsigned char*>("shotwire serve");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_set_pubkey(certificate.get(), key);
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    if (!is_wildcard(host) && host != "localhost" && host != "127.0.0.1" && host != "::1") names += (is_address(host) ? ",IP:" : ",DNS:") + host;
    // No authority: it vouches for this server and for nothing else.
    const bool whole = add(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                       add(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                       add(certificate.get(), NID_ext_key_usage, "serverAuth") &&
                       add(certificate.get(), NID_subject_key_identifier, "hash") &&
                       add(certificate.get(), NID_subject_alt_name, names) && X509_sign(certificate.get(), key, EVP_sha256()) > 0;
    return whole ? std::move(certificate) : nullptr;
}

bool serves(const std::string& pem, EVP_PKEY* key, const std::string& host) {
    const Cert certificate(PEM_read_bio_X509(memory_of(pem).get(), nullptr, nullptr, nullptr));
    if (!certificate || X509_check_private_key(certificate.get(), key) != 1) return false;
    time_t tomorrow = time(nullptr) + day;
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &tomorrow) < 0) return false;
    if (is_wildcard(host)) return true;
    return is_address(host) ? X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1
                            : X509_check_host(certificate.get(), host.c_str(), host.size(), 0, nullptr) == 1;
}

// Publishes what `make` yields unless somebody was faster, and returns what stands there then.
Result<std::string> publish_once(const fs::path& path, const std::string& pem, int mode) {
    auto written = core::write_file(path, pem, core::Existing::keep, mode);
    auto there = core::read_file(path, 64 << 10);
    if (!there && !written) return written.error();
    return there;
}

Result<std::string> ensure_key(const fs::path& path) {
    if (auto there = core::read_file(path, 64 << 10); there && read_key(*there)) {
        // A copied folder may have lost the mode.
        std::error_code ignored;
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, ignored);
        return there;
    } else if (there) {
        return Error{ErrorKind::local, fmt::format("{} is no private key: remove it and start again", path.string())};
    }
    const PrivateKey key(EVP_EC_gen("P-256"));
    const Memory memory(BIO_new(BIO_s_mem()));
    if (!key || PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return failed(path);
    return publish_once(path, text_of(memory), 0600);
}

}  // namespace

Result<Certificate> ensure_certificate(const fs::path& folder, const std::string& host) {
    const Certificate paths{folder / "cert.pem", folder / "key.pem"};
    const auto key_text = ensure_key(paths.key);
    if (!key_text) return key_text.error();
    const auto key = read_key(*key_text);
    if (!key) return failed(paths.key);
    const auto there = core::read_file(paths.certificate, 64 << 10);
    if (there && serves(*there, key.get(), host)) return paths;

    const auto certificate = make_certificate(key.get(), host);
    const Memory memory(BIO_new(BIO_s_mem()));
    if (!certificate || PEM_write_bio_X509(memory.get(), certificate.get()) != 1) return failed(paths.certificate);
    if (there) {
        auto replaced = core::write_file(paths.certificate, text_of(memory), core::Existing::replace, 0644);
        if (!replaced) return replaced.error();
    } else if (auto published = publish_once(paths.certificate, text_of(memory), 0644); !published) {
        return published.error();
    }
    return paths;
}

}  // namespace shotwire::serve
