#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cppcheck, clang-tidy and gcc's -fanalyzer over the sources: lint.sh BUILD_FOLDER. What known.txt
# lists is left out. Exits 1 when something was found, or a tool is not there.
set -u

cd "$(dirname "$0")/../.." || exit 1
generated=$1/gen
found=$(mktemp)
trap 'rm -f "$found"' EXIT

jobs=$(nproc)
# What bpftool generates is not ours to mend.
flags="-D_GNU_SOURCE -Iinclude -iquote src -iquote . -isystem $generated"
sources=$(find src -name '*.c' | sort)
tidy=$(command -v clang-tidy || command -v clang-tidy-14)
missing=

# unknown: the findings on stdin, "path:line:column: …[check]", that known.txt does not list.
unknown() {
	sed "s|^$PWD/||" | awk -v known=tests/quality/known.txt '
		BEGIN { while ((getline line < known) > 0) { split(line, word, " "); n++
			file[n] = word[1]; check[n] = word[2] } }
		{ for (i = 1; i <= n; i++)
			if (index($0, file[i] ":") == 1 && index($0, check[i])) next
		  print }' | sort -u
}

if command -v cppcheck >/dev/null; then
	cppcheck -q -j"$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --include=tests/quality/cppcheck.h \
		--template='{file}:{line}:{column}: {message} [{id}]' --template-location='' \
		-Iinclude -Isrc -I"$generated" src 2>&1 | grep . | unknown >>"$found"
else
	missing="$missing cppcheck"
fi

if [ -n "$tidy" ]; then
	# shellcheck disable=SC2086
	echo "$sources" | xargs -P"$jobs" -n1 sh -c 'tidy=$1; flags=$2; shift 2
		"$tidy" --quiet "$@" -- $flags -std=c17 2>/dev/null' sh "$tidy" "$flags" |
		grep -E '^[^ ]+:[0-9]+:[0-9]+: (error|warning):' | unknown >>"$found"
else
	missing="$missing clang-tidy"
fi

# Leaks are left to the sanitizers: gcc 12 loses what is stored in an element of an array. Without
# optimization it sees the functions as they are written, in a hundredth of the time; with it, a
# file with uthash's macros takes longer than anybody waits. One that takes too long is a finding
# too. shellcheck disable=SC2086
echo "$sources" | xargs -P"$jobs" -n1 sh -c '
	timeout 300 gcc $1 -std=c17 -O0 -fanalyzer -Wno-analyzer-malloc-leak -c "$2" -o /dev/null 2>&1
	[ $? != 124 ] || echo "$2:1:1: warning: not analyzed in 300 s [analyzer-time]"' sh "$flags" |
	grep 'warning:' | unknown >>"$found"

cat "$found"
if [ -n "$missing" ]; then
	echo "lint: not installed:$missing (Debian: cppcheck clang-tidy)" >&2
	exit 1
fi
[ ! -s "$found" ] && echo "lint: nothing found"
