#pragma once
#include <functional>

#include "core/json.hpp"
#include "shotwire/result.hpp"

namespace shotwire::media::helper {

using Progress = std::function<void(double)>;

// What `shotwire-media` can do: a job as JSON to a result as JSON. A field of the wrong type or value is a usage error that names it.
//
// animatic  {"output", "width", "height", "fps", "frames" | "seconds", "seed", "audio", "overlay", "plate", "prompt",
//            "shot": {"prompt", "subject", "action", "environment", "lighting", "camera": [...], "style", "sound", "opening", "ending"}}
//           to {"output", "width", "height", "fps", "frames", "seconds", "sha256"}. On failure the output is removed. "prompt" is read
//           where the shot says nothing: our own client composes it of the shot.
// probe     {"input"} to {"width", "height", "fps", "frames", "seconds", "video", "pixels", "audio", "audio_seconds"}: all pictures decoded.
// frames    {"input", "frames": [{"at": seconds | "first" | "last", "output", "format"}], "width"} and/or
//           {"input", "sheet": {"output", "format", "columns", "rows", "width"}} to {"written": [{"output", "width", "height"}]}.
//           {"input", "variant": "thumbnail" (WebP of the middle) | "spritesheet" (JPEG, 4 by 4), "output"} is short for either.
//           "format" is png, jpeg or webp; by default what the output's name ends with, else png (a sheet: jpeg). Widths are of one picture.
// mp4       {"input": AVI, WebM, Matroska or MP4, "output"} to {"output", "width", "height", "fps", "frames"}: H.264 and AAC, the same pictures at
//           the same time. On failure the output is removed.
Result<json> animatic(const json& job, const Progress& progress);
Result<json> probe(const json& job, const Progress& progress);
Result<json> frames(const json& job, const Progress& progress);
Result<json> mp4(const json& job, const Progress& progress);

}  // namespace shotwire::media::helper
