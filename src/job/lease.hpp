#pragma once
#include <string>

namespace shotwire::job {

// Names this process so that no other one, on this machine or after a restart of it, has the same name.
std::string this_process();

// False only where the named process surely is no more: it ran on this machine since its last start, and is gone. A process
// elsewhere (a shared home folder) may live.
bool may_live(const std::string& process);

}  // namespace shotwire::job
