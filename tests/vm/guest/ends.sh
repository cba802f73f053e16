# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How processes ended and what they used is what wait4() and /proc told their parent.
. /checks/lib.sh

FIELDS=cpu-time,user-time,system-time,runqueue-wait,peak-rss,read-bytes,write-bytes,read-chars
FIELDS=$FIELDS,write-chars,voluntary-switches

# shape NAME NUMBER PROCESSES
shape() {
	rm -f log
	CENSUS_LOG=$here/log
	export CENSUS_LOG
	agent $FIELDS -- /bin/ends "$1" "$2"
	equal "ends $1: status" "$status" 0
	equal "ends $1: as the parent was told" \
		"$(awk -F ';' -v shape="$1" -f /checks/attribute.awk -f /checks/ends.awk log out.csv |
			tail -n 6)" "$3 processes"
}

attribute_of() { # COMM KEY: of the process_exit rows of that name, sorted
	awk -F ';' -v comm="$1" -v key="$2" '$1 == "process_exit" && $8 ~ "(^|,)comm=" comm "(,|$)" {
		print match($8, "(^|,)" key "=[^,]*") ? substr($8, RSTART, RLENGTH) : "none" }' out.csv |
		sed 's/^.*=//' | sort | tr '\n' ' '
}

ulimit -c unlimited
shape many 56 56
shape memory 3 4
shape io 3 3
shape times 12 12
shape threads 3 5
equal "ends threads: how many each had" "$(attribute_of ends threads)" "1 2 2 64 64 65 "
shape core 0 3
shape names 0 1
equal "ends names: the last name" "$(attribute_of last-name execs)" "0 "

# A memory cgroup of version 2, or of version 1 where the kernel starts with that.
group=
mkdir cgroup
if mount -t cgroup2 none cgroup && echo +memory > cgroup/cgroup.subtree_control; then
	group=$here/cgroup/small
	mkdir "$group"
	echo 16777216 > "$group/memory.max"
	echo 0 > "$group/memory.swap.max"
elif mount -t cgroup -o memory none cgroup; then
	group=$here/cgroup/small
	mkdir "$group"
	echo 16777216 > "$group/memory.limit_in_bytes"
fi 2> /dev/null
if [ -n "$group" ]; then
	agent cpu-time -- sh -c "sh -c 'echo \$\$ > $group/cgroup.procs; exec /bin/ends oom'; true"
	equal "killed for memory" "$(awk -F ';' '$1 == "process_exit" && $8 ~ /oom=true/ { print $3 }' out.csv)" 137
else
	skip "killed for memory" "this kernel has no memory cgroups"
fi
