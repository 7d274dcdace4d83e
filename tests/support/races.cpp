// What ThreadSanitizer cannot see: libraries that were built without it, and hand their own pieces of memory from thread to thread by
// atomics. What our code does to one picture from two threads is seen all the same: its pixels are written by us.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "called_from_lib:libcairo.so\n"
           "called_from_lib:libpixman-1.so\n"
           "called_from_lib:libfreetype.so\n"
           "called_from_lib:libfontconfig.so\n"
           "called_from_lib:libavcodec.so\n"
           "called_from_lib:libavutil.so\n"
           "called_from_lib:libx264.so\n";
}
