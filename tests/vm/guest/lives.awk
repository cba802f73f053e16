# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# awk -F ';' -f lives.awk out.csv: "PID COMM" for each process, in order of appearance. A row of
# process_info without arguments is a birth, the command's own begins with its exec.

$1 == "process_info" {
	attributes = $8
	for (i = 9; i <= NF; i++)
		attributes = attributes ";" $i
	if (attributes !~ /^"?args=/ || !($7 in life)) {
		life[$7] = ++n
		pid[n] = $7
	}
	match(attributes, /,comm=[^,]*/) || match(attributes, /^"?comm=[^,]*/)
	comm = substr(attributes, RSTART, RLENGTH)
	sub(/^.?comm=/, "", comm)
	name[life[$7]] = comm
}

END {
	for (i = 1; i <= n; i++)
		print pid[i], name[i]
}
