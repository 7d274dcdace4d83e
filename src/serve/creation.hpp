#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/json.hpp"
#include "serve/answer.hpp"

namespace httplib {
struct Request;
}

namespace shotwire::serve {

struct Upload {
    std::string bytes;
    std::string media_type;  // image/png, image/jpeg, image/webp
};

// The body of a request, JSON or multipart, as one kind of value. In multipart every value is text.
struct Form {
    json fields = json::object();
    std::vector<Upload> images;
    bool all_text = false;

    std::string fingerprint() const;  // equal for equal requests, whatever their multipart boundary
};
using ReadForm = std::variant<Form, ApiError>;
ReadForm read_form(const httplib::Request& request);

// A job that may be made: everything about it was checked.
struct Creation {
    std::string model;
    std::string prompt;
    int width = 0;
    int height = 0;
    double seconds = 0;
    int fps = 24;
    std::uint64_t seed = 0;
    bool audio = true;
    json shot;  // null: the prompt is all there is
    std::vector<Upload> images;
    std::string remixed_from;  // empty: no remix
};
using ReadCreation = std::variant<Creation, ApiError>;

ReadCreation read_creation(Form form);
// `source`: the job that is remixed, as it was created.
ReadCreation read_remix(Form form, Creation source);

// The models of this server: "animatic", and the Sora names as stand-ins, so that scripts written for them run.
const std::vector<std::string>& model_names();
ApiError unknown_model(const std::string& name);

}  // namespace shotwire::serve
