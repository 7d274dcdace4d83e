#include <algorithm>
#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "media/helper/figure.hpp"
#include "media/helper/job.hpp"
#include "media/helper/lexicon.hpp"
#include "media/helper/palette.hpp"
#include "media/helper/slate.hpp"

using namespace shotwire;
using namespace shotwire::media::helper;

namespace {

Shot shot_of(std::string subject, std::string action = "", std::string environment = "", std::string lighting = "", std::vector<std::string> camera = {}) {
    Shot shot;
    shot.subject = std::move(subject), shot.action = std::move(action), shot.environment = std::move(environment), shot.lighting = std::move(lighting);
    shot.camera = std::move(camera);
    return shot;
}

Shot prompt_of(std::string prompt) {
    Shot shot;
    shot.prompt = std::move(prompt);
    return shot;
}

}  // namespace

TEST_CASE("a caption lies inside the safe area, whatever is written") {
    Size size = GENERATE(Size{1280, 720}, Size{720, 1280}, Size{720, 720}, Size{320, 180}, Size{180, 320}, Size{4096, 256}, Size{256, 4096});
    std::string words, umlauts;
    for (int i = 0; i < 120; ++i) words += "a lantern sways ", umlauts += "Straßenüberquerung—écharpe ";
    Shot shot = GENERATE_COPY(shot_of("a woman in a red wool coat", "walks slowly", "a street", "lamps", {"handheld"}),
                              shot_of(words, words, words, "", {words}), shot_of(std::string(900, 'W')),
                              shot_of(umlauts, "", "東京の夜 – Łódź", "", {"пан"}), prompt_of(words), prompt_of("x\ny\tz \x1b[31m"));
    CAPTURE(to_string(size));
    auto lines = lay_out_caption(shot, size);
    REQUIRE_FALSE(lines.empty());
    for (const auto& line : lines) {
        CAPTURE(line.text);
        CHECK(line.x >= size.width * 0.04);
        CHECK(line.x + line.width <= size.width * 0.96 + 1);
        CHECK(line.y <= size.height * 0.96);
        CHECK(line.y - line.size >= size.height * 0.7);
        CHECK(core::is_utf8(line.text));
    }
    for (std::size_t i = 1; i < lines.size(); ++i) CHECK(lines[i].y - lines[i - 1].y >= lines[i].size);
}

TEST_CASE("a short shot is shown whole") {
    auto lines = lay_out_caption(shot_of("a woman in a red wool coat", "walks slowly through the rain", "", "", {"handheld"}), {720, 1280});
    std::string all;
    for (const auto& line : lines) all += line.text + " ";
    CHECK(all == "a woman in a red wool coat walks slowly through the rain handheld ");
}

TEST_CASE("what does not read as one sentence is parted by a mark") {
    auto first = [](std::string subject, std::string action) { return lay_out_caption(shot_of(std::move(subject), std::move(action)), {1280, 720}).front().text; };
    CHECK(first("a lighthouse", "its lamp turns once") == "a lighthouse, its lamp turns once");
    CHECK(first("a heron", "lifts off") == "a heron lifts off");
    CHECK(first("A heron.", "It lifts off.") == "A heron. It lifts off.");
    CHECK(first("a heron", "") == "a heron");
}

TEST_CASE("what the font has no letters for is left out, and seen to be") {
    auto first = [](std::string subject) { return lay_out_caption(shot_of(std::move(subject)), {1280, 720}).front().text; };
    CHECK(first("a cat (\u732b\u732b\u732b) and a bird \U0001F9A9") == "a cat ([…]) and a bird […]");
    CHECK(first("Łódź, Αθήνα, Москва: 21 °C – “größer”") == "Łódź, Αθήνα, Москва: 21 °C – “größer”");
}

TEST_CASE("title and caption are the user's words, not those that were composed of them") {
    auto job_of = [](json document) {
        document["output"] = "a.mp4";
        auto job = parse_animatic(document);
        REQUIRE(job);
        return *job;
    };
    auto caption = [](const Shot& shot) {
        std::string all;
        for (const auto& line : lay_out_caption(shot, {720, 1280})) all += line.text + " ";
        return all;
    };
    const std::string heron = "a heron lifts off from a misty lake at dawn";
    auto ours = job_of({{"prompt", "The camera slowly dollies in. " + heron}, {"shot", {{"prompt", heron}, {"camera", {"slow dolly in", "handheld"}}}}});
    CHECK(title(ours.shot) == heron);
    CHECK(caption(ours.shot) == heron + " slow dolly in, handheld ");
    CHECK(ours.motion.dolly > 0);
    CHECK(read_words(ours.shot).kind == Kind::bird);

    auto parts = job_of({{"prompt", "A dog. In a kitchen. Static."}, {"shot", {{"subject", "a dog"}, {"environment", "a kitchen"}, {"camera", {"static"}}}}});
    CHECK(title(parts.shot) == "a dog");
    CHECK(caption(parts.shot) == "a dog a kitchen static ");
    auto both = job_of({{"prompt", "It rains. A dog."}, {"shot", {{"prompt", "It rains"}, {"subject", "a dog"}}}});
    CHECK(caption(both.shot) == "a dog It rains ");
    auto place = job_of({{"prompt", "A kitchen. Static."}, {"shot", {{"environment", "a kitchen"}, {"camera", {"static"}}}}});
    CHECK(title(place.shot) == "a kitchen");
    CHECK(read_words(place.shot).place == Place::room);

    // Others send a prompt, and of our field at most a part.
    for (auto document : {json{{"prompt", heron + ", tilt up"}}, json{{"prompt", heron + ", tilt up"}, {"shot", {{"camera", json::array()}}}}}) {
        auto foreign = job_of(document);
        CHECK(title(foreign.shot) == heron);
        CHECK(foreign.motion.tilt > 0);
    }
}

TEST_CASE("every prompt that the server lets through is drawn, and soon") {
    std::string longest;
    for (int i = 0; i < 32000; ++i) longest += "\U0001F426";
    auto job = parse_animatic({{"output", "a.mp4"}, {"prompt", longest}, {"shot", {{"prompt", longest}, {"camera", {longest}}}}});
    REQUIRE(job);
    CHECK(job->shot.prompt == longest);
    CHECK_FALSE(lay_out_caption(job->shot, {1280, 720}).empty());
    Slate slate(job->shot, {1280, 720}, 4, 24, false);
    Canvas canvas({1280, 720});
    for (int frame = 0; frame < 24; ++frame) slate.draw(canvas, frame);
    longest += "?";
    CHECK_FALSE(parse_animatic({{"output", "a.mp4"}, {"prompt", longest}}));
}

TEST_CASE("however long one part is, each keeps its place in the caption") {
    std::string words;
    for (int i = 0; i < 120; ++i) words += "lanterns sway ";
    Size size = GENERATE(Size{1280, 720}, Size{720, 1280}, Size{640, 360}, Size{320, 180}, Size{213, 120});
    auto longest = GENERATE(0, 1, 2, 3, 4, 5);
    CAPTURE(to_string(size), longest);
    auto part = [&](int at, std::string text) { return longest == 5 || at == longest ? text + " " + words : text; };
    auto shot = shot_of(part(0, "Subject"), part(1, "action"), part(2, "place"), part(3, "light"), {part(4, "camera")});
    std::string all;
    for (const auto& line : lay_out_caption(shot, size)) all += line.text + " ";
    CAPTURE(all);
    for (auto* word : {"Subject", "action", "place", "light", "camera"}) {
        auto whole = longest == 5 && size.width < 640 ? std::string(word).substr(0, 3) : std::string(word);
        CHECK(all.find(whole) != std::string::npos);
    }
    CHECK(all.find("…") != std::string::npos);
}

TEST_CASE("the words of a shot decide the picture") {
    auto red = read_words(shot_of("a woman in a red wool coat", "walks slowly through the rain", "a cobblestone street in a European city at night",
                                  "amber lamplight, neon reflections in puddles", {"handheld tracking shot at shoulder height"}));
    CHECK(red.hour == Hour::night);
    CHECK(red.place == Place::street);
    CHECK((red.rain && red.neon && red.coat && red.lamps));
    CHECK(red.gait == Gait::walk);
    CHECK(red.kind == Kind::person);
    CHECK(red.garment.r > 2 * red.garment.g);
    CHECK(red.framing.eye == Approx(1.42));

    auto dog = read_words(prompt_of("a brown dog runs along the beach at sunset, wide shot"));
    CHECK(dog.kind == Kind::animal);
    CHECK(dog.gait == Gait::run);
    CHECK(dog.hour == Hour::golden);
    CHECK(dog.water);
    CHECK(dog.framing.share < 0.4);

    auto train = read_words(prompt_of("a train in training"));
    CHECK_FALSE(train.rain);
    CHECK(train.kind == Kind::object);
    CHECK(read_words(prompt_of("an old man drinks coffee in a kitchen")).place == Place::room);
    CHECK(read_words(shot_of("", "", "a valley", "overcast")).hour == Hour::overcast);
}

TEST_CASE("the framing is the first that is named, by its whole name") {
    auto share = [](std::string camera) { return read_words(shot_of("a man", "", "", "", {std::move(camera)})).framing.share; };
    const double tightest[] = {share("extreme close-up"), share("close-up"), share("medium close-up"), share("medium shot"), share("medium wide shot"), share("full shot"), share("wide shot"), share("extreme wide shot")};
    CHECK(std::is_sorted(std::rbegin(tightest), std::rend(tightest), std::less_equal<>()));
    CHECK(share("slow push in, Close-Up of his face") == share("close-up"));
    CHECK(share("from a wide shot to a close-up") == share("wide shot"));
    CHECK(share("handheld") == Framing{}.share);
}

TEST_CASE("a bird is a bird, and does what is said of it") {
    auto heron = read_words(shot_of("a grey heron", "lifts off and glides low over the water", "a misty lake, reeds in front", "soft dawn light"));
    CHECK(heron.kind == Kind::bird);
    CHECK(heron.plumage == Plumage::wader);
    CHECK(heron.flight == Flight::lifts_off);
    CHECK(heron.water);
    CHECK(read_words(prompt_of("a heron lifts off from a misty lake")).flight == Flight::lifts_off);
    CHECK(read_words(prompt_of("a gull lands on a pier")).flight == Flight::lands);
    CHECK(read_words(shot_of("an eagle", "soars")).flight == Flight::flies);
    CHECK(read_words(shot_of("a raven", "stands")).flight == Flight::none);
    CHECK(read_words(shot_of("a swan")).plumage == Plumage::swimmer);
    // Near misses.
    CHECK(read_words(shot_of("a boy who feeds the birds", "walks")).kind == Kind::person);
    CHECK(read_words(prompt_of("an old lighthouse, gulls around it")).kind == Kind::structure);
    CHECK(read_words(shot_of("a heron under a tree")).kind == Kind::bird);
    CHECK(read_words(shot_of("a statue of an eagle")).kind == Kind::structure);
    auto pilot = read_words(shot_of("a man", "flies a kite"));
    CHECK(pilot.kind == Kind::person);
    CHECK(pilot.flight == Flight::none);
}

TEST_CASE("what lifts off leaves the ground, what lands comes down to it") {
    auto heights = [](const char* action) {
        auto mood = read_words(shot_of("a grey heron", action));
        Walk walk(mood, {}, 5.7, 16.0 / 9, 4);
        std::vector<double> all;
        for (double t = 0; t <= 4; t += 0.25) all.push_back(walk.at(t).at.y);
        return all;
    };
    auto up = heights("lifts off"), down = heights("lands"), level = heights("flies"), still = heights("stands");
    CHECK(up.front() == 0);
    CHECK(up.back() > 0.8);
    CHECK(std::is_sorted(up.begin(), up.end()));
    CHECK(down.front() > 0.8);
    CHECK(down.back() == Approx(0).margin(1e-9));
    CHECK(std::is_sorted(down.rbegin(), down.rend()));
    CHECK(*std::min_element(level.begin(), level.end()) > 0.5);
    CHECK(*std::max_element(still.begin(), still.end()) == 0);
}

TEST_CASE("a ground has the colour of its words, in the light of the hour") {
    auto ground = [](std::string place, std::string light = "noon sun") { return palette_of(read_words(shot_of("a man", "stands", std::move(place), std::move(light)))).ground; };
    auto brightness = [](Color c) { return c.r + c.g + c.b; };
    auto red = ground("a red desert"), desert = ground("a desert"), snow = ground("an arctic plain"), meadow = ground("a meadow"), forest = ground("a pine forest"), sand = ground("a wide beach"),
         mountain = ground("a mountain pass"), room = ground("a kitchen"), street = ground("a city street");
    CHECK(red.r > 1.6 * red.g);
    CHECK(desert.r > desert.g);
    CHECK(desert.g > 1.3 * desert.b);
    CHECK(red.g < desert.g);
    CHECK(brightness(snow) > 2.4);
    CHECK(meadow.g > meadow.r);
    CHECK(meadow.g > meadow.b);
    CHECK(brightness(forest) < 0.75 * brightness(meadow));
    CHECK(brightness(sand) > brightness(desert));
    CHECK(std::abs(mountain.r - mountain.g) < 0.05);
    CHECK(brightness(street) < brightness(sand));
    CHECK(brightness(room) < brightness(sand));
    for (auto* place : {"a red desert", "an arctic plain", "a meadow", "a pine forest", "a beach", "a mountain pass", "a wheat field", "lava", "a rocky headland", "black sand"})
        for (auto* light : {"noon sun", "golden hour", "blue dusk", "moonlight", "overcast"}) {
            CAPTURE(place, light);
            auto c = ground(place, light);
            for (double value : {c.r, c.g, c.b}) CHECK((value >= 0 && value <= 1));
        }
    CHECK(brightness(ground("an arctic plain", "moonlight")) < 0.5 * brightness(snow));
    CHECK(brightness(ground("black sand")) < brightness(sand));
    CHECK(read_words(shot_of("a dog", "", "a room full of sand")).ground == std::nullopt);
}

TEST_CASE("a figure that stands in for what the words name says so") {
    auto stands_in = [](const char* subject, const char* action = "") { return read_words(shot_of(subject, action)).stands_in; };
    for (auto* subject : {"a red kite", "a steam train", "a rowing boat", "boats", "two women", "three herons", "a couple in the rain", "a crowd"}) {
        CAPTURE(subject);
        CHECK(stands_in(subject));
    }
    CHECK(stands_in("a steam train", "runs through a valley"));  // drawn as somebody who runs
    for (auto* several : {"three women", "two boys", "a crowd"}) CHECK(read_words(shot_of(several, "argue")).kind == Kind::person);
    for (auto* subject : {"a woman in a red wool coat", "a grey heron", "a fox", "a lighthouse", "a yellow taxi", "an old man with two dogs", "a man in a group of trees"}) {
        CAPTURE(subject);
        CHECK_FALSE(stands_in(subject));
    }

    Size size = GENERATE(Size{1280, 720}, Size{180, 320});
    Canvas plain(size), said(size);
    plain.clear(), said.clear();
    auto shot = shot_of("a kite", "climbs");
    Slate(shot, size, 4, 24, false).draw(plain, 90);
    Slate(shot, size, 4, 24, true).draw(said, 90);
    int left = size.width, right = 0, top = size.height, bottom = 0;  // of what differs
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (plain.row(y)[x] != said.row(y)[x]) left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
    CHECK(bottom > top);
    CHECK(top > size.height * 0.045);
    CHECK(bottom < size.height * 0.16);
    CHECK(left >= size.width * 0.03);
    CHECK(right < size.width * 0.6);
}
