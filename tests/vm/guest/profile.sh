# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Samples: functions of known shares (tests/integration/functions.c: 6 to 3 to 1), in a long process
# and in many short ones, by the clock: QEMU's counters of arm64 have no interrupt to sample by.
. /checks/lib.sh

# in_function NAME: samples with the function anywhere in their stack, those of its interrupts too
in_function() {
	awk -F ';' -v name="$1" '
		function attribute(key,    found) {
			if (!match("," $8 ",", "," key "=[^,]*"))
				return ""
			found = substr("," $8 ",", RSTART, RLENGTH)
			sub(/^[^=]*=/, "", found)
			return found
		}
		$1 == "profile_frame" { has[$3] = attribute("function") == name || has[attribute("parent")] }
		$1 == "profile_samples" && has[attribute("stack")] { n += $3 }
		END { print n + 0 }' out.csv
}

# samples: of all
samples() {
	awk -F ';' '$1 == "profile_samples" { n += $3 } END { print n + 0 }' out.csv
}

# shares NAME: those of the three, within four and a half deviations and a sample
shares() {
	a=$(in_function alpha) b=$(in_function beta) c=$(in_function gamma_)
	equal "$1: shares of $a, $b and $c samples" "$(awk -v a="$a" -v b="$b" -v c="$c" '
		# Busybox awk may have no sqrt().
		function is(found, share,    off) {
			off = found - n * share
			off = (off < 0 ? -off : off) - 1
			return off <= 0 || off * off <= 20.25 * n * share * (1 - share)
		}
		BEGIN { n = a + b + c; print (n > 50), is(a, 0.6), is(b, 0.3), is(c, 0.1) }')" '1 1 1 1'
}

agent TASK_CLOCK --profile=997 -- functions 300
equal 'a long process: status' "$status" 0
shares 'a long process'
ns=$(total perf_software_TASK_CLOCK)
case $(uname -m) in
x86_64) within 'a long process: samples by its CPU time' "$(samples)" \
	$((ns * 9 / 10 / 1003009)) $((ns * 11 / 10 / 1003009 + 2)) ;;
esac

# shellcheck disable=SC2016
agent TASK_CLOCK --profile=997 -- sh -c 'i=0; while [ $i -lt 60 ]; do functions 4; i=$((i+1)); done'
equal 'short processes: status' "$status" 0
shares 'short processes'
equal 'short processes: nobody else is in it' "$(awk -F ';' '
	$1 == "process_info" { known[$7] = 1 }
	$1 == "profile_samples" && !known[$7] { n++ }
	END { print n + 0 }' out.csv)" 0

agent TASK_CLOCK --profile=997 -- dd if=/dev/zero of=/dev/null bs=1 count=20000 > /dev/null
within 'functions of the kernel are named' "$(in_function ksys_read)" 1 100000

# Not root: the two capabilities are enough.
if kernel_is_at_least 5 11; then
	chmod 777 "$here"
	mkdir wrapped
	cat > wrapped/alumet-agent <<'EOF'
#!/bin/sh
exec as_user 38,39 /bin/alumet-agent "$@"
EOF
	chmod 755 wrapped/alumet-agent
	# Debian's kernels know a level 3, which keeps perf events from all but root.
	echo 2 > /proc/sys/kernel/perf_event_paranoid
	PATH="$here/wrapped:$PATH"
	agent TASK_CLOCK --profile=997 -- functions 100
	equal 'two capabilities: status' "$status" 0
	shares 'two capabilities'
fi
