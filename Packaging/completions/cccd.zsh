#compdef cccd
# Completion of cccd for zsh. It asks the program itself what there is, by `cccd --help` and `cccd COMMAND --help`.

_cccd() {
    local program=${words[1]} command=${words[2]} value line
    local -a commands options
    local -aU found
    commands=("${(@f)$("$program" --help 2>/dev/null | awk '/^  [a-z]/ { sub(/^  /, ""); sub(/  +/, ":"); print }')}")
    if ((CURRENT == 2)); then
        # A family of commands is one word here, whose second word comes next.
        for line in $commands; do
            if [[ ${line%%:*} == *" "* ]]; then found+=("${line%% *}"); else found+=("$line"); fi
        done
        _describe command found
        return
    fi
    if ((${commands[(I)${(b)command}:*]} == 0)); then
        if ((CURRENT == 3)); then
            found=("${(@)${(@M)commands:#${(b)command} *}#$command }")
            _describe command found
            return
        fi
        command+=" ${words[3]}"
        ((${commands[(I)${(b)command}:*]})) || return 1
    fi
    local help=$("$program" ${=command} --help 2>/dev/null)
    value=$(awk -v option="${words[CURRENT - 1]}" '/^  --/ && $1 == option && /^  --[^ ]+ [^ ]/ { print $2 }' <<<"$help")
    case $value in
        FILE | PATH | URL) _files ;;
        FOLDER) _files -/ ;;
        *"|"*) _values value ${(s:|:)value} ;;
        ?*) _message "$value" ;;
        *)
            if [[ ${words[CURRENT]} == -* ]]; then
                options=("${(@f)$(awk '/^  --/ { name = $1; sub(/^  .*[^ ]  +/, ""); gsub(/:/, "\\:"); print name ":" $0 }' <<<"$help")}")
                _describe option options
            else
                _files
            fi
            ;;
    esac
}

_cccd "$@"
