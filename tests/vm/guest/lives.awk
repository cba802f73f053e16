# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# awk -F ';' -f lives.awk out.csv: "PID COMM" for each process, in order of appearance. The second
# process with a pid has the attribute life=2 in its rows, and so on.

$1 == "process_info" {
	attributes = $8
	for (i = 9; i <= NF; i++)
		attributes = attributes ";" $i
	number = match(attributes, /,life=[0-9]+/) ? substr(attributes, RSTART, RLENGTH) : ""
	key = $7 number
	if (!(key in life)) {
		life[key] = ++n
		pid[n] = $7
	}
	match(attributes, /,comm=[^,]*/) || match(attributes, /^"?comm=[^,]*/)
	comm = substr(attributes, RSTART, RLENGTH)
	sub(/^.?comm=/, "", comm)
	name[life[key]] = comm
}

END {
	for (i = 1; i <= n; i++)
		print pid[i], name[i]
}
