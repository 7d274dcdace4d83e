# What zsh offers for a command line: zsh -f completion.zsh SCRIPT LINE. A real Tab in a terminal of its own.
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$1" }
say "PS1= PROMPT_EOL_MARK= LISTMAX=1000; unsetopt zle_bracketed_paste 2> /dev/null; stty columns 200 rows 500"
say "autoload -Uz compinit && compinit -u -D && source ${(q)1}"
say "setopt no_beep; zstyle ':completion:*' list-prompt ''; bindkey '^I' complete-word; bindkey '^T' list-choices"
# Its prompt comes when the line editor listens: keys that come before it are no keys.
say "PS1='REA''DY> '"
zpty -r -m shell line '*READY> *'
# Listed first, then taken, since a single choice is not listed; and wiped away: nothing of it is run.
zpty -w -n shell "$2"$'\x14\t'
zpty -w -n shell $'\x15'"print -r -- 'D'ONE"$'\n'
while zpty -r shell line; do
    print -r -- "${line//[^[:print:]]/ }"
    [[ $line == DONE* || $line == *$'\r'DONE* ]] && break
done
zpty -d shell
