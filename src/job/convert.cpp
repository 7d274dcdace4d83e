#include <future>

#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Some engines deliver AVI or WebM. The helper makes an MP4 beside the part; our sockets do not wait for it.
void Runner::Impl::convert(Charge& charge) {
    charge.converted = true;
    charge.progress.word = "making an MP4 of it";
    tell(charge);
    const auto from = charge.part->path();
    charge.conversion = std::make_shared<Conversion>();
    charge.conversion->made = std::async(std::launch::async, [make = deps.to_mp4, from, to = fs::path(from.string() + ".mp4"), &left = charge.conversion->left] {
        return make(from, to, [&left] { return !left; });
    });
    later(charge, 20ms, &Impl::converting);
}

void Runner::Impl::converting(Charge& charge) {
    if (charge.conversion->made.wait_for(0s) != std::future_status::ready) return later(charge, 20ms, &Impl::converting);
    const auto done = std::exchange(charge.conversion, nullptr)->made.get();
    const auto made = fs::path(charge.part->path().string() + ".mp4");
    std::error_code ignored;
    const auto taken = done ? charge.part->take(made) : done;
    if (taken) return verify(charge);
    fs::remove(made, ignored);
    if (taken.error().kind == ErrorKind::local) return rest(charge, taken.error());
    verify(charge);  // it stays what it is, and is told as that
}

}  // namespace shotwire::job
