#!/usr/bin/env bash
# Installed elsewhere, the program finds its helper and its module: installed.sh CMAKE BUILD_FOLDER
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" --install "$2" --prefix "$folder/usr" --component program >/dev/null
export HOME=$folder XDG_CONFIG_HOME=$folder/config XDG_STATE_HOME=$folder/state
unset SHOTWIRE_MEDIA SHOTWIRE_SERVE
cd "$folder"
made=$("$folder/usr/bin/shotwire" make "a heron lifts off" -d 1 --size 128x128 -o heron.mp4 -q)
[[ $made == heron.mp4 && -s heron.mp4 ]]
