#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

#include "core/files.hpp"
#include "media/helper/decoder.hpp"
#include "media/helper/image_file.hpp"
#include "media/helper/verbs.hpp"

namespace shotwire::media::helper {
namespace {

Error missing(std::string_view field, std::string_view needed) { return {ErrorKind::usage, fmt::format("\"{}\": {} is needed", field, needed)}; }

struct Wanted {
    double at = 0;
    bool last = false;
    std::string output;
    std::string format;
};

std::string format_of(const json& wish, const std::string& output, std::string_view otherwise) {
    if (auto found = wish.find("format"); found != wish.end() && found->is_string()) return found->get<std::string>();
    for (auto [ending, format] : {std::pair{".png", "png"}, {".jpg", "jpeg"}, {".jpeg", "jpeg"}, {".webp", "webp"}})
        if (output.ends_with(ending)) return format;
    return std::string(otherwise);
}

Result<Wanted> parse_wish(const json& wish) {
    if (!wish.is_object() || !wish.contains("output") || !wish["output"].is_string()) return missing("frames", "a list of {\"at\", \"output\"}");
    Wanted wanted;
    wanted.output = wish["output"].get<std::string>();
    wanted.format = format_of(wish, wanted.output, "png");
    json at = wish.value("at", json(0));
    if (at.is_number() && at.get<double>() >= 0) wanted.at = at.get<double>();
    else if (at == "last") wanted.last = true;
    else if (at != "first") return missing("at", "seconds from the start, \"first\" or \"last\"");
    return wanted;
}

Result<int> whole(const json& object, const char* field, int low, int high, int otherwise) {
    auto found = object.find(field);
    if (found == object.end() || found->is_null()) return otherwise;
    if (!found->is_number_integer() || found->get<std::int64_t>() < low || found->get<std::int64_t>() > high)
        return missing(field, fmt::format("a whole number from {} to {}", low, high));
    return found->get<int>();
}

int height_for(const AVFrame& frame, int width) { return std::max(2, int(std::lround(double(frame.height) * width / frame.width / 2)) * 2); }

// The picture that is on screen at that second: the last one that began by then.
Result<Frame> picture_at(Decoder& decoder, double seconds) {
    if (auto done = decoder.seek(seconds); !done) return done.error();
    Frame shown;
    double half = 0.5 / std::max(1.0, av_q2d(decoder.frame_rate()));
    for (;;) {
        auto frame = decoder.next();
        if (!frame) return frame.error();
        if (!*frame) break;
        if (shown && decoder.seconds_of(**frame) > seconds + half * 0.1) break;
        shown.reset(av_frame_clone(*frame));
        if (!shown) return av_error("keeping a picture", AVERROR(ENOMEM));
    }
    if (!shown) return Error{ErrorKind::usage, "the clip holds no picture at that time"};
    return shown;
}

Result<> write_sheet(Decoder& decoder, const json& sheet, json& written, const Progress& progress) {
    if (!sheet.is_object() || !sheet.contains("output") || !sheet["output"].is_string()) return missing("sheet", "an object with \"output\"");
    auto columns = whole(sheet, "columns", 1, 20, 4), rows = whole(sheet, "rows", 1, 20, 3), width = whole(sheet, "width", 16, 2048, 320);
    for (const auto* value : {&columns, &rows, &width})
        if (!*value) return value->error();
    auto output = sheet["output"].get<std::string>();
    int count = *columns * *rows;
    Frame grid;
    for (int i = 0; i < count; ++i) {
        auto picture = picture_at(decoder, decoder.seconds() * (i + 0.5) / count);
        if (!picture) return picture.error();
        int w = *width / 2 * 2, h = height_for(**picture, w);
        if (!grid) {
            auto made = new_picture(w * *columns, h * *rows, AV_PIX_FMT_BGRA);
            if (!made) return made.error();
            grid = std::move(*made);
            for (int y = 0; y < grid->height; ++y) std::fill_n(grid->data[0] + std::ptrdiff_t(y) * grid->linesize[0], grid->width * 4, std::uint8_t(0));
        }
        int tall = grid->height / *rows;
        auto cell = convert(**picture, w, tall, AV_PIX_FMT_BGRA);
        if (!cell) return cell.error();
        for (int y = 0; y < tall; ++y)
            std::copy_n((*cell)->data[0] + std::ptrdiff_t(y) * (*cell)->linesize[0], w * 4,
                        grid->data[0] + std::ptrdiff_t(i / *columns * tall + y) * grid->linesize[0] + std::ptrdiff_t(i % *columns) * w * 4);
        progress(double(i + 1) / (count + 1));
    }
    if (auto done = write_image(*grid, output, format_of(sheet, output, "jpeg")); !done) return done;
    written.push_back({{"output", output}, {"width", grid->width}, {"height", grid->height}});
    return Ok{};
}

// The short forms that a server needs, written out.
Result<json> with_variant(json job, double seconds) {
    if (!job.contains("variant")) return job;
    auto output = job.find("output");
    if (output == job.end() || !output->is_string()) return missing("output", "the path of an image");
    if (job["variant"] == "thumbnail") {
        job["frames"] = {{{"at", seconds / 2}, {"output", *output}, {"format", "webp"}}};
        if (!job.contains("width")) job["width"] = 480;
    } else if (job["variant"] == "spritesheet") {
        job["sheet"] = {{"output", *output}, {"format", "jpeg"}, {"columns", 4}, {"rows", 4}, {"width", 240}};
    } else {
        return missing("variant", "thumbnail or spritesheet");
    }
    return job;
}

}  // namespace

Result<json> frames(const json& asked, const Progress& progress) {
    if (!asked.is_object() || !asked.contains("input") || !asked["input"].is_string()) return missing("input", "the path of a clip");
    auto decoder = Decoder::open(asked["input"].get<std::string>());
    if (!decoder) return decoder.error();
    auto full = with_variant(asked, decoder->seconds());
    if (!full) return full.error();
    const json& job = *full;
    auto width = whole(job, "width", 16, 4096, 0);
    if (!width) return width.error();
    json wishes = job.value("frames", json::array());
    if (!wishes.is_array() || wishes.size() > 1000) return missing("frames", "a list of at most 1000 {\"at\", \"output\"}");
    if (wishes.empty() && !job.contains("sheet")) return missing("frames", "a list, or \"sheet\",");

    json written = json::array();
    for (const auto& wish : wishes) {
        auto wanted = parse_wish(wish);
        if (!wanted) return wanted.error();
        auto picture = picture_at(*decoder, wanted->last ? decoder->seconds() : wanted->at);
        if (!picture) return picture.error();
        int w = *width > 0 ? *width / 2 * 2 : (*picture)->width, h = *width > 0 ? height_for(**picture, w) : (*picture)->height;
        auto scaled = convert(**picture, w, h, AV_PIX_FMT_BGRA);
        if (!scaled) return scaled.error();
        if (auto done = write_image(**scaled, wanted->output, wanted->format); !done) return done.error();
        written.push_back({{"output", wanted->output}, {"width", w}, {"height", h}});
        progress(double(written.size()) / double(wishes.size() + 1));
    }
    if (job.contains("sheet"))
        if (auto done = write_sheet(*decoder, job["sheet"], written, progress); !done) return done.error();
    return json{{"written", written}};
}

}  // namespace shotwire::media::helper
