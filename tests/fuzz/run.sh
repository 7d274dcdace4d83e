#!/usr/bin/env bash
# Builds the fuzzers with Clang and runs each target; an input that breaks a property ends it and is kept in build/fuzz/found/TARGET.
#   tests/fuzz/run.sh                 every target for 60 s
#   tests/fuzz/run.sh --short         the slice that CI runs: a thousand inputs each, the same ones every time
#   tests/fuzz/run.sh --seconds 600 replies mp4    those targets, that long; what they learnt stays in build/fuzz/corpus
#   build/fuzz/tests/fuzz/fuzz --target=replies build/fuzz/found/replies/crash-...    one input again
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=60 slice=''
while (($#)); do
    case $1 in
        --short) seconds=10 slice='-runs=1000 -seed=1' ;;
        --seconds) seconds=${2:?--seconds wants a number} && shift ;;
        -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0" && exit ;;
        -*) echo "tests/fuzz/run.sh: unknown flag '$1'" >&2 && exit 2 ;;
        *) break ;;
    esac
    shift
done

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzz
program=build/fuzz/tests/fuzz/fuzz

fuzz_one() {  # target, longest input
    local target=$1 longest=$2 begun=$SECONDS
    local corpus=build/fuzz/corpus/$target seeds=build/fuzz/seeds/$target found=build/fuzz/found/$target log=build/fuzz/$1.log
    rm -rf "$seeds"
    mkdir -p "$corpus" "$found"
    "$program" --target="$target" --seeds="$seeds"
    # shellcheck disable=SC2086  # the slice is words
    if "$program" --target="$target" -max_total_time="$seconds" $slice -timeout=10 -rss_limit_mb=2048 -max_len="$longest" -print_final_stats=1 \
        -artifact_prefix="$found/" "$corpus" "$seeds" >"$log" 2>&1; then
        printf '%-14s %9s inputs in %s s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" $((SECONDS - begun))
    else
        printf '%-14s FAILED, see %s\n' "$target" "$log"
        grep -m1 -E 'not so:|ERROR|runtime error|terminate' "$log" || true
        tail -n 3 "$log"
        return 1
    fi
}
export -f fuzz_one
export program seconds slice

"$program" --list | while read -r target longest; do
    if (($# == 0)) || [[ " $* " == *" $target "* ]]; then echo "$target $longest"; fi
done | xargs -P "$(nproc)" -L 1 bash -c 'fuzz_one "$@"' fuzz_one
