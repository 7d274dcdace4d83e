#!/usr/bin/env bash
# Every row beside its reference: contenders in turn, the first round dropped, medians; client on one core, server on the other. Counts
# (commits, connections, opens of the trust store, requests) fail the bench; times are printed with rounds, the server's load and the bound.
#   tests/bench/run.sh            all rows, about a quarter of an hour; the table is also build/bench/table.md
#   tests/bench/run.sh --short    the slice that proves in CI that it runs: few rounds, small batches, no gigabyte
#   tests/bench/run.sh --only RE  the rows whose names match
# Needs h2load, ffmpeg, openssl, jq, sqlite3 (install-packages.sh --tests); rows against the JavaScript SDK need node and npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
short='' only=.
while (($#)); do
    case $1 in
        --short) short=yes ;;
        --only) only=$2 && shift ;;
        *) echo "tests/bench/run.sh: unknown argument '$1'" >&2 && exit 2 ;;
    esac
    shift
done
bin=$PWD/build/release/src tools=$PWD/build/release/tests
for program in "$bin/shotwire" "$bin/shotwire-media" "$tools/bench_measure" "$tools/libbench_count.so"; do
    [[ -x $program || $program == *.so && -e $program ]] || { echo "tests/bench: $program is missing: cmake --preset release -DSHOTWIRE_TESTS=ON && cmake --build --preset release" >&2; exit 2; }
done
for program in curl jq openssl sqlite3 h2load ffmpeg taskset; do
    command -v "$program" >/dev/null || { echo "tests/bench: $program is missing: examples/install-packages.sh --tests" >&2; exit 2; }
done
core_client=0 core_server=1
(($(nproc) > 1)) || core_server=0

work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; wait 2>/dev/null || true; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache
unset OPENAI_API_KEY OPENAI_BASE_URL http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
mkdir -p build/bench "$work/runs"
table=$PWD/build/bench/table.md failed=$work/failed
: >"$failed"

# shellcheck source=tests/bench/server.sh
source tests/bench/server.sh
# shellcheck source=tests/bench/lib.sh
source tests/bench/lib.sh
for rows in start job download batch render; do
    # shellcheck disable=SC1090
    source "tests/bench/rows_$rows.sh"
done

has_batch=$("$bin/shotwire" --help | grep -qw batch && echo yes || true)
rounds=15 few=7
[[ -n $short ]] && rounds=3 few=2

{
    echo "Shotwire $("$bin/shotwire" --version | awk '{print $NF}'), $(nproc) cores, $(date -u +%Y-%m-%d); $(curl --version | awk 'NR == 1 {print $1, $2}')${short:+; a short slice}"
    echo
    echo "| Work | Shotwire | Reference | Ratio | Bound | Rounds | Server busy | Load |"
    echo "|---|---|---|---|---|---|---|---|"
} | tee "$table"

rows_start
prepare_server
rows_job
rows_download
[[ -z $has_batch ]] || rows_batch
rows_render

if [[ -x $tools/poll_simulator && polling =~ $only ]]; then
    { echo && echo "Polling: how late a finished clip is seen, and at how many polls (tests/bench/poll_simulator.cpp)" && "$tools/poll_simulator" "$([[ -n $short ]] && echo 500 || echo 4000)"; } | tee -a "$table" || fail "polling: the schedule is beaten"
fi
if [[ -s $failed ]]; then
    echo "tests/bench: failed:" >&2
    cat "$failed" >&2
    exit 1
fi
