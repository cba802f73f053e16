# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Not root: cap_perfmon (38) and cap_bpf (39) are enough; what is missing is named.
. /checks/lib.sh

chmod 777 "$here"

# The agent as it is called by agent(), as a user.
mkdir wrapped
cat > wrapped/alumet-agent <<'EOF'
#!/bin/sh
exec as_user "$CAPABILITIES" /bin/alumet-agent "$@"
EOF
chmod 755 wrapped/alumet-agent
PATH="$here/wrapped:$PATH"

enough=38,39
export CAPABILITIES=$enough
if ! kernel_is_at_least 5 11; then
	# Maps are locked memory there; cap_sys_resource (24) lifts its limit.
	agent TASK_CLOCK -- echo ran > /dev/null
	equal 'locked memory is limited: the command is not run' "$status $(cat stdout)" '125 '
	says 'locked memory is limited: what to grant' 'cap_bpf,cap_perfmon,cap_sys_resource=ep'
	enough=24,38,39
	CAPABILITIES=$enough
fi
agent TASK_CLOCK,CONTEXT_SWITCHES -- sh -c '/bin/true; exit 2'
equal 'two capabilities are enough' "$status $(lives)" '2 2'
ALUMET_LIBBPF_LOADER=1 agent TASK_CLOCK -- sh -c '/bin/true; exit 3'
equal 'two capabilities are enough for libbpf' "$status $(lives)" '3 2'

for capabilities in none 38 39; do
	CAPABILITIES=$capabilities
	agent TASK_CLOCK -- sh -c 'echo ran' > /dev/null
	equal "capabilities $capabilities: the command is not run" "$status $(cat stdout)" '125 '
	case $capabilities in
	39) says "capabilities $capabilities: the other is named" CAP_PERFMON ;;
	*) says "capabilities $capabilities: the other is named" CAP_BPF ;;
	esac
done

# Debian's kernels know a level 3, which keeps perf events from all but root.
CAPABILITIES=$enough
echo 3 > /proc/sys/kernel/perf_event_paranoid
agent PAGE_FAULTS -- true > /dev/null
if [ "$status" != 0 ]; then
	equal 'perf events at perf_event_paranoid 3: refused before the command' "$status" 125
	says 'perf events at perf_event_paranoid 3: what to do' 'sysctl kernel.perf_event_paranoid=2'
fi
echo 2 > /proc/sys/kernel/perf_event_paranoid
agent PAGE_FAULTS -- true
equal 'perf events at perf_event_paranoid 2' "$status $(lives)" '0 1'
