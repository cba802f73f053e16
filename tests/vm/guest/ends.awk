# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compares how processes ended and what they used, as their parent was told (ends.c), with the rows
# of the CSV file:
#   awk -F ';' -v shape=SHAPE -f attribute.awk -f ends.awk LOG CSV
# Prints each difference, the pid first; "N processes" at the end.

# --- the log: the fields of its lines are separated by spaces ---

NR == FNR {
	split($0, field, " ")
	pid = field[2]
	n++
	status[pid] = field[3]
	peak[pid] = field[4] * 1024
	cpu_us[pid] = field[5] + field[6]
	user_us[pid] = field[5]
	read_chars[pid] = field[12]
	write_chars[pid] = field[13]
	read_bytes[pid] = field[14]
	write_bytes[pid] = field[15]
	delay[pid] = field[16]
	next
}

# --- the CSV ---

$1 ~ /^process_/ { value[$7, $1] = $3 }

$1 == "process_exit" {
	exits[$7]++
	attributes[$7] = $8
}

function expect(what, found, expected) {
	if (found != expected)
		print pid " has " what " '" found "', not '" expected "'"
}

function compare(signal) {
	signal = status[pid] % 128
	expect("exit rows", exits[pid], 1)
	expect("status", value[pid, "process_exit"], signal ? 128 + signal : int(status[pid] / 256))
	expect("signal", attribute("signal", attributes[pid]) != "", signal != 0)
	expect("core", attribute("core", attributes[pid]), status[pid] % 256 > 128 ? "true" : "")
	expect("peak memory", value[pid, "process_peak_rss_B"], peak[pid])
	cpu = value[pid, "process_cpu_time_ns"]
	wait = value[pid, "process_runqueue_wait_ns"]
	expect("user and system time",
	       value[pid, "process_user_time_ns"] + value[pid, "process_system_time_ns"], cpu)
	if (cpu < cpu_us[pid] * 1000)
		print pid " has CPU time " cpu ", wait4() has " cpu_us[pid] " us"
	if (wait < delay[pid])
		print pid " waited " wait ", /proc says " delay[pid]
	if (shape == "io") {
		expect("read-chars", value[pid, "process_read_chars_B"], read_chars[pid])
		expect("write-chars", value[pid, "process_write_chars_B"], write_chars[pid])
		expect("read-bytes", value[pid, "process_read_bytes_B"], read_bytes[pid])
		expect("write-bytes", value[pid, "process_write_bytes_B"], write_bytes[pid])
	}
}

END {
	for (pid in status)
		compare()
	print n + 0 " processes"
}
