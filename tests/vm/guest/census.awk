# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compares what a census program logged that it made with the rows of the CSV file:
#   awk -F ';' -v root=NAME -v below_ns=NS -v above_ns=NS -f attribute.awk -f census.awk LOG CSV
# Prints each difference, the pid first; nothing when all processes are there, once, as they were.
#
# below_ns, above_ns: how far TASK_CLOCK may be from the CPU clock of the zombie.

function wrong(what) { print what }

# --- the log: the fields of its lines are separated by spaces ---

NR == FNR {
	split($0, field, " ")
	pid = field[2]
	if (field[1] == "born") {
		made[pid] = 1
		parent[pid] = field[3]
		names[pid] = field[4]
	} else if (!(pid in made)) {
		next  # the root
	} else if (field[1] == "exec") {
		names[pid] = names[pid] ">" field[3]
		match($0, /^exec [0-9]+ [^ ]+ /)
		arguments[pid] = arguments[pid] "|" substr($0, RLENGTH + 1)
	} else if (field[1] == "self") {
		self_ns[pid] = field[3]
	} else if (field[1] == "dead") {
		zombie_ns[pid] = field[4]
	}
	next
}

# --- the CSV ---

$1 == "process_info" {
	pid = $7
	if (!(pid in lives) || attribute("life", $8) != life[pid]) {
		lives[pid]++
		life[pid] = attribute("life", $8)
		seen_parent[pid] = attribute("ppid", $8)
		seen_names[pid] = attribute("comm", $8)
	} else {
		seen_names[pid] = seen_names[pid] ">" attribute("comm", $8)
	}
	if ($8 ~ /(^|,|")args=/)
		seen_arguments[pid] = seen_arguments[pid] "|" attribute("args", $8)
}

$1 == "perf_software_TASK_CLOCK" {
	if (!($7 in lives))
		wrong($7 " has a count before its name")
	clock[$7] = $3
}

function compare(pid) {
	if (lives[pid] != 1)
		wrong(pid " " names[pid] " is there " lives[pid] + 0 " times")
	if (seen_names[pid] != names[pid])
		wrong(pid " is called " seen_names[pid] ", not " names[pid])
	if (seen_parent[pid] != parent[pid])
		wrong(pid " has parent " seen_parent[pid] ", not " parent[pid])
	if (seen_arguments[pid] != arguments[pid])
		wrong(pid " has arguments '" seen_arguments[pid] "', not '" arguments[pid] "'")
	if (!(pid in clock))
		wrong(pid " has no TASK_CLOCK")
	else if (zombie_ns[pid] && (clock[pid] < zombie_ns[pid] - below_ns ||
				    clock[pid] > zombie_ns[pid] + above_ns))
		wrong(pid " has TASK_CLOCK " clock[pid] ", its clock says " zombie_ns[pid])
	else if (clock[pid] < self_ns[pid] - below_ns)
		wrong(pid " has TASK_CLOCK " clock[pid] ", it saw " self_ns[pid] " itself")
}

END {
	for (pid in made) {
		n++
		compare(pid)
	}
	for (pid in lives)
		if (!(pid in made)) {
			others++
			if (seen_names[pid] != root)
				wrong(pid " " seen_names[pid] " was not made")
		}
	if (others != 1)
		wrong(others + 0 " processes instead of the root alone")
	if (!n)
		wrong("the log is empty")
}
