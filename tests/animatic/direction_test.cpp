#include "animatic/motion.hpp"
#include "media/helper/animatic.hpp"
#include "media/helper/lexicon.hpp"
#include "shot/camera.hpp"

using namespace animatic_test;
using namespace shotwire;

namespace {

// Shifts between two pictures in the middle of a clip of one second with that camera, as decoded from the MP4.
std::vector<Shift> measured(const std::string& camera, int step = 2) {
    core::TemporaryFolder folder;
    auto path = (folder.path() / "a.mp4").string();
    render({{"output", path}, {"width", 480}, {"height", 270}, {"seconds", 1.5}, {"seed", 3}, {"audio", false}, {"overlay", false},
            {"shot", {{"subject", "a woman"}, {"action", "stands still"}, {"environment", "a meadow with trees"}, {"lighting", "bright day"}, {"camera", {camera}}}}});
    auto pictures = decode(path);
    REQUIRE(pictures.size() == 36);
    auto all = shifts(pictures[17], pictures[std::size_t(17 + step)]);
    CAPTURE(camera, all.size());
    REQUIRE(all.size() > 20);
    return all;
}

}  // namespace

TEST_CASE("a pan moves the picture against itself") {
    CHECK(across(measured("pan right", 1)) < -3);
    CHECK(across(measured("pan left", 1)) > 3);
    CHECK(std::abs(down(measured("pan right", 1))) <= 1);
}

TEST_CASE("a tilt moves the picture against itself") {
    CHECK(down(measured("tilt up", 1)) > 2);
    CHECK(down(measured("tilt down", 1)) < -2);
    CHECK(std::abs(across(measured("tilt up", 1))) <= 1);
}

TEST_CASE("a truck moves what is near and leaves what is far") {
    for (auto [camera, sign] : {std::pair{"truck right", -1.0}, {"truck left", 1.0}}) {
        CAPTURE(camera);
        auto all = measured(camera);
        double far = sign * across(above(all, 0)), near = sign * across(below(all, 35));
        CHECK(near > 4);
        CHECK(far < near / 2);
        CHECK(far >= 0);
    }
}

TEST_CASE("a dolly grows what is near more than what is far") {
    auto in = measured("dolly in", 3);
    CHECK(growth(below(in, 35)) > 0.02);
    CHECK(growth(below(in, 35)) > 2 * growth(above(in, 0)));
    auto out = measured("dolly out", 3);
    CHECK(growth(below(out, 35)) < -0.02);
    CHECK(growth(below(out, 35)) < 2 * growth(above(out, 0)));
}

TEST_CASE("a zoom grows near and far alike") {
    auto in = measured("zoom in", 3);
    double far = growth(above(in, 0)), near = growth(below(in, 35));
    CHECK(far > 0.02);
    CHECK(near > 0.02);
    CHECK(std::abs(near - far) < 0.35 * std::max(near, far));
    CHECK(growth(measured("zoom out", 3)) < -0.02);
}

TEST_CASE("a pedestal lifts the view off the ground") {
    CHECK(down(below(measured("pedestal up"), 35)) > 2);
    CHECK(down(below(measured("pedestal down"), 35)) < -2);
}

TEST_CASE("a static camera does not move a pixel of the set") {
    auto all = measured("static", 6);
    CHECK(across(all) == 0);
    CHECK(down(all) == 0);
    CHECK(std::count_if(all.begin(), all.end(), [](const Shift& s) { return s.dx != 0 || s.dy != 0; }) <= std::ptrdiff_t(all.size() / 50));
}

TEST_CASE("every move of the vocabulary has finite cameras above the ground, and all but static and rack focus move") {
    for (const auto& move : shot::vocabulary()) {
        CAPTURE(std::string(move.id));
        helper::AnimaticJob job;
        job.size = {320, 180}, job.frames = 24;
        job.shot.subject = "a woman", job.shot.action = "walks", job.shot.camera = {std::string(move.name)};
        job.motion = shot::combine(job.shot.camera);
        auto animatic = helper::Animatic::prepare(job);
        REQUIRE(animatic);
        auto first = animatic->view(0), last = animatic->view(23);
        for (int frame = 0; frame < 24; ++frame) {
            auto camera = animatic->view(frame).camera;
            for (double value : {camera.position.x, camera.position.y, camera.position.z, camera.yaw, camera.pitch, camera.focal}) CHECK(std::isfinite(value));
            CHECK(camera.position.y > 0.1);
            CHECK(camera.focal > 10);
        }
        double moved = (last.camera.position - first.camera.position).length() + std::abs(last.camera.yaw - first.camera.yaw) +
                       std::abs(last.camera.pitch - first.camera.pitch) + std::abs(std::log(last.camera.focal / first.camera.focal));
        if (move.id == "static" || move.id == "rack_focus") CHECK(moved == 0);
        else CHECK(moved > 0.001);
        auto stage = animatic->stage();
        helper::Canvas canvas(job.size);
        animatic->draw(stage, canvas, 23);
        int darkest = 255, brightest = 0;
        for (int x = 0; x < 320; ++x)
            for (int y = 0; y < 180; ++y) darkest = std::min(darkest, int(canvas.row(y)[x] >> 8 & 255)), brightest = std::max(brightest, int(canvas.row(y)[x] >> 8 & 255));
        CHECK(brightest - darkest > 40);
    }
}

TEST_CASE("the subject stands above the caption at the start of every move but POV") {
    Size size = GENERATE(Size{1280, 720}, Size{720, 1280}, Size{720, 720});
    std::string subject = GENERATE("a woman", "an old lighthouse");
    for (const auto& move : shot::vocabulary()) {
        if (move.id == "pov") continue;
        CAPTURE(std::string(move.id), subject, to_string(size));
        helper::AnimaticJob job;
        job.size = size, job.frames = 24;
        job.shot.subject = subject, job.shot.action = "stands", job.shot.camera = {std::string(move.name)};
        job.motion = shot::combine(job.shot.camera);
        auto animatic = helper::Animatic::prepare(job);
        REQUIRE(animatic);
        auto camera = animatic->view(0).camera;
        CHECK(camera.project(camera.to_view({})).y < helper::caption_top(job.shot, job.size));
    }
}

TEST_CASE("each framing shows what its name says, and no caption covers the face") {
    struct Asked {
        const char* framing;
        double shown, hidden;  // metres of a person of 1.74: the lowest part that is seen above the caption, and one that is not
    };
    const auto asked = GENERATE(values<Asked>({{"extreme close-up", 1.48, 1.2}, {"close-up", 1.38, 1.0}, {"medium close-up", 1.25, 0.88}, {"medium shot", 1.03, 0.5}, {"medium wide shot", 0.5, 0.1}, {"full shot", 0, -1}, {"wide shot", 0, -1}}));
    const Size size = GENERATE(Size{1280, 720}, Size{720, 1280}, Size{720, 720});
    const std::string angle = GENERATE("static", "low angle", "high angle");
    CAPTURE(asked.framing, angle, to_string(size));
    helper::AnimaticJob job;
    job.size = size, job.frames = 24;
    job.shot.subject = "a woman", job.shot.action = "looks at us", job.shot.environment = "a kitchen by the window", job.shot.camera = {asked.framing, angle};
    job.motion = shot::combine(job.shot.camera);
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    const auto camera = animatic->view(0).camera;
    auto row = [&](double height) { return camera.project(camera.to_view({0, height, 0})).y / size.height; };
    const double caption = helper::caption_top(job.shot, size) / size.height;
    CHECK(row(1.74) > 0.05);
    CHECK(row(1.48) < caption);
    if (angle != "static") return;
    CHECK(row(asked.shown) < caption);
    CHECK(row(asked.hidden) > (asked.hidden < 0 ? row(0) : caption));
    if (asked.framing == std::string("extreme close-up")) CHECK(row(1.48) - row(1.74) > 0.5);
    if (asked.framing == std::string("close-up")) CHECK(row(1.48) - row(1.74) > 0.35);
    // Nearer, a nose would be as large as a head.
    CHECK((camera.position - helper::Vec3{0, 1.6, 0}).length() > 1);
}

TEST_CASE("a move towards a tightly framed head does not lose it") {
    const std::string framing = GENERATE("medium shot", "close-up"), move = GENERATE("dolly in", "zoom in", "low angle, dolly in");
    CAPTURE(framing, move);
    helper::AnimaticJob job;
    job.frames = 24;
    job.shot.subject = "a woman", job.shot.camera = {framing, move};
    job.motion = shot::combine(job.shot.camera);
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    for (int frame : {0, 12, 23}) {
        const auto camera = animatic->view(frame).camera;
        CHECK(camera.project(camera.to_view({0, 1.74, 0})).y / job.size.height == Approx(0.13).margin(0.01));
    }
}

TEST_CASE("a close-up begins above the head of whatever it shows, and keeps it in the picture") {
    const std::string subject = GENERATE("a boy", "a brown dog", "a heron", "a gull"), action = GENERATE("waits", "walks slowly");
    const Size size = GENERATE(Size{1280, 720}, Size{720, 1280}, Size{720, 720});
    CAPTURE(subject, action, to_string(size));
    Shot shot;
    shot.subject = subject, shot.action = action, shot.camera = {"close-up"};
    const auto mood = helper::read_words(shot);
    const helper::CameraPath path({}, mood.framing, size, 4, 1, size.height);
    const helper::Walk walk(mood, {}, path.reach(), double(size.width) / size.height, 4);
    const auto camera = path.at(0, {}).camera;
    for (double seconds : {0.0, 2.0, 4.0}) {
        const auto pose = walk.at(seconds);
        const auto ahead = helper::Vec3{std::sin(pose.heading), 0, std::cos(pose.heading)} * mood.framing.ahead;
        const auto head = camera.project(camera.to_view(pose.at + ahead + helper::Vec3{0, mood.framing.tall, 0}));
        CHECK(head.y / size.height == Approx(0.13).margin(0.02));
        CHECK(std::abs(head.x / size.width - 0.5) < 0.36);
    }
    CHECK(mood.framing.tall < (subject == "a boy" ? 1.4 : 1.2));
}

TEST_CASE("a bird is drawn where it is, and alike each time") {
    helper::AnimaticJob job;
    job.size = {320, 180}, job.frames = 48, job.overlay = false;
    job.shot.subject = "a white heron", job.shot.action = "lifts off", job.shot.environment = "a dark forest", job.shot.camera = {"static"};
    job.motion = shot::combine(job.shot.camera);
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    auto stage = animatic->stage(), other = animatic->stage();
    auto pixels = [&](helper::Stage& on, int frame) {
        helper::Canvas canvas(job.size);
        animatic->draw(on, canvas, frame);
        std::vector<std::uint32_t> all;
        for (int y = 0; y < job.size.height; ++y) all.insert(all.end(), canvas.row(y), canvas.row(y) + job.size.width);
        return all;
    };
    auto last = pixels(stage, 47), first = pixels(stage, 0);
    CHECK(pixels(other, 0) == first);
    CHECK(pixels(stage, 47) == last);
    // The set does not move: what differs is the bird, higher up at the end.
    auto row = [&](const std::vector<std::uint32_t>& mine, const std::vector<std::uint32_t>& theirs) {
        double sum = 0, count = 0;
        for (std::size_t i = 0; i < mine.size(); ++i)
            if ((mine[i] >> 8 & 255) > (theirs[i] >> 8 & 255) + 40) sum += double(i / std::size_t(job.size.width)), ++count;
        REQUIRE(count > 30);
        return sum / count;
    };
    CHECK(row(last, first) + 20 < row(first, last));
}

TEST_CASE("an orbit keeps the subject in the middle") {
    helper::AnimaticJob job;
    job.frames = 24;
    job.motion = {.orbit = 60};
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    for (int frame : {0, 12, 23}) {
        auto camera = animatic->view(frame).camera;
        auto view = camera.to_view({0, 1.5, 0});
        CHECK(std::abs(view.x) < 1e-6);
        CHECK(view.z == Approx(animatic->view(0).camera.to_view({0, 1.5, 0}).z));
    }
    CHECK(animatic->view(23).camera.position.x > 1);
}

TEST_CASE("a rack focus sharpens the subject as time goes on") {
    helper::AnimaticJob job;
    job.frames = 24;
    job.motion = {.focus = 1};
    auto animatic = helper::Animatic::prepare(job);
    REQUIRE(animatic);
    CHECK(animatic->view(0).defocus > 0.9);
    CHECK(animatic->view(23).defocus < 0.01);
    CHECK(animatic->view(23).foreground_defocus > 0.9);
}
