// What goes out, by dialect.
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

Order boat() {
    Order order;
    order.route = "studio";
    order.model = order.remote_model = "sora-2";
    order.prompt = "a paper boat";
    order.seconds = 8;
    order.size = Size{1280, 720};
    return order;
}

Order rich() {
    auto order = boat();
    order.seed = 7;
    order.fps = 24;
    order.negative_prompt = "blur";
    order.ratio = AspectRatio{16, 9};
    order.shot.subject = "a paper boat";
    return order;
}

Result<http::Request> request_of(const Order& order, json dialect = json::object(), bool moved = false) {
    backend::Deps deps;
    deps.route = "studio";
    deps.base_url = "https://host.example/v1";
    deps.credential = {"Authorization", "Bearer ", core::Key(FakeProvider::key), "$STUDIO_API_KEY"};
    deps.dialect = std::move(dialect);
    deps.moved = moved;
    auto step = backend::find_entry("openai")->make(deps)->submit(order, any_intent());
    if (const auto* error = std::get_if<Error>(&step)) return *error;
    return std::get<http::Ask<backend::Accepted>>(step).request;
}

json body_of(const Result<http::Request>& request) {
    REQUIRE(request);
    CHECK(request->paid);
    CHECK(request->method == "POST");
    REQUIRE(std::holds_alternative<std::string>(request->body));
    CHECK(see(*request).content_type == "application/json");
    return json::parse(std::get<std::string>(request->body));
}

// name=value, files as name=<file name type>
std::vector<std::string> parts_of(const Result<http::Request>& request) {
    REQUIRE(request);
    CHECK(request->paid);
    REQUIRE(std::holds_alternative<http::Multipart>(request->body));
    CHECK(see(*request).header("Content-Type").empty());  // it bears the boundary: the client's business
    std::vector<std::string> out;
    for (const auto& part : std::get<http::Multipart>(request->body))
        out.push_back(part.name + "=" + (part.file_name.empty() ? *part.bytes : "<" + part.file_name + " " + part.content_type + ">"));
    return out;
}

Error error_of(const Result<http::Request>& request) {
    REQUIRE_FALSE(request);
    return request.error();
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("OpenAI gets JSON with its own fields alone, and seconds as text") {
    const auto request = request_of(boat());
    CHECK(body_of(request) == json{{"model", "sora-2"}, {"prompt", "a paper boat"}, {"seconds", "8"}, {"size", "1280x720"}});
    CHECK(request->url == "https://host.example/v1/videos");
    REQUIRE(request->credential);
    CHECK(request->credential->shown == "$STUDIO_API_KEY");
}

TEST_CASE("what the order leaves open is left out") {
    auto order = boat();
    order.remote_model.clear();
    order.seconds = 0;
    order.size.reset();
    CHECK(body_of(request_of(order)) == json{{"prompt", "a paper boat"}});
}

TEST_CASE("a file makes it multipart, and the user's file name stays at home") {
    auto order = boat();
    order.images = {png()};
    CHECK(parts_of(request_of(order)) == Lines{"model=sora-2", "prompt=a paper boat", "seconds=8", "size=1280x720",
                                               "input_reference=<first_frame.png image/png>"});
}

TEST_CASE("an image's URL is sent as the host wants it") {
    auto order = boat();
    order.images = {Image{.role = ImageRole::first_frame, .source = "https://pictures.example/a.png", .media_type = {}, .sha256 = {}, .pixels = {}, .bytes = nullptr}};
    CHECK(body_of(request_of(order))["input_reference"] == json{{"image_url", "https://pictures.example/a.png"}});
    CHECK(body_of(request_of(order, {{"image_url", "reference_url"}}))["reference_url"] == "https://pictures.example/a.png");
    CHECK(parts_of(request_of(order, {{"body", "multipart"}}))[0] == "input_reference[image_url]=https://pictures.example/a.png");
    CHECK(parts_of(request_of(order, {{"body", "multipart"}, {"image_url", "image_reference"}}))[0] ==
          R"(image_reference={"image_url":"https://pictures.example/a.png"})");
}

TEST_CASE("images that have no place in the protocol are refused before anything is sent") {
    auto order = boat();
    order.images = {png(ImageRole::last_frame)};
    CHECK(error_of(request_of(order)).message == "route studio takes one image, as the first frame: no last_frame");
    order.images = {png(), png()};
    CHECK(error_of(request_of(order)).kind == ErrorKind::usage);
    order.images = {png()};
    CHECK(error_of(request_of(order, {{"body", "json"}})).message == "route studio takes images by URL only");
    order.operation = Operation::remix;
    order.source_clip = "v1";
    CHECK(error_of(request_of(order)).kind == ErrorKind::usage);
}

TEST_CASE("self-hosted fields go out only to a route that is marked for them") {
    auto plain = rich();
    plain.negative_prompt.clear();
    CHECK(body_of(request_of(plain, {{"extras", {"seed", "fps"}}})) ==
          json{{"model", "sora-2"}, {"prompt", "a paper boat"}, {"seconds", "8"}, {"size", "1280x720"}, {"seed", 7}, {"fps", 24}});
    const auto refused = [](const char* part, json extras) {
        const auto order = rich();
        CHECK(error_of(request_of(order, {{"extras", std::move(extras)}})).message.find(part) != std::string::npos);
    };
    refused("route studio has no field for a seed", json::array());
    refused("route studio has no field for a negative prompt", json::array({"seed"}));
    const auto all = body_of(request_of(rich(), {{"extras", {"seed", "fps", "num_frames", "negative_prompt"}}, {"seconds", "number"}}));
    CHECK(all["num_frames"] == 192);
    CHECK(all["negative_prompt"] == "blur");
    CHECK(all["seconds"] == 8);
    CHECK_FALSE(body_of(request_of(boat(), {{"extras", {"seed", "fps", "num_frames", "negative_prompt"}}})).contains("num_frames"));
}

TEST_CASE("a host of the user's own is sent explicit wishes, unless its dialect says otherwise") {
    const auto moved = body_of(request_of(rich(), json::object(), true));
    CHECK(moved["seed"] == 7);
    CHECK(moved["negative_prompt"] == "blur");
    CHECK_FALSE(moved.contains("num_frames"));
    CHECK(error_of(request_of(rich(), {{"extras", json::array()}}, true)).kind == ErrorKind::usage);
}

TEST_CASE("vLLM-Omni gets multipart with numbers as text") {
    CHECK(parts_of(request_of(rich(), {{"body", "multipart"}, {"extras", {"seed", "fps", "negative_prompt"}}})) ==
          Lines{"fps=24", "model=sora-2", "negative_prompt=blur", "prompt=a paper boat", "seconds=8", "seed=7", "size=1280x720"});
}

TEST_CASE("parameters go into the body as they are given") {
    auto order = boat();
    order.params = {{"guidance_scale", "6.5"}, {"enable_teacache", "true"}, {"lora", R"({"name":"x"})"}, {"quality", "high"}, {"version", "\"2\""}};
    const auto body = body_of(request_of(order));
    CHECK(body["guidance_scale"] == 6.5);
    CHECK(body["enable_teacache"] == true);
    CHECK(body["lora"] == json{{"name", "x"}});
    CHECK(body["quality"] == "high");
    CHECK(body["version"] == "\"2\"");
    const auto parts = parts_of(request_of(order, {{"body", "multipart"}}));
    CHECK(std::find(parts.begin(), parts.end(), R"(lora={"name":"x"})") != parts.end());
    CHECK(std::find(parts.begin(), parts.end(), "guidance_scale=6.5") != parts.end());
}

TEST_CASE("a parameter cannot change what has a flag, and a price") {
    for (const auto* name : {"seconds", "size", "model", "prompt"}) {
        CAPTURE(name);
        auto order = boat();
        order.size.reset();
        order.params = {{name, "20"}};
        CHECK(error_of(request_of(order)).kind == ErrorKind::usage);
        CHECK(error_of(request_of(order)).message.find(name) != std::string::npos);
    }
    auto order = rich();
    order.params = {{"seed", "8"}};
    CHECK(error_of(request_of(order, {{"extras", {"seed", "negative_prompt"}}})).message.find("--param seed") != std::string::npos);
    order = boat();
    order.params = {{"seed", "8"}};
    CHECK(body_of(request_of(order))["seed"] == 8);
}

TEST_CASE("the embedded server gets the structured shot and a key for the attempt") {
    const json local{{"shot", true}, {"idempotency_header", "Idempotency-Key"}, {"extras", {"seed", "fps", "negative_prompt"}}};
    auto order = rich();
    order.audio = false;
    const auto request = request_of(order, local);
    const auto body = body_of(request);
    CHECK(body["shotwire"]["shot"]["subject"] == "a paper boat");
    CHECK(body["shotwire"]["ratio"] == "16:9");
    CHECK(body["shotwire"]["seconds"] == 8);
    CHECK(body["shotwire"]["fps"] == 24);
    CHECK(body["shotwire"]["seed"] == 7);
    CHECK(body["shotwire"]["audio"] == false);
    CHECK(see(*request).header("Idempotency-Key") == "attempt-1");

    order.images = {png(ImageRole::reference)};
    auto parts = parts_of(request_of(order, local));
    CHECK(parts.back() == "input_reference=<reference.png image/png>");
    order.images = {png(), png(ImageRole::last_frame)};
    parts = parts_of(request_of(order, local));
    CHECK(parts[parts.size() - 2] == "input_reference=<first_frame.png image/png>");
    CHECK(parts.back() == "input_references=<last_frame.png image/png>");

    backend::Deps deps;
    deps.base_url = "https://127.0.0.1:4000/v1";
    deps.dialect = local;
    CHECK(backend::find_entry("openai")->make(deps)->idempotent());
    deps.dialect = json::object();
    CHECK_FALSE(backend::find_entry("openai")->make(deps)->idempotent());
}

TEST_CASE("remix, edit and extension start from a clip that the host has") {
    FakeProvider provider("openai");
    const auto backend = backend::find_entry("openai")->make(deps_of(provider.contract()));
    auto first = walk(backend->submit(order_of(provider.contract()), any_intent()), provider);
    REQUIRE(first);
    for (const auto& [operation, endpoint] : {std::pair(Operation::remix, "remix"), {Operation::edit, "edit"}, {Operation::extend, "extend"}}) {
        CAPTURE(endpoint);
        auto order = boat();
        order.operation = operation;
        order.source_clip = backend->remote_id(first->handle);
        for (const auto& dialect : {json::object(), json{{"body", "multipart"}}}) {
            auto deps = deps_of(provider.contract());
            deps.dialect = dialect;
            auto accepted = walk(backend::find_entry("openai")->make(deps)->submit(order, any_intent()), provider);
            INFO(provider.complaint());
            REQUIRE(accepted);
            CHECK(provider.book().back().endpoint == endpoint);
            CHECK(provider.book().back().fields["prompt"] == "a paper boat");
        }
        order.source_clip.clear();
        CHECK(error_of(request_of(order)).kind == ErrorKind::usage);
    }
    CHECK(provider.book().size() == 7);
}

TEST_CASE("an API version is on every URL") {
    backend::Deps deps;
    deps.base_url = "https://res.openai.azure.com/openai/v1";
    deps.dialect = {{"api_version", "preview"}, {"content_variant", "video"}};
    const auto azure = backend::find_entry("openai")->make(deps);
    auto polled = azure->poll(azure->adopt("v1"));
    CHECK(http::ask(polled)->request.url == "https://res.openai.azure.com/openai/v1/videos/v1?api-version=preview");
    CHECK_FALSE(http::ask(polled)->request.credential);
    auto found = azure->find(boat(), any_intent());
    CHECK(http::ask(found)->request.url == "https://res.openai.azure.com/openai/v1/videos?limit=100&order=desc&api-version=preview");
    auto state = http::outcome(http::ask(polled)->then({200, {}, R"({"id":"v1","status":"completed"})", ""}));
    REQUIRE(state);
    CHECK(std::get<http::Request>(std::get<backend::Ready>(*state).clips[0]).url ==
          "https://res.openai.azure.com/openai/v1/videos/v1/content?variant=video&api-version=preview");
}

TEST_CASE("a host takes the files of references where its dialect names the field for them") {
    auto order = boat();
    order.images = {png(ImageRole::reference), png(), png(ImageRole::reference)};
    CHECK(error_of(request_of(order)).message == "route studio takes one image, as the first frame: no reference");
    const json dialect{{"references", "input_references"}};
    auto parts = parts_of(request_of(order, dialect));
    parts.erase(parts.begin(), parts.end() - 3);
    CHECK(parts == std::vector<std::string>{"input_references=<reference.png image/png>", "input_reference=<first_frame.png image/png>",
                                            "input_references=<reference.png image/png>"});
    order.images = {png(ImageRole::reference), png(ImageRole::last_frame)};
    CHECK(error_of(request_of(order, dialect)).message == "route studio takes one image, as the first frame, and references: no last_frame");
    order.images = {{ImageRole::reference, "https://pictures.example/a.png", "", "", {}, nullptr}};
    CHECK(error_of(request_of(order, dialect)).message == "route studio takes references as files, not by URL");
    CHECK(error_of(request_of(order, {{"references", "pictures"}})).message == "the dialect's \"references\" is \"pictures\"; allowed: input_references");
}

TEST_CASE("a mistake in a dialect is told with the key and what is allowed") {
    const auto message = [](json dialect) { return error_of(request_of(boat(), std::move(dialect))).message; };
    CHECK(message({{"extra", {"seed"}}}).find("did you mean \"extras\"?") != std::string::npos);
    CHECK(message({{"extras", {"sed"}}}) == "the dialect's \"extras\" is \"sed\"; allowed: seed, fps, num_frames, negative_prompt, guidance_scale, generate_sound");
    CHECK(message({{"body", "xml"}}).find("auto, json, multipart") != std::string::npos);
    CHECK(message({{"shot", "yes"}}).find("true, false") != std::string::npos);
    CHECK(message({{"idempotency_header", "X: 1\r\nY"}}).find("letters") != std::string::npos);
    CHECK(message({{"unsent", {200}}}).find("400 to 599") != std::string::npos);
    CHECK(message(json::array()).find("table") != std::string::npos);
}
