#pragma once
#include <memory>

#include "serve/server.hpp"

namespace shotwire::serve {

// Server::start out of the module shotwire-serve.so, which is loaded at the first call and stays: what a server needs (cpp-httplib,
// a shared C++ library) would cost every start of a client that serves nothing. $SHOTWIRE_SERVE, then beside this executable, then
// ../libexec/shotwire. Errors: as Server::start; local where the module is missing or another version's.
Result<std::unique_ptr<Server>> start_loaded(const Options& options);

}  // namespace shotwire::serve
