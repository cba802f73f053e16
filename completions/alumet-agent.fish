# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# fish completion of alumet-agent: the program prints the candidates, see src/cli/complete.h.

# The names after a prefix, which are the arguments.
function __alumet_agent_after
    for name in $argv[2..]
        echo $argv[1]$name
    end
end

function __alumet_agent_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)

    for line in ($words[1] --complete $words[2..] $current 2>/dev/null)
        set -l what (string split -m 1 ' ' -- $line)
        set -l typed (string sub -s (math (string length -- "$what[2]") + 1) -- $current)
        switch $line
            case ':nospace'
            case ':command *'
                set -e words[1..$what[2]]
                complete -C (string join ' ' -- (string escape -- $words) $current)
            case ':files *'
                __alumet_agent_after "$what[2]" (__fish_complete_path $typed)
            case ':users *'
                __alumet_agent_after "$what[2]" (__fish_complete_users)
            case '*'
                echo $line
        end
    end
end

complete -c alumet-agent -f -a '(__alumet_agent_complete)'
