# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Energy of processes: the counter of a laid-out machine is an event of this kernel. On arm64, whose
# cycles are emulated exactly, energy is cycles and shared by cycles: each process has its own.
. /checks/lib.sh

root=$here/root
power=$root/sys/bus/event_source/devices/power
cpus=$root/sys/devices/system/cpu
cycles=
for pmu in /sys/bus/event_source/devices/armv8_pmuv3*; do
	[ -e "$pmu/type" ] && cycles=$pmu
done

# With cycles on one CPU alone: QEMU counts those of the whole machine.
[ -z "$cycles" ] || echo 0 > /sys/devices/system/cpu/cpu1/online

mkdir -p "$power/events"
for cpu in 0 1; do
	mkdir -p "$cpus/cpu$cpu/topology"
	echo 0 > "$cpus/cpu$cpu/topology/physical_package_id"
	echo $cpu > "$cpus/cpu$cpu/topology/thread_siblings_list"
done
echo 0-1 > "$cpus/possible"
echo 0 > "$power/cpumask"
echo Joules > "$power/events/energy-pkg.unit"
if [ -n "$cycles" ]; then
	cat "$cycles/type" > "$power/type"
	echo config=0x11 > "$power/events/energy-pkg"
	weight=cycles
	event=cycles:uk
else
	echo 1 > "$power/type"
	echo config=0x0 > "$power/events/energy-pkg"
	weight=cpu-time
	event=task-clock
fi
echo 1e-9 > "$power/events/energy-pkg.scale"

cat > energy.toml <<END
[plugins.rapl]
sysroot = "$root"
poll_interval = "100ms"
[plugins.energy-attribution]
sysroot = "$root"
weight = "$weight"
idle = "$([ -n "$cycles" ] && echo none || echo time)"
END

alumet-agent --config energy.toml --summary none -e "$event" -o out.csv exec -- \
	sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; (i=0; while [ $i -lt 9000 ]; do i=$((i+1)); done); true' \
	2> stderr
equal 'energy: status' $? 0
sed 's/^/    agent: /' stderr

# sums METRIC: nanojoules of all its rows
sums() {
	awk -F ';' -v metric="$1" '$1 == metric { sum += $3 * 1e9 } END { printf "%.0f\n", sum }' out.csv
}

within 'energy: there is some' "$(sums rapl_consumed_energy_J)" 1000 1000000000000
equal 'energy: the shares add up' "$(sums attributed_energy_J)" "$(sums rapl_consumed_energy_J)"
shares=$(awk -F ';' '$1 == "attributed_energy_J" && $6 == "process" { sum += $3 * 1e9 }
	END { printf "%.0f\n", sum }' out.csv)
within 'energy: processes have a share' "$shares" 1000 "$(sums rapl_consumed_energy_J)"
if [ -n "$cycles" ]; then
	own=$(awk -F ';' '$1 ~ /CPU_CYCLES/ { last[$7] = $3 }
		END { for (pid in last) sum += last[pid]; printf "%.0f\n", sum }' out.csv)
	within 'energy by cycles: each process its own' "$shares" "$(awk -v n="$own" 'BEGIN { print n * 0.99 }')" \
		"$(awk -v n="$own" 'BEGIN { print n * 1.01 }')"
	echo 1 > /sys/devices/system/cpu/cpu1/online
fi
