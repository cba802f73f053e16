#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# packages.sh SUITE here|chroot [arm64]: Debian packages of this tree, built on this machine (of
# that release) or in a chroot of SUITE with nothing but what Build-Depends names; looked at by
# lintian; installed, used, and purged in a fresh chroot. "arm64" cross-builds them, too. The last
# line counts.
set -u

cd "$(dirname "$0")/../.." || exit 1
suite=$1 where=$2 other=${3:-}
chroot=tests/debian/chroot.sh
results=$(mktemp)
log=$(mktemp)
trap 'rm -f "$results" "$log"' EXIT

# report NAME COMMAND...: one check; the output of one that failed is shown.
report() {
	name="$suite: $1"
	shift
	if "$@" > "$log" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		tail -n 60 "$log" | sed 's/^/    /'
	fi | tee -a "$results"
}

# Lines "ok" and "not ok" of a script in a chroot, and its failure.
pass_on() {
	if ! "$@" > "$log" 2>&1 && ! grep -q '^not ok' "$log"; then
		echo "not ok: $* failed" >> "$log"
	fi
	if grep -q '^not ok' "$log"; then
		sed 's/^\(ok\|not ok\) /&'"$suite: /" "$log"
	else
		sed -n 's/^ok /&'"$suite: /p" "$log"
	fi | tee -a "$results"
}

in_chroot() {
	$chroot "$suite-packages" sh -ec "$1"
}

# The symbols of the debug package are those of the program, and lead to lines of the sources.
debug_symbols() {
	(
		set -e
		rm -rf "$debs/unpacked"
		for package in alumet-agent alumet-agent-dbgsym; do
			dpkg-deb -x "$debs/${package}"_*_amd64.deb "$debs/unpacked"
		done
		id=$(readelf -n "$debs/unpacked/usr/bin/alumet-agent" | sed -n 's/.*Build ID: //p')
		file=$debs/unpacked/usr/lib/debug/.build-id/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-).debug
		address=$(nm "$file" | sed -n 's/ T main$//p')
		addr2line -e "$file" "$address" | tee /dev/stderr | grep -q 'src/cli/main\.c:[0-9]'
	)
}

holds_arm64() {
	dpkg-deb --fsys-tarfile "$debs"/arm64/alumet-agent_*_arm64.deb | tar -xO ./usr/bin/alumet-agent > "$log.program" &&
		readelf -h "$log.program" | grep -q 'Machine: *AArch64'
	status=$?
	rm -f "$log.program"
	return $status
}

if [ "$where" = here ]; then
	debs=build/dist
	report "dpkg-buildpackage" make deb
	report "lintian has no error and no warning" \
		lintian --allow-root --fail-on error,warning "$debs"/alumet-agent_*_amd64.changes
else
	debs=${DEBIAN_FOLDER:-build/debian}/$suite-packages/src/build/dist
	rm -rf "$debs"/*
	report "README.md: all that set-up installs is enough" $chroot --fresh "$suite-clone" sh -ec '
		make setup-packaging deb
		make setup-packaging static
		ls build/dist/alumet-agent_*_amd64.deb build/dist/alumet-agent-*-linux-x86_64.tar.xz'
	report "what Build-Depends names is there" in_chroot 'apt-get -q -y --no-install-recommends build-dep ./'
	report "dpkg-buildpackage, with the unit tests" in_chroot 'make deb'
	report "lintian has no error and no warning" in_chroot '
		apt-get -q -y --no-install-recommends install lintian
		lintian --allow-root --fail-on error,warning build/dist/alumet-agent_*_amd64.changes'
	report "autopkgtest" in_chroot '
		apt-get -q -y --no-install-recommends install autopkgtest
		autopkgtest build/dist/alumet-agent_*_amd64.deb . -- null | tee build/autopkgtest.log
		grep -q "^exec  *PASS" build/autopkgtest.log'
	if [ -n "$other" ]; then
		report "arm64: what Build-Depends names is there" $chroot "$suite-cross" sh -ec '
			dpkg --add-architecture arm64
			apt-get -q update
			apt-get -q -y --no-install-recommends install crossbuild-essential-arm64
			apt-get -q -y --no-install-recommends -a arm64 -P cross,nocheck build-dep ./'
		report "arm64: dpkg-buildpackage" $chroot "$suite-cross" make deb ARCH=arm64
		cross=${DEBIAN_FOLDER:-build/debian}/$suite-cross/src/build/dist
		mkdir -p "$debs/arm64" && cp "$cross"/*_arm64.* "$debs/arm64"
		report "arm64: lintian has no error and no warning" in_chroot '
			lintian --allow-root --fail-on error,warning build/dist/arm64/alumet-agent_*_arm64.changes'
		report "arm64: the program is one of that" holds_arm64
	fi
fi
report "debug symbols" debug_symbols
GIVEN=$(cd "$debs" && pwd) pass_on $chroot --fresh "$suite-installed" tests/packaging/installed.sh

awk '/^ok / { passed++ } /^not ok/ { failed++ }
	END { printf "%d passed, %d failed, 0 skipped\n", passed, failed; exit failed > 0 || !passed }' "$results"
