#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs unit test programs (cmocka) and prints one line for each, with the details of those that
# failed; the last line is "N passed, N failed, N skipped", of single tests. Exit 1 if any failed.
# With RESULTS set to a file, appends that line's three numbers to it instead of printing it.
set -u

passed=0 failed=0 skipped=0
details=$(mktemp)
trap 'rm -f "$details"' EXIT

# count TEXT: lines of the program's output that begin so.
count() {
	grep -c "^\[ *$1 *\]" "$details"
}

for program in "$@"; do
	name=${program##*/}
	timeout "${UNIT_TIMEOUT:-300}" "$program" >"$details" 2>&1
	status=$?
	# cmocka repeats failed and skipped tests in its last lines, after "PASSED".
	ok=$(count OK)
	skip=$(sed '/^\[  PASSED  \]/,$d' "$details" | grep -c '^\[ *SKIPPED *\]')
	bad=$(sed '/^\[  PASSED  \]/,$d' "$details" | grep -c '^\[  FAILED  \] [A-Za-z_]')
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1 # crashed, timed out, or found leaking
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" -gt 0 ]; then
		echo "not ok $name: $bad of $((ok + bad + skip)) tests failed, exit status $status"
		grep -v '^\[ *\(RUN\|OK\) *\]' "$details" | sed 's/^/    /'
	elif [ "$skip" -gt 0 ]; then
		echo "ok $name: $ok tests, $skip skipped"
		grep '^\[ *SKIPPED' "$details" | sort -u | sed 's/^/    /'
	else
		echo "ok $name: $ok tests"
	fi
done

if [ -n "${RESULTS:-}" ]; then
	echo "$passed $failed $skipped" >>"$RESULTS"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" -eq 0 ]
