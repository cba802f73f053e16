# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Capabilities on the agent's file: what the user may not observe is followed, not counted; where
# the kernel keeps what decides that has moved twice.
. /checks/lib.sh

chmod 777 "$here"
# Debian's level 3 keeps perf events from all but root.
echo 2 > /proc/sys/kernel/perf_event_paranoid
mkdir bin
cp /bin/alumet-agent bin/agent
for kind in plain suid caps unreadable; do
	cp /bin/credentials bin/$kind
	chmod 755 bin/$kind
done
chmod 4755 bin/suid
chmod 711 bin/unreadable
grant 0 bin/caps
# 38: cap_perfmon, 39: cap_bpf; before 5.11 24: cap_sys_resource, which lifts the limit of locked
# memory.
if kernel_is_at_least 5 11; then
	grant 38,39 bin/agent
else
	grant 24,38,39 bin/agent
fi

# The agent as it is called by agent(), as a user.
cat > bin/alumet-agent <<'EOF'
#!/bin/sh
exec as_user none "${0%/*}/agent" "$@"
EOF
chmod 755 bin/alumet-agent
PATH="$here/bin:$PATH"

# faults PAGES: of the process that touched so many
faults() {
	total perf_software_PAGE_FAULTS "$(awk -v pages="$1" '$2 == pages { print $1 }' stdout)"
}

for kind in suid caps unreadable; do
	agent PAGE_FAULTS,TASK_CLOCK -- bin/plain 1000 0 bin/$kind 5000 0
	equal "$kind: status and processes" "$status $(lives)" '0 2'
	within "$kind: what came before is counted" "$(faults 1000)" 1000 1400
	within "$kind: what it does is not" "$(faults 5000)" 0 400
	equal "$kind: its arguments are not told" "$(grep -c 'args=[^,]*5000 0,comm='$kind out.csv)" 0
	equal "$kind: that it is hidden is" "$(grep -c 'hidden=true' out.csv)" 1
done
agent PAGE_FAULTS -- bin/plain 1000 0 bin/suid 5000 0 drop bin/plain 300 0
within 'privileges given up: counted again from the next exec on' "$(faults 300)" 300 700
agent PAGE_FAULTS -- bin/plain 1000 0 replace bin/suid 5000 0 drop replace bin/plain 300 0
within 'hidden for a while: before and after' "$(total perf_software_PAGE_FAULTS)" 1300 2100
