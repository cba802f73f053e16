#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the tests reached, by file and by folder: coverage.sh BUILD_FOLDER, after a build with
# --coverage and a run of the tests. Files below 85 % are listed; the rest is in coverage.csv.
set -eu

cd "$(dirname "$0")/../.."
gcovr --root . --filter src/ --csv "$1/coverage.csv" --exclude-unreachable-branches "$1" \
	2>"$1/coverage.log" || { tail -n 5 "$1/coverage.log"; exit 1; }
# filename,line_total,line_covered,…
awk -F, 'NR > 1 && $2 > 0 {
		folder = $1; sub(/\/[^\/]*$/, "", folder)
		lines[folder] += $2; reached[folder] += $3; lines["all"] += $2; reached["all"] += $3
		if ($3 < 0.85 * $2)
			low = low sprintf("  %-40s %5.1f %%\n", $1, 100 * $3 / $2)
	}
	END {
		for (folder in lines)
			printf "%-24s %6d lines %6.1f %%\n", folder, lines[folder],
				100 * reached[folder] / lines[folder] | "sort"
		close("sort")
		if (low != "") printf "files below 85 %%:\n%s", low
	}' "$1/coverage.csv"
