#include <cstring>

#include "animatic/clip.hpp"
#include "core/hash.hpp"
#include "media/helper/animatic.hpp"
#include "media/helper/image_file.hpp"

using namespace animatic_test;
using namespace shotwire;

namespace {

json small(const core::TemporaryFolder& folder, const std::string& name = "a.mp4") {
    return {{"output", (folder.path() / name).string()}, {"width", 192}, {"height", 108}, {"seconds", 0.5}, {"seed", 5}, {"prompt", "a woman in a red coat walks through the rain, a city street at night, handheld"}};
}

Result<json> try_render(const json& job) {
    return helper::animatic(job, [](double) {});
}

std::string bytes_of(const json& job) {
    auto bytes = core::read_file(job["output"].get<std::string>());
    REQUIRE(bytes);
    return *bytes;
}

}  // namespace

TEST_CASE("a clip has exactly the asked size, rate and length, in every ratio") {
    struct Asked {
        int width, height;
        double fps, seconds;
        int frames;
    };
    auto asked = GENERATE(Asked{320, 180, 24, 1, 24}, Asked{180, 320, 30, 0.7, 21}, Asked{200, 200, 25, 1.5, 38}, Asked{130, 98, 23.976, 1, 24}, Asked{64, 48, 59.94, 0.5, 30},
                          Asked{16, 16, 1, 2, 2}, Asked{160, 90, 120, 0.25, 30}, Asked{160, 90, 24, 0.01, 1});
    CAPTURE(asked.width, asked.height, asked.fps, asked.seconds);
    core::TemporaryFolder folder;
    auto job = small(folder);
    job.update({{"width", asked.width}, {"height", asked.height}, {"fps", asked.fps}, {"seconds", asked.seconds}});
    auto result = render(job);
    CHECK(result["frames"] == asked.frames);
    auto seen = helper::probe({{"input", job["output"]}}, [](double) {});
    REQUIRE(seen);
    CHECK((*seen)["frames"] == asked.frames);
    CHECK((*seen)["width"] == asked.width);
    CHECK((*seen)["height"] == asked.height);
    CHECK((*seen)["video"] == "h264");
    CHECK((*seen)["pixels"] == "yuv420p");
    CHECK((*seen)["audio"] == "aac");
    CHECK((*seen)["fps"].get<double>() == Approx(result["fps"].get<double>()).epsilon(1e-4));
    CHECK((*seen)["seconds"].get<double>() == Approx(asked.frames / result["fps"].get<double>()).margin(0.0005));
    CHECK((*seen)["audio_seconds"].get<double>() == Approx((*seen)["seconds"].get<double>()).margin(0.001));
    CHECK(result["sha256"] == *core::sha256_of_file(job["output"].get<std::string>()));
}

TEST_CASE("every rate and length is the one that was asked for") {
    struct Rate {
        double asked;
        int num, den, frames;  // of 3 seconds
    };
    const auto rate = GENERATE(values<Rate>({{1, 1, 1, 3}, {2, 2, 1, 6}, {12, 12, 1, 36}, {23.976, 24000, 1001, 72}, {23.98, 24000, 1001, 72}, {24, 24, 1, 72}, {25, 25, 1, 75}, {29.97, 30000, 1001, 90}, {30, 30, 1, 90}, {50, 50, 1, 150}, {59.94, 60000, 1001, 180}, {60, 60, 1, 180}}));
    CAPTURE(rate.asked);
    core::TemporaryFolder folder;
    const auto path = (folder.path() / "clip.mp4").string();
    const auto result = render({{"output", path}, {"width", 64}, {"height", 64}, {"fps", rate.asked}, {"seconds", 3}, {"audio", false}, {"shot", {{"subject", "a ball"}}}});
    CHECK(result["frames"] == rate.frames);
    auto decoder = helper::Decoder::open(path);
    REQUIRE(decoder);
    const auto told = decoder->frame_rate();
    CHECK(std::int64_t(told.num) * rate.den == std::int64_t(told.den) * rate.num);
    const auto seen = helper::probe({{"input", path}}, [](double) {});
    REQUIRE(seen);
    CHECK((*seen)["seconds"].get<double>() == Approx(double(rate.frames) * rate.den / rate.num).margin(0.0005));
}

TEST_CASE("without audio there is no sound track") {
    core::TemporaryFolder folder;
    auto job = small(folder);
    job["audio"] = false;
    render(job);
    auto seen = helper::probe({{"input", job["output"]}}, [](double) {});
    REQUIRE(seen);
    CHECK((*seen)["audio"].is_null());
}

TEST_CASE("the same order and seed give the same bytes, another seed other bytes") {
    core::TemporaryFolder folder;
    auto first = render(small(folder, "a.mp4")), again = render(small(folder, "b.mp4"));
    CHECK(first["sha256"] == again["sha256"]);
    auto other = small(folder, "c.mp4");
    other["seed"] = 6;
    CHECK(render(other)["sha256"] != first["sha256"]);
}

TEST_CASE("a frame has the same pixels on a fresh canvas and on a used one, in every set and weather") {
    const std::string place = GENERATE("a city street", "a street at night in the rain", "a meadow", "a beach", "a lake in the snow", "a restaurant kitchen", "a living room", "an office at night");
    const std::string camera = GENERATE("static", "rack focus", "crane up");
    CAPTURE(place, camera);
    helper::AnimaticJob job;
    job.size = {192, 108}, job.frames = 12, job.seed = 3;
    job.shot.subject = "a cook", job.shot.action = "walks", job.shot.environment = place, job.shot.camera = {camera};
    job.motion = shot::combine(job.shot.camera);
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    // Which frame is the first of a canvas is a matter of which thread was free.
    auto used_stage = animatic->stage();
    helper::Canvas used(job.size);
    animatic->draw(used_stage, used, 11);
    for (int frame : {0, 5, 11}) {
        auto stage = animatic->stage();
        helper::Canvas fresh(job.size);
        animatic->draw(stage, fresh, frame), animatic->draw(used_stage, used, frame);
        int differ = 0;
        for (int y = 0; y < job.size.height; ++y) differ += !std::equal(fresh.row(y), fresh.row(y) + job.size.width, used.row(y));
        CHECK(differ == 0);
    }
}

TEST_CASE("a clip in a room has the same bytes each time") {
    core::TemporaryFolder folder;
    auto job = small(folder);
    job["prompt"] = "a restaurant kitchen", job["shot"] = {{"camera", {"static"}}};
    const auto first = render(job)["sha256"];
    for (int again = 0; again < 5; ++again) CHECK(render(job)["sha256"] == first);
}

TEST_CASE("the index stands before the data") {
    core::TemporaryFolder folder;
    auto job = small(folder);
    render(job);
    auto bytes = bytes_of(job);
    CHECK(bytes.substr(4, 4) == "ftyp");
    CHECK(bytes.find("moov") < bytes.find("mdat"));
}

TEST_CASE("an impossible job is a usage error that names the field, and leaves no file") {
    core::TemporaryFolder folder;
    auto [field, value] = GENERATE(table<std::string, json>({{"width", 15}, {"width", 4098}, {"height", 101}, {"height", "x"}, {"fps", 0}, {"fps", 121}, {"frames", 7201}, {"frames", 1.5}, {"seconds", -1}, {"seconds", 100000}, {"audio", 1}, {"prompt", 3}, {"output", ""}, {"plate", json::array()}, {"shot", "words"}}));
    CAPTURE(field, value.dump());
    auto job = small(folder);
    job[field] = value;
    auto result = try_render(job);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK(result.error().message.find(field) != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a folder that is not there is a local error") {
    auto result = try_render({{"output", "/nowhere/at/all.mp4"}, {"width", 64}, {"height", 64}, {"frames", 2}});
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::local);
}

TEST_CASE("a plate becomes the picture, and the camera moves over it") {
    core::TemporaryFolder folder;
    auto image = helper::new_picture(400, 300, AV_PIX_FMT_BGRA);
    REQUIRE(image);
    for (int y = 0; y < 300; ++y)
        for (int x = 0; x < 400; ++x) {
            std::uint8_t* pixel = (*image)->data[0] + y * (*image)->linesize[0] + x * 4;
            pixel[0] = 20, pixel[1] = (x / 25 + y / 25) % 2 ? 235 : 60, pixel[2] = 10, pixel[3] = 255;
        }
    auto plate = (folder.path() / "plate.png").string();
    REQUIRE(helper::write_image(**image, plate, "png"));
    auto job = small(folder);
    job["plate"] = plate, job["overlay"] = false;
    job["shot"] = {{"camera", {"pan right"}}};
    render(job);
    auto decoder = helper::Decoder::open(job["output"].get<std::string>());
    REQUIRE(decoder);
    auto frame = decoder->next();
    REQUIRE((frame && *frame));
    auto rgb = helper::convert(**frame, 192, 108, AV_PIX_FMT_RGB24);
    REQUIRE(rgb);
    long red = 0, green = 0;
    for (int y = 0; y < 108; ++y)
        for (int x = 0; x < 192; ++x) red += (*rgb)->data[0][y * (*rgb)->linesize[0] + x * 3], green += (*rgb)->data[0][y * (*rgb)->linesize[0] + x * 3 + 1];
    CHECK(green > 4 * red);
    auto pictures = decode(job["output"].get<std::string>());
    CHECK(pictures.front().pixels != pictures.back().pixels);
}

TEST_CASE("an image is a plate in every format, large or small and whatever its name") {
    core::TemporaryFolder folder;
    const std::string format = GENERATE("png", "jpeg", "webp"), name = GENERATE("a.jpeg", "a.png", "a.webp", "a", "a.mp4", "%d.jpg");
    const int side = GENERATE(64, 800);
    CAPTURE(format, name, side);
    auto image = helper::new_picture(side, side, AV_PIX_FMT_BGRA);
    REQUIRE(image);
    unsigned noise = 1;  // does not compress
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            noise = noise * 1664525 + 1013904223;
            const std::uint8_t pixel[] = {20, std::uint8_t(150 + (noise >> 26)), std::uint8_t(noise >> 25), 255};
            std::copy_n(pixel, 4, (*image)->data[0] + y * (*image)->linesize[0] + x * 4);
        }
    const auto path = folder.path() / name;
    REQUIRE(helper::write_image(**image, path.string(), format));
    if (side > 100) CHECK(std::filesystem::file_size(path) > 64 << 10);
    auto job = small(folder);
    job["plate"] = path.string(), job["frames"] = 1;
    av_log_set_level(AV_LOG_QUIET);
    const auto made = try_render(job);
    CAPTURE(made ? "" : made.error().message);
    CHECK(made);
}

namespace {

// The colours of the middle of a plate's four quarters, from the upper left, as 0xRRGGBB with two levels a channel.
std::vector<unsigned> quarters(const std::string& plate) {
    helper::AnimaticJob job;
    job.size = {120, 120}, job.frames = 1, job.overlay = false, job.plate = plate;
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    auto stage = animatic->stage();
    helper::Canvas canvas(job.size);
    animatic->draw(stage, canvas, 0);
    std::vector<unsigned> seen;
    for (auto [x, y] : {std::pair{20, 20}, {100, 20}, {20, 100}, {100, 100}}) seen.push_back(canvas.row(y)[x] & 0x808080);
    return seen;
}

// Red and green above, blue and white below.
helper::Frame four_colours(unsigned alpha = 255) {
    auto image = helper::new_picture(160, 160, AV_PIX_FMT_BGRA);
    REQUIRE(image);
    for (int y = 0; y < 160; ++y)
        for (int x = 0; x < 160; ++x) {
            const unsigned color = y < 80 ? (x < 80 ? 0xff0000 : 0x00ff00) : (x < 80 ? 0x0000ff : 0xffffff);
            const unsigned pixel = color | alpha << 24;
            std::memcpy((*image)->data[0] + y * (*image)->linesize[0] + x * 4, &pixel, 4);
        }
    return std::move(*image);
}

}  // namespace

TEST_CASE("a photograph stands upright, as its EXIF says") {
    constexpr unsigned red = 0x800000, green = 0x008000, blue = 0x000080, white = 0x808080;
    const auto [orientation, upright] = GENERATE(table<char, std::vector<unsigned>>({{1, {red, green, blue, white}},
                                                                                     {2, {green, red, white, blue}},
                                                                                     {3, {white, blue, green, red}},
                                                                                     {4, {blue, white, red, green}},
                                                                                     {5, {red, blue, green, white}},
                                                                                     {6, {blue, red, white, green}},
                                                                                     {7, {white, green, blue, red}},
                                                                                     {8, {green, white, red, blue}}}));
    CAPTURE(int(orientation));
    av_log_set_level(AV_LOG_QUIET);
    core::TemporaryFolder folder;
    const auto path = (folder.path() / "photo.jpg").string();
    REQUIRE(helper::write_image(*four_colours(), path, "jpeg"));
    auto bytes = *core::read_file(path);
    std::string exif(
        "\xff\xe1\0\x22"
        "Exif\0\0"
        "MM\0\x2a\0\0\0\x08"
        "\0\x01"
        "\x01\x12\0\x03\0\0\0\x01\0?\0\0"
        "\0\0\0\0",
        36);
    exif[exif.find('?')] = orientation;
    bytes.insert(2, exif);
    REQUIRE(core::write_file(path, bytes, core::Existing::replace));
    CHECK(quarters(path) == upright);
}

TEST_CASE("through a transparent image a neutral ground is seen") {
    core::TemporaryFolder folder;
    const auto path = (folder.path() / "a.png").string();
    const auto [alpha, last] = GENERATE(table<unsigned, unsigned>({{255, 0xff}, {0, 0x80}, {128, 0xbf}}));
    const auto picture = four_colours(alpha);
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    const helper::CodecContext encoder(avcodec_alloc_context3(codec));
    encoder->width = encoder->height = 160, encoder->pix_fmt = AV_PIX_FMT_RGBA, encoder->time_base = {1, 1};
    REQUIRE(avcodec_open2(encoder.get(), codec, nullptr) >= 0);
    auto rgba = helper::convert(*picture, 160, 160, AV_PIX_FMT_RGBA);
    REQUIRE(rgba);
    const helper::Packet packet(av_packet_alloc());
    REQUIRE(avcodec_send_frame(encoder.get(), rgba->get()) >= 0);
    REQUIRE(avcodec_send_frame(encoder.get(), nullptr) >= 0);
    REQUIRE(avcodec_receive_packet(encoder.get(), packet.get()) >= 0);
    REQUIRE(core::write_file(path, std::string(reinterpret_cast<const char*>(packet->data), std::size_t(packet->size)), core::Existing::replace));

    auto plate = helper::Plate::open(path, {120, 120});
    REQUIRE(plate);
    helper::Canvas canvas({120, 120});
    helper::Camera camera;
    camera.focal = 100, camera.centre = {60, 60};
    plate->draw(canvas, camera, camera, 1);
    const unsigned pixel = canvas.row(100)[100];  // of the white quarter
    CAPTURE(alpha, pixel);
    CHECK(std::abs(int(pixel >> 16 & 255) - int(last)) <= 2);
    CHECK(std::abs(int(pixel & 255) - int(last)) <= 2);
    CHECK(pixel >> 24 == 255);
}

TEST_CASE("a broken plate is a usage error") {
    core::TemporaryFolder folder;
    auto job = small(folder);
    auto path = folder.path() / "plate.png";
    SECTION("text") { REQUIRE(core::write_file(path, "this is no image", core::Existing::replace)); }
    SECTION("a cut PNG") { REQUIRE(core::write_file(path, std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 18), core::Existing::replace)); }
    SECTION("a playlist that points elsewhere") { REQUIRE(core::write_file(path, "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.png\n", core::Existing::replace)); }
    SECTION("nothing there") {}
    job["plate"] = path.string();
    auto result = try_render(job);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "a.mp4"));
}

TEST_CASE("frames, thumbnail and sprite sheet come out in their formats") {
    core::TemporaryFolder folder;
    auto job = small(folder);
    render(job);
    auto file = [&](const char* name) { return (folder.path() / name).string(); };
    auto made = helper::frames({{"input", job["output"]}, {"frames", {{{"at", 0.25}, {"output", file("a.png")}}, {{"at", "last"}, {"output", file("b.part")}, {"format", "jpeg"}}}}}, [](double) {});
    REQUIRE(made);
    CHECK((*made)["written"][0]["width"] == 192);
    CHECK(core::read_file(file("a.png"))->substr(1, 3) == "PNG");
    CHECK(core::read_file(file("b.part"))->substr(0, 2) == "\xff\xd8");
    REQUIRE(helper::frames({{"input", job["output"]}, {"variant", "thumbnail"}, {"output", file("t")}}, [](double) {}));
    CHECK(core::read_file(file("t"))->substr(8, 4) == "WEBP");
    REQUIRE(helper::frames({{"input", job["output"]}, {"variant", "spritesheet"}, {"output", file("s")}}, [](double) {}));
    CHECK(core::read_file(file("s"))->substr(0, 2) == "\xff\xd8");
    CHECK_FALSE(helper::frames({{"input", file("a.png")}, {"variant", "thumbnail"}, {"output", file("u")}}, [](double) {}));
}
