#pragma once

// Where the tests find what they read and run. Defined in one file, so that a move of the folder compiles that one alone.
namespace shotwire::places {
extern const char* const source;       // the checkout
extern const char* const program;      // shotwire
extern const char* const media;        // shotwire-media
extern const char* const serve;        // shotwire-serve.so
extern const char* const fault_shim;   // the library whose calls fail
extern const char* const fault_names;  // the library with names of a test's own
}  // namespace shotwire::places
