#!/usr/bin/env bash
# A batch on the embedded server while it is killed at random moments, until it ends: every row exactly one create at the server, every
# file whole and what the server rendered, ledger and files agree, no .part is left.
#   tests/crash/run.sh                   500 kills of the client, then of the server, then of both (200 rows each)
#   tests/crash/run.sh --short           a slice: 30 rows, 25 kills of each
#   --kills N, --rows N, --who client|server|both (repeatable), --seed N, --build DIR
set -euo pipefail
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
RANDOM=$((seed % 32768))

work=$(mktemp -d)
server=
client=
ended() { kill -9 $server $client 2>/dev/null || true; wait 2>/dev/null || true; }
trap 'ended; rm -rf "$work"' EXIT
export SHOTWIRE_MEDIA=${SHOTWIRE_MEDIA:-$bin/shotwire-media}

exec 3>&2  # the shell tells of each killed child on its stderr, which a round does without
fail() {
    {
        echo "tests/crash: seed $seed: $*"
        for log in "$home"/client.log "$home"/server.log; do [[ -f $log ]] && tail -n 15 "$log"; done
        echo "kept: $work"
    } >&3
    trap - EXIT
    ended
    exit 1
}
# Of 1 to 400 ms, short ones more often: that is where a start, its first commits and its first requests are.
moment() { printf '0.%03d' $((RANDOM % 20 ? 1 + RANDOM % (20 + RANDOM % 380) : 400 + RANDOM % 500)); }

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
start_client() { (cd "$home" && exec "${batch[@]}" >>"$home/out.ndjson" 2>>"$home/client.log") & client=$!; }

round() {
    local kind=$1 left=$kills runs=0 code=1
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
            if [[ $kind != client ]]; then
                kill -9 "$server" 2>/dev/null || true
                wait "$server" 2>/dev/null || true
                ((left--)) || true
            fi
            if [[ $kind != server ]] && kill -9 "$client" 2>/dev/null; then ((left--)) || true; fi
            [[ $kind == client ]] || start_server
        fi
        if ! kill -0 "$client" 2>/dev/null || ((left <= 0)); then
            code=0
            wait "$client" 2>/dev/null || code=$?
            # Killed, done, or left with something to go on with; never a fault of its own.
            case $code in 0 | 6 | 7 | 8 | 11 | 14 | 137) ;; *) fail "$kind: the client ended with $code" ;; esac
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

    # The books: what the server accepted, what the ledger says, what lies on the disk.
    local creates
    # What died on its way in lies in folders of other names.
    creates=$(find "$home/serve/jobs" -path '*/video_*/job.json' | wc -l)
    [[ $creates == "$rows" ]] || fail "$kind: $creates creates at the server for $rows rows"
    [[ $(find "$home/serve/jobs" -path '*/video_*/job.json' -exec jq -r .prompt {} + | sort -u | wc -l) == "$rows" ]] || fail "$kind: a row was created twice"
    local db=$home/state/shotwire/ledger.db
    [[ $(sqlite3 "$db" 'PRAGMA integrity_check') == ok ]] || fail "$kind: the ledger is damaged"
    [[ $(sqlite3 "$db" "SELECT count(DISTINCT batch_row) FROM jobs WHERE stage = 'done'") == "$rows" ]] || fail "$kind: not every row is done in the ledger"
    [[ $(find "$home/clips" -name '*.mp4' | wc -l) == "$rows" ]] || fail "$kind: not every clip is there"
    [[ -z $(find "$home/clips" \( -name '*.part*' -o -name '*.tmp' -o -name '*.copy' \)) ]] || fail "$kind: something half made is left: $(ls "$home/clips" | grep -v 'mp4\(.json\)\?$')"
    local file remote
    for file in "$home"/clips/*.mp4; do
        remote=$(jq -r .remote.id "$file.json")
        cmp -s "$file" "$home/serve/jobs/$remote/video.mp4" || fail "$kind: $file is not what the server rendered"
        [[ $(jq -r .sha256 "$file.json") == "$(sha256sum <"$file" | cut -d' ' -f1)" ]] || fail "$kind: the sum beside $file is wrong"
        [[ $(jq -r .prompt "$home/serve/jobs/$remote/job.json") == "shot number $(basename "$file" .mp4 | cut -d- -f2):"* ]] || fail "$kind: $file is the clip of another row"
    done
    ended
    echo "$kind: $kills kills, $runs runs, $rows rows: $rows creates, $rows whole clips"
}
for kind in "${who[@]}"; do round "$kind" 2>/dev/null; done
