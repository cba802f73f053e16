#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs every test: the unit tests, then every tests/integration/*.py. Shows each check that failed
# or was skipped, and all of them with VERBOSE=1. The last line is "N passed, N failed, N skipped".
# Exit 1 if any failed. O is the build folder. TESTS="census args" runs these integration tests
# only. With RETRY=1, for machines that others share, a script that failed is run once more: its first
# failures are shown as "flaky", and only those of its second run count.
set -u

cd "$(dirname "$0")/.." || exit 1
O=${O:-build}
export O
RESULTS=$(mktemp)
output=$(mktemp)
shown=$(mktemp)
trap 'rm -f "$RESULTS" "$output" "$shown"' EXIT
export RESULTS
# The make that calls this may be silent; those that tests call are not.
unset MAKEFLAGS MFLAGS

# By the sources: a program that was not built has failed, one of a test that is gone is not run.
if [ -z "${TESTS:-}" ]; then
	set --
	for source in tests/unit/*_test.c; do
		set -- "$@" "$O/${source%.c}"
	done
	tests/run-unit.sh "$@"
fi

# show NAME: the lines of the checks of interest. A failure's details are the lines after it.
show() {
	if [ "${VERBOSE:-0}" = 1 ]; then
		sed "s/^\(ok\|not ok\|skip\) /\1 $1: /" "$output"
	else
		awk -v name="$1" '
			/^(ok|not ok|skip) / { show = !/^ok / }
			show { sub(/^(not ok|skip) /, "&" name ": "); print }' "$output"
	fi
}

# run_once SCRIPT NAME: run it; sets ok, bad and skip to its numbers of checks, and shows them.
run_once() {
	timeout -k 10 "${INTEGRATION_TIMEOUT:-900}" python3 "$1" >"$output" 2>&1
	status=$?
	ok=$(grep -c '^ok ' "$output")
	bad=$(grep -c '^not ok ' "$output")
	skip=$(grep -c '^skip ' "$output")
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1 # died or timed out before it could say so
		echo "not ok $2: exit status $status; its last lines:"
		tail -n 20 "$output" | sed 's/^/    /'
	fi
	show "$2"
}

# run_integration SCRIPT: run it, show and count its checks.
run_integration() {
	name=$(basename "$1" .py)
	started=$(date +%s)
	run_once "$1" "$name" >"$shown"
	if [ "$bad" -gt 0 ] && [ "${RETRY:-0}" = 1 ]; then
		sed 's/^not ok /flaky /' "$shown"
		run_once "$1" "$name" >"$shown"
	fi
	cat "$shown"
	printf '%s %s: %d passed, %d failed, %d skipped, %d s\n' \
		"$([ "$bad" -eq 0 ] && echo ok || echo not ok)" "$name" "$ok" "$bad" "$skip" \
		$(($(date +%s) - started))
	echo "$ok $bad $skip" >>"$RESULTS"
}

if [ -n "${TESTS:-}" ]; then
	for test in $TESTS; do
		run_integration "tests/integration/$test.py"
	done
else
	for script in tests/integration/*.py; do
		case $script in
		*/lib.py) ;;
		*) run_integration "$script" ;;
		esac
	done
fi

awk '{ passed += $1; failed += $2; skipped += $3 }
	END {
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0
	}' "$RESULTS"
