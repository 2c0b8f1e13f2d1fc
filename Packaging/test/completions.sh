#!/bin/bash
# Holds what bash, zsh and fish complete against what the program says of itself: families, commands, and the options of each.
# A shell that is not installed is left out.
#
# Usage: Packaging/test/completions.sh PROGRAM FOLDER
#   FOLDER  with the completions as the package has them, such as /usr/share
set -euo pipefail
program=$(realpath "${1:?which program?}")
folder=$(realpath "${2:?which folder?}")
readonly program folder
PATH=$(dirname "$program"):$PATH

# How each shell completes a line; the first word of each line printed is a completion.
by_bash() {
    bash -c '
        source "$0"
        compopt() { :; }
        read -ra COMP_WORDS <<<"$1"
        [[ $1 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _cccd
        printf "%s\n" "${COMPREPLY[@]}"' "$folder/bash-completion/completions/cccd" "$1"
}
by_zsh() {
    zsh -f -c '
        _describe() { print -rl -- ${(P)2} | sed "s/:.*//" }
        _files() { :; }
        _message() { :; }
        _values() { print -rl -- ${@[2,-1]} }
        words=(${=2})
        [[ $2 != *" " ]] || words+=("")
        CURRENT=$#words
        source $1' zsh "$folder/zsh/vendor-completions/_cccd" "$1"
}
by_fish() { fish --no-config -c 'source $argv[1]; complete --do-complete $argv[2]' "$folder/fish/vendor_completions.d/cccd.fish" "$1"; }

failures=0
# must SHELL LINE: what stands on standard input is what SHELL completes LINE with.
must() {
    local difference
    if ! difference=$(diff <(sort --unique) <("by_$1" "$2" | awk 'NF { print $1 }' | sort --unique)); then
        printf '%s completes "%s" otherwise than the program says:\n%s\n' "$1" "$2" "$difference" >&2
        failures=$((failures + 1))
    fi
}

commands=$(cccd --help | sed -n 's/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p')
options() {
    # shellcheck disable=SC2086  # one word or two
    cccd $1 --help | awk '/^  --/ { print $1 }'
}
for shell in bash zsh fish; do
    command -v "$shell" >/dev/null || { echo "$shell is not installed: left out"; continue; }
    must "$shell" "cccd " < <(cut -d ' ' -f 1 <<<"$commands"; [[ $shell == zsh ]] || printf '%s\n' --help --version)
    while read -r command; do must "$shell" "cccd $command --" < <(options "$command"); done <<<"$commands"
    while read -r family; do
        must "$shell" "cccd $family " < <(sed -n "s/^$family //p" <<<"$commands"; [[ $shell != bash ]] || echo --help)
    done < <(sed -n 's/ .*//p' <<<"$commands" | sort --unique)
    must "$shell" "cccd verify --lang " < <(printf '%s\n' vi en)
    echo "$shell: $(wc --lines <<<"$commands") commands"
done
((failures == 0))
