#!/usr/bin/env bash
# What a careful shell script does for one clip: curl_job.sh BASE_URL CA TO
set -euo pipefail
url=$1 ca=$2 to=$3
id=$(curl -fsS --cacert "$ca" -H "Content-Type: application/json" -d '{"model":"bench","prompt":"a paper boat drifts","size":"1280x720","seconds":"4"}' "$url/videos" | jq -r .id)
while :; do
    status=$(curl -fsS --cacert "$ca" "$url/videos/$id" | jq -r .status)
    [[ $status == completed ]] && break
    [[ $status == failed ]] && exit 1
    sleep 0.1
done
curl -fsS --cacert "$ca" -o "$to" "$url/videos/$id/content"
sha256sum "$to"
