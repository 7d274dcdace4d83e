#pragma once
#include <optional>
#include <string>

#include "backend/json_api.hpp"

namespace shotwire::backend::google {

// What Google's answers have in common.

// Whether a text says that its filters refused the prompt, an image or what was rendered.
bool says_unsafe(const std::string& text);
// rejected, with what the text's support codes mean: "(support code 29310472: a celebrity's likeness)". An empty text: no reason given.
Error unsafe(const JsonApi& api, const std::string& text);

// An answer that is no success: as the common table has it, and what only Google says of filters and of the time to wait.
Error refusal(const JsonApi& api, const json& reply, const http::Response& response, bool paid);

}  // namespace shotwire::backend::google
