#include "flaky_host.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "support/boxes.hpp"
#include "support/scripted_client.hpp"

namespace shotwire::test {

using namespace std::chrono_literals;

namespace {

constexpr auto key_life = 24h;

std::string header(const http::Request& request, std::string_view name) {
    for (const auto& each : request.headers)
        if (each.name == name) return each.value;
    return {};
}

}  // namespace

std::string FlakyHost::clip_of(const std::string& id) {
    static std::map<std::string, std::string> made;
    auto& bytes = made[id];
    if (bytes.empty()) bytes = boxes::mp4({{boxes::picture(std::uint32_t(6 + std::stoi(id.substr(1))))}});
    return bytes;
}

const FlakyHost::Made* FlakyHost::find(const std::string& id) const {
    const auto found = std::find_if(book_.begin(), book_.end(), [&](const Made& each) { return each.id == id; });
    return found == book_.end() ? nullptr : &*found;
}

FlakyHost::Time FlakyHost::some_delay() {
    static const std::vector<Time> delays{1ms, 1ms, 1ms, 40ms, 3s, 40s};
    return ill_ ? dice_.one_of(delays) : 1ms;
}

void FlakyHost::lose_one(Time now) {
    std::vector<Made*> over;
    for (auto& made : book_)
        if (made.over <= now) over.push_back(&made);
    if (!over.empty()) dice_.one_of(over)->gone = true;
}

FlakyHost::Answer FlakyHost::hear(const http::Request& request, Time now) {
    const auto path = request.url.substr(std::string("https://provider.example").size());
    if (request.method == "POST") return create(request, now);
    if (path.starts_with("/jobs?")) return list(request, now);
    const auto id = path.substr(path.rfind('/') + 1);
    if (path.starts_with("/clips/")) return clip(request, id, now);
    if (request.method == "DELETE") return cancel(request, id);
    return state(id, now);
}

FlakyHost::Made& FlakyHost::accept(const http::Request& request, Time now) {
    const auto key = header(request, "Idempotency-Key");
    if (keeps_keys_)
        for (auto& made : book_)
            if (made.key == key && now - made.at < key_life) return made;
    Made made;
    made.id = "p" + std::to_string(book_.size() + 1);
    made.key = key;
    made.prompt = json::parse(std::get<std::string>(request.body)).at("prompt").get<std::string>();
    made.at = now;
    made.visible = now + (ill_ && dice_.percent(30) ? Time(dice_.below(20'000)) : 0ms);
    made.over = now + Time(1000 + dice_.below(ill_ ? 300'000 : 30'000));
    made.end = !ill_ || !dice_.percent(20) ? End::clip : dice_.percent(50) ? End::refused : End::broken;
    return book_.emplace_back(made);
}

FlakyHost::Answer FlakyHost::create(const http::Request& request, Time now) {
    heard_.emplace(header(request, "Idempotency-Key"), now);
    const auto fate = ill_ ? dice_.below(100) : 0;
    const auto accepted = [&](const std::string& word) { return answer(200, word + accept(request, now).id); };
    if (fate < 45) return {some_delay(), accepted(""), {}};
    if (fate < 50) return {some_delay(), accepted("whole "), {}};
    if (fate < 65) {  // created at some moment before the answer comes, or would have come; soon enough for the time that a search takes
        const auto silent = fate >= 63;
        const auto delay = silent ? request.timeout.value_or(10min) : some_delay();
        (void)accept(request, now + Time(dice_.below(std::uint64_t(std::min<Time>(delay, 8s).count()))));
        return {delay, fate < 60 || silent ? lost(request) : Result<http::Response>(answer(500)), {}};
    }
    // From here on nothing was created.
    if (fate < 70) return {some_delay(), lost(request), {}};
    if (fate < 73) return {some_delay(), answer(502), {}};
    if (fate < 82) return {some_delay(), refused(request), {}};
    if (fate < 85) return {some_delay(), Error{ErrorKind::network, "the name does not resolve", 1s, true}, {}};
    if (fate < 90) return {some_delay(), answer(429), {}};
    if (fate < 93) return {some_delay(), answer(429, "slow"), {}};
    if (fate < 95) return {some_delay(), answer(429, "empty"), {}};
    if (fate < 97) return {some_delay(), answer(401), {}};
    // A provider that keeps its word on keys does not refuse what it accepted under the same one.
    const bool known = keeps_keys_ && std::any_of(book_.begin(), book_.end(), [&](const Made& made) { return made.key == header(request, "Idempotency-Key"); });
    return {some_delay(), known ? accepted("") : answer(400), {}};
}

FlakyHost::Answer FlakyHost::list(const http::Request& request, Time now) {
    const auto fate = ill_ ? dice_.below(100) : 99;
    const auto asked = request.url.substr(request.url.find('?') + 1);  // KEY&WORDS
    const auto key = asked.substr(0, asked.find('&')), prompt = asked.substr(asked.find('&') + 1);
    if (fate < 15) return {some_delay(), lost(request), {}};
    if (fate < 18) return {some_delay(), answer(401), {}};
    auto ids = json::array();
    for (const auto& made : book_)
        if (made.prompt == prompt && made.at >= heard_[key] && made.visible <= now && !made.gone && (list_is_whole_ || made.over <= now)) ids.push_back(made.id);
    return {some_delay(), answer(200, ids.dump()), {}};
}

backend::Step<backend::Found> FlakyProvider::find(const Order& order, const backend::Intent& intent) const {
    auto step = Provider::find(order, intent);
    if (auto* ask = std::get_if<http::Ask<backend::Found>>(&step)) {
        ask->request.url += "?" + intent.key + "&" + order.prompt;
        ask->then = [read = ask->then](const http::Response& answer) -> backend::Step<backend::Found> {
            if (answer.status == 401) return Error{ErrorKind::auth, "the key was refused"};
            return read(answer);
        };
    }
    return step;
}

FlakyHost::Answer FlakyHost::state(const std::string& id, Time now) {
    const auto fate = ill_ ? dice_.below(100) : 99;
    const auto request = http::Request{.url = "https://provider.example/jobs/" + id};
    if (fate < 10) return {some_delay(), lost(request), {}};
    if (fate < 15) return {some_delay(), answer(503), {}};
    if (fate < 16) return {some_delay(), answer(401), {}};
    const auto* made = find(id);
    if (!made || made->visible > now || made->gone) return {some_delay(), answer(404), {}};
    if (made->cancelled) return {some_delay(), answer(200, "broken"), {}};
    if (made->over > now) return {some_delay(), answer(200, "working"), {}};
    return {some_delay(), answer(200, made->end == End::clip ? "done" : made->end == End::refused ? "refused" : "broken"), {}};
}

FlakyHost::Answer FlakyHost::clip(const http::Request& request, const std::string& id, Time now) {
    auto fate = ill_ ? dice_.below(100) : 99;
    const auto* made = find(id);
    if (!made || made->gone || made->over > now) return {some_delay(), answer(404), {}};
    const auto bytes = clip_of(id);
    const std::vector<http::Header> head{{"Content-Length", std::to_string(bytes.size())}, {"ETag", "\"" + id + "\""}, {"Content-Type", "video/mp4"}};
    if (fate < 8) return {some_delay(), lost(request), {}};
    if (fate < 12) return {some_delay(), answer(503), {}};
    if (fate < 16) return {some_delay(), answer(403), {}};
    if (fate < 18) return {some_delay(), answer(200, "<html>wait</html>"), {}};
    if (fate < 20) return {some_delay(), answer(200, bytes.substr(0, bytes.size() - 9)), {}};  // no length announced, and one box short
    if (fate < 21) return {some_delay(), answer(401), {}};
    std::optional<std::size_t> cut;
    if (fate < 36) cut = std::size_t(dice_.below(bytes.size()));
    const auto range = header(request, "Range");
    if (!range.empty() && header(request, "If-Range") == "\"" + id + "\"" && !(ill_ && dice_.percent(20))) {
        const auto from = std::min(std::size_t(std::stoul(range.substr(6))), bytes.size());
        const auto rest = bytes.substr(from);
        return {some_delay(), answer(206, rest, {{"Content-Length", std::to_string(rest.size())}, {"ETag", "\"" + id + "\""},
                                                 {"Content-Range", "bytes " + std::to_string(from) + "-" + std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size())}}), cut};
    }
    return {some_delay(), answer(200, bytes, head), cut};
}

FlakyHost::Answer FlakyHost::cancel(const http::Request& request, const std::string& id) {
    const auto fate = ill_ ? dice_.below(100) : 99;
    if (fate < 10) return {some_delay(), lost(request), {}};
    for (auto& made : book_)
        if (made.id == id) made.cancelled = true;
    if (fate < 20) return {some_delay(), lost(request), {}};
    return {some_delay(), answer(200), {}};
}

}  // namespace shotwire::test
