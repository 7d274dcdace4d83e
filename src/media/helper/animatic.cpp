#include "media/helper/animatic.hpp"

#include "media/helper/sound.hpp"

namespace shotwire::media::helper {

Animatic::Animatic(const AnimaticJob& job)
    : job_(job), mood_(read_words(job.shot)),
      path_(job.plate.empty() ? job.motion : over_a_plate(job.motion), mood_.framing, job.size, job.seconds(), job.seed,
            job.overlay ? caption_top(job.shot, job.size) : job.size.height),
      scene_(build_scene(mood_, job.seed, path_.lens())),
      walk_(mood_, job.motion, path_.reach(), double(job.size.width) / job.size.height, job.seconds()), figure_(mood_, scene_.palette),
      weather_(mood_, scene_.palette, job.seed),
      slate_(job.shot, job.size, job.seconds(), job.fps, mood_.stands_in && job.plate.empty() && !job.motion.first_person) {}

Result<Animatic> Animatic::prepare(const AnimaticJob& job) {
    Animatic animatic(job);
    if (!job.plate.empty()) {
        auto plate = Plate::open(job.plate, job.size);
        if (!plate) return plate.error();
        animatic.plate_ = std::move(*plate);
    }
    return animatic;
}

View Animatic::view(int frame) const {
    double now = frame / job_.fps;
    // The last frame is where the move ends, not one frame before.
    double moved = job_.frames > 1 ? job_.seconds() * frame / (job_.frames - 1) : 0;
    View view = path_.at(moved, walk_.travelled(now));
    if (job_.motion.first_person && mood_.gait != Gait::still)
        view.camera.position.y += 0.03 * std::cos(4 * std::numbers::pi * walk_.at(now).way / 1.25);
    return view;
}

void Animatic::draw(Stage& stage, Canvas& canvas, int frame) const {
    double now = frame / job_.fps;
    View seen = view(frame);
    if (plate_) {
        plate_->draw(canvas, view(0).camera, seen.camera, path_.distance());
        canvas.soften(std::max(seen.defocus, 0.0));
    } else {
        stage.draw(canvas, seen, job_.motion.first_person ? nullptr : &figure_, walk_.at(now), weather_, now);
    }
    if (job_.overlay) slate_.draw(canvas, frame);
}

std::vector<float> Animatic::sound(int rate) const {
    return room_tone(mood_, walk_, std::size_t(std::llround(job_.seconds() * rate)), rate, job_.seed);
}

}  // namespace shotwire::media::helper
