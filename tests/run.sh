#!/usr/bin/env bash
# Installs what is needed, builds, runs every test of the release build with its quickstart, and short slices of the kills at random, of
# the benchmark and of the fuzzers. By name also the suite under AddressSanitizer and UndefinedBehaviorSanitizer (debug) and the parts with
# threads under ThreadSanitizer (tsan).
#   tests/run.sh            what CI runs: release crash bench fuzz
#   tests/run.sh release    one of: release, crash, debug, tsan, bench, fuzz
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
parts=("$@")
((${#parts[@]})) || parts=(release crash bench fuzz)

say() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

say "Packages"
./examples/install-packages.sh --tests

suite() {  # preset, targets, then arguments of ctest
    local preset=$1 targets=$2
    shift 2
    say "Build: $preset"
    cmake --preset "$preset" -DSHOTWIRE_TESTS=ON >/dev/null
    # shellcheck disable=SC2086  # targets are words
    cmake --build --preset "$preset" --target $targets
    say "Test: $preset"
    ctest --preset "$preset" "$@"
}

for part in "${parts[@]}"; do
    case $part in
        release)
            say "Quickstart"
            SHOTWIRE_TESTS=ON ./examples/quickstart.sh
            suite release all
            ;;
        crash)
            say "Killed at random, a short slice"
            tests/crash/run.sh --short
            ;;
        # Rows that time the renderer or preload a library belong to the release build.
        debug) suite debug all -LE 'crash|fault' -E 'every command of the README' ;;
        tsan) suite tsan 'test_http test_serve test_job test_batch test_animatic test_conformance' -L threads ;;
        bench)
            say "Benchmark, a short slice"
            tests/bench/run.sh --short
            ;;
        fuzz)
            say "Fuzzers, a short slice"
            tests/fuzz/run.sh --short
            ;;
        *)
            echo "tests/run.sh: unknown part '$part'; allowed: release, crash, debug, tsan, bench, fuzz" >&2
            exit 2
            ;;
    esac
done
say "All parts passed: ${parts[*]}"
