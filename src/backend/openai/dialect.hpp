#pragma once
#include <set>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "shotwire/result.hpp"

namespace shotwire::backend::openai {

// What a host that speaks the Videos protocol does differently: the keys of a route's dialect, see openai.md.
struct Dialect {
    enum class Body { when_needed, json, multipart };
    Body body = Body::when_needed;        // multipart where there is a file
    enum class Seconds { text, number, whole };
    Seconds seconds = Seconds::text;      // whole: a number without a fraction, which is refused
    bool length_needed = false;           // without one the host makes a single frame
    std::string image_url = "input_reference";  // the field for an image's URL
    enum class ImageForm { object, text, content };
    ImageForm image_form = ImageForm::object;    // {"image_url": URL}, the URL, or {"content": URL, "format": "url"}
    std::string image_file = "input_reference";  // the field for an image's bytes
    std::string references;               // the field for the files of --reference; empty: none are taken
    std::set<std::string> extras;         // fields beyond OpenAI's that may be sent
    bool shot = false;                    // send the structured shot along: the embedded server
    std::string idempotency_header;
    std::string content_variant;          // empty: the parameter is left out
    std::string api_version;
    bool find = true;                     // GET /videos lists jobs
    bool in_line = false;                 // "inline": answers may carry the clip itself, and come when it is done
    bool cancel = false;                  // "cancel": "delete"
    std::vector<int> unsent;              // statuses after which surely nothing was created
};

// Errors: usage, naming the key and what is allowed. `moved`: a host of the user's own takes all extras unless told otherwise.
Result<Dialect> read_dialect(const json& dialect, bool moved);

}  // namespace shotwire::backend::openai
