#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Puts the page together on the standard output, as the bytes of a C array: page.html with page.css
# and the scripts in it, in the order in which they need each other. Comments and blanks that divide
# nothing are left out: no reader of the page needs them.
#
#   build.sh page.html page.css SCRIPT...
set -eu

html=$1
style=$2
shift 2

# Comments of the style stand on lines of their own.
strip() {
	sed -e 's/^[[:blank:]]*//' -e 's,[[:blank:]]*/\*[^*]*\*/$,,' "$@" |
		awk '/^\/\*/ { inside = 1 } !inside && length; /\*\/$/ { inside = 0 }'
}

while IFS= read -r line; do
	case $line in
	@STYLE@) strip "$style" ;;
	@SCRIPT@) cat "$@" | awk -v keep='brightness telling PALETTE' -f "${0%/*}/squeeze.awk" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$html" | od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'
