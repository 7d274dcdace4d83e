// Fontconfig holds the patterns of cached fonts by offsets instead of pointers: LeakSanitizer takes them for lost. Nothing here
// calls fontconfig itself, only Cairo does. Compiled in, as the programs under test get an environment of their own.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }
