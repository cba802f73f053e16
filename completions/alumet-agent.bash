# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion of alumet-agent: the program prints the candidates, see src/cli/complete.h. Plain
# bash, with bash-completion's help for the command of exec where that is loaded.

# The command of exec, whose name is COMP_WORDS[$1].
_alumet_agent_command()
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif [ "$1" -eq "$COMP_CWORD" ]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$2")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
	fi
}

_alumet_agent()
{
	local program=${COMP_WORDS[0]/#\~\//$HOME/} last=${COMP_WORDS[COMP_CWORD]}
	local -a words=() places=() names
	local i line word kept prefix breaks='^[=:@]+$'

	# bash splits words at these characters: --summary = full
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((i > 1)) && [[ $word =~ $breaks || ${COMP_WORDS[i - 1]} =~ $breaks ]]; then
			words[-1]+=$word
		else
			words+=("$word")
			places+=("$i")
		fi
	done
	word=${words[-1]}
	if [[ $last =~ $breaks ]]; then
		last=
	fi
	kept=${word%"$last"} # what bash does not replace

	COMPREPLY=()
	while IFS=$'\t' read -r line _; do
		case $line in
		":nospace") compopt -o nospace 2>/dev/null ;;
		":command "*)
			_alumet_agent_command "${places[${line#* } - 1]}" "$last"
			return
			;;
		":files "* | ":users "*)
			prefix=${line#* }
			if [ "${line%% *}" = :users ]; then
				mapfile -t names < <(compgen -u -- "${word#"$prefix"}")
			else
				compopt -o filenames 2>/dev/null
				mapfile -t names < <(compgen -f -- "${word#"$prefix"}")
			fi
			names=("${names[@]/#/"$prefix"}")
			COMPREPLY+=("${names[@]#"$kept"}")
			;;
		"$word"*) COMPREPLY+=("${line#"$kept"}") ;;
		esac
	done < <("$program" --complete "${words[@]}" 2>/dev/null)
}

complete -F _alumet_agent alumet-agent
