#pragma once
#include <curl/curl.h>

#include <concepts>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace shotwire::http {

template <auto F>
struct Free {
    void operator()(auto* held) const noexcept { F(held); }
};
using Easy = std::unique_ptr<CURL, Free<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Free<curl_multi_cleanup>>;
using List = std::unique_ptr<curl_slist, Free<curl_slist_free_all>>;
using Mime = std::unique_ptr<curl_mime, Free<curl_mime_free>>;
using Url = std::unique_ptr<CURLU, Free<curl_url_cleanup>>;
using Text = std::unique_ptr<char, Free<curl_free>>;

// Options are varargs and libcurl's own checks are off in C++: an int, a bool or a double would be undefined behaviour, so only
// what libcurl reads gets through.
template <class T>
requires std::same_as<T, long> || std::same_as<T, curl_off_t> || std::is_pointer_v<T>
void set(const Easy& easy, CURLoption option, T value) {
    if (curl_easy_setopt(easy.get(), option, value) != CURLE_OK) throw std::logic_error("a libcurl option was refused");
}
inline void set(const Multi& multi, CURLMoption option, long value) {
    if (curl_multi_setopt(multi.get(), option, value) != CURLM_OK) throw std::logic_error("a libcurl option was refused");
}

template <class T>
T info(const Easy& easy, CURLINFO what, T fallback = {}) {
    T value = fallback;
    return curl_easy_getinfo(easy.get(), what, &value) == CURLE_OK ? value : fallback;
}

}  // namespace shotwire::http
