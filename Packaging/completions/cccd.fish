# Completion of cccd for fish. It asks the program itself what there is, by `cccd --help` and `cccd COMMAND --help`.

function __cccd_commands
    cccd --help 2>/dev/null | string match --regex '^  [a-z].*' | string replace --regex '^  (.*?)  +' '$1\t'
end

function __cccd_complete
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    set --local word (commandline --current-token --cut-at-cursor)
    set --local commands (__cccd_commands)
    set --local names (string replace --regex '\t.*' '' -- $commands)
    if test (count $words) -eq 1
        string replace --regex '^(\S+) .*' '$1' -- $commands | sort --unique
        printf '%s\n' --help --version
        return
    end
    set --local command $words[2]
    if not contains -- $command $names
        if test (count $words) -eq 2
            string match --regex --groups-only "^"(string escape --style=regex -- $command)" (.*)" -- $commands
            return
        end
        set command "$words[2] $words[3]"
        contains -- $command $names; or return
    end
    set --local help (cccd (string split ' ' -- $command) --help 2>/dev/null)
    set --local previous (string escape --style=regex -- $words[-1])
    set --local value (string match --regex --groups-only "^  $previous (\S+)" -- $help)
    switch "$value"
        case FILE PATH URL
            __fish_complete_path $word
        case FOLDER
            __fish_complete_directories $word
        case '*|*'
            string split '|' -- $value
        case ''
            if string match --quiet -- '-*' $word
                string match --regex --groups-only '^  (--\S+)(?: \S+)?  +(.*)' -- $help | paste - - -d \t
            else
                __fish_complete_path $word
            end
    end
end

complete --command cccd --no-files --arguments '(__cccd_complete)'
