# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# One whole job: create, one poll, 8 MB, with ledger, SHA-256 and fsync on our side alone; nobody sleeps.
job_words() { printf 'a paper boat drifts, take %s%s' "$round" "$RANDOM$RANDOM"; }
make_at() {  # base URL, then options of bench_measure up to --, then flags
    local url=$1 options=()
    shift
    while [[ $1 != -- ]]; do options+=("$1") && shift; done
    shift
    measured "${options[@]}" -- "$bin/shotwire" make "$(job_words)" -m openai:bench --base-url "$url" --cacert "$ca" --size 1280x720 -d 4 -q -o "$work/ours.mp4" --force "$@"
}
ours_job() { make_at "$h1/0/8M/v1" --; }
shell_job() { measured -- bash tests/bench/curl_job.sh "$h1/0/8M/v1" "$ca" "$work/theirs.mp4"; }
sdk_job() { measured --env NODE_EXTRA_CA_CERTS="$ca" -- node "$work/sdk/sdk.mjs" one "$h1/0/8M/v1" "$work/theirs.mp4"; }

rows_job() {
    wanted job || return 0
    local contenders=(ours_job shell_job)
    has_sdk && contenders+=(sdk_job)
    reset_counts
    contend job "$few" "${contenders[@]}"
    compare "job: create, one poll, 8 MB, ledger, hash, fsync" job ours_job shell_job 'bash, curl, jq' 0.45
    [[ $sdk_there == yes ]] && compare "job: the same" job ours_job sdk_job "openai SDK, node" 0.25
    line "job: peak memory" "$(calc "printf \"%.1f MB\", $(mid job.ours_job 3) / 1024")" "" "" "20 MB" "$(runs_of job.ours_job)" ""

    round=counted
    reset_counts
    make_at "$h1/0/8M/v1" --env LD_PRELOAD="$tools/libbench_count.so" --env BENCH_COUNTS="$work/counts" --env BENCH_TRUST="$ca" -- >/dev/null
    exactly "job: trust store opened" "$(count_of trust_opens)" 1
    exactly "job: creates at the server" "$(counted creates)" 1
    exactly "job: polls at the server" "$(counted polls)" 1
    # Submit, accepted, ready, whole, done; and the header of the log. None of them may be left out but the last.
    within "job: durable commits" "$(count_of commits)" 4 6
    within "job: syncs of clip, sidecar and folder" "$(count_of file_syncs)" 3 8
    cmp -s "$work/ours.mp4" "$work/server/clips/8M.mp4" || fail "job: the clip is not the server's"
    first_request
}
count_of() { awk -v n="$1" '$1 == n {print $2}' "$work/counts"; }

# From the program's start to the arrival of its first request, on a ledger that has seen much.
first_request() {
    local number=100000 ledger=$work/state/shotwire/ledger.db times=$work/first line
    [[ -n $short ]] && number=5000
    fill_ledger "$ledger" "$number"
    : >"$times"
    for ((round = 0; round <= few; round++)); do
        reset_counts
        line=$(make_at "$h1/0/8M/v1" --) || exit 1
        ((round == 0)) || awk -v at="$(counted first_create)" '{printf "%.1f\n", (at - $4) * 1000}' <<<"$line" >>"$times"
    done
    line "job: first request after the start, a ledger of $number rows" "$(sort -n "$times" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}') ms" "" "" "50 ms" "$few" ""
}

# Finished jobs as they are, under other ids and words.
fill_ledger() {
    local columns
    columns=$(sqlite3 "$1" "SELECT group_concat(name) FROM pragma_table_info('jobs') WHERE name NOT IN ('number', 'id', 'fingerprint')")
    sqlite3 "$1" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
        INSERT INTO jobs (id, fingerprint, $columns) SELECT printf('z%07d', i), lower(hex(randomblob(32))), $columns FROM n, (SELECT * FROM jobs WHERE stage = 'done' LIMIT 1);
        INSERT INTO history SELECT number, created, 'downloading', 'done', '' FROM jobs;
        PRAGMA wal_checkpoint(TRUNCATE);" >/dev/null
}
