#!/usr/bin/env bash
# Ratios against a reference in the same run, contenders in turn, medians: start-up against curl, one whole job against a curl script that
# makes the same calls, a download against curl. Wall times are printed, never judged. `--short` is the slice that proves in CI that it runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=15 jobs=7
[[ ${1:-} == --short ]] && rounds=5 jobs=3
bin=$PWD/build/release/src
[[ -x $bin/shotwire ]] || { echo "tests/bench: build first: cmake --preset release && cmake --build --preset release" >&2; exit 2; }

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config

now() { date +%s%N; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
timed() {  # file, command...: appends the milliseconds it took
    local to=$1 start
    shift
    start=$(now)
    "$@" >/dev/null 2>&1 || { echo "tests/bench: failed: $*" >&2; exit 1; }
    awk -v a="$start" -v b="$(now)" 'BEGIN {printf "%.3f\n", (b - a) / 1e6}' >>"$to"
}
versus() {  # name, rounds, command of ours, command of the reference
    local name=$1 count=$2 ours=$3 reference=$4
    for ((i = 0; i <= count; i++)); do
        for side in ours reference; do
            ((i)) && to=$work/$name.$side || to=/dev/null  # the first round warms up
            round=$i timed "$to" bash -c "${!side}"
        done
    done
    local a b
    a=$(median <"$work/$name.ours") b=$(median <"$work/$name.reference")
    awk -v n="$name" -v a="$a" -v b="$b" -v c="$count" 'BEGIN {printf "%-34s %9.1f ms %9.1f ms   ratio %5.2f   (median of %d)\n", n, a, b, a / b, c}'
}

cat >"$work/curl-job.sh" <<'JOB'
# What a careful shell script does for one clip.
set -euo pipefail
id=$(curl -fsS --cacert "$CA" -H "Content-Type: application/json" -d '{"model":"animatic","prompt":"a paper boat drifts","size":"128x72","seconds":"1"}' "$URL/videos" | jq -r .id)
until [[ $(curl -fsS --cacert "$CA" "$URL/videos/$id" | jq -r .status) == completed ]]; do sleep 0.1; done
curl -fsS --cacert "$CA" -o "$1" "$URL/videos/$id/content"
sha256sum "$1"
JOB

"$bin/shotwire" serve --state "$work/serve" --json >"$work/server.json" 2>/dev/null &
server=$!
until [[ -s $work/server.json ]]; do sleep 0.05; done
export URL CA bin work
URL=$(jq -r .url "$work/server.json") CA=$(jq -r .certificate "$work/server.json")
big=$(curl -fsS --cacert "$CA" -H "Content-Type: application/json" -d '{"model":"animatic","prompt":"rain in a neon street at night","size":"1280x720","seconds":"4"}' "$URL/videos" | jq -r .id)
until [[ $(curl -fsS --cacert "$CA" "$URL/videos/$big" | jq -r .status) == completed ]]; do sleep 0.2; done

printf '%-34s %12s %12s\n' "" shotwire reference
versus start-up---version "$rounds" "$bin/shotwire --version" "curl --version"
versus start-up---help "$rounds" "$bin/shotwire --help" "curl --version"
versus one-whole-job-curl+jq "$jobs" \
    "$bin/shotwire make 'a paper boat drifts' -m openai:animatic --base-url \$URL --cacert \$CA --size 128x72 -d 1 -q --again -o \$work/ours-\$RANDOM\$RANDOM.mp4" \
    "bash \$work/curl-job.sh \$work/theirs.mp4"
# A known job, so that what is timed is look-up, one poll and the download with its checks.
"$bin/shotwire" make "rain in a neon street at night" -m openai:animatic --base-url "$URL" --cacert "$CA" --size 1280x720 -d 4 -q -o "$work/known.mp4" >/dev/null
id=$("$bin/shotwire" jobs ls --json | jq -r '.jobs[] | select(.clip | endswith("known.mp4")) | .id' | head -1)
export id big
versus download-with-checks-curl "$rounds" "rm -f \$work/known.mp4; $bin/shotwire jobs wait \$id -q --cacert \$CA" \
    "curl -fsS --cacert \$CA -o \$work/known-curl.mp4 \$URL/videos/\$big/content && sha256sum \$work/known-curl.mp4"
echo "server: $(ps -o cputimes= -p "$server" | tr -d ' ') s CPU in all; load $(cut -d' ' -f1 /proc/loadavg)"
