# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# A gigabyte to disk: ours with SHA-256, box check and fsync, curl's without any.
ours_gigabyte() { rm -f "$work/ours.mp4"; make_at "$h1/0/1G/v1" --; }
curl_gigabyte() { rm -f "$work/theirs.mp4"; measured -- curl -fsS --cacert "$ca" -o "$work/theirs.mp4" "$h1/0/1G/v1/videos/video_1_0/content"; }

rows_download() {
    wanted download && [[ -z $short ]] || return 0
    local ours theirs
    round=warm
    contend download "$few" ours_gigabyte curl_gigabyte
    ours=$(mid download.ours_gigabyte) theirs=$(mid download.curl_gigabyte)
    line "download: 1 GB, hash, box check, fsync" "$(calc "printf \"%.0f MB/s\", 1073.7 / $ours * 1000")" "$(calc "printf \"%.0f MB/s\", 1073.7 / $theirs * 1000"), \`curl -o\`" \
        "$(ratio "$theirs" "$ours")" "at least 0.5" "$(runs_of download.ours_gigabyte)" "$(mid download.ours_gigabyte 6) %"
    line "download: CPU seconds" "$(calc "printf \"%.2f\", $(mid download.ours_gigabyte 2) / 1000")" "$(calc "printf \"%.2f\", $(mid download.curl_gigabyte 2) / 1000")" \
        "$(ratio "$(mid download.ours_gigabyte 2)" "$(mid download.curl_gigabyte 2)")" "" "$(runs_of download.ours_gigabyte)" ""
    cmp -s "$work/ours.mp4" "$work/server/clips/1G.mp4" || fail "download: the clip is not the server's"
    rm -f "$work/theirs.mp4" "$work/ours.mp4"
    wanted job || contend job "$few" ours_job
    line "download: peak memory, 1 GB beside 8 MB" "$(calc "printf \"%.1f MB\", $(mid download.ours_gigabyte 3) / 1024")" "$(calc "printf \"%.1f MB\", $(mid job.ours_job 3) / 1024")" \
        "" "+2 MB" "$(runs_of download.ours_gigabyte)" ""
}
