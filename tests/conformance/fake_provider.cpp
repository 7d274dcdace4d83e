// Helpers that need more libraries than test_main links are compiled where they are used.
#include "support/fake_provider.cpp"
