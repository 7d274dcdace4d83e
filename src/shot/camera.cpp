#include "shot/camera.hpp"

namespace shotwire::shot {
namespace {

// Any move that travels or turns: what a static camera does not do.
const std::vector<std::string_view> moving{
    "dolly_in",   "dolly_out",   "push_in",    "pan_left",      "pan_right", "tilt_up",   "tilt_down",        "truck_left",       "truck_right",
    "pedestal_up", "pedestal_down", "crane_up", "crane_down",   "orbit_left", "orbit_right", "tracking_shot", "handheld",         "steadicam",
    "aerial_descending", "aerial_ascending", "drone_flyover", "whip_pan", "dolly_zoom"};

// A `*` in a synonym stands for a few words of the same clause, a leading `=` for a word that must make up its clause or stand before
// "camera" or "shot". Verbs match in all their forms ("pans", "panning"), and small words between ("pans slowly to the left") are
// passed over: see camera_match.cpp.
std::vector<Move> table() {
    return {
        {"dolly_in", "slow dolly in",
         {"dolly in", "dolly forward", "dolly forwards", "dolly closer", "dolly toward", "dolly towards", "forward dolly", "dolly shot", "dolly inward",
          "camera move in", "camera move closer", "camera move forward", "camera glide forward", "camera creep in", "camera creep forward", "camera advance"},
         "the camera slowly dollies in", {.dolly = 0.45}, {"dolly_out", "static"}},
        {"dolly_out", "dolly out",
         {"dolly back", "dolly backward", "dolly backwards", "dolly away", "pull out", "pull back", "pull away", "push out", "track out",
          "pullback", "pullback shot", "camera move back", "camera move backward", "camera move backwards", "camera move away", "camera retreat",
          "backward dolly"},
         "the camera dollies out", {.dolly = -0.45}, {"dolly_in", "push_in", "static"}},
        {"push_in", "push in",
         {"push in shot", "slow push", "camera push forward", "camera push closer", "camera push toward", "camera push towards"},
         "the camera pushes in", {.dolly = 0.4}, {"dolly_out", "static"}},
        {"pan_left", "pan left", {"left pan", "pan * to the left", "pan right to left", "pan from right to left", "camera turn left"},
         "the camera pans left", {.pan = -30}, {"pan_right", "static"}},
        {"pan_right", "pan right", {"right pan", "pan * to the right", "pan left to right", "pan from left to right", "camera turn right"},
         "the camera pans right", {.pan = 30}, {"pan_left", "static"}},
        {"tilt_up", "tilt up", {"upward tilt", "tilt upward", "tilt upwards", "camera look up"},
         "the camera tilts up", {.tilt = 22}, {"tilt_down", "static"}},
        {"tilt_down", "tilt down", {"downward tilt", "tilt downward", "tilt downwards", "camera look down"},
         "the camera tilts down", {.tilt = -22}, {"tilt_up", "static"}},
        {"truck_left", "truck left",
         {"track left", "crab left", "slide left", "dolly left", "lateral * left", "camera move left", "camera slide * left", "slider left", "truck * to the left"},
         "the camera trucks left, sliding sideways", {.truck = -0.5}, {"truck_right", "static"}},
        {"truck_right", "truck right",
         {"track right", "crab right", "slide right", "dolly right", "lateral * right", "camera move right", "camera slide * right", "slider right",
          "truck * to the right"},
         "the camera trucks right, sliding sideways", {.truck = 0.5}, {"truck_left", "static"}},
        {"pedestal_up", "pedestal up", {"ped up", "boom up", "camera rise", "rising shot", "camera lift"},
         "the camera rises straight up", {.pedestal = 0.4}, {"pedestal_down", "crane_down", "aerial_descending", "static"}},
        {"pedestal_down", "pedestal down", {"ped down", "boom down", "camera lower", "camera sink", "camera descend"},
         "the camera sinks straight down", {.pedestal = -0.4}, {"pedestal_up", "crane_up", "aerial_ascending", "static"}},
        {"crane_up", "crane up", {"jib up", "crane shot up", "rising crane shot", "rising crane", "crane shot rising", "crane shot", "jib shot", "crane upward"},
         "the camera cranes up, looking down on the scene as it rises", {.pedestal = 0.5, .tilt = -12},
         {"crane_down", "pedestal_down", "aerial_descending", "static"}},
        {"crane_down", "crane down", {"jib down", "crane shot down", "descending crane shot", "descending crane", "crane shot descending", "crane downward"},
         "the camera cranes down to eye level", {.pedestal = -0.5, .tilt = 12, .height = 0.5, .pitch = -16},
         {"crane_up", "pedestal_up", "aerial_ascending", "static"}},
        {"orbit_left", "orbit left", {"orbit * left", "arc left", "circle left", "camera circle * left", "orbit clockwise", "rotate left around"},
         "the camera orbits to the left around the subject", {.orbit = -40}, {"orbit_right", "static"}},
        {"orbit_right", "orbit right",
         {"orbit * right", "arc right", "circle right", "camera circle * right", "orbit counterclockwise", "orbit anticlockwise", "rotate right around", "camera orbit",
          "camera circle", "orbit around", "orbit shot", "orbital shot", "orbiting shot", "arc shot", "360 orbit", "360 degree orbit", "360 shot"},
         "the camera orbits to the right around the subject", {.orbit = 40}, {"orbit_left", "static"}},
        {"tracking_shot", "tracking shot",
         {"track shot", "=tracking", "tracking camera", "follow shot", "following shot", "camera follow", "camera track", "camera trail", "camera travel with", "camera move with",
          "travelling shot", "traveling shot"},
         "the camera travels along with the subject", {.follow = true}, {"static"}},
        {"handheld", "handheld", {"hand held", "handheld camera", "handheld shot", "shaky cam", "shakycam", "camera shake", "shoulder mounted"},
         "the camera is handheld, swaying slightly with the operator", {.shake = 0.5}, {"steadicam", "static"}},
        {"steadicam", "steadicam", {"steadycam", "steadicam shot", "gimbal shot", "=gimbal", "camera float", "floating camera"},
         "a steadicam glides smoothly with the subject", {.shake = 0.08, .follow = true}, {"handheld", "static"}},
        {"aerial_descending", "aerial descending",
         {"descending aerial", "descending aerial shot", "aerial * descending", "aerial descent", "aerial shot * descend", "bird's eye * descending",
          "birds eye * descending", "bird's eye * descend", "overhead * descending", "drone descend", "descending drone shot", "drone * descending",
          "drone descent", "drone shot * descending"},
         "an aerial camera descends towards the scene", {.pedestal = -1.0, .tilt = 28, .height = 1.6, .pitch = -48},
         {"aerial_ascending", "crane_up", "pedestal_up", "static"}},
        {"aerial_ascending", "aerial ascending",
         {"ascending aerial", "ascending aerial shot", "aerial * ascending", "aerial ascent", "aerial * rising", "bird's eye * ascending", "birds eye * ascending",
          "overhead * ascending", "drone rise", "drone ascend", "rising drone shot", "ascending drone shot", "drone * ascending", "drone * rising", "drone pull up"},
         "an aerial camera rises away from the scene", {.pedestal = 1.1, .tilt = -28, .height = 0.5, .pitch = -18},
         {"aerial_descending", "crane_down", "pedestal_down", "static"}},
        {"drone_flyover", "drone flyover",
         {"drone fly over", "flyover", "fly over shot", "drone shot", "drone footage", "drone view", "aerial flyover", "aerial shot", "aerial view", "=aerial",
          "fpv drone", "fpv", "drone * over", "helicopter shot", "flythrough", "fly through shot", "drone follow", "drone fly", "camera fly over"},
         "a drone flies over the scene", {.dolly = 0.7, .pedestal = 0.3, .height = 0.9, .pitch = -26}, {"static"}},
        {"zoom_in", "zoom in", {"slow zoom", "zoom into", "zoom closer", "crash zoom", "snap zoom", "zoom toward", "zoom towards", "in zoom"},
         "the lens zooms in", {.zoom = 1.6}, {"zoom_out"}},
        {"zoom_out", "zoom out", {"zoom back", "zoom away", "zoom wide", "zoom wider", "widening zoom", "reverse zoom"},
         "the lens zooms out", {.zoom = 0.625}, {"zoom_in"}},
        {"rack_focus", "rack focus",
         {"pull focus", "focus pull", "focus shift", "shift focus", "focus rack", "change of focus"},
         "the focus racks from the foreground to the subject", {.focus = 1}, {}},
        {"whip_pan", "whip pan", {"whip pan shot", "swish pan", "flash pan", "camera whip"},
         "the camera whip-pans", {.pan = 80, .whip = true}, {"static"}},
        {"dolly_zoom", "dolly zoom", {"vertigo effect", "vertigo shot", "vertigo zoom", "zolly", "contra zoom", "trombone shot", "hitchcock zoom", "jaws shot", "zoom dolly"},
         "a dolly zoom: the subject keeps its size while the background stretches away", {.dolly = 0.4, .zoom = 0.6}, {"static"}},
        {"pov", "POV", {"pov shot", "point of view", "point of view shot", "first person", "first person view", "first person pov", "first person shot", "subjective camera",
                        "through the eyes of", "through her eyes", "through his eyes", "eyes of the subject"},
         "seen from the subject's own eyes", {.shake = 0.2, .first_person = true}, {}},
        {"static", "static",
         {"static shot", "static camera", "static frame", "locked off", "locked off shot", "locked off camera", "lock off", "locked shot", "locked camera",
          "locked down", "locked down camera", "=tripod", "tripod shot", "on a tripod", "fixed camera", "fixed shot", "fixed frame", "still camera", "stationary camera", "stationary shot",
          "=stationary", "unmoving camera", "camera is static", "camera stay still", "camera remain still", "camera hold still", "camera do not move",
          "camera doesn't move", "no camera movement", "no camera motion"},
         "the camera is locked off and does not move", {}, moving},
    };
}

}  // namespace

std::span<const Move> vocabulary() {
    static const std::vector<Move> moves = table();
    return moves;
}

}  // namespace shotwire::shot
