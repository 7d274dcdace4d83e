#pragma once
#include <map>
#include <string>
#include <vector>

#include "backend/json_api.hpp"

namespace shotwire::backend::custom {

// A provider's protocol as its user wrote it into the route's dialect; custom.md has every key. Pointers lead into an answer.
struct Call {
    std::string method;
    std::string path;  // "/tasks/{id}", "/files?file_id={/file_id}": the job's id, or what the last answer says there
};

struct Protocol {
    std::vector<http::Header> headers;

    std::string submit_path, submit_path_with_image;
    json form = json::object();  // where the model's row has none
    std::string id = "/id";
    std::string poll_link;  // the URL of the poll, where the provider forbids to build it

    Call poll;
    std::string state, progress, queue, error, error_code;
    double progress_of = 1;  // the value that means done
    std::vector<std::string> ready, failed, rejected;  // words; any other is one of rendering
    std::optional<std::pair<std::string, json>> refused;  // {pointer, value}: with that value there a finished job was refused
    std::vector<int> pending;                          // statuses of a poll that say "rendering" whatever the body
    std::chrono::milliseconds every{0};                // the least pause between polls

    std::optional<Call> result;           // one request more, once it is ready
    std::vector<std::string> clip_url;    // the first that is there
    std::string clip_base64, clip_type;   // or in the answer itself
    std::optional<Call> clip_call;        // or behind a path of the API
    bool clip_key = false;                // whether the download takes the key, at the API's own origin

    std::optional<Call> cancel;

    // The list of the provider's models: where its items are, and in an item what they take. Empty path: it publishes none.
    struct Listing {
        std::string path;
        std::string items = "/data", id = "/id";
        std::string seconds, ratios, resolutions, images;  // pointers of lists
        std::string audio, seed;                           // of booleans
    } models;

    std::string complaint_code, complaint_message;
    std::string billed;  // pointer
    double per_dollar = 1;
    JsonApi::Rules rules;
};

// Errors: usage, naming the key and what is allowed.
Result<Protocol> read_protocol(const json& dialect);

// The path with its {places} filled; each is percent-encoded. Errors: provider, for a pointer that the answer does not have.
Result<std::string> fill(const std::string& path, const std::string& id, const json& answer);

std::vector<std::string> places_in(const std::string& path);  // its pointers

}  // namespace shotwire::backend::custom
