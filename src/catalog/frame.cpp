#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "catalog/draft.hpp"
#include "catalog/measures.hpp"
#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

const Image* first_frame(const Draft& draft) {
    for (const auto& image : draft.images)
        if (image.role == ImageRole::first_frame) return &image;
    return nullptr;
}

// The picture whose ratio the clip takes; none: the ratio is to be chosen.
const Image* ratio_setter(const Model& model, const Draft& draft) {
    const auto found = std::find_if(draft.images.begin(), draft.images.end(), [&](const Image& image) {
        const auto limits = model.images.find(image.role);
        return limits != model.images.end() && limits->second.sets_ratio;
    });
    return found == draft.images.end() ? nullptr : &*found;
}

// A wish for a shape beside a picture that sets it. Whether they agree cannot be told of a picture that nobody measured.
bool agrees(const Image& picture, AspectRatio wished, const std::string& field, const std::string& value, Draft& draft) {
    const bool measured = picture.pixels.width > 0;
    if (measured && distance(wished.value(), double(picture.pixels.width) / picture.pixels.height) <= 0.02) return true;
    const auto follows = fmt::format("with {} the clip takes the ratio of the picture{}", core::printable(picture.source),
                                     measured ? ", " + to_string(picture.pixels) : ", which a URL does not tell");
    if (draft.wishes.fit)
        draft.changes.push_back(fmt::format("{}, in place of {}", follows, value));
    else
        draft.refuse(field, value, fmt::format("{}: {} cannot be asked for", follows, value));
    return false;
}

// The model's own writing of a ratio, or of the nearest where `nearest` says so; empty: it has none.
std::string ratio_in(const std::vector<std::string>& ratios, AspectRatio wished, bool nearest) {
    std::string best;
    double least = nearest ? 1e9 : 0.005;
    for (const auto& name : ratios) {
        const auto ratio = parse_ratio(name);
        if (!ratio) continue;
        if (const double far = distance(ratio->value(), wished.value()); far < least) {
            least = far;
            best = name;
        }
    }
    return best;
}

std::string resolution_in(const std::vector<std::string>& resolutions, int lines, bool nearest) {
    std::string best;
    double least = nearest ? 1e9 : 1e-9;
    for (const auto& name : resolutions)
        if (const double far = distance(lines_of(name), lines); far < least) {
            least = far;
            best = name;
        }
    return best;
}

std::vector<std::string> printed(const std::vector<OutputSize>& sizes) {
    std::vector<std::string> names;
    for (const auto& row : sizes) names.push_back(to_string(row.size));
    return names;
}

void take(Choice& choice, const OutputSize& row) {
    choice.size = row.size;
    choice.resolution = row.resolution;
    choice.ratio = to_string(row.ratio);
}

// The row whose shape is nearest; among equals the one nearest in pixels.
const OutputSize& nearest_size(const std::vector<OutputSize>& sizes, Size wished) {
    const auto far = [&](const OutputSize& row) {
        const double shape = distance(double(row.size.width) / row.size.height, double(wished.width) / wished.height);
        const double area = distance(double(row.size.width) * row.size.height, double(wished.width) * wished.height);
        return 10 * shape + area;
    };
    return *std::min_element(sizes.begin(), sizes.end(), [&](const auto& a, const auto& b) { return far(a) < far(b); });
}

void from_table(const Model& model, Draft& draft) {
    const auto wished = *draft.wishes.size;
    const auto found = std::find_if(model.sizes.begin(), model.sizes.end(), [&](const auto& row) { return row.size == wished; });
    if (found != model.sizes.end()) {
        take(draft.choice, *found);
        return refuse_conflicts(draft, found->ratio, found->resolution);
    }
    refuse_conflicts(draft, ratio_of(wished, model.ratios), {});
    const auto allowed = printed(model.sizes);
    if (!draft.wishes.fit)
        return draft.refuse("size", to_string(wished),
                            fmt::format("{} makes no {}; it makes {}", draft.name, to_string(wished), core::join(allowed, ", ")), allowed);
    take(draft.choice, nearest_size(model.sizes, wished));
    draft.changes.push_back(fmt::format("size {} in place of {}", to_string(*draft.choice.size), to_string(wished)));
}

void from_any(const Model& model, Draft& draft) {
    const auto wished = *draft.wishes.size;
    const auto side = [&](int length) { return std::clamp(length / 2 * 2, model.least_side, model.most_side); };
    const Size possible{side(wished.width), side(wished.height)};
    auto& choice = draft.choice;
    const auto ratio = ratio_of(wished, model.ratios);
    refuse_conflicts(draft, ratio, {});
    choice.size = possible;
    choice.ratio = to_string(ratio_of(possible, model.ratios));
    choice.resolution = resolution_in(model.resolutions, std::min(possible.width, possible.height), false);
    if (possible == wished) return;
    if (!draft.wishes.fit)
        return draft.refuse("size", to_string(wished),
                            fmt::format("{} makes no {}; width and height are even numbers from {} to {}", draft.name, to_string(wished),
                                        model.least_side, model.most_side),
                            {to_string(possible)});
    draft.changes.push_back(fmt::format("size {} in place of {}", to_string(possible), to_string(wished)));
}

// A model that is asked in words only: the size must be one of its resolutions in one of its ratios.
void from_words_of_size(const Model& model, Draft& draft) {
    const auto wished = *draft.wishes.size;
    const auto ratio = ratio_of(wished, model.ratios);
    const int lines = std::min(wished.width, wished.height);
    refuse_conflicts(draft, ratio, {});
    auto& choice = draft.choice;
    choice.ratio = ratio_in(model.ratios, ratio, draft.wishes.fit);
    choice.resolution = resolution_in(model.resolutions, lines, draft.wishes.fit);
    if (choice.ratio.empty() || choice.resolution.empty()) {
        std::vector<std::string> allowed;
        for (const auto& resolution : model.resolutions)
            for (const auto& name : model.ratios)
                if (const auto one = parse_ratio(name)) allowed.push_back(to_string(pixels_of(*one, lines_of(resolution))));
        const auto what = allowed.empty() ? "its row names no sizes; leave size out" : fmt::format("it makes {} in {}", core::join(model.resolutions, ", "), core::join(model.ratios, ", "));
        return draft.refuse("size", to_string(wished), fmt::format("{} makes no {}; {}", draft.name, to_string(wished), what), allowed);
    }
    if (!same_ratio(*parse_ratio(choice.ratio), ratio) || lines_of(choice.resolution) != lines)
        draft.changes.push_back(fmt::format("{} in {} in place of {}", choice.resolution, choice.ratio, to_string(wished)));
}

// The picture sets the ratio: of the size only the resolution is asked for.
void from_size_and_picture(const Model& model, const Image& picture, Draft& draft) {
    const auto wished = *draft.wishes.size;
    const auto row = std::find_if(model.sizes.begin(), model.sizes.end(), [&](const auto& one) { return one.size == wished; });
    const bool listed = row != model.sizes.end();
    const auto ratio = listed ? row->ratio : ratio_of(wished, model.ratios);
    const int lines = listed ? lines_of(row->resolution) : std::min(wished.width, wished.height);
    refuse_conflicts(draft, ratio, listed ? row->resolution : "");
    auto& choice = draft.choice;
    choice.ratio.clear();
    choice.resolution = resolution_in(model.resolutions, lines, draft.wishes.fit);
    if (choice.resolution.empty())
        return draft.refuse("size", to_string(wished),
                            fmt::format("{} makes no {}; with a picture it makes {} in the picture's ratio", draft.name, to_string(wished),
                                        core::join(model.resolutions, ", ")),
                            model.resolutions);
    if (!agrees(picture, {wished.width, wished.height}, "size", to_string(wished), draft)) return;
    if (lines_of(choice.resolution) == lines) choice.size = wished;
    else draft.changes.push_back(fmt::format("{} in place of {}", choice.resolution, to_string(wished)));
}

void choose_ratio(const Model& model, Draft& draft) {
    auto& choice = draft.choice;
    choice.ratio = model.default_ratio;
    const auto* picture = first_frame(draft);
    const bool measured = picture && picture->pixels.width > 0;
    if (const auto* setter = ratio_setter(model, draft)) {
        choice.ratio.clear();
        if (const auto& wished = draft.wishes.ratio) agrees(*setter, *wished, "aspect_ratio", to_string(*wished), draft);
        return;
    }
    if (!draft.wishes.ratio) {
        if (measured && !model.ratios.empty()) choice.ratio = ratio_in(model.ratios, {picture->pixels.width, picture->pixels.height}, true);
        return;
    }
    const auto wished = *draft.wishes.ratio;
    if (const auto same = ratio_in(model.ratios, wished, false); !same.empty()) {
        choice.ratio = same;
    } else if (model.ratios.empty()) {
        draft.refuse("aspect_ratio", to_string(wished), fmt::format("{} takes no --aspect-ratio", draft.name));
    } else if (draft.wishes.fit) {
        choice.ratio = ratio_in(model.ratios, wished, true);
        draft.changes.push_back(fmt::format("aspect ratio {} in place of {}", choice.ratio, to_string(wished)));
    } else {
        draft.refuse("aspect_ratio", to_string(wished),
                     fmt::format("{} has no aspect ratio {}; it has {}", draft.name, to_string(wished), core::join(model.ratios, ", ")),
                     model.ratios);
    }
}

void choose_resolution(const Model& model, Draft& draft) {
    auto& choice = draft.choice;
    choice.resolution = model.default_resolution;
    const auto& wished = draft.wishes.resolution;
    if (wished.empty()) return;
    const int lines = lines_of(wished);
    const auto& known = model.resolutions;
    if (lines == 0) {
        draft.refuse("resolution", wished,
                     fmt::format("the resolution {} is no name such as 720p or 4k; {} has {}", core::printable(wished), draft.name,
                                 core::join(known, ", ")),
                     known);
    } else if (const auto same = resolution_in(known, lines, false); !same.empty()) {
        choice.resolution = same;
    } else if (known.empty()) {
        draft.refuse("resolution", wished, fmt::format("{} takes no --resolution", draft.name));
    } else if (draft.wishes.fit) {
        choice.resolution = resolution_in(known, lines, true);
        draft.changes.push_back(fmt::format("resolution {} in place of {}", choice.resolution, wished));
    } else {
        draft.refuse("resolution", wished, fmt::format("{} has no {}; it has {}", draft.name, wished, core::join(known, ", ")), known);
    }
}

bool in_table(const Model& model, const std::string& resolution, const std::string& ratio) {
    return std::any_of(model.sizes.begin(), model.sizes.end(),
                       [&](const auto& row) { return row.resolution == resolution && to_string(row.ratio) == ratio; });
}

// Each is possible, but not every resolution in every ratio: what was not wished gives way, then with --fit the resolution.
void join_in_table(const Model& model, Draft& draft) {
    auto& choice = draft.choice;
    const bool told = std::any_of(model.sizes.begin(), model.sizes.end(), [&](const auto& row) { return row.resolution == choice.resolution; });
    if (!told || choice.ratio.empty() || in_table(model, choice.resolution, choice.ratio)) return;
    std::vector<std::string> resolutions, ratios;
    for (const auto& row : model.sizes) {
        if (to_string(row.ratio) == choice.ratio) resolutions.push_back(row.resolution);
        if (row.resolution == choice.resolution) ratios.push_back(to_string(row.ratio));
    }
    if (!draft.wishes.ratio) {
        choice.ratio = ratio_in(ratios, *parse_ratio(choice.ratio), true);
    } else if (draft.wishes.resolution.empty() || draft.wishes.fit) {
        const auto before = choice.resolution;
        choice.resolution = resolution_in(resolutions, lines_of(before), true);
        if (!draft.wishes.resolution.empty())
            draft.changes.push_back(fmt::format("resolution {} in place of {}, which has no {}", choice.resolution, before, choice.ratio));
    } else {
        draft.refuse("resolution", choice.resolution,
                     fmt::format("{} makes no {} in {}; {} comes in {}, {} in {}", draft.name, choice.resolution, choice.ratio,
                                 choice.ratio, core::join(resolutions, ", "), choice.resolution, core::join(ratios, ", ")),
                     resolutions);
    }
}

// A model that wants the first frame in the clip's own pixels: the picture decides where nothing was wished.
bool from_picture(const Model& model, Draft& draft) {
    const auto* picture = first_frame(draft);
    const auto limits = model.images.find(ImageRole::first_frame);
    if (!picture || limits == model.images.end() || !limits->second.exact_size || draft.wishes.ratio || !draft.wishes.resolution.empty())
        return false;
    const auto found = std::find_if(model.sizes.begin(), model.sizes.end(), [&](const auto& row) { return row.size == picture->pixels; });
    if (found == model.sizes.end()) return false;
    take(draft.choice, *found);
    draft.notes.push_back(fmt::format("the clip is {}, as its first frame", to_string(found->size)));
    return true;
}

}  // namespace

void refuse_conflicts(Draft& draft, AspectRatio ratio, const std::string& resolution) {
    const auto& wishes = draft.wishes;
    const auto size = *wishes.size;
    if (wishes.ratio && distance(wishes.ratio->value(), ratio.value()) > 0.01)
        draft.refuse("size", to_string(size),
                     fmt::format("--size {} is {}, but --aspect-ratio says {}; leave one of them out", to_string(size), to_string(ratio),
                                 to_string(*wishes.ratio)));
    const int lines = resolution.empty() ? std::min(size.width, size.height) : lines_of(resolution);
    if (!wishes.resolution.empty() && lines_of(wishes.resolution) != lines)
        draft.refuse("size", to_string(size),
                     fmt::format("--size {} is {}p, but --resolution says {}; leave one of them out", to_string(size), lines,
                                 core::printable(wishes.resolution)));
}

std::optional<Size> size_of(const Model& model, const Choice& choice) {
    const auto ratio = parse_ratio(choice.ratio);
    if (!ratio) return {};
    if (model.any_size) {
        auto size = pixels_of(*ratio, lines_of(choice.resolution));
        for (int* side : {&size.width, &size.height}) *side = std::clamp(*side, model.least_side, model.most_side);
        return size;
    }
    for (const auto& row : model.sizes)
        if (row.resolution == choice.resolution && same_ratio(row.ratio, *ratio)) return row.size;
    return {};
}

void choose_frame(const Model& model, Draft& draft) {
    if (draft.wishes.size) {
        if (const auto* setter = ratio_setter(model, draft)) return from_size_and_picture(model, *setter, draft);
        if (model.any_size) return from_any(model, draft);
        if (!model.sizes.empty()) return from_table(model, draft);
        return from_words_of_size(model, draft);
    }
    if (from_picture(model, draft)) return;
    const auto problems = draft.problems.size();
    choose_ratio(model, draft);
    choose_resolution(model, draft);
    if (draft.problems.size() == problems) join_in_table(model, draft);
    draft.choice.size = size_of(model, draft.choice);
}

}  // namespace shotwire::catalog
