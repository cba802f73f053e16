# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion of alumet-agent: plain bash, with bash-completion's help for the command of exec
# where that is loaded.

_alumet_agent_options()
{
	local common="--config --plugins --trust-others -v --verbose -q --quiet -h --help --version"
	local all="$common -o --output-file --no-default-config --config-override"

	case $1 in
	exec) echo "$all -r --repeat --warmup -e --events -I --interval --profile --wait-tree --user --summary --by --color --progress --report --ignore-exit-code" ;;
	watch) echo "$all -e --events -I --interval --profile --comm --cgroup --container --all --for --summary --by --color --progress --report" ;;
	doctor) echo "$all -e --events -I --interval --json" ;;
	config) echo "$common" ;;
	plugins | calibrate) echo "$all" ;;
	report) echo "--config --trust-others -v --verbose -q --quiet -h --help --version -o --output-file --format --by --color" ;;
	compare) echo "--trust-others -v --verbose -q --quiet -h --help --version -o --output-file --format --fail-above" ;;
	send) echo "-v --verbose -q --quiet -h --help --version --to --token-file --per-process --dry-run" ;;
	*)
		echo "$all -r --repeat --warmup --fail-above -e --events -I --interval --profile --wait-tree --user --comm --cgroup --container --all --for --summary --color --progress --report --ignore-exit-code --json" \
			"--format --by --to --token-file --per-process --dry-run"
		;;
	esac
}

# Whether the option's argument is the next word.
_alumet_agent_takes_argument()
{
	case $1 in
	-e | --events | -o | --output-file | -I | --interval | --user | --comm | --cgroup | --container | --for | --summary | --color | --progress | --config | \
		--config-override | --plugins | --format | --report | --by | -r | --repeat | --warmup | --fail-above | --to | --token-file) return 0 ;;
	*) return 1 ;;
	esac
}

# The last part of a list with commas: perf,rapl,c -> perf,rapl,csv
_alumet_agent_list()
{
	local begin=

	case $1 in
	*,*) begin=${1%,*}, ;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$begin" -W "$2" -- "${1##*,}")
	compopt -o nospace 2>/dev/null
}

# The argument $2, as far as it is written, of the option $1.
_alumet_agent_argument()
{
	case $1 in
	--user) mapfile -t COMPREPLY < <(compgen -u -- "$2") ;;
	--cgroup) mapfile -t COMPREPLY < <(compgen -d -- "${2:-/sys/fs/cgroup/}") ;;
	--comm) mapfile -t COMPREPLY < <(compgen -W "$(ps -eo comm= 2>/dev/null | sort -u)" -- "$2") ;;
	--summary) mapfile -t COMPREPLY < <(compgen -W "none short full json markdown" -- "$2") ;;
	--color | --progress) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$2") ;;
	--plugins) _alumet_agent_list "$2" "$("${COMP_WORDS[0]}" plugins list --names 2>/dev/null)" ;;
	--format | --report)
		mapfile -t COMPREPLY < <(compgen -W "text html markdown json openmetrics folded perfetto firefox pprof" -- "$2")
		;;
	--by) mapfile -t COMPREPLY < <(compgen -W "cpu energy wall rss" -- "$2") ;;
	-e | --events) _alumet_agent_list "$2" "$("${COMP_WORDS[0]}" plugins list --event-names 2>/dev/null)" ;;
	--config | -o | --output-file | --token-file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		;;
	*) COMPREPLY=() ;;
	esac
}

_alumet_agent()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local i word action= second= only_words=

	COMPREPLY=()
	# "=" is a word of its own here: --summary = f
	if [ "$current" = "=" ]; then
		_alumet_agent_argument "$previous" ""
		return
	elif [ "$previous" = "=" ]; then
		_alumet_agent_argument "${COMP_WORDS[COMP_CWORD - 2]}" "$current"
		return
	fi

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [ -z "$only_words" ] && [ "$word" = "--" ]; then
			only_words=1
		elif [ -z "$only_words" ] && [ "${word#-}" != "$word" ]; then
			if [ "${COMP_WORDS[i + 1]}" = "=" ]; then
				((i += 2))
			elif _alumet_agent_takes_argument "$word"; then
				((i += 1))
				if [ "$i" -eq "$COMP_CWORD" ]; then
					_alumet_agent_argument "$word" "$current"
					return
				fi
			fi
		elif [ -z "$action" ]; then
			action=$word
		elif [ "$action" = exec ]; then
			# The command's own words.
			if declare -F _command_offset >/dev/null; then
				_command_offset "$i"
			else
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$current")
			fi
			return
		else
			second=$word
		fi
	done

	if [ -z "$only_words" ] && [ "${current#-}" != "$current" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_alumet_agent_options "$action")" -- "$current")
		return
	fi
	case $action in
	"") mapfile -t COMPREPLY < <(compgen -W "exec watch report compare send config plugins doctor calibrate help" -- "$current") ;;
	exec) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
	watch) mapfile -t COMPREPLY < <(compgen -W "$(ps -eo pid= 2>/dev/null)" -- "$current") ;;
	report | compare | send)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	config) [ -n "$second" ] || mapfile -t COMPREPLY < <(compgen -W "regen" -- "$current") ;;
	plugins) [ -n "$second" ] || mapfile -t COMPREPLY < <(compgen -W "list" -- "$current") ;;
	help) mapfile -t COMPREPLY < <(compgen -W "exec watch report compare send config plugins doctor calibrate" -- "$current") ;;
	esac
}

complete -F _alumet_agent alumet-agent
