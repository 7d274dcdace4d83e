#!/bin/bash
# One shell's completions, typed for real: completion.sh SHELL SHOTWIRE. Exit 77: the shell is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) shell=$1 program=$2
command -v "$shell" > /dev/null || { echo "skipped: no $shell"; exit 77; }
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -p "$home/work"
cd "$home/work"
export HOME=$home XDG_STATE_HOME=$home/state XDG_CONFIG_HOME=$home/config PATH=$(dirname "$program"):$PATH TERM=dumb

: > wait-for-me.txt
shotwire completion "$shell" > "$home/script"
"$shell" -n "$home/script"
id=$(shotwire make "a heron" -d 1 --size 128x128 --no-wait -q)

# What the shell offers behind these words, the last of them unfinished.
offered() {
    case $shell in
        fish) fish --no-config -c "source $home/script; complete -C '$1'" ;;
        bash) bash -c "source $home/script; read -ra COMP_WORDS <<< '$1 '; [[ '$1' == *' ' ]] && COMP_WORDS+=('')
                       COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1)); _shotwire; printf '%s\n' \"\${COMPREPLY[@]}\"" ;;
        zsh) zsh -f "$here/completion.zsh" "$home/script" "$1" ;;
    esac
}
expect() { # WORDS OFFERED
    offered "$1" > "$home/offered" || true
    grep -q -- "$2" "$home/offered" || { echo "'$1' does not offer $2 but:"; cat "$home/offered"; exit 1; }
}
refuse() { # WORDS NOT_OFFERED
    offered "$1" > "$home/offered" || true
    ! grep -q -- "$2" "$home/offered" || { echo "'$1' offers $2"; exit 1; }
}

expect "shotwire ma" make
expect "shotwire jobs res" resume
for command in show wait forget cancel resume adopt resend; do
    expect "shotwire jobs $command " "$id"
    refuse "shotwire jobs $command " sora-2
done
expect "shotwire make --remix " "$id"
expect "shotwire jobs ls --state re" rendering
expect "shotwire models show ani" animatic
expect "shotwire make -m ani" animatic
for flag in -o --shot --from --first-frame; do expect "shotwire make $flag wait" wait-for-me.txt; done
expect "shotwire help env" environment
echo "$shell completes"
