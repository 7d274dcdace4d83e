#!/usr/bin/env bash
# The rows of matrix.md that need a network of their own: as root, at night. A class that this machine does not allow is skipped
# aloud, never in silence. Exit 1 where a row that ran has failed.
#   tests/fault/nightly.sh PROGRAM [MEDIA_PROGRAM]
set -euo pipefail
program=$(realpath "${1:?the shotwire to test}")
export SHOTWIRE_MEDIA=${2:-$(dirname "$program")/shotwire-media}
failed=0
skip() { printf 'SKIPPED %s: %s\n' "$1" "$2"; }

# Everything below runs in a network namespace that has nothing but its own loopback.
if [[ ${SHOTWIRE_IN_NAMESPACE:-} != 1 ]]; then
    if ! unshare -rn true 2>/dev/null && ! unshare -n true 2>/dev/null; then
        for id in N1 N2 N3; do skip "$id" "no network namespaces here"; done
        exit 0
    fi
    own=$(unshare -rn true 2>/dev/null && echo -rn || echo -n)
    SHOTWIRE_IN_NAMESPACE=1 exec unshare "$own" "${BASH_SOURCE[0]}" "$program" "$SHOTWIRE_MEDIA"
fi
command -v ip >/dev/null || { for id in N1 N2 N3; do skip "$id" "no ip(8)"; done; exit 0; }
ip link set lo up mtu 1500

home=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_STATE_HOME=$home/state

# A fresh ledger, folder and server; the arguments are the server's.
fresh() {
    [[ -z $server ]] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; }
    rm -rf "${home:?}"/*
    mkdir -p "$home/work" "$home/config/shotwire"
    # Where nothing tells what became of a lost submit, none may be sent again.
    printf '[routes.openai.dialect]\nfind = false\n' >"$home/config/shotwire/config.toml"
    "$program" serve --port 8443 --state "$home/serve" "$@" 2>"$home/serve.log" &
    server=$!
    until grep -qs https "$home/serve.log"; do kill -0 "$server" || { cat "$home/serve.log"; exit 1; }; read -rt 0.05 <> <(:) || true; done
}
make_clip() {  # flags; prints the exit
    (cd "$home/work" && "$program" make "a heron" -m openai:animatic --base-url https://127.0.0.1:8443/v1 --cacert "$home/serve/cert.pem" \
        -d 1 --size 128x128 -o a.mp4 "$@" >"$home/out" 2>"$home/err" && echo 0 || echo $?)
}
creates() { find "$home/serve/jobs" -mindepth 1 -maxdepth 1 -name 'video_*' 2>/dev/null | wc -l; }
wait_for() {  # a condition, at most 20 s
    local end=$((SECONDS + 20))
    until eval "$1"; do ((SECONDS < end)) || return 1; read -rt 0.05 <> <(:) || true; done
}
row() {  # id, what it is, the function that proves it
    if "$3"; then printf 'ok      %s: %s\n' "$1" "$2"; else
        printf 'FAILED  %s: %s\n' "$1" "$2"
        sed 's/^/        /' "$home/err"
        failed=1
    fi
}

black_hole() {
    fresh --fault create:delay=100
    make_clip --timeout 15s >"$home/exit" &
    local client=$!
    wait_for '(($(creates) == 1))' || return 1
    nft add table inet hole && nft add chain inet hole input '{ type filter hook input priority 0; }' && nft add rule inet hole input tcp sport 8443 drop
    wait "$client"
    nft delete table inet hole
    # The answer never came: unknown, one job there, and the same command sends nothing.
    [[ $(cat "$home/exit") == 11 && $(creates) == 1 && $(make_clip --timeout 5s) == 11 && $(creates) == 1 ]]
}
# What goes out is lost, in one direction, while a job renders: free requests time out, and go on once it is over; nothing is paid again.
one_direction() {
    fresh
    [[ $(make_clip --no-wait) == 0 && $(creates) == 1 ]] || return 1
    nft add table inet hole && nft add chain inet hole output '{ type filter hook output priority 0; }' && nft add rule inet hole output tcp dport 8443 drop
    make_clip --timeout 4s >"$home/exit"
    nft delete table inet hole
    [[ $(cat "$home/exit") == [68] && $(creates) == 1 && $(make_clip --timeout 30s) == 0 && $(creates) == 1 && -s $home/work/a.mp4 ]]
}
reset_all() {
    fresh --fault create:delay=3
    make_clip --timeout 30s -v -v >"$home/exit" &
    local client=$!
    wait_for '(($(creates) == 1))' || return 1
    ss -K dst 127.0.0.1 dport = 8443 >/dev/null 2>&1 || return 1
    wait "$client"
    [[ $(cat "$home/exit") == 11 && $(creates) == 1 ]] || return 1
    # No storm: where the connections of a job that renders are reset, few more requests are made than without.
    fresh
    make_clip --timeout 30s -v -v >"$home/exit" &
    client=$!
    wait_for '(($(creates) == 1))' || return 1
    for _ in 1 2 3; do ss -K dst 127.0.0.1 dport = 8443 >/dev/null 2>&1 || true; done
    wait "$client"
    local sent
    sent=$(grep -cE ' (GET|POST|DELETE) ' "$home/err" || true)
    ((sent > 0 && sent <= 24)) || { echo "$sent requests" >>"$home/err"; return 1; }
    [[ $(cat "$home/exit") == 0 || $(cat "$home/exit") == 11 ]] && (($(creates) <= 1))
}
thin_line() {
    fresh
    tc qdisc add dev lo root tbf rate 64kbit burst 5kb latency 400ms
    local code
    code=$(make_clip --timeout 5m)
    [[ $code == 0 && $(creates) == 1 ]] || { tc qdisc del dev lo root; return 1; }
    # Several at once share the line; each comes to its end, and none is asked for again from its beginning.
    code=$(make_clip --timeout 5m -n 3 -j 3 --seed 2 -o '{take}.mp4')
    tc qdisc del dev lo root
    [[ $code == 0 && $(creates) == 4 && -s $home/work/1.mp4 && -s $home/work/2.mp4 && -s $home/work/3.mp4 ]]
}

if command -v nft >/dev/null && nft list tables >/dev/null 2>&1; then
row N1 "a black hole behind a submit that was sent makes it unknown, and nothing is sent twice" black_hole
row N1 "what is lost in one direction while a job renders is asked for again, for nothing" one_direction
else skip N1 "no nftables here"; fi
if ss -K dst 127.0.0.1 dport = 1 >/dev/null 2>&1; then
row N2 "a reset of all connections leaves a submit in flight unknown, and brings no storm" reset_all
else skip N2 "ss -K is not allowed here"; fi
if command -v tc >/dev/null && tc qdisc add dev lo root tbf rate 1mbit burst 5kb latency 400ms 2>/dev/null && tc qdisc del dev lo root; then
row N3 "a line of 64 kbit/s is slow and no failure, for one clip and for three at once" thin_line
else skip N3 "no tc with tbf here"; fi
exit "$failed"
