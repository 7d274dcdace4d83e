// Preloaded into the program: names that the file $SHOTWIRE_FAULT_NAMES has resolve to the addresses that follow them there at that
// moment, to none where none follows; all others as ever. A line is "name address address...".
#include <dlfcn.h>
#include <netdb.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    const char* path = std::getenv("SHOTWIRE_FAULT_NAMES");
    std::ifstream file(path && node ? path : "/dev/null");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        if (name != node) continue;
        addrinfo* first = nullptr;
        addrinfo** end = &first;
        for (std::string address; words >> address;) {
            if (real(address.c_str(), service, hints, end) != 0) continue;
            while (*end) end = &(*end)->ai_next;
        }
        *result = first;
        return first ? 0 : EAI_NONAME;
    }
    return real(node, service, hints, result);
}
