#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# reproducible.sh [TARGET...]: two clones of this commit, in folders with names of other lengths,
# built with another time zone, umask, locale and number of jobs, have the same bytes: BPF object,
# program, and what the targets make (dist static deb). The last line counts.
set -u

cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- dist static deb
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=$work/a
second=$work/another/folder-with-a-longer-name
unset MAKEFLAGS MFLAGS MAKELEVEL O

# build FOLDER JOBS TARGET...
build() {
	(
		folder=$1 jobs=$2
		shift 2
		cd "$folder" && make -s "$jobs" all &&
			for target in "$@"; do
				DEB_BUILD_OPTIONS=nocheck make -s "$jobs" "$target" || exit 1
			done
	) > "$work/log" 2>&1
}

failed() {
	echo "not ok $1"
	tail -n 30 "$work/log" | sed 's/^/    /'
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
}

# Both of the commit that it is now.
mkdir "$(dirname "$second")" && git clone -q . "$first" && git clone -q "$first" "$second" || exit 1

(umask 022 && TZ=UTC LC_ALL=C build "$first" -j2 "$@") || failed "the first build"
(umask 027 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 build "$second" -j1 "$@") || failed "the second build"

# What tells of the machine and the hour, by its purpose, is left out.
sums() {
	(cd "$1" && find build/alumet-agent build/bpf/*.o build/gen build/static/alumet-agent build/dist -type f \
		! -name '*.buildinfo' ! -name '*.changes' 2>/dev/null | LC_ALL=C sort | xargs sha256sum)
}

sums "$first" > "$work/first"
sums "$second" > "$work/second"
while read -r sum path; do
	if [ "$(sed -n "s,  $path\$,,p" "$work/second")" = "$sum" ]; then
		echo "ok the same twice: $sum $path"
	else
		echo "not ok $path differs"
	fi
done < "$work/first" > "$work/results"
cat "$work/results"
awk '/^ok/ { passed++ } /^not ok/ { failed++ }
	END { printf "%d passed, %d failed, 0 skipped\n", passed, failed; exit failed > 0 || !passed }' "$work/results"
