#pragma once
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/files.hpp"

namespace shotwire::test {

// An EC P-256 certificate made in memory, self-signed or signed by another one.
struct Certificate {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;

    std::string pem() const {
        std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_X509(out.get(), certificate.get());
        char* data = nullptr;
        auto length = BIO_get_mem_data(out.get(), &data);
        return {data, std::size_t(length)};
    }
    void save(const std::filesystem::path& path) const {
        if (!core::write_file(path, pem(), core::Existing::replace)) throw std::runtime_error("cannot write " + path.string());
    }
};

struct CertificateWish {
    std::string names = "IP:127.0.0.1,DNS:localhost";  // subjectAltName
    long valid_from = -3600;                           // seconds from now
    long valid_to = 24 * 3600;
    const Certificate* issuer = nullptr;  // null: self-signed
    bool authority = false;               // may sign others
};

inline Certificate make_certificate(const CertificateWish& wish = {}) {
    Certificate made{{EVP_EC_gen("P-256"), &EVP_PKEY_free}, {X509_new(), &X509_free}};
    auto* certificate = made.certificate.get();
    static long serial = 1;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_to);
    X509_set_pubkey(certificate, made.key.get());
    auto name = "shotwire test " + std::to_string(serial);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(wish.issuer ? wish.issuer->certificate.get() : certificate));
    auto extend = [&](int nid, const char* value) {
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_subject_alt_name, wish.names.c_str());
    extend(NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (X509_sign(certificate, wish.issuer ? wish.issuer->key.get() : made.key.get(), EVP_sha256()) == 0)
        throw std::runtime_error("cannot sign");
    return made;
}

}  // namespace shotwire::test
