# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the checks share: saying what was found, running the agent, asking its CSV. To be sourced.

set -u
here=$(mktemp -d /tmp/check-XXXXXX)
cd "$here" || exit 1

# --- saying what was found: one line for each check, counted for the host ---

say() {
	echo "$1" | tee -a /tmp/results
}

ok() { say "ok $1"; }
not_ok() { say "not ok $1: $2"; }
skip() { say "skip $1: $2"; }

# equal NAME FOUND EXPECTED
equal() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "found '$2', expected '$3'"
	fi
}

# within NAME FOUND LOW HIGH: numbers, fractions too
within() {
	echo "    $2, allowed are $3 to $4"
	if awk -v n="$2" -v low="$3" -v high="$4" \
		'BEGIN { exit !(n ~ /^[0-9.]+$/ && n + 0 >= low + 0 && n + 0 <= high + 0) }'; then
		ok "$1"
	else
		not_ok "$1" "found $2, allowed $3 to $4"
	fi
}

# says NAME TEXT: it is in the agent's messages
says() {
	if grep -qF -- "$2" stderr; then
		ok "$1"
	else
		not_ok "$1" "nothing of '$2' in: $(tr '\n' ' ' < stderr)"
	fi
}

# kernel_is_at_least MAJOR MINOR
kernel_is_at_least() {
	uname -r | awk -F '[.-]' -v major="$1" -v minor="$2" \
		'{ exit !($1 > major || ($1 == major && $2 >= minor)) }'
}

# kernel_is_rt: it is built with PREEMPT_RT
kernel_is_rt() {
	uname -v | grep -qF PREEMPT_RT
}

# --- the agent ---

# agent EVENTS OPTIONS… -- COMMAND…: rows into out.csv, $status, stdout, stderr.
# Anything that the agent says is shown: a verifier's log among it.
agent() {
	events=$1
	shift
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	rm -f out.csv
	# shellcheck disable=SC2086
	alumet-agent --plugins perf,csv --summary none -e "$events" -o out.csv $options \
		exec -- "$@" > stdout 2> stderr
	status=$?
	sed 's/^/    agent: /' stderr
}

# lives: number of processes in the CSV
lives() {
	awk -F ';' -f /checks/lives.awk out.csv | wc -l
}

# pids COMM: of the processes that ended with this name, in order of appearance
pids() {
	awk -F ';' -f /checks/lives.awk out.csv | awk -v comm="$1" '$2 == comm { print $1 }'
}

# total METRIC [PID…]: the last values of all processes, or of these, added up
total() {
	metric=$1
	shift
	awk -F ';' -v metric="$metric" -v pids=" $* " '
		$1 == metric && (pids == "  " || index(pids, " " $7 " ")) { last[$7] = $3 }
		END { for (pid in last) sum += last[pid]; printf "%.0f\n", sum }' out.csv
}
