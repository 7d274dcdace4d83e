#pragma once
#include <string>
#include <vector>

#include "catalog/plan.hpp"

namespace shotwire::catalog {

// What is chosen of all that a model lets one choose. An empty text or 0: the model is not asked.
struct Choice {
    std::string resolution;
    std::string ratio;
    std::optional<Size> size;  // where it is known
    double seconds = 0;
    int fps = 0;
    bool audio = false;
    bool native_camera = false;  // the move goes into the model's own field
    std::vector<std::string> images;  // the roles that are given, each once
    Operation operation = Operation::create;
};

// A plan in the making: the wishes, and what was found wrong or was changed so far.
struct Draft {
    const Wishes& wishes;
    const std::vector<Image>& images;
    std::string name;  // of the model, in sentences
    Choice choice = {};
    std::vector<Problem> problems = {};
    std::vector<std::string> changes = {};
    std::vector<std::string> notes = {};

    void refuse(std::string field, std::string value, std::string message, std::vector<std::string> allowed = {}) {
        problems.push_back({std::move(field), std::move(value), std::move(message), std::move(allowed)});
    }
};

// Resolution, ratio and pixels, each from the wishes, the first frame or the row's default.
void choose_frame(const Model& model, Draft& draft);
// The pixels that the model delivers for what is chosen; none: not told.
std::optional<Size> size_of(const Model& model, const Choice& choice);

// What may be said about --size beside --aspect-ratio and --resolution without looking at a model.
void refuse_conflicts(Draft& draft, AspectRatio ratio, const std::string& resolution);

bool holds(const Condition& condition, const Choice& choice);
// Gives way where nothing was wished (or with --fit) until all rules of the row hold; what cannot is refused.
void obey_rules(const Model& model, Draft& draft);

void check_images(const Model& model, Draft& draft);

}  // namespace shotwire::catalog
