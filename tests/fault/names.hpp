#pragma once
#include "fault/trial.hpp"
#include "support/places.hpp"

namespace shotwire::test {

// Names of the test's own for the program, which may change while it runs: lines of "name address address...".
inline void names(Trial& trial, const std::string& lines) {
    trial.home.env["LD_PRELOAD"] = places::fault_names;
    trial.home.env["SHOTWIRE_FAULT_NAMES"] = trial.home.write("names", lines).string();
}
inline std::string at_name(int port) { return "https://videos.test:" + std::to_string(port) + "/v1"; }
inline VideoHost::Options named() { return {.certificate = make_certificate({.names = "DNS:videos.test"})}; }

}  // namespace shotwire::test
