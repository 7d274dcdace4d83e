#include "http/trust.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "http/message.hpp"

namespace shotwire::http {
namespace fs = std::filesystem;
namespace {

Error unreadable(const fs::path& file) { return {ErrorKind::local, "no certificate can be read from " + file.string()}; }

Result<Store> from_file(const fs::path& file) {
    Store store(X509_STORE_new());
    if (!store || X509_STORE_load_file(store.get(), file.c_str()) != 1) return unreadable(file);
    return store;
}

// A folder that `openssl rehash` made: links such as 5ed36f99.0. Only the issuers that are asked for are then read.
bool is_hashed(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        auto name = entry->path().filename().string();
        if (name.size() == 10 && name.ends_with(".0") &&
            std::all_of(name.begin(), name.begin() + 8, [](unsigned char c) { return std::isxdigit(c); }))
            return true;
    }
    return false;
}

Result<Store> from_folder(const fs::path& folder) {
    Store store(X509_STORE_new());
    if (!store || X509_STORE_load_path(store.get(), folder.c_str()) != 1) return unreadable(folder);
    return store;
}

fs::path environment(const char* name) {
    auto* value = std::getenv(name);
    return value ? value : "";
}

// As curl and OpenSSL document it: their variables first, then what this system has.
Result<Store> system_store() {
    for (auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        if (auto file = environment(name); !file.empty()) return from_file(file);
    }
    auto folder_wish = environment("SSL_CERT_DIR");
    if (!folder_wish.empty()) return from_folder(folder_wish);
    auto* built = curl_version_info(CURLVERSION_NOW);
    for (auto* folder : {built->capath, X509_get_default_cert_dir()}) {
        if (folder && is_hashed(folder)) return from_folder(folder);
    }
    std::error_code ignored;
    for (auto* file : {built->cainfo, X509_get_default_cert_file()}) {
        if (file && fs::exists(file, ignored)) return from_file(file);
    }
    return Error{ErrorKind::local, "this system has no CA certificates; install ca-certificates or name a bundle with --cacert"};
}

}  // namespace

void Trust::add(const std::string& origin, fs::path certificate) { own_[origin] = {std::move(certificate), nullptr}; }

Result<X509_STORE*> Trust::store_for(const std::string& origin) {
    if (auto own = own_.find(origin); own != own_.end()) {
        if (!own->second.store) {
            auto store = from_file(own->second.certificate);
            if (!store) return store.error();
            // The certificate is no authority: it is believed because it is this one.
            X509_STORE_set_flags(store->get(), X509_V_FLAG_PARTIAL_CHAIN);
            own->second.store = std::move(*store);
        }
        return own->second.store.get();
    }
    if (!common_) {
        auto store = ca_file_.empty() ? system_store() : from_file(ca_file_);
        if (!store) return store.error();
        // A --cacert may name the server's own certificate instead of its authority.
        if (!ca_file_.empty()) X509_STORE_set_flags(store->get(), X509_V_FLAG_PARTIAL_CHAIN);
        common_ = std::move(*store);
    }
    return common_.get();
}

}  // namespace shotwire::http
