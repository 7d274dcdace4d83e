# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# Sourced by run.sh: runs, medians, lines of the table.

fail() { echo "$*" | tee -a "$failed" >&2; }
wanted() { [[ $1 =~ $only ]]; }

# One run by the kernel's account: WALL_MS CPU_MS PEAK_KB STARTED EXIT BUSY, BUSY the server's share of its core in hundredths.
# `expected` is the exit code of success; what `saturates`
# the server on purpose has no share noted. Options before `--` go to bench_measure.
expected=0 saturates=''
measured() {
    local options=() before='' line code
    while [[ $1 != -- ]]; do options+=("$1") && shift; done
    shift
    [[ -z $server ]] || before=$(server_ms)
    line=$("$tools/bench_measure" --core "$core_client" "${options[@]}" "$@" 2>"$work/complaint") || true
    code=$(awk '{print $5}' <<<"$line")
    if [[ $code != "$expected" ]]; then
        echo "tests/bench: exit $code, not $expected: $*" >&2
        tail -5 "$work/complaint" >&2
        exit 1
    fi
    awk -v a="${before:-0}" -v b="$([[ -z $server || -n $saturates ]] && echo "${before:-0}" || server_ms)" '{printf "%s %.0f\n", $0, (b - a) / $1 * 100}' <<<"$line"
}

# contend NAME ROUNDS CONTENDER...: each a function that makes one `measured`; `round` is set. A run in which the server was above
# 80 % busy is void, since it measured the server, and made again in up to as many rounds more. Too few are no median: that fails.
contend() {
    local name=$1 count=$2 contender line file missing=yes
    shift 2
    for contender in "$@"; do : >"$work/runs/$name.$contender"; done
    for ((round = 0; round <= 5 * count && ${#missing} > 0; round++)); do
        missing=''
        for contender in "$@"; do
            file=$work/runs/$name.$contender
            (($(wc -l <"$file") < count)) || continue
            line=$("$contender") || exit 1
            ((round == 0 || ${line##* } > 80)) || echo "$line" >>"$file"
            (($(wc -l <"$file") == count)) || missing=yes
        done
    done
    [[ -n $short || -z $missing ]] || for contender in "$@"; do
        (($(runs_of "$name.$contender") == count)) || fail "$name: only $(runs_of "$name.$contender") of $count runs of $contender are not void"
    done
}

# mid NAME.CONTENDER [COLUMN]: the median; nothing where all runs are void. 1 wall ms, 2 CPU ms, 3 peak KB, 6 server busy.
mid() {
    awk -v c="${2:-1}" '{print $c}' "$work/runs/$1" | sort -n |
        awk '{v[NR] = $1} END {if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}
runs_of() { wc -l <"$work/runs/$1"; }
calc() { awk "BEGIN {$*}"; }
ratio() { [[ -n $1 && -n $2 ]] && awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

# line WORK OURS REFERENCE RATIO BOUND ROUNDS BUSY
line() {
    local cell row="|"
    for cell in "$@"; do row+=" ${cell:--} |"; done
    echo "$row $(cut -d' ' -f1 /proc/loadavg) |" | tee -a "$table"
}
# compare WORK NAME OURS REFERENCE REFERENCE_WORDS BOUND: a line by wall times.
compare() {
    local ours reference
    ours=$(mid "$2.$3") reference=$(mid "$2.$4")
    line "$1" "$(printf '%.1f ms' "${ours:-0}")" "$(printf '%.1f ms' "${reference:-0}"), $5" "$(ratio "$ours" "$reference")" "$6" "$(runs_of "$2.$3")" "$(mid "$2.$3" 6) %"
}
# within WORK COUNT LEAST MOST [OF]: a line that is judged. What never happens keeps every bound above: the least is at least 1.
within() {
    line "$1" "$2" "${5:-}" "" "$3 to $4" "counted" ""
    awk -v n="$2" -v a="$3" -v b="$4" 'BEGIN {exit !(n != "" && n + 0 >= a + 0 && n + 0 <= b + 0)}' || fail "$1: $2, not $3 to $4"
}
exactly() {
    line "$1" "$2" "" "" "$3" "counted" ""
    [[ $2 == "$3" ]] || fail "$1: $2, not $3"
}

has_sdk() {
    [[ -n ${sdk_there:-} ]] || {
        sdk_there=no
        if command -v node >/dev/null && command -v npm >/dev/null; then
            mkdir -p "$work/sdk" && cp tests/serve/sdk/package.json tests/bench/sdk.mjs "$work/sdk"
            (cd "$work/sdk" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts >/dev/null 2>&1) && sdk_there=yes
        fi
        [[ $sdk_there == yes ]] || echo "tests/bench: no JavaScript SDK here, its rows are left out" >&2
    }
    [[ $sdk_there == yes ]]
}

prepare_server() {
    make_certificates
    start_server
    # The clip of all jobs: 4 s of 720p of our own, its samples padded.
    "$bin/shotwire" make "a paper boat drifts" -m animatic --size 1280x720 -d 4 -q -o "$work/small.mp4" >/dev/null
    pad_clip "$work/small.mp4" "$work/server/clips/8M.mp4" $((8 << 20))
    [[ -n $short ]] || pad_clip "$work/small.mp4" "$work/server/clips/1G.mp4" $((1 << 30))
}
