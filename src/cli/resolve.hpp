#pragma once
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

#include "catalog/plan.hpp"
#include "cli/context.hpp"
#include "cli/flags.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::cli {

// What the user asks for: configuration, then shot file, then flags; the last wins.
struct Asked {
    Shot shot;
    catalog::Wishes wishes;
    std::optional<NetworkFlags> network = {};  // given: a provider may be asked what a model without a row takes
};

// Reads the shot file, PROMPT from stdin and all texts of flags, and moves the route that --base-url means. Errors: usage.
Result<Asked> resolve(const ShotFlags& shot, const OrderFlags& order, Context& context);
// The same over what was asked before: a sidecar's order, say.
Result<Asked> resolve(const ShotFlags& shot, const OrderFlags& order, Context& context, Asked before);

// What the configuration says of a shot and an order. Errors: usage.
struct Defaults {
    Shot shot;
    json wishes;
};
Result<Defaults> read_defaults(Context& context);

// A row of a batch, in layers of which the later wins; one may name a shot file below itself, as --shot would. `name` is the batch's
// file, for errors, and images of the row are relative to `folder`.
Result<Asked> resolve(const Defaults& defaults, std::initializer_list<const json*> layers, const std::string& name, const std::filesystem::path& folder,
                      const OrderFlags& order, Context& context);

// Texts of flags. Errors: usage, naming the flag, its text and what is allowed.
Result<long> parse_whole(std::string_view flag, std::string_view text, long least, long most);
Result<Money> parse_money(std::string_view flag, std::string_view text);
Result<> check_word(std::string_view flag, const std::string& text, const std::vector<std::string>& allowed);

}  // namespace shotwire::cli
