# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What runs already is adopted, and counted from then on, and nobody of a storm is lost. The storm of
# the integration test is larger: each process of an emulated machine takes some milliseconds.
. /checks/lib.sh

# watch EVENTS WORD…: in the background, until it says that it has begun
watch() {
	events=$1
	shift
	rm -f out.csv stderr
	alumet-agent --plugins perf,csv --summary none -v -e "$events" -o out.csv watch "$@" \
		> stdout 2> stderr &
	agent=$!
	until grep -q '^alumet-agent: watching ' stderr || ! kill -0 $agent 2> /dev/null; do
		usleep 10000
	done
}

# over: the agent has ended
over() {
	wait $agent
	status=$?
	grep -v '^alumet-agent: watching ' stderr | sed 's/^/    agent: /'
}

# Four processes that sleep until the agent is there: as their own clocks have it, and no page is
# missing.
rm -f log
watched stopped log 50 &
root=$!
until [ "$(grep -c born log 2> /dev/null)" = 4 ]; do
	usleep 10000
done
watch TASK_CLOCK,PAGE_FAULTS $root
# shellcheck disable=SC2046
kill -USR1 $(awk '$1 == "born" { print $2 }' log)
wait $root
over
equal 'stopped: four processes were adopted' "$status $(grep -c adopted=true out.csv)" '0 4'
# Two threads of 50 ms each, by their own clocks, which stop late where all is emulated; 256 pages
# each, which are new.
within 'stopped: CPU time from the adoption on, ns' "$(total perf_software_TASK_CLOCK)" 400000000 650000000
within 'stopped: page faults from the adoption on' "$(total perf_software_PAGE_FAULTS)" 1024 1300

# A task that never yields, adopted as it runs. On the second CPU: QEMU before 8.1 runs the first one
# up to each deadline, and gives the second a turn only when the first sleeps. A task that never
# sleeps there stops whatever the second one was about to do, the agent and this shell among it.
taskset 2 sh -c 'while :; do :; done' &
root=$!
usleep 200000
watch TASK_CLOCK,CPU_CLOCK --for 0.3 $root
over
kill -KILL $root
within 'running: CPU time from the adoption on, ns' "$(total perf_software_TASK_CLOCK)" 200000000 900000000
within 'running: and an event of its CPU' "$(total perf_software_CPU_CLOCK)" 200000000 900000000

watch TASK_CLOCK --all --for 0.3
over
equal 'the whole machine: kernel threads too' \
	"$status $(grep -c '^process_info;.*;process;2;.*comm=kthreadd' out.csv)" '0 1'

# An agent in a pid namespace, as in a container: whom that sees, and nobody else.
sh -c 'while :; do /bin/true; done' &
root=$!
rm -f out.csv
unshare -p -f --mount-proc alumet-agent --plugins perf,csv --summary none -e TASK_CLOCK -o out.csv \
	watch --all --for 0.3 2> stderr
status=$?
kill -KILL $root
equal 'all of a pid namespace: whom it has' "$status $(awk -F ';' -f /checks/lives.awk out.csv)" \
	'0 1 alumet-agent'
says 'all of a pid namespace: it is said' 'only the processes of this pid namespace'

# Its programs of cgroups. The one that moves itself in is of the namespace.
mkdir -p /cgroups && mount -t cgroup2 none /cgroups && mkdir /cgroups/watched
rm -f out.csv stderr
unshare -p -f --mount-proc sh -c '
	sh -c "echo 0 > /cgroups/watched/cgroup.procs; exec sleep 60" &
	until grep -q . /cgroups/watched/cgroup.procs; do
		usleep 10000
	done
	exec alumet-agent --plugins perf,csv --summary none -v -e TASK_CLOCK -o out.csv \
		watch --cgroup /cgroups/watched' 2> stderr &
agent=$!
until grep -q '^alumet-agent: watching ' stderr || ! kill -0 $agent 2> /dev/null; do
	usleep 10000
done
sh -c 'echo 0 > /cgroups/watched/cgroup.procs; /bin/true; /bin/true; :'
# shellcheck disable=SC2046
kill -KILL $(cat /cgroups/watched/cgroup.procs)
over
equal 'a cgroup from a pid namespace: whom it has' \
	"$status $(awk -F ';' -f /checks/lives.awk out.csv | cut -d ' ' -f 2)" '0 sleep'
says 'a cgroup from a pid namespace: how many it has not' \
	'3 threads in the cgroups were not measured'

# A storm that the agent comes into: who lived when it said that it watches is there, and whoever came
# later, by the log that the processes write themselves. On the second CPU, as above; the agent is on
# the first one.
born_since() {
	awk -v since="$1" '$1 == "born" && $4 > since * 1e9 { n++ } END { print n + 0 }' log
}

rm -f log
taskset 2 watched storm log 100000 &
root=$!
until [ "$(grep -c born log 2> /dev/null)" -ge 50 ] 2> /dev/null; do
	usleep 10000
done
watch TASK_CLOCK $root
# Of hundredths that are cut off: the next one is certainly after the begin.
since=$(awk '{ printf "%.2f", $1 + 0.01 }' /proc/uptime)
until [ "$(born_since "$since")" -ge 2000 ] || ! kill -0 $root 2> /dev/null; do
	usleep 100000
done
kill -USR1 $root
wait $root
over
awk -F ';' -f /checks/lives.awk out.csv > lives
lost=$(awk -v since="$since" '
	FILENAME == "lives" { is_there[$1] = 1; next }
	$1 == "dead" && $3 > since * 1e9 && !($2 in is_there) { n++ }
	END { print n + 0 }' lives log)
echo "    storm: $(wc -l < lives) are there, $(born_since "$since") were born after the start"
equal 'a storm: nobody is lost who lived when the agent had begun, or later' "$status $lost" '0 0'
