#pragma once
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "media/helper/decoder.hpp"
#include "media/helper/verbs.hpp"

// Rendering small clips and looking at them.
namespace animatic_test {

using shotwire::json;
namespace helper = shotwire::media::helper;

inline json render(json job) {
    av_log_set_level(AV_LOG_QUIET);
    auto result = helper::animatic(job, [](double) {});
    INFO((result ? "" : result.error().message));
    REQUIRE(result);
    return *result;
}

struct Grey {
    int width = 0;
    int height = 0;
    std::vector<int> pixels;
    int at(int x, int y) const { return pixels[std::size_t(y * width + x)]; }
};

inline std::vector<Grey> decode(const std::string& path) {
    auto decoder = helper::Decoder::open(path);
    REQUIRE(decoder);
    std::vector<Grey> pictures;
    for (;;) {
        auto frame = decoder->next();
        REQUIRE(frame);
        if (!*frame) return pictures;
        auto grey = helper::convert(**frame, (*frame)->width, (*frame)->height, AV_PIX_FMT_GRAY8);
        REQUIRE(grey);
        Grey picture{(*grey)->width, (*grey)->height, {}};
        for (int y = 0; y < picture.height; ++y)
            for (int x = 0; x < picture.width; ++x) picture.pixels.push_back((*grey)->data[0][y * (*grey)->linesize[0] + x]);
        pictures.push_back(std::move(picture));
    }
}

}  // namespace animatic_test
