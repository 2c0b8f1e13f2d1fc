# Completion of cccd for bash. It asks the program itself what there is, by `cccd --help` and `cccd COMMAND --help`.

_cccd() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands command help value
    COMPREPLY=()
    commands=$("$program" --help 2>/dev/null | awk '/^  [a-z]/ { sub(/^  /, ""); sub(/  .*/, ""); print }')
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$(cut -d ' ' -f 1 <<<"$commands" | sort -u) --help --version" -- "$word")
        return
    fi
    command=${COMP_WORDS[1]}
    if ! grep --quiet --fixed-strings --line-regexp -- "$command" <<<"$commands"; then
        if ((COMP_CWORD == 2)); then
            mapfile -t COMPREPLY < <(compgen -W \
                "$(awk -v family="$command" '$1 == family { print $2 }' <<<"$commands") --help" -- "$word")
            return
        fi
        command+=" ${COMP_WORDS[2]}"
        grep --quiet --fixed-strings --line-regexp -- "$command" <<<"$commands" || return
    fi
    # shellcheck disable=SC2086  # one word or two
    help=$("$program" $command --help 2>/dev/null)
    # What the option before takes, FILE or vi|en.
    value=$(awk -v option="$previous" '/^  --/ && $1 == option && /^  --[^ ]+ [^ ]/ { print $2 }' <<<"$help")
    case $value in
        FILE | PATH | FOLDER | URL) ;;
        *"|"*) mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$word"); return ;;
        ?*) return ;;
        *)
            if [[ $word == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(awk '/^  --/ { print $1 }' <<<"$help")" -- "$word")
                return
            fi
            ;;
    esac
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

complete -F _cccd cccd
