// Published input schemas, in the style of several makers, as rows of the catalogue.
#include "backend/described.hpp"

#include <catch2/catch.hpp>

#include "catalog/catalog.hpp"
#include "catalog/plan.hpp"
#include "catalog/row.hpp"

using namespace shotwire;
using namespace shotwire::backend;

namespace {

// A document as fal publishes it for one endpoint, under the name of another application.
json document_of(const json& properties, const json& required = {"prompt"}, const json& output = {{"video", {{"$ref", "#/components/schemas/File"}}}}) {
    const auto body = [](const char* name) { return json{{"content", {{"application/json", {{"schema", {{"$ref", std::string("#/components/schemas/") + name}}}}}}}}; };
    return {{"openapi", "3.0.4"},
            {"components",
             {{"schemas",
               {{"File", {{"type", "object"}, {"properties", {{"url", {{"type", "string"}}}}}}},
                {"Ratio", {{"type", "string"}, {"enum", {"16:9", "9:16"}}}},
                {"Circle", {{"allOf", {{{"$ref", "#/components/schemas/Circle"}}, {{"$ref", "#/components/schemas/Circle"}}}}}},
                {"QueueStatus", {{"type", "object"}, {"properties", {{"status", {{"type", "string"}}}}}}},
                {"TheInput", {{"type", "object"}, {"properties", properties}, {"required", required}}},
                {"TheOutput", {{"type", "object"}, {"properties", output}}}}}}},
            {"paths",
             {{"/maker/application", {{"post", {{"requestBody", body("TheInput")}, {"responses", {{"200", body("QueueStatus")}}}}}}},
              {"/maker/application/requests/{request_id}", {{"get", {{"responses", {{"200", body("TheOutput")}}}}}}}}}};
}

Result<json> described(const json& document) {
    auto input = input_of_endpoint(document, "/maker/model");
    if (!input) return input.error();
    return described_row(*input, "maker/model", "fal");
}

// The row, which the catalogue must take, and the form in it.
struct Described {
    explicit Described(const json& properties, const json& required = {"prompt"}) {
        auto made = described(document_of(properties, required));
        INFO((made ? "" : made.error().message));
        REQUIRE(made);
        row = *made;
        form = row["routes"][0]["form"];
        CAPTURE(row.dump(2));
        auto read = catalog::read_model(row, "described");
        INFO((read ? "" : read.error().message));
        REQUIRE(read);
        model = *read;
    }
    json row, form;
    catalog::Model model;
};

const json text = {{"type", "string"}};
json nullable(const json& schema) { return {{"anyOf", {schema, {{"type", "null"}}}}}; }

}  // namespace

TEST_CASE("lengths in words with a unit are numbers for us and words for the model") {
    const Described veo(json{{"prompt", text}, {"duration", {{"type", "string"}, {"enum", {"4s", "6s", "8s"}}, {"default", "8s"}}}});
    CHECK(veo.row["seconds"] == json{{"list", {4, 6, 8}}, {"default", 8}});
    CHECK(veo.form["seconds"] == json{{"name", "duration"}, {"as", "string"}, {"suffix", "s"}});
    CHECK(veo.row["id"] == "fal:maker/model");
    CHECK(veo.row["routes"][0]["route"] == "fal");
    CHECK(veo.row["routes"][0]["id"] == "maker/model");
}

TEST_CASE("lengths in quotes stay in quotes, and a word among them is no length") {
    const Described seedance(json{{"prompt", text}, {"duration", {{"enum", {"auto", "4", "5"}}, {"type", "string"}, {"default", "auto"}}}});
    CHECK(seedance.row["seconds"] == json{{"list", {4, 5}}});
    CHECK(seedance.form["seconds"] == json{{"name", "duration"}, {"as", "string"}});
}

TEST_CASE("lengths that are numbers stay numbers, from a list, a range or a choice") {
    const Described list(json{{"prompt", text}, {"duration", {{"type", "integer"}, {"enum", {6, 8, 10}}, {"default", 6}}}});
    CHECK(list.row["seconds"] == json{{"list", {6, 8, 10}}, {"default", 6}});
    CHECK(list.form["seconds"] == "duration");

    const Described range(json{{"prompt", text}, {"duration", {{"type", "integer"}, {"minimum", 2}, {"maximum", 15}, {"default", 5}}}});
    CHECK(range.row["seconds"] == json{{"least", 2}, {"most", 15}, {"step", 1}, {"default", 5}});
    CHECK_FALSE(range.model.lengths.allows(2.5));

    const Described excluded(json{{"prompt", text}, {"duration", {{"type", "integer"}, {"exclusiveMinimum", 2}, {"exclusiveMaximum", 15}}}});
    CHECK(excluded.row["seconds"] == json{{"least", 3}, {"most", 14}, {"step", 1}});

    const Described chosen(json{{"prompt", text}, {"duration", {{"anyOf", {{{"type", "integer"}, {"enum", {6, 8}}}, {{"const", "auto"}}}}, {"default", "auto"}}}});
    CHECK(chosen.row["seconds"] == json{{"list", {6, 8}}});
    CHECK(chosen.form["seconds"] == "duration");

    const Described own_choice(json{{"prompt", text}, {"duration", {{"type", "integer"}, {"minimum", -1}, {"maximum", 15}, {"default", 5}}}});
    CHECK(own_choice.row["seconds"]["least"] == 1);

    const Described fraction(json{{"prompt", text}, {"seconds", {{"type", "number"}, {"minimum", 1}, {"maximum", 9.5}}}});
    CHECK(fraction.row["seconds"] == json{{"least", 1}, {"most", 9.5}});
}

TEST_CASE("a model that has no field for the length is asked for none, and refuses one that is wished") {
    const Described hailuo(json{{"prompt", {{"type", "string"}, {"maxLength", 2000}}}, {"image_url", text}}, {"prompt", "image_url"});
    CHECK_FALSE(hailuo.row.contains("seconds"));
    CHECK_FALSE(hailuo.model.lengths.known());
    CHECK(hailuo.form["seconds"].is_null());
    CHECK(hailuo.row["prompt"]["limit"] == 2000);
    CHECK(hailuo.row["audio"] == "untold");
    for (const auto* absent : {"seed", "negative_prompt", "last_frame", "camera"}) CHECK_FALSE(hailuo.form.contains(absent));
}

TEST_CASE("frames are seconds by their rate") {
    const Described wan(json{{"prompt", text},
                         {"num_frames", {{"type", "integer"}, {"minimum", 17}, {"maximum", 161}, {"default", 81}}},
                         {"frames_per_second", {{"type", "integer"}, {"minimum", 4}, {"maximum", 60}, {"default", 16}}}});
    CHECK(wan.form["frames"] == "num_frames");
    CHECK(wan.form["fps"] == "frames_per_second");
    CHECK_FALSE(wan.form.contains("seconds"));
    CHECK(wan.row["seconds"] == json{{"least", 1.0625}, {"most", 10.0625}, {"default", 5.0625}});
    CHECK(wan.row["fps"] == json{{"least", 4}, {"most", 60}, {"default", 16}});
}

TEST_CASE("ratios are read from references, from words, and without what is no ratio") {
    const Described by_reference(json{{"prompt", text}, {"aspect_ratio", {{"allOf", {{{"$ref", "#/components/schemas/Ratio"}}}}, {"default", "9:16"}}}});
    CHECK(by_reference.row["ratios"] == json{"16:9", "9:16"});
    CHECK(by_reference.row["default"]["ratio"] == "9:16");
    CHECK(by_reference.form["ratio"] == json{{"name", "aspect_ratio"}, {"as", "string"}});

    const Described words(json{{"prompt", text},
                           {"image_size", {{"anyOf", {{{"type", "object"}, {"properties", {{"width", {{"type", "integer"}}}}}},
                                                      {{"type", "string"}, {"enum", {"square_hd", "square", "portrait_4_3", "landscape_16_9"}}}}}}}});
    CHECK(words.row["ratios"] == json{"1:1", "3:4", "16:9"});
    CHECK(words.form["ratio"]["words"] == json{{"1:1", "square_hd"}, {"3:4", "portrait_4_3"}, {"16:9", "landscape_16_9"}});

    const Described automatic(json{{"prompt", text}, {"aspect_ratio", {{"type", "string"}, {"enum", {"auto", "21:9"}}, {"default", "auto"}}}});
    CHECK(automatic.row["ratios"] == json{"21:9"});
    CHECK_FALSE(automatic.row.contains("default"));
}

TEST_CASE("resolutions keep the model's own writing") {
    const Described field(json{{"prompt", text}, {"resolution", {{"type", "string"}, {"enum", {"512P", "768P", "2K", "4k", "auto"}}, {"default", "768P"}}}});
    CHECK(field.row["resolutions"] == json{"512p", "768p", "2k", "4k"});
    CHECK(field.row["default"]["resolution"] == "768p");
    CHECK(field.form["resolution"] == json{{"name", "resolution"}, {"words", {{"512p", "512P"}, {"768p", "768P"}, {"2k", "2K"}}}});

    const Described numbers(json{{"prompt", text}, {"resolution", {{"type", "integer"}, {"enum", {480, 720}}, {"default", 720}}}});
    CHECK(numbers.form["resolution"]["words"] == json{{"480p", 480}, {"720p", 720}});

    const Described other_words(json{{"prompt", text}, {"quality", {{"type", "string"}, {"enum", {"standard", "high"}}}}});
    CHECK(other_words.form["resolution"].is_null());
}

TEST_CASE("sizes in pixels are a table, or any between the bounds of width and height") {
    const Described table(json{{"prompt", text}, {"size", {{"type", "string"}, {"enum", {"1280*720", "720*1280"}}, {"default", "720*1280"}}}});
    CHECK(table.model.sizes.size() == 2);
    CHECK(table.row["default"]["ratio"] == "9:16");
    CHECK(table.form["size"]["words"] == json{{"1280x720", "1280*720"}, {"720x1280", "720*1280"}});

    const Described any(json{{"prompt", text},
                         {"width", {{"type", "integer"}, {"minimum", 256}, {"maximum", 1280}, {"default", 1280}}},
                         {"height", {{"type", "integer"}, {"minimum", 256}, {"maximum", 1280}, {"default", 720}}}});
    CHECK(any.row["any_size"] == json{{"least", 256}, {"most", 1280}});
    CHECK(any.form["width"] == "width");
    CHECK(any.form["height"] == "height");
}

TEST_CASE("seed, negative prompt and sound have their fields, each under the name that the model knows") {
    const Described field(json{{"prompt", text},
                           {"negative_prompt", {{"type", "string"}, {"maxLength", 500}}},
                           {"seed", nullable({{"type", "integer"}, {"maximum", 4294967295}})},
                           {"generate_audio_switch", {{"type", "boolean"}, {"default", false}}}});
    CHECK(field.form["seed"] == "seed");
    CHECK(field.row["seed"]["most"] == 4294967295);
    CHECK(field.row["prompt"]["negative"] == json{{"limit", 500}});
    CHECK(field.form["audio"] == "generate_audio_switch");
    CHECK(field.row["audio"] == "optional");
    CHECK(field.row["default"]["audio"] == false);

    const Described sound_as_input(json{{"prompt", text}, {"audio", {{"type", "string"}, {"format", "uri"}}}});
    CHECK(sound_as_input.row["audio"] == "untold");
}

TEST_CASE("pictures are found under the names that makers give them") {
    const Described veo(json{{"prompt", text}, {"first_frame_url", text}, {"last_frame_url", text}}, {"prompt", "first_frame_url", "last_frame_url"});
    CHECK(veo.form["first_frame"] == "first_frame_url");
    CHECK(veo.form["last_frame"] == "last_frame_url");
    CHECK(veo.row["rules"][0]["only"]["image"] == json{"first_frame", "last_frame"});

    const Described kling(json{{"prompt", text}, {"start_image", nullable(text)}, {"end_image", nullable(text)}, {"multi_prompt", text}});
    CHECK(kling.form["first_frame"] == "start_image");
    CHECK(kling.form["last_frame"] == "end_image");
    CHECK_FALSE(kling.row.contains("rules"));

    const Described many(json{{"prompt", text}, {"image_url", text}, {"reference_image_urls", {{"type", "array"}, {"items", text}, {"maxItems", 4}}}});
    CHECK(many.form["first_frame"] == "image_url");
    CHECK(many.form["reference"] == json{{"name", "reference_image_urls"}, {"list", true}});
    CHECK(many.row["images"]["reference"]["most"] == 4);

    const Described objects(json{{"prompt", text}, {"images", {{"type", "array"}, {"items", {{"type", "object"}}}}}});
    CHECK_FALSE(objects.form.contains("reference"));
}

TEST_CASE("a described model is planned like any other, and what it has no field for is refused by name") {
    const Described described(json{{"prompt", text}, {"duration", {{"type", "string"}, {"enum", {"5", "10"}}}}, {"image_url", text}}, {"prompt", "image_url"});
    auto catalog = catalog::Catalog::built_in();
    REQUIRE(catalog.add_model(described.row, "described"));
    Shot shot;
    shot.prompt = "a paper boat";
    catalog::Wishes wishes;
    wishes.model = "fal:maker/model";
    const auto sentences = [&](const std::vector<Image>& images) {
        auto planned = catalog::plan(catalog, shot, wishes, images, core::Wall{});
        std::string all;
        if (const auto* problems = std::get_if<std::vector<catalog::Problem>>(&planned))
            for (const auto& problem : *problems) all += problem.message + "\n";
        else all = std::get<catalog::Plan>(planned).order.form;
        return all;
    };
    const std::vector<Image> picture = {{ImageRole::first_frame, "https://pictures.example/a.png", {}, {}, {}, nullptr}};
    CHECK(sentences(picture) == described.form.dump());
    CHECK(sentences({}).find("renders only with --first-frame") != std::string::npos);
    wishes.seed = 7;
    CHECK(sentences(picture).find("takes no --seed") != std::string::npos);
    wishes.seed.reset();
    wishes.audio = true;
    CHECK(sentences(picture).find("takes neither --audio nor --no-audio") != std::string::npos);
    wishes.audio.reset();
    wishes.ratio = AspectRatio{1, 1};
    CHECK(sentences(picture).find("takes no --aspect-ratio") != std::string::npos);
    wishes.ratio.reset();
    wishes.seconds = 7;
    CHECK(sentences(picture).find("allowed: 5, 10") != std::string::npos);
}

TEST_CASE("what a model needs beside all words of an order is told") {
    const Described dub(json{{"prompt", text}, {"video_url", text}, {"strength", {{"type", "number"}, {"default", 0.5}}}}, {"prompt", "video_url", "strength"});
    const auto note = dub.row["note"].get<std::string>();
    CHECK(note.find("video_url") != std::string::npos);
    CHECK(note.find("strength") == std::string::npos);
}

TEST_CASE("a model without a prompt or a video is refused, and a document without an input is an error of the provider") {
    const auto no_prompt = described(document_of({{"image_url", text}}, {"image_url"}));
    REQUIRE_FALSE(no_prompt);
    CHECK(no_prompt.error().kind == ErrorKind::usage);
    const auto no_video = described(document_of({{"prompt", text}}, {"prompt"}, {{"images", {{"type", "array"}}}, {"seed", {{"type", "integer"}}}}));
    REQUIRE_FALSE(no_video);
    CHECK(no_video.error().kind == ErrorKind::usage);
    CHECK(described(document_of({{"prompt", text}}, {"prompt"}, {{"output", text}})));

    for (const json& broken : {json(), json::array(), json{{"paths", 5}}, json{{"paths", {{"/a", {{"post", {{"requestBody", 7}}}}}}}}, document_of({{"$ref", "x"}}),
                               document_of("text"), document_of(json::object())}) {
        CAPTURE(broken.dump());
        const auto none = described(broken);
        REQUIRE_FALSE(none);
        CHECK((none.error().kind == ErrorKind::provider || none.error().kind == ErrorKind::usage));
    }
}

TEST_CASE("references in circles end, and a field behind one is a field that nobody knows") {
    const Described circle(json{{"prompt", text}, {"duration", {{"$ref", "#/components/schemas/Circle"}}}, {"seed", {{"$ref", "#/nowhere"}}}});
    CHECK(circle.form["seconds"].is_null());
    CHECK_FALSE(circle.form.contains("seed"));
}
