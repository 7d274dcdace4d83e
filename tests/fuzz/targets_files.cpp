#include <algorithm>
#include <set>

#include "batch/batch_file.hpp"
#include "catalog/plan.hpp"
#include "catalog/row.hpp"
#include "config/file.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"
#include "lint/lint.hpp"
#include "serve/fault.hpp"
#include "shot/camera.hpp"
#include "shot/compose.hpp"
#include "shot/shot_file.hpp"

// What users write: shots, settings, models, faults, and the words of a prompt.
namespace shotwire::fuzz {
namespace {

constexpr auto today = core::Wall(std::chrono::seconds(1795600800));

void holds_of_user_error(const Error& error, const std::string& name) {
    holds_of_error(error);
    holds(error.kind == ErrorKind::usage, "a wrong file is wrong usage", error.message);
    holds(error.message.find(name) != std::string::npos, "an error names the file", error.message);
}

// All that is done with a shot's words, for a model that is there.
void compose_and_lint(const Shot& shot) {
    const auto& model = catalog::Catalog::built_in().models().front();
    if (auto composed = shot::compose(shot, {}); !composed) holds_of_error(composed.error());
    else holds(core::is_utf8(composed->prompt), "a prompt is whole UTF-8");
    const lint::Subject subject{shot, &model, 8};
    for (const auto& finding : lint::lint(subject)) {
        holds_of_text(finding.message, "a finding can be printed");
        holds(!finding.message.empty(), "a finding says why");
    }
    const auto fixed = lint::fix(subject);
    holds(lint::fix({fixed, &model, 8}) == fixed, "what was mended needs no mending");
}

}  // namespace

void run_shot_file(std::string_view input) {
    auto document = shot::read_document(input, "mine.yaml");
    if (!document) return holds_of_user_error(document.error(), "mine.yaml");
    holds(document->is_object(), "a file that is read is one object");
    holds(bool(core::parse_json(core::dump(*document), "it", 200)), "what YAML says can be said in JSON");
    auto rest = *document;
    const auto shot = shot::take_shot(rest, "mine.yaml");
    if (!shot) return holds_of_user_error(shot.error(), "mine.yaml");
    const auto again = shot::from_json(shot::to_json(*shot));
    holds(again && *again == *shot, "a shot is read as it was written", core::dump(shot::to_json(*shot)));
    holds(shot::merge(*shot, {}) == *shot && shot::merge({}, *shot) == *shot, "nothing laid over a shot leaves it");
    if (const auto wishes = catalog::take_wishes(rest, "mine.yaml"); !wishes) {
        holds_of_user_error(wishes.error(), "mine.yaml");
    } else {
        if (wishes->seconds) holds(*wishes->seconds > 0 && *wishes->seconds < 1e6, "a wished length is one");
        if (wishes->size) holds(wishes->size->width > 0 && wishes->size->height > 0, "a wished size is one");
        if (wishes->ratio) holds(wishes->ratio->width > 0 && wishes->ratio->height > 0, "a wished ratio is one");
        const auto planned = catalog::plan(catalog::Catalog::built_in(), *shot, *wishes, {}, today);
        if (const auto* plan = std::get_if<catalog::Plan>(&planned)) {
            const auto order = catalog::order_from_json(catalog::to_json(plan->order));
            holds(order && catalog::fingerprint(*order) == catalog::fingerprint(plan->order), "the ledger keeps an order's identity", core::dump(catalog::to_json(plan->order)));
            if (plan->order.price.amount) holds(plan->order.price.amount->micros >= 0, "nothing costs less than nothing");
        } else {
            const auto& problems = std::get<std::vector<catalog::Problem>>(planned);
            holds(!problems.empty(), "a plan or what is in its way");
            for (const auto& problem : problems) holds_of_text(problem.message, "a problem can be printed");
        }
    }
    if (const auto left = shot::refuse_leftovers(rest, "mine.yaml", shot::shot_keys()); !left) holds_of_user_error(left.error(), "mine.yaml");
    compose_and_lint(*shot);
}

std::vector<std::string> seeds_of_shot_file() {
    auto seeds = files_in("examples/shots", ".yaml");
    for (const auto& text : files_in("examples/shots", ".json")) seeds.push_back(text);
    seeds.insert(seeds.end(), {"subject: a boat\nduration: 8s\naspect_ratio: 16:9\nsize: 1280x720\nmodel: sora-2\nseed: random\nparams: {a: 1}\nfps: 24\n", "camera: [dolly in, 'slow pan']\nreferences: a.png\n",
                               "a: &x [1,2]\nb: *x\n", "{\"subject\":\"\\u0000\",\"fit\":true,\"audio\":\"no\"}", "--- |\n text\n", "? [a]\n: b\n", "subject: !!binary aGk=\n", "<<: {a: b}\n"});
    return seeds;
}

void run_words(std::string_view input) {
    for (const auto& match : shot::find_moves(input)) {
        holds(match.move && match.begin < match.end && match.end <= input.size(), "a camera move stands in the text");
    }
    const auto parts = split_at(input, '\n', 6);
    const auto motion = shot::combine(parts);
    holds(motion.zoom > 0 && motion.zoom < 1000, "a zoom is one");
    Shot shot;
    shot.subject = parts[0];
    if (parts.size() > 1) shot.action = parts[1];
    if (parts.size() > 2) shot.camera = {parts[2]};
    if (parts.size() > 3) shot.negative_prompt = parts[3];
    if (parts.size() > 4) shot.lighting = parts[4];
    if (parts.size() > 5) shot.prompt = parts[5];
    compose_and_lint(shot);
}

std::vector<std::string> seeds_of_words() {
    std::vector<std::string> seeds;
    for (const auto& move : shot::vocabulary()) seeds.push_back("a boat\ncrosses\n" + std::string(move.name) + "\nno text, not blurry\nsoft light\nno people; she says \"hi\" at 9:30, 50mm, 24fps");
    return seeds;
}

void run_config(std::string_view input) {
    const auto path = as_file(input);
    for (const bool trusted : {true, false}) {
        config::Config config, again;
        config::FileReader reader{.trusted = trusted, .profile = "night"};
        const auto read = reader.read(path, config);
        if (!read) {
            holds_of_user_error(read.error(), path);
            continue;
        }
        holds(bool(config::FileReader{.trusted = trusted, .profile = "night"}.read(path, again)) && again.defaults == config.defaults, "the same file says the same");
        if (!trusted) holds(config.routes.empty() && config.ledger.empty() && config.proxy.empty() && config.cacert.empty(), "a project's file says nothing of hosts, keys and the ledger");
        auto defaults = config.defaults;
        if (const auto shot = shot::take_shot(defaults, "config.toml"); !shot) holds_of_user_error(shot.error(), "config.toml");
        else if (const auto wishes = catalog::take_wishes(defaults, "config.toml"); !wishes) holds_of_user_error(wishes.error(), "config.toml");
    }
}

std::vector<std::string> seeds_of_config() {
    return {"model = \"sora-2\"\nduration = 8\naudio = false\n[params]\nx = 1\n", "[routes.mine]\nbackend = \"openai\"\nbase_url = \"https://x.example/v1\"\nkey_command = \"pass show x\"\nallow_private = true\n[routes.mine.dialect]\na = [1, 2]\n",
            "ledger = \"~/l.db\"\nproxy = \"http://p:1\"\ncacert = \"/c.pem\"\n", "camera = [\"dolly in\", \"pan\"]\nreferences = \"a.png\"\n[profiles.night]\nlighting = \"moon\"\nseed = 7\n", "timeout = \"1h30m\"\njobs = 4\nrpm = 10\nmax_cost = 1.5\n",
            "a = 2026-11-22T10:00:00Z\n", "x.y.z = 1e400\n", "modle = 'x'\n"};
}

// models.d/*.json
void run_model_file(std::string_view input) {
    auto file = core::parse_json(input, "mine.json");
    if (!file) return holds_of_error(file.error());
    const auto named = [](const Error& error) { holds_of_user_error(error, "mine.json"); };
    if (const auto route = catalog::read_route(*file, "mine.json: route"); !route) named(route.error());
    if (const auto dialect = catalog::read_dialect(*file, "mine.json: dialect"); !dialect) named(dialect.error());
    const auto model = catalog::read_model(*file, "mine.json: model");
    if (!model) return named(model.error());
    holds(!model->id.empty(), "a model has an id");
    static const catalog::Catalog plain = catalog::Catalog::built_in();
    auto catalog = plain;
    if (const auto added = catalog.add_model(*file, "mine.json: model"); !added) return named(added.error());
    holds(catalog.find(model->id) != nullptr, "a model that was added is there", model->id);
    holds(!catalog.raw(model->id).is_null(), "a model that was added has its row", model->id);
    Shot shot;
    shot.subject = "a paper boat";
    for (const bool fit : {false, true}) {
        catalog::Wishes wishes;
        wishes.model = model->id;
        wishes.fit = fit;
        wishes.seconds = 7;
        wishes.ratio = AspectRatio{21, 9};
        const auto planned = catalog::plan(catalog, shot, wishes, {}, today);
        if (const auto* plan = std::get_if<catalog::Plan>(&planned)) {
            if (plan->order.price.amount) holds(plan->order.price.amount->micros >= 0, "nothing costs less than nothing");
            holds(catalog::expected_time(plan->model, plan->order.seconds).count() >= 0, "nothing takes less than no time");
        } else {
            for (const auto& problem : std::get<std::vector<catalog::Problem>>(planned)) holds_of_text(problem.message, "a problem can be printed");
        }
    }
}

std::vector<std::string> seeds_of_model_file() {
    std::vector<std::string> seeds;
    const auto document = json::parse(source_file("src/catalog/models.json"));
    for (const char* list : {"models", "routes", "dialects"})
        for (const auto& row : document.value(list, json::array()))
            if (const auto text = row.dump(); text.size() < 4096) seeds.push_back(text);
    return seeds;
}

void run_fault(std::string_view input) {
    const auto fault = serve::parse_fault(input);
    if (!fault) {
        holds_of_error(fault.error());
        return holds(fault.error().kind == ErrorKind::usage, "a wrong fault is wrong usage", fault.error().message);
    }
    const auto& endpoints = serve::fault_endpoints();
    holds(fault->endpoint == "any" || std::find(endpoints.begin(), endpoints.end(), fault->endpoint) != endpoints.end(), "a fault is at an endpoint that there is", fault->endpoint);
    holds(fault->probability > 0 && fault->probability <= 1, "a probability is one", input);
    holds(fault->count >= -1 && fault->count != 0 && fault->skip >= 0, "a fault is played at some time", input);
    const auto number = fault->number(1);
    holds(number >= 0 && number < 1e15, "the number of a fault is one", input);
    serve::FaultPlan plan({*fault});
    (void)plan.draw(fault->endpoint == "any" ? "create" : fault->endpoint);
}

std::vector<std::string> seeds_of_fault() {
    std::vector<std::string> seeds{"create:429=2", "content:truncate=1000:x1", "retrieve:500:p0.3", "create:reset-after:skip2"};
    for (const auto& kind : serve::fault_kinds()) seeds.push_back("any:" + std::string(kind.name) + "=1:x2:skip1:p0.5");
    return seeds;
}

// A list of shots in the form that the first byte says, or that it looks like.
void run_batch(std::string_view input) {
    if (input.empty()) return;
    const char* names[] = {"mine.yaml", "mine.csv", "mine.jsonl", "mine"};
    const std::string name = names[static_cast<unsigned char>(input[0]) % 4];
    input.remove_prefix(1);
    std::set<std::string> ids;
    int index = 0;
    bool all_sound = true;
    batch::Reader reader([&](batch::Row row) {
        all_sound = all_sound && row.sound;
        if (!row.sound) return;
        holds(ids.insert(row.id).second, "a row is told from all others by its id", row.id);
        holds(row.index > index, "rows are counted");
        index = row.index;
        holds(row.takes >= 1 && row.takes <= 1000, "a row has as many takes as it may");
        holds(row.keys.is_object() && !row.keys.contains("matrix") && !row.keys.contains("id"), "a row has a shot's keys alone", core::dump(row.keys));
        holds(core::is_utf8(row.id) && core::is_utf8(core::dump(row.keys)), "a row is whole UTF-8", row.id);
    });
    reader.read(input, name, batch::format_of(name, input));
    const auto problems = reader.take_problems();
    holds(index > 0 || !problems.empty(), "a file without rows has a problem");
    holds(all_sound || !problems.empty(), "a row that is not sound has a problem");
    for (const auto& problem : problems) {
        holds(!problem.message.empty(), "a problem says what it is");
        holds_of_text(problem.message, "a problem can be printed");
        holds_of_text(problem.where, "a place can be printed");
    }
}

std::vector<std::string> seeds_of_batch() {
    std::vector<std::string> seeds;
    for (const auto& text : files_in("examples", ".yaml")) seeds.push_back(std::string(1, '\0') + text);
    for (const char* csv : {"id,subject,camera,camera,takes\nfox,\"a fox, red\",pan left;static,,3\n", "subject\r\n\"a\nb\"\r\n", "a,a\n1,2\n", "\xEF\xBB\xBFsubject,param\nx,a=1;b\n", "id,subject\n\"open"})
        seeds.push_back(std::string(1, '\1') + csv);
    for (const char* lines : {"{\"defaults\": {\"model\": \"m\"}}\n{\"subject\": \"a fox\", \"takes\": 2}\n", "{\"matrix\": {\"seed\": [1, 2]}}\n{\"id\": \"a\", \"subject\": \"x\"}\n{\"id\": \"a\"}\n", "[]\n1\n{}\n"})
        seeds.push_back(std::string(1, '\2') + lines);
    seeds.push_back(std::string(1, '\0') + "matrix: {model: [a, b], seed: [1, 2, 3]}\ndefaults: {duration: 4}\nshots:\n  - {id: fox, subject: a fox, matrix: {seed: [9]}}\n  - {id: 'a/b'}\n");
    return seeds;
}

}  // namespace shotwire::fuzz
