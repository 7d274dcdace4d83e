# shellcheck shell=bash disable=SC2154,SC2034  # sourced by run.sh, which sets what is used here
# Start-up: what every call of a script pays.
ours_version() { measured -- "$bin/shotwire" --version; }
ours_help() { measured -- "$bin/shotwire" --help; }
curl_version() { measured -- curl --version; }

rows_start() {
    wanted start || return 0
    contend start "$rounds" ours_version ours_help curl_version
    compare "start: \`shotwire --version\`" start ours_version curl_version '`curl --version`' 1.0
    compare "start: \`shotwire --help\`" start ours_help curl_version '`curl --version`' 1.0
}
