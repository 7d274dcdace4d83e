#include <algorithm>
#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "media/helper/figure.hpp"
#include "media/helper/job.hpp"
#include "media/helper/lexicon.hpp"
#include "media/helper/palette.hpp"
#include "media/helper/scene.hpp"
#include "media/helper/script.hpp"
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

TEST_CASE("a title is of the shot, not of its camera") {
    CHECK(title(prompt_of("Wide shot. A heron lifts off, slowly.")) == "A heron lifts off");
    CHECK(title(prompt_of("Extreme close-up, handheld: a heron")) == "a heron");
    CHECK(title(prompt_of("Subject: a heron\nAction: lifts off")) == "a heron");
    CHECK(title(prompt_of("Wide shot of a heron, dawn")) == "Wide shot of a heron");
    CHECK(title(prompt_of("Wide shot.")) == "Wide shot");
    CHECK(title(prompt_of("")) == "");
}

TEST_CASE("what is read from right to left is set so") {
    CHECK(as_seen("a woman (1948) walks") == "a woman (1948) walks");
    CHECK(as_seen("\u05d0\u05d1\u05d2") == "\u05d2\u05d1\u05d0");
    CHECK(as_seen("\u05d0\u05d1 (12) abc \u05d2") == "\u05d2 abc (12) \u05d1\u05d0");
    CHECK(as_seen("abc \u05d0\u05d1 \u05d2\u05d3 12") == "abc 12 \u05d3\u05d2 \u05d1\u05d0");
    CHECK(as_seen("\u05d0\u05b8\u05d1") == "\u05d1\u05d0\u05b8");  // a vowel stays at its letter
    CHECK(with_joined_letters("a heron") == "a heron");
    CHECK(with_joined_letters("\u0628\u0628\u0628") == "\ufe91\ufe92\ufe90");
    CHECK(with_joined_letters("\u0628\u0627\u0628 \u0628") == "\ufe91\ufe8e\ufe8f \ufe8f");  // an alef joins only what is before it
    CHECK(with_joined_letters("\u0633\u0644\u0627\u0645") == "\ufeb3\ufefc\ufee1");
    CHECK(lay_out_caption(shot_of("\u05d0\u05d1"), {1280, 720}).front().text == "\u05d0\u05d1");
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

TEST_CASE("ordinary words of light tell the hour") {
    auto hour = [](std::string light, std::string place = "a meadow") { return read_words(shot_of("a man", "stands", std::move(place), std::move(light))).hour; };
    for (auto* light : {"setting sun", "rising sun", "last light of day", "sun setting behind the hills", "warm backlight", "low golden sun from behind", "golden hour"}) {
        CAPTURE(light);
        CHECK(hour(light) == Hour::golden);
        CHECK(read_words(prompt_of(std::string("a man in a meadow, ") + light)).hour == Hour::golden);
    }
    for (auto* light : {"firelight from a campfire", "torchlight", "streetlamps", "a single street lamp", "full moon", "stars", "after dark", "pitch black", "black sky", "headlights in the dark", "moonlight"}) {
        CAPTURE(light);
        CHECK(hour(light) == Hour::night);
        CHECK(read_words(prompt_of(std::string("a man in a meadow, ") + light)).hour == Hour::night);
    }
    CHECK(hour("dark") == Hour::night);
    CHECK(hour("one amber street lamp, wet reflections", "a city street") == Hour::night);
    // What the place says of the hour goes before a sun that may stand anywhere.
    CHECK(hour("low golden sun from behind", "a beach at sunset") == Hour::golden);
    CHECK(hour("sun from behind", "a beach at sunset") == Hour::golden);
    CHECK(hour("bright sun", "a street with neon signs") == Hour::day);
    CHECK(hour("blue hour") == Hour::blue);
    CHECK(hour("blue dusk", "a street at night") == Hour::blue);
    CHECK(hour("dusk") == Hour::dusk);
    // Near misses.
    CHECK(hour("noon sun, dark shadows") == Hour::day);
    CHECK(hour("dark clouds") == Hour::overcast);
    CHECK(hour("soft daylight") == Hour::overcast);
    CHECK(hour("", "a dark forest") == Hour::day);
    CHECK(read_words(shot_of("a woman in a dark coat", "walks", "a street")).hour == Hour::day);
    CHECK(read_words(shot_of("a night nurse", "walks", "a street", "bright sun")).hour == Hour::day);
    CHECK(read_words(shot_of("a golden retriever", "runs", "a meadow")).hour == Hour::day);
}

TEST_CASE("the blue hour is blue") {
    for (auto* light : {"blue hour", "blue dusk"}) {
        const auto p = palette_of(read_words(shot_of("a man", "", "a city street", light)));
        for (auto c : {p.zenith, p.horizon, p.air, p.mass, p.key}) CHECK((c.b > c.r && c.b > c.g && c.g > c.r));
        CHECK(read_words(shot_of("a man", "", "a city street", light)).lamps);
    }
}

TEST_CASE("lamps, a fire and a moon are where the words put them") {
    auto lights = [](const char* place, const char* light) { return build_scene(read_words(shot_of("a man", "stands", place, light)), 3, {0, 1.5, -5.7}).lights.size(); };
    CHECK(lights("a meadow", "moonlight") == 0);
    CHECK(lights("the sea", "full moon") == 0);
    CHECK(lights("a meadow", "stars") == 0);
    CHECK(lights("a meadow at night", "lantern light") == 1);
    CHECK(lights("a meadow", "firelight from a campfire") == 1);
    CHECK(lights("a city street", "moonlight") > 5);
    auto moon = [](const char* light) { return palette_of(read_words(shot_of("a man", "stands", "a meadow", light))); };
    // In the picture: its half is 17 degrees high, and upright 19 wide.
    CHECK(moon("moonlight").sun_height < 0.25);
    CHECK(moon("moonlight").sun_right < 0.3);
    CHECK(moon("moonlight").sun.b > moon("moonlight").sun.r);
    CHECK(moon("stars").sun_height > 0.3);
    CHECK(build_scene(read_words(shot_of("a man", "", "a meadow", "moonlight")), 3, {0, 1.5, -5.7}).stars);
}

TEST_CASE("a sea is no lawn, and no tree stands in it") {
    auto place = [](const char* words) { return read_words(shot_of("a man", "stands", words)); };
    CHECK(place("the middle of the ocean").afloat);
    CHECK(place("a lake").water);
    CHECK(place("a lake").shore < 5);
    CHECK(place("a lake, hills behind").shore < 5);
    CHECK(place("a meadow by a lake").shore > 10);
    CHECK(place("a beach by the sea").shore > 10);
    CHECK_FALSE(place("the sea").afloat);
    CHECK_FALSE(place("a meadow").water);
    const auto sea = build_scene(place("the middle of the ocean"), 3, {0, 1.5, -5.7});
    CHECK(sea.solids.empty());
    CHECK(sea.palette.ground.b > sea.palette.ground.r);
    // What stands upright before the far shore: trees, on land.
    for (const auto& solid : build_scene(place("a lake"), 3, {0, 1.5, -5.7}).solids)
        if (solid.anchor.length() < 90) CHECK(solid.anchor.z < place("a lake").shore);
}

TEST_CASE("the subject goes where the words send it") {
    auto way = [](const char* action, shot::Motion motion = {}, const char* subject = "a man") {
        const auto mood = read_words(shot_of(subject, action, "a city street"));
        return Walk(mood, motion, 5.7, 16.0 / 9, 4).travelled(4);
    };
    for (auto* action : {"walks from right to left", "walks left", "walks slowly to the left", "runs leftwards", "walks from the right"}) {
        CAPTURE(action);
        CHECK(way(action).x < -1);
        CHECK(way(action, {.truck = 0.5}).x < -1);
    }
    for (auto* action : {"walks", "walks from left to right", "walks to the right", "walks with his left hand raised", "walks along, the left shoe in hand"}) {
        CAPTURE(action);
        CHECK(way(action).x > 1);
    }
    CHECK(way("walks", {.truck = -0.5}).x < -1);
    CHECK(way("flies left", {}, "a gull").x < -1);
    CHECK(way("walks towards the camera").z < -1.5);
    CHECK(way("walks away from the camera").z > 2);
    CHECK(std::abs(way("walks away from the camera").x) < 1);
    CHECK(read_words(prompt_of("a man walks in a street, the camera pans to the left")).course == Course::any);

    auto heading = [](const char* action, const char* subject = "a fox") { return Walk(read_words(shot_of(subject, action)), {}, 5.7, 16.0 / 9, 4).at(0).heading; };
    CHECK(heading("facing left") == -heading("stands"));
    CHECK(heading("facing left", "a man") == -heading("stands", "a man"));
    CHECK(heading("stands to the left of the door", "a man") == heading("stands", "a man"));
    // A bus is longer than a street is wide.
    CHECK(std::abs(way("drives", {}, "a bus").x) < 3);
}

TEST_CASE("who sits is drawn so, another pose says that the figure stands in") {
    const auto sits = read_words(shot_of("a woman", "sits by the window"));
    CHECK(sits.sits);
    CHECK_FALSE(sits.stands_in);
    CHECK(sits.gait == Gait::still);
    CHECK(sits.framing.tall < 1.4);
    for (auto [subject, action] : {std::pair{"a woman", "lies in the grass"}, {"a boy", "jumps"}, {"a man", "swims"}, {"a man", "kneels"}, {"a dog", "sits"}, {"a dog", "swims"}}) {
        CAPTURE(subject, action);
        CHECK(read_words(shot_of(subject, action)).stands_in);
    }
    for (auto [subject, action] : {std::pair{"a woman", "walks"}, {"a man", "stands"}, {"a dog", "runs"}, {"a lighthouse", "lies in fog"}}) CHECK_FALSE(read_words(shot_of(subject, action)).stands_in);
}

TEST_CASE("an animal and a vehicle have what is their own") {
    auto beast = [](const char* subject) { return read_words(shot_of(subject, "walks")).beast; };
    CHECK(beast("a dog").tall() == 1);
    CHECK(beast("a cat").tall() < 0.7);
    CHECK(beast("a fox").ears == Ears::pricked);
    CHECK(beast("an elephant").trunk);
    CHECK(beast("an elephant").tall() > 2.4);
    CHECK(beast("a camel").hump);
    CHECK(beast("a horse").tall() > 1.8);
    CHECK(beast("a camel beside a dog").hump);
    CHECK(read_words(shot_of("an elephant")).framing.tall > 2.4);
    auto coach = [](const char* subject) { return read_words(shot_of(subject, "drives")).coach; };
    CHECK(coach("a car").tall == 0);
    CHECK(coach("a bus").is_long());
    CHECK(coach("a truck").cab);
    CHECK(read_words(shot_of("a bus")).framing.wide > 8);
}

TEST_CASE("where a camera is, and its lens, is no framing") {
    auto framing = [](std::string camera) { return read_words(shot_of("a man", "", "", "", {std::move(camera)})).framing; };
    for (auto* camera : {"tracking shot at waist height", "tracking shot at shoulder height", "camera close to the ground, wide lens", "follows close behind", "waist-high, handheld"}) {
        CAPTURE(camera);
        CHECK(framing(camera).share == Framing{}.share);
    }
    CHECK(framing("camera close to the ground").eye < 0.6);
    CHECK(framing("waist shot").share == framing("medium shot").share);
    CHECK(framing("close, handheld").share == framing("close-up").share);
    CHECK(framing("wide").share == framing("wide shot").share);
    // In a story such words are said of other things.
    CHECK(read_words(prompt_of("a man close to a wide river, waist deep in grass")).framing.share == Framing{}.share);
    CHECK(read_words(prompt_of("wide shot of a man")).framing.share == framing("wide shot").share);
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
