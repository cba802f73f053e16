# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Hardware counters: QEMU's arm64 CPU has an armv8_pmuv3 whose counters count, and where each
# instruction takes a nanosecond (-icount) a program of known length executes a known number of
# them.
#
# QEMU counts instructions for the whole machine: what another CPU executes while this one is in
# user space is counted here too. For exact numbers the machine has one CPU only; with both, they
# are compared with inherited events, or within 0.1 %.
. /checks/lib.sh

INSTRUCTIONS=perf_hardware_INSTRUCTIONS
CYCLES=perf_hardware_CPU_CYCLES

# A process of `loop` beside its loop: its start, and the system call that ends it.
START=32

# arguments N: that many, each a million rounds of two instructions
arguments() {
	seq -s ' ' "$1"
}

second_cpu() {
	echo "$1" > /sys/devices/system/cpu/cpu1/online
}

# --- one CPU: to the instruction ---

second_cpu 0

# shellcheck disable=SC2046
agent instructions,cycles -- loop run $(arguments 50)
within 'one process: instructions' "$(total $INSTRUCTIONS)" 100000000 $((100000000 + START))
within 'one process: cycles' "$(total $CYCLES)" 100000000 $((100000000 + START))

agent instructions -- loop tree 50 1 2 3
equal 'a tree of 50: processes' "$(lives)" 51
wrong=$(awk -F ';' -v metric=$INSTRUCTIONS -v root="$(pids loop | head -n 1)" -v start=$START '
	$1 == metric && $7 != root { last[$7] = $3 }
	END {
		for (pid in last) {
			n++
			if (last[pid] < 6000000 || last[pid] > 6000000 + start)
				print pid, last[pid]
		}
		print n
	}' out.csv)
equal 'a tree of 50: instructions of each' "$wrong" 50

# shellcheck disable=SC2046
agent instructions,CONTEXT_SWITCHES -- preempt 100 loop run $(arguments 200)
loop=$(pids loop)
switches=$(total perf_software_CONTEXT_SWITCHES "$loop")
found=$(total $INSTRUCTIONS "$loop")
within 'preempted thousands of times: switches' "$switches" 3000 100000
# Now and then an interrupt makes QEMU execute an instruction once more.
within "preempted $switches times: 400000000 instructions and $((found - 400000000))" "$found" \
	400000000 $((400000000 + START + switches / 5))

# --- names: of the PMU's own events, its terms, raw numbers; cycles in which nothing is done -------

# QEMU has instructions, cycles, and stalls, of which there are none; no cache events.
pmu=$(basename /sys/bus/event_source/devices/armv8_pmuv3*)
agent "$pmu/inst_retired/,$pmu/event=0x08/,r08,$pmu/cpu_cycles/,r11,STALLED_CYCLES_FRONTEND" -- \
	loop run 1 2 3 4 5
for metric in perf_${pmu}_inst_retired perf_${pmu}_event_0x08 perf_r08 perf_${pmu}_cpu_cycles \
	perf_r11; do
	within "names: $metric" "$(total "$metric")" 10000000 $((10000000 + START))
done
equal 'names: an event that never is: a row that says so' \
	"$(awk -F ';' '$1 == "perf_hardware_STALLED_CYCLES_FRONTEND" { print $3 }' out.csv | sort -u)" 0
equal 'six events on seven counters: none takes turns' "$(grep -c scaled= out.csv)" 0

agent L1D_READ_ACCESS -- true > /dev/null
equal 'an event that this PMU has not: the command is not run' "$status" 125
says 'an event that this PMU has not: it is said' 'this CPU cannot count it'

# --- the kernel's part, as inherited events count it ---

agent instructions:k -- inherited truth instructions:k dd if=/dev/zero of=/dev/null bs=1 count=50000 \
	> /dev/null
expected=$(awk '{ print $2 }' truth)
# Of the process's end perf sees less: see counts.sh. Here that takes two thousandths at most.
within "dd: instructions in the kernel as inherited events count them ($expected)" \
	"$(total $INSTRUCTIONS "$(pids dd)")" "$expected" $((expected + expected / 1000 + 350000))

# --- modifiers, groups, more events than counters ---

agent instructions:u,instructions:k,instructions:uk -- loop tree 10 1
user=$(total $INSTRUCTIONS) # what no modifier would mean, too
kernel=$(total ${INSTRUCTIONS}_k)
both=$(total ${INSTRUCTIONS}_uk)
# The three are read one after the other, in the kernel.
sum=$((user + kernel))
within ":u ($user) and :k ($kernel) add up to :uk" "$both" $((sum - sum / 1000)) \
	$((sum + sum / 1000))
within ':u is what the programs have' "$user" 20000000 $((20000000 + 11 * START + 500))
within ':k is not nothing' "$kernel" 100000 $((both - 1))

# shellcheck disable=SC2046
agent '{cycles:u,instructions:u}' -- loop run $(arguments 10)
within 'a group: instructions' "$(total $INSTRUCTIONS)" 20000000 $((20000000 + START))
equal 'a group: as many cycles as instructions, one each' "$(total $CYCLES)" \
	"$(total $INSTRUCTIONS)"

# Seven counters, one of them for cycles alone. 0x08 is instructions retired, 0x11 cycles.
# shellcheck disable=SC2046
agent '{cycles:u,instructions:u},r08,r8,r008,r0008,r00008,r11,r011' -- loop run $(arguments 300) \
	> /dev/null
says 'nine events on seven counters: it is said that they take turns' 'take turns'
for metric in $CYCLES $INSTRUCTIONS perf_r08 perf_r8 perf_r008 perf_r0008 perf_r00008 perf_r11 \
	perf_r011; do
	within "nine events on seven counters: $metric" "$(total $metric)" 597000000 603000000
done
shares=$(awk -F ';' -v a=$CYCLES -v b=$INSTRUCTIONS '$1 == a || $1 == b { print $8 }' out.csv |
	sort -u | grep -c 'scaled=')
equal 'a group takes turns as one' "$shares" 1

# --- agents side by side ---

# Six counters for three agents with three events each: each gets them for a part of the time, says
# for which, and what it scales up is what the program executed.
side_by_side() {
	for agent in 1 2 3; do
		alumet-agent --plugins perf,csv --summary none -e r08,r008,r0008 -o "out.$agent" \
			exec -- loop run "$@" > /dev/null 2> "stderr.$agent" &
	done
	wait
}

# shellcheck disable=SC2046
side_by_side $(arguments 300)
for agent in 1 2 3; do
	mv "out.$agent" out.csv
	mv "stderr.$agent" stderr
	says "agents side by side: $agent says that counters were shared" 'hardware counters were shared'
	share=$(sed -n 's/.*[;,"]scaled=\([0-9.]*\).*/\1/p' out.csv | sort -n | head -n 1)
	within "agents side by side: $agent, the share of time with a counter" "${share:-none}" 0.3 0.95
	for metric in perf_r08 perf_r008 perf_r0008; do
		within "agents side by side: $agent, $metric" "$(total $metric)" 588000000 612000000
	done
done

# --- a CPU that comes back, both CPUs ---

cat > back.sh <<'EOF'
echo 1 > /sys/devices/system/cpu/cpu1/online
sleep 0.3
exec taskset 2 loop run 1 2 3 4 5
EOF
agent instructions -- sh back.sh
within 'a CPU that comes online during the run counts' "$(total $INSTRUCTIONS "$(pids loop)")" \
	10000000 10500000
second_cpu 1

agent instructions -- loop threads 1 2 3 4 5
within 'threads on both CPUs: instructions' "$(total $INSTRUCTIONS)" 20000000 20020000

# --- inherited events ---

# as_inherited NAME COMMAND…: the sum of all but the wrapper's own process
as_inherited() {
	name=$1
	shift
	agent cycles:u,instructions:u -- inherited truth cycles:u,instructions:u "$@"
	# shellcheck disable=SC2046
	set -- $(awk -F ';' -f /checks/lives.awk out.csv | awk '$2 != "inherited" { print $1 }')
	for pair in "cycles:u $CYCLES" "instructions:u $INSTRUCTIONS"; do
		expected=$(awk -v event="${pair% *}" '$1 == event { print $2 }' truth)
		# Both read the same counters: equal, but for the some 500 instructions of the
		# wrapper's child up to its exec.
		within "$name: ${pair% *} as inherited events count them ($expected)" \
			"$(total "${pair#* }" "$@")" "$expected" $((expected + 1000))
	done
}

as_inherited 'a tree of 50' loop tree 50 1 2 3
as_inherited 'threads on both CPUs' loop threads 1 2 3 4 5
as_inherited 'preempted' preempt 100 loop run 1 2 3 4 5 6 7 8 9 10
as_inherited 'a pipeline' sh -c 'seq 20000 | sort -r | md5sum > /dev/null'
