# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every process of a tree is there once, with name, parent, arguments and CPU time.
. /checks/lib.sh

for name in leaf a b c d; do
	ln -s /bin/census "$here/census-$name"
done
ln -s /bin/census "$here/a-very-long-name-of-a-program"
export CENSUS_BIN="$here" CENSUS_LOG="$here/log"

# A process becomes a zombie, whose clock its parent reads, before it leaves its CPU for the last
# time: the parent waits for that. A thread's last moments its process's clock does not have, the
# agent does; the last thread takes the address space down.
SLACK_NS=2000 THREAD_NS=50000 ADDRESS_SPACE_NS=250000

# census PROGRAM THREADS SHAPE [NUMBER]: THREADS end in each process beside its last one, at most
census() {
	program=$1 threads=$2
	above_ns=$((SLACK_NS + turns_ns))
	[ "$threads" = 0 ] || above_ns=$((above_ns + threads * THREAD_NS + ADDRESS_SPACE_NS))
	shift 2
	rm -f log
	agent TASK_CLOCK -- "$program" "$@"
	differences=$(awk -F ';' -v root="$program" -v below_ns=$SLACK_NS -v above_ns=$above_ns \
		-f /checks/attribute.awk -f /checks/census.awk log out.csv)
	if [ -n "$differences" ]; then
		echo "$differences" | head -n 10
		grep ";${differences%% *};" out.csv
	fi
	equal "$cpus: $program $*" "$status $(echo "$differences" | head -n 1)" "0 "
}

# What one CPU executes takes the other's time too: see counts.sh.
cpus='one CPU' turns_ns=0
echo 0 > /sys/devices/system/cpu/cpu1/online
census census 0 fork 60
census census 0 spawn 10
census census_threads 32 parallel 32
census census_threads 3 exit_together 3
echo 1 > /sys/devices/system/cpu/cpu1/online

cpus='two CPUs' turns_ns=10000000
census census 0 fork 60
census census 0 vfork 10
census census 0 spawn 10
census census 0 clone_parent 5
census census 0 clone_to_agent 1000
census census 0 daemon 3
census census 0 deep 30
census census 0 wide 100
census census 0 killed
census census 0 kill_running 2
census census 0 chains 2
census census 0 teardown 32
census census_threads 100 serial 100
census census_threads 32 parallel 32
census census_threads 3 leader_exits
census census_threads 3 thread_execs
census census_threads 3 thread_execs_without_leader
census census_threads 4 group_exit
census census_threads 5 threads_fork
census census_threads 6 threads_vfork
census census_threads 3 exit_together 3
census census_threads 3 threads_rename

agent TASK_CLOCK -- census storm 1000
equal 'a storm of 1000 forks: one life each' "$(lives)" 1001
