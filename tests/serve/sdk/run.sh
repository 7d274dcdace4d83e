#!/bin/bash
# The official SDK against a server of its own: run.sh SHOTWIRE SHOTWIRE_MEDIA. Exit 77: node, npm or the registry is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) program=$1
export SHOTWIRE_MEDIA=$2
for tool in node npm jq; do command -v "$tool" > /dev/null || { echo "skipped: no $tool"; exit 77; }; done
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; wait; rm -rf "$folder"' EXIT
mkfifo "$folder/told"
"$program" serve --port 0 --state "$folder/state" --json > "$folder/told" 2> "$folder/log" &
server=$!
read -r told < "$folder/told"  # one line, written when it listens
SHOTWIRE_TEST_BASE_URL=$(jq -r .url <<< "$told") SHOTWIRE_TEST_CA=$(jq -r .certificate <<< "$told") node "$here/sdk_test.mjs"
