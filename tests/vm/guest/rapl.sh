# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The kernel's own RAPL modules, on an emulated CPU that they know and that has no energy counter
# behind its registers: each backend finds what the modules offer, and says what is wrong with it.
. /checks/lib.sh

for module in msr intel_rapl_common intel_rapl_msr rapl; do
	insmod /modules/$module.ko 2>/dev/null && loaded="${loaded:-} $module"
done
echo "    loaded:${loaded:-}; $(grep -m1 'model name' /proc/cpuinfo)"
ls -d /dev/cpu/*/msr /sys/bus/event_source/devices/power* /sys/bus/event_source/devices/power/events/* \
	/sys/class/powercap/* 2>/dev/null | sed 's/^/    /'

for backend in auto perf powercap msr; do
	echo "--- $backend"
	alumet-agent --plugins rapl,csv --config-override "plugins.rapl.backend=\"$backend\"" --summary none -I 100 -o out.csv exec -- sleep 0.5; echo $?
	cat out.csv; rm -f out.csv
done
alumet-agent --summary none -I 100 -o out.csv exec -- sleep 0.5; echo $?
