#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# chroot.sh [--fresh] SUITE[-NAME] COMMAND...: run COMMAND in a chroot of Debian's SUITE (trixie,
# bookworm), in a copy of this working tree, as root, on this machine's kernel. A chroot begins as a
# copy of SUITE's base, which is made at the first call: debootstrap's smallest set of packages and
# make. What COMMAND installs and builds in it stays for the next call with the same NAME; --fresh
# begins anew. All are below build/debian, or below $DEBIAN_FOLDER, with the packages that were
# downloaded. A folder $GIVEN is /mnt in there.
set -eu

fresh=
if [ "$1" = --fresh ]; then
	fresh=1
	shift
fi
name=$1
suite=${name%%-*}
shift
cd "$(dirname "$0")/../.."
tree=$(pwd)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
authorities=/etc/ssl/certs/ca-certificates.crt
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
folder=${DEBIAN_FOLDER:-build/debian}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
base=$folder/$suite.base
root=$folder/$name
archives=$folder/debs/$suite
mkdir -p "$archives/partial"

fail() {
	echo "debian: $*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] || fail "a chroot needs root: run as root"
unshare --mount --pid --fork true || fail "namespaces cannot be made here (a container without CAP_SYS_ADMIN?)"

# As the machine reaches the network and whom it trusts there, so does the chroot. The age of a
# mirror's lists is no concern of a test; their signatures are checked.
configure() {
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	cp -L /etc/hosts "$1/etc/hosts"
	{
		apt-config dump Acquire::http
		apt-config dump Acquire::https
		echo 'Acquire::Check-Valid-Until "false";'
		echo 'Acquire::Languages "none";'
		echo 'Acquire::Retries "3";'
	} > "$1/etc/apt/apt.conf.d/99machine"
	if [ -f "$authorities" ]; then
		cp -L "$authorities" "$1/etc/ssl-machine.crt"
	fi
	# Nothing in here is worth waiting for a disk.
	echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/unsafe-io"
	# Packages shall not set up this machine's kernel by its /proc/sys.
	ln -s /bin/true "$1/usr/local/sbin/sysctl"
}

# enter ROOT COMMAND...: in place of this shell.
#
# Process 1 of the namespace waits for whoever is left to it, and with it all of them end. The
# mounts are seen in the namespace only: when it is gone, so are they. The chroot becomes its root,
# not only the root of processes: the kernel lets who is in a chroot(2) make no user namespace.
enter() {
	archives="$archives" exec unshare --mount --pid --fork --kill-child --propagation slave -- sh -c '
	set -eu
	root=$1
	shift
	mount --bind "$root" "$root"
	cd "$root"
	mount -t proc proc proc
	mount --rbind /sys sys
	mount --rbind /dev dev
	mount -t tmpfs tmpfs run
	mount --bind "$archives" var/cache/apt/archives
	[ -z "${GIVEN:-}" ] || mount --bind "$GIVEN" mnt
	pivot_root . .
	umount -l .
	cd /src
	certificates=
	if [ -f /etc/ssl-machine.crt ]; then
		certificates="PIP_CERT=/etc/ssl-machine.crt NODE_EXTRA_CA_CERTS=/etc/ssl-machine.crt"
	fi
	/usr/bin/env -i $certificates HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive ${TESTS:+TESTS="$TESTS"} \
		${FUZZ_SECONDS:+FUZZ_SECONDS="$FUZZ_SECONDS"} ${VERBOSE:+VERBOSE="$VERBOSE"} "$@" ||
		exit $?' sh "$@"
}

if [ ! -d "$base" ]; then
	echo "debian: making a chroot of $suite"
	rm -rf "$base.new"
	log=$base.log
	debootstrap --variant=minbase --include=make --keyring="$keyring" "$suite" "$base.new" \
		"$mirror" > "$log" 2>&1 || {
		tail -n 20 "$log" >&2
		fail "debootstrap failed; $log has all of it"
	}
	configure "$base.new"
	rm -f "$base.new"/var/cache/apt/archives/*.deb
	mkdir "$base.new/src"
	(enter "$base.new" apt-get -q update) >> "$log" 2>&1 || fail "apt-get update failed in $suite; see $log"
	mv "$base.new" "$base"
fi
[ -z "$fresh" ] || rm -rf "$root"
if [ ! -d "$root" ]; then
	rm -rf "$root.new"
	cp -a "$base" "$root.new"
	mv "$root.new" "$root"
fi

# The tree as it stands, without what was built here: the chroot's own objects stay.
mkdir -p "$root/src"
find "$root/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -C "$tree" --exclude=./build --exclude=./.git --no-same-owner -cf - . |
	tar -C "$root/src" --no-same-owner -xf -
tools/packaging/revision.sh > "$root/src/.tarball-revision"

enter "$root" "$@"
