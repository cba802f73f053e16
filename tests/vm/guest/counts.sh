# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The counts of a tree are those of inherited perf events in the same run.
. /checks/lib.sh

# below METRIC: of all but `inherited`, which is not in the truth
below() {
	# shellcheck disable=SC2046
	total "$1" $(awk -F ';' -f /checks/lives.awk out.csv | awk '$2 != "inherited" { print $1 }')
}

truth() {
	awk -v event="$1" '$1 == event { print $2 }' truth
}

# compare NAME EVENT METRIC BELOW ABOVE: with what the agent may have less and more
compare() {
	expected=$(truth "$2")
	found=$(below "$3")
	low=$(awk -v n="$expected" -v d="$4" 'BEGIN { printf "%.0f", n * 0.999 - d }')
	high=$(awk -v n="$expected" -v d="$5" 'BEGIN { printf "%.0f", n * 1.001 + d }')
	within "$1: $2 as inherited events count them ($expected)" "$found" "$low" "$high"
}

# From a task's last sight by perf to its last switch: exactly known where each instruction takes its
# time (EXACT_CLOCK), else as long as an emulated CPU may stand still. Interrupts may be in perf's
# number and not in the task's own clock.
if [ -n "${EXACT_CLOCK:-}" ]; then
	exit_ns=400000 child_ns=3000000 interrupts_ns=0
else
	exit_ns=100000000 child_ns=200000000 interrupts_ns=50000000
fi

# tree NAME TASKS COMMAND…
tree() {
	name=$1 tasks=$2
	shift 2
	agent PAGE_FAULTS,CONTEXT_SWITCHES,CPU_MIGRATIONS,TASK_CLOCK -- \
		inherited truth page-faults,context-switches,cpu-migrations,task-clock "$@"
	equal "$name: status" "$status" 0
	# Before its exec the child takes some faults, and copies pages.
	compare "$name" page-faults perf_software_PAGE_FAULTS 3 60
	# Newer kernels end perf's count before the address space is left, which a thread may wait for.
	compare "$name" context-switches perf_software_CONTEXT_SWITCHES 5 $((5 + tasks))
	# perf counts one at a switch-in, however often the task was moved since the last.
	compare "$name" cpu-migrations perf_software_CPU_MIGRATIONS 3 $((5 + tasks / 2))
	compare "$name" task-clock perf_software_TASK_CLOCK $interrupts_ns \
		$((tasks * exit_ns + child_ns))
}

tree pipeline 4 sh -c 'seq 20000 | sort -r | md5sum > /dev/null'
tree '100 short commands' 101 \
	sh -c 'i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done'
CENSUS_LOG=/dev/null tree '32 threads' 34 census_threads parallel 32
