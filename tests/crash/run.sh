#!/usr/bin/env bash
# A batch on the embedded server while it is killed at random moments, until it ends: every row exactly one create at the server, every
# file whole and what the server rendered, ledger and files agree, no .part is left.
#   tests/crash/run.sh                   500 kills of the client, of the server, of both (200 rows each), side by side
#   tests/crash/run.sh --short           a slice: 30 rows, 25 kills of each
#   --kills N, --rows N, --who client|server|both (repeatable), --seed N, --build DIR
set -euo pipefail
shopt -s nullglob
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kills=500 rows=200 seed=$((RANDOM * 32768 + RANDOM)) build=build/release who=()
while (($#)); do
    case $1 in
        --short) kills=25 rows=30 ;;
        --kills) kills=$2; shift ;;
        --rows) rows=$2; shift ;;
        --seed) seed=$2; shift ;;
        --build) build=$2; shift ;;
        --who) who+=("$2"); shift ;;
        *) echo "tests/crash/run.sh: unknown argument $1" >&2; exit 2 ;;
    esac
    shift
done
((${#who[@]})) || who=(client server both)
bin=$PWD/$build/src
[[ -x $bin/shotwire ]] || { echo "tests/crash: build first: cmake --preset release && cmake --build --preset release" >&2; exit 2; }
echo "seed $seed"

work=$(mktemp -d)
server=
client=
ended() { kill -9 $server $client 2>/dev/null || true; wait 2>/dev/null || true; }
export SHOTWIRE_MEDIA=${SHOTWIRE_MEDIA:-$bin/shotwire-media}

exec 3>&2  # the shell tells of each killed child on its stderr, which a round does without
fail() {
    {
        echo "tests/crash: seed $seed: $*"
        for log in "$home"/client.log "$home"/server.log; do [[ -f $log ]] && tail -n 15 "$log"; done
        echo "kept: $work"
    } >&3
    exit 1
}
# Of 1 to 400 ms, short ones more often: that is where a start, its first commits and its first requests are. Where more is sold than of
# the kills is over, only such: so that rows are left to be sold until nine tenths of them.
moment() {
    if (($(creates) * kills * 9 > (kills - left) * rows * 10)); then printf '0.%03d' $((1 + RANDOM % (5 + RANDOM % 75)))
    else printf '0.%03d' $((RANDOM % 20 ? 1 + RANDOM % (20 + RANDOM % 380) : 400 + RANDOM % 500)); fi
}
# What died on its way in lies in folders of other names.
creates() {
    local jobs=("$home"/serve/jobs/video_*)
    echo ${#jobs[@]}
}

start_server() {  # the same port, so that what is in the ledger stays where it was
    "$bin/shotwire" serve --state "$home/serve" --port "$port" --json >"$home/server.json" 2>>"$home/server.log" &
    server=$!
    local n=0
    until [[ -s $home/server.json ]]; do
        kill -0 "$server" 2>/dev/null || { wait "$server" 2>/dev/null || true; start_server_again=1; return; }
        ((++n < 3000)) || fail "the server does not start"
        sleep 0.01
    done
    url=$(jq -r .url "$home/server.json")
    [[ $port != 0 ]] || port=$(sed -E 's|.*:([0-9]+)/.*|\1|' <<<"$url")
}
batch=()
start_client() { (cd "$home" && exec "${batch[@]}" >"$home/out.ndjson" 2>>"$home/client.log") & client=$!; }

# How a run of the client may end: killed, done, or with rows left whose answer was lost; where the server was killed also with those that
# it did not answer. Never with a fault of its own, nor hidden in the exit of a batch that is done in part.
judge_exit() {
    local code=$1 allowed='0|11' excused='' row why
    [[ $kind == client ]] || allowed+='|6|7|8'
    ((code != 137)) || return 0
    while IFS=$'\t' read -r row why; do
        # Killed before the request had left, and looked for until it was clear: as good as never sent.
        [[ $row == 7 && $why == *"it was not created. The same command tries again"* ]] && excused='|7' && continue
        [[ $row =~ ^($allowed)$ ]] || fail "$kind: a row ended with $row: $why"
    done < <(jq -r '[.exit, .error.message] | @tsv' "$home/out.ndjson")
    [[ $code =~ ^($allowed$excused|14)$ ]] || fail "$kind: the client ended with $code"
}

# Each row once: the ledger against the folder, the sidecars, the server's jobs and what the last run told.
judge_books() {
    local db=$home/state/shotwire/ledger.db id row stage clip sum remote told held file
    ask() { sqlite3 -readonly -separator $'\t' "$db" "$1"; }
    [[ $(creates) == "$rows" ]] || fail "$kind: $(creates) creates at the server for $rows rows"
    [[ $(cat "$home"/serve/jobs/video_*/job.json | jq -r .prompt | sort -u | wc -l) == "$rows" ]] || fail "$kind: a row was created twice"
    [[ $(ask 'PRAGMA integrity_check') == ok ]] || fail "$kind: the ledger is damaged"
    # Beside the rows' jobs only orders that never reached the server, and are no job of it.
    [[ $(ask "SELECT count(*) FROM jobs WHERE stage <> 'failed' OR coalesce(handle, '') <> '' OR cost <> 0") == "$rows" ]] || fail "$kind: the ledger has not $rows jobs for $rows rows"
    [[ $(ask 'SELECT coalesce(sum(cost), 0) FROM jobs') == "$(ask 'SELECT coalesce(sum(micros), 0) FROM accounts')" ]] || fail "$kind: the accounts are not the sum of the jobs"
    [[ $(find "$home/clips" -name '*.mp4' | wc -l) == "$rows" ]] || fail "$kind: not every clip is there"
    [[ -z $(find "$home/clips" ! -name '*.mp4' ! -name '*.mp4.json' -type f) ]] || fail "$kind: something half made is left: $(ls "$home/clips" | grep -v 'mp4\(.json\)\?$')"
    told=$(jq -r '[.row, .state, .id, .clip, .sha256, .remote.id, .counted_usd * 1000000] | @tsv' "$home/out.ndjson" | sort) || fail "$kind: a line that was told is no JSON"
    held=$(ask "SELECT batch_row, stage, id, detail ->> 'clip', detail ->> 'sha256', handle ->> 'id', cost FROM jobs WHERE stage <> 'failed'" | sort)
    [[ $told == "$held" ]] || fail "$kind: what the last run told (<) is not what the ledger says (>): $(diff <(echo "$told") <(echo "$held") || true)"
    while IFS=$'\t' read -r row stage id clip sum remote; do
        file=$home/clips/$row.mp4
        [[ $stage == done && $clip == "$file" ]] || fail "$kind: the ledger has $row as $stage, with the clip $clip"
        [[ $sum == "$(sha256sum <"$file" | cut -d' ' -f1)" ]] || fail "$kind: the sum of $row in the ledger is not that of its clip"
        cmp -s "$file" "$home/serve/jobs/$remote/video.mp4" || fail "$kind: $file is not what the server rendered as $remote"
        [[ $(jq -r .prompt "$home/serve/jobs/$remote/job.json") == "shot number ${row#row-}:"* ]] || fail "$kind: $file is the clip of another row"
        [[ $(jq -r '[.job, .stage, .clip, .sha256, .remote.id] | @tsv' "$file.json") == "$id"$'\t'"$stage"$'\t'"$clip"$'\t'"$sum"$'\t'"$remote" ]] || fail "$kind: the sidecar of $file is not what the ledger says"
    done < <(cut -f 1-6 <<<"$held")
}

round() {
    kind=$1 left=$kills
    local runs=0 while_selling=0 before code=1
    home=$work/$kind port=0 server='' client=''
    mkdir -p "$home/clips"
    export XDG_STATE_HOME=$home/state XDG_CONFIG_HOME=$home/config
    start_server
    for ((i = 1; i <= rows; i++)); do printf '{"id": "row-%d", "prompt": "shot number %d: a paper boat drifts", "seed": %d}\n' "$i" "$i" "$i"; done >"$home/rows.jsonl"
    batch=("$bin/shotwire" batch rows.jsonl -m openai:animatic --base-url "$url" --cacert "$home/serve/cert.pem" --size 128x72 -d 1 --out-dir clips --yes -j 8)
    start_client
    while :; do
        if ((left > 0)); then
            sleep "$(moment)"
            before=$left
            if [[ $kind != client ]]; then
                kill -9 "$server" 2>/dev/null || true
                wait "$server" 2>/dev/null || true
                ((left--)) || true
            fi
            if [[ $kind != server ]] && kill -9 "$client" 2>/dev/null; then ((left--)) || true; fi
            (($(creates) == rows)) || ((while_selling += before - left)) || true
            [[ $kind == client ]] || start_server
        fi
        if ! kill -0 "$client" 2>/dev/null || ((left <= 0)); then
            code=0
            wait "$client" 2>/dev/null || code=$?
            judge_exit "$code"
            ((++runs))
            ((runs < kills + 50)) || fail "$kind: it does not end"
            # Done, and nothing is left to be killed for.
            if ((code == 0)); then
                ((left > 0)) || break
                # Too fast for so many kills: what it has done is forgotten by the folder, not by the ledger, and is fetched again for free.
                rm -f "$home"/clips/*.mp4
            fi
            start_client
        fi
    done

    judge_books
    ((kills < 10 || while_selling * 2 > kills)) || fail "$kind: only $while_selling of $kills kills fell while rows were left to be sold"
    ended
    echo "$kind: $((kills - left)) kills, $while_selling of them while rows were left to be sold, $runs runs, $rows rows: $rows creates, $rows whole clips, as the ledger has them"
}
# All at once: at its end each may wait half a minute until a submit that never left is known to have made nothing.
rounds=() failed=
for kind in "${who[@]}"; do
    (
        trap ended EXIT
        RANDOM=$((seed % 32768))
        round "$kind" 2>/dev/null
    ) &
    rounds+=($!)
done
trap 'kill "${rounds[@]}" 2>/dev/null || true; wait; rm -rf "$work"' INT TERM
for one in "${rounds[@]}"; do wait "$one" || failed=yes; done
trap - INT TERM
[[ -z $failed ]] || exit 1
rm -rf "$work"
