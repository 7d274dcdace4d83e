#pragma once
#include <functional>
#include <string>

#include "core/json.hpp"
#include "shotwire/order.hpp"

namespace shotwire::backend {

// How one route writes the input of one model, as data: each part of an order to a field of the JSON body.
//   "prompt": "prompt"                                       the field, or a JSON pointer where it begins with /
//   "seconds": {"name": "duration", "as": "string", "suffix": "s"}
//   "ratio": {"name": "aspect_ratio", "words": {"9:16": "portrait"}}    also of true and false
//   "reference": {"name": "image_urls", "list": true}
//   "camera": {"name": "prompt", "append": " "}              behind the text that stands there
//   "fixed": {"multi_shot": false}                           goes along as it is
// Parts: prompt, negative_prompt, seconds, ratio, resolution, size, width, height, frames, fps, seed, audio, camera, model,
// first_frame, last_frame, reference. `as`: string, integer, number, boolean; without it the part's natural type.
// What the order says and the form has no field for is an error (usage) that names it; a part that is null is known and not sent,
// since the model has one way only or takes it from the image; an order without a row knows no such thing. A --param adds a field, or turns a switch of "fixed" that no part
// writes; what else is set may have been priced, and replacing it is an error (usage) that names its flag.
// A size in pixels that ratio and resolution say too needs no field. `image` gives what stands for an image.
Result<json> write_form(const json& form, const Order& order, const std::string& who, const std::function<json(const Image&)>& image);

// The image as it is: its URL, or its bytes as a data URI.
std::string image_text(const Image& image);

}  // namespace shotwire::backend
