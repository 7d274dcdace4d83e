#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"
#include "http/message.hpp"

namespace shotwire::test {

// A request as a provider sees it, whichever way it came.
struct Seen {
    struct Field {
        std::string name, value, file_name, content_type;
    };
    std::string method;
    std::string origin;  // "https://host:port"; empty: not told
    std::string path;    // with the base, without the query, as it was sent
    json query = json::object();  // text; a list where a name came twice
    std::vector<http::Header> headers;
    std::string content_type;   // without parameters
    std::string body;
    std::vector<Field> fields;  // of a multipart body

    std::string header(const std::string& name) const;  // in any case; empty where there is none
    std::string text() const;  // all of it, to look for what must not be there
};
Seen see(const http::Request& request);
void see_target(Seen& seen, const std::string& target);  // path and query of a request line

// The body as the JSON that schemas speak of. Multipart: text, a file is {file_name, content_type, bytes}, a[b] a member, a[] or a repeated
// name a list. Forms: text. What is neither JSON nor a form is {content_type, bytes}. Discarded where it claims to be JSON and is not.
json fields_of(const Seen& seen);

std::string url_decode(std::string_view text);

}  // namespace shotwire::test
