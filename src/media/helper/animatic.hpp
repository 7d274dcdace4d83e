#pragma once
#include <optional>

#include "media/helper/job.hpp"
#include "media/helper/plate.hpp"
#include "media/helper/slate.hpp"
#include "media/helper/stage.hpp"

namespace shotwire::media::helper {

// A shot, ready to be drawn: any frame, in any order, from several threads at once (each with a stage and a canvas of its own).
class Animatic {
public:
    // Errors: usage for a broken plate.
    static Result<Animatic> prepare(const AnimaticJob& job);
    Stage stage() const { return Stage(scene_, job_.size); }
    void draw(Stage& stage, Canvas& canvas, int frame) const;
    std::vector<float> sound(int rate) const;
    const AnimaticJob& job() const { return job_; }
    View view(int frame) const;

private:
    explicit Animatic(const AnimaticJob& job);
    AnimaticJob job_;
    Mood mood_;
    CameraPath path_;
    Scene scene_;
    Walk walk_;
    Figure figure_;
    Weather weather_;
    Slate slate_;
    std::optional<Plate> plate_;
};

}  // namespace shotwire::media::helper
