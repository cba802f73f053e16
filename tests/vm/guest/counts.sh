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

# tree NAME TASKS COMMAND…
tree() {
	name="$1, $cpus" tasks=$2
	shift 2
	agent PAGE_FAULTS,CONTEXT_SWITCHES,CPU_MIGRATIONS,TASK_CLOCK -- \
		inherited truth page-faults,context-switches,cpu-migrations,task-clock "$@"
	equal "$name: status" "$status" 0
	# Before its exec the child takes some faults, and copies pages.
	compare "$name" page-faults perf_software_PAGE_FAULTS 0 20
	# Newer kernels end perf's count before the address space is left, for which a thread may
	# wait.
	compare "$name" context-switches perf_software_CONTEXT_SWITCHES 0 $((5 + tasks + tasks * WAITS))
	# perf counts one at a switch-in, however often the task was moved since the last.
	compare "$name" cpu-migrations perf_software_CPU_MIGRATIONS 3 \
		$((5 + tasks / 2 + tasks * WAITS))
	compare "$name" task-clock perf_software_TASK_CLOCK $turns_ns \
		$((tasks * EXIT_NS + CHILD_NS + turns_ns))
}

# switches NAME TASKS COMMAND…: those of the tree, as wait4() tells them for the command and its
# children
switches() {
	name="$1, $cpus" tasks=$2
	shift 2
	agent CONTEXT_SWITCHES -- time -v -o rusage "$@"
	truth=$(awk -F ': ' '/oluntary context switches/ { n += $2 } END { print n }' rusage)
	# shellcheck disable=SC2046
	found=$(total perf_software_CONTEXT_SWITCHES \
		$(awk -F ';' -f /checks/lives.awk out.csv | awk '$2 != "time" { print $1 }'))
	# Its last switch is none that a task made, and wait4() has it of most; preempted after its
	# parent was told, a task may have made one more.
	within "$name: context switches as wait4() has them ($truth)" "$found" \
		$((truth - tasks)) $((truth + tasks))
}

all() {
	tree pipeline 4 sh -c 'seq 20000 | sort -r | md5sum > /dev/null'
	tree '100 short commands' 101 \
		sh -c 'i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done'
	CENSUS_LOG=/dev/null tree '32 threads' 34 census_threads parallel 32
	switches '100 short commands' 101 \
		sh -c 'i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done'
	CENSUS_LOG=/dev/null switches '32 threads' 34 census_threads parallel 32
}

# Of a process perf does not see the end: since Linux 6.16, and in the stable releases after that,
# not how its address space is taken down. And of the child there is what it does up to its exec.
EXIT_NS=250000 CHILD_NS=1000000

# With PREEMPT_RT a task that ends waits for an RCU grace period for each of its inherited events,
# four here (perf_event_exit_task(), _free_event(): synchronize_rcu()), and may come back on another
# CPU: perf, which no longer counts it then, is what it waits for. Without perf's events there are
# no such switches.
WAITS=0
if kernel_is_rt; then
	WAITS=8
fi

# What one CPU executes takes the other's time too, up to a tick of 4 ms at a time: now and then,
# and whenever the other waits for a lock, as at a switch or a task's end, between the scheduler's
# look at the clock and perf's. With one CPU clocks differ by nothing else.
cpus='one CPU' turns_ns=0
echo 0 > /sys/devices/system/cpu/cpu1/online
all
cpus='two CPUs' turns_ns=40000000
echo 1 > /sys/devices/system/cpu/cpu1/online
all
