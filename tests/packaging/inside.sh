#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run by static.sh in a root file system that has a shell, grep and awk, as root: the program
# unpacked in /opt does all that it does elsewhere. One line for each check.

agent=/opt/bin/alumet-agent
work=$(mktemp -d)
chmod 755 "$work"
cd "$work" || exit 1

# report NAME COMMAND...
report() {
	name=$1
	shift
	if "$@" > log 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/    /' log
	fi
}

# Every process ended once, with its faults; the last program is one of this root's libraries.
exec_tells_each_process() {
	status=0
	$agent -o rows.csv exec -e page-faults,cpu-time -- \
		/bin/sh -c '/bin/true; /bin/true; /bin/true; exit 3' || status=$?
	[ "$status" = 3 ] &&
		[ "$(awk -F';' '$1 == "process_exit" { print $7 }' rows.csv | sort -u | wc -l)" = 4 ] &&
		[ "$(awk -F';' '$1 == "perf_software_PAGE_FAULTS" && $3 > 0 { print $7 }' rows.csv | sort -u | wc -l)" = 4 ]
}

exec_as_nobody() {
	[ "$($agent -q -o /dev/null exec --user nobody id -u)" = 65534 ]
}

report_as_text() {
	$agent report rows.csv | grep -E 'true (×|x)3'
}

report_as_page() {
	$agent report -o page.html rows.csv && grep -q '</html>' page.html
}

report_of_gzip() {
	gzip -c rows.csv > rows.csv.gz && $agent report --format json rows.csv.gz | grep -q '"processes"'
}

# Zstandard in blocks as they are: what makes it is not in this root.
report_of_zstd() {
	size=$(wc -c < rows.csv)
	low=$((size * 8 + 1))
	{
		printf '\050\265\057\375\000\130'
		for byte in $((low & 255)) $((low >> 8 & 255)) $((low >> 16 & 255)); do
			printf "\\$(printf %03o "$byte")"
		done
		cat rows.csv
	} > rows.csv.zst
	[ "$size" -lt 131072 ] && $agent report --format json rows.csv.zst | grep -q '"processes"'
}

compare_with_itself() {
	$agent compare rows.csv rows.csv
}

doctor_says_exec_works() {
	$agent doctor | grep -q 'exec works here'
}

send_says_why_not() {
	! $agent send --to 'influx+http://127.0.0.1:1/write?db=x' rows.csv > send.txt 2>&1 && grep -q 'linked statically' send.txt
}

report "--version" $agent --version
report "doctor" doctor_says_exec_works
report "exec: each process" exec_tells_each_process
report "exec --user" exec_as_nobody
report "report: text" report_as_text
report "report: page" report_as_page
report "report: of gzip" report_of_gzip
report "report: of Zstandard" report_of_zstd
report "compare" compare_with_itself
report "config regen" $agent --config new.toml config regen
report "the example configuration" $agent --config /opt/share/doc/alumet-agent/examples/alumet-config.toml exec true
report "send: it says why not" send_says_why_not
rm -rf "$work"
