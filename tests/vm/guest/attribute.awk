# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The value of an attribute in the last cell of a row; "" without it. For awk -f, before others.

function attribute(name, text) {
	gsub(/"/, "", text)
	if (!match(text, "(^|,)" name "="))
		return ""
	text = substr(text, RSTART + RLENGTH)
	sub(/,.*/, "", text)
	return text
}
