# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The kernel's own RAPL modules, on emulated CPUs that they know (or do not) and that have nothing
# behind the registers: what they offer there is no energy counter, and each backend says why.
. /checks/lib.sh

cpu=$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1)
power=/sys/bus/event_source/devices/power

# energy BACKEND: the agent with RAPL alone, asked for by name
energy() {
	alumet-agent --plugins rapl,csv --config-override "plugins.rapl.backend=\"$1\"" \
		--summary none -o out.csv exec -- echo ran > stdout 2> stderr
	status=$?
	sed 's/^/    agent: /' stderr
}

# refused BACKEND WORDS: before the command, with these words
refused() {
	energy "$1"
	equal "$cpu, $1: the command is not run, no file is left" \
		"$status $(cat stdout)$(ls out.csv 2>/dev/null)" '125 '
	says "$cpu, $1: why" "$2"
}

case $cpu in
*Skylake* | *EPYC*) refused msr 'modprobe msr' ;;
esac
refused perf 'modprobe rapl'
refused powercap 'modprobe intel_rapl_msr'

# rapl and intel_rapl_msr load only where they know the CPU.
for module in msr intel_rapl_common intel_rapl_msr rapl; do
	insmod "/modules/$module.ko" 2> insmod && echo "    loaded $module" || sed 's/^/    /' insmod
done
equal "$cpu: there is a device of the msr module" "$(ls /dev/cpu/0/msr)" /dev/cpu/0/msr

case $cpu in
*Skylake*)
	equal "$cpu: there is a PMU of the rapl module" "$(ls -d $power)" $power
	refused perf 'has no energy event'
	refused msr '(0x606) of CPU 0 reads 0: this is a virtual machine'
	;;
*EPYC*)
	refused perf 'this is a virtual machine'
	refused msr '(0xc0010299) of CPU 0 reads 0: this is a virtual machine'
	;;
*)
	refused perf 'this is a virtual machine'
	refused msr 'the energy registers of this CPU are not known: AuthenticAMD family 15'
	;;
esac
refused powercap 'this is a virtual machine'
refused auto 'no energy counter can be read'

alumet-agent --plugins perf,rapl,csv -e TASK_CLOCK --summary none -o out.csv exec -- true 2> stderr
equal "$cpu, named with others: an error too" $? 125
alumet-agent -e TASK_CLOCK --summary none -o out.csv exec -- sh -c 'exit 3' 2> stderr
equal "$cpu, not named: the command runs" $? 3
says "$cpu, not named: a warning" 'no energy: '
equal "$cpu, not named: no row without a value" "$(grep -c '^rapl' out.csv)" 0
