#include "http/trust.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <mutex>

#include "http/curl_client.hpp"
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

struct Place {
    fs::path path;
    bool folder = false;
};
Result<Store> read(const Place& place) { return place.folder ? from_folder(place.path) : from_file(place.path); }

// The authorities as this process has read them: parsing a bundle takes 19 ms, and a command looks at it before a client needs it.
// `by_user`: a --cacert may name the server's own certificate instead of its authority.
Result<Store> read_once(const Place& place, bool by_user) {
    static std::mutex held;
    static std::map<std::pair<fs::path, bool>, Store> known;
    const std::lock_guard lock(held);
    auto& store = known[{place.path, by_user}];
    if (!store) {
        auto fresh = read(place);
        if (!fresh) return fresh.error();
        store = std::move(*fresh);
        if (by_user) X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    }
    X509_STORE_up_ref(store.get());
    return Store(store.get());
}

// As curl and OpenSSL document it: their variables first, then what this system has.
Result<Place> system_place() {
    for (auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        if (auto file = environment(name); !file.empty()) return Place{file};
    }
    auto folder_wish = environment("SSL_CERT_DIR");
    if (!folder_wish.empty()) return Place{folder_wish, true};
    auto* built = curl_version_info(CURLVERSION_NOW);
    for (auto* folder : {built->capath, X509_get_default_cert_dir()}) {
        if (folder && is_hashed(folder)) return Place{folder, true};
    }
    std::error_code ignored;
    for (auto* file : {built->cainfo, X509_get_default_cert_file()}) {
        if (file && fs::exists(file, ignored)) return Place{file};
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
        const auto place = ca_file_.empty() ? system_place() : Place{ca_file_};
        if (!place) return place.error();
        auto store = read_once(*place, !ca_file_.empty());
        if (!store) return store.error();
        common_ = std::move(*store);
    }
    return common_.get();
}

Result<fs::path> authorities(const fs::path& ca_file) {
    const auto place = ca_file.empty() ? system_place() : Place{ca_file};
    if (!place) return place.error();
    if (auto store = read_once(*place, !ca_file.empty()); !store) return store.error();
    return place->path;
}

std::string library_versions() { return curl_version(); }

}  // namespace shotwire::http
