#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs the Debian packages that building needs, and those of each PURPOSE; does nothing when all
# are there.
#
#   setup.sh [test] [browser] [lint] [valgrind] [coverage] [vm] [debian]
set -eu

building='gcc g++ make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libzstd-dev
libtomlplusplus-dev uthash-dev libcap2-bin libpfm4'

# packages_for PURPOSE: to be called when clang is there, whose version is in a package's name.
packages_for() {
	case $1 in
	test)
		echo libcmocka-dev linux-perf stress-ng python3 python3-jsonschema busybox-static man-db less vim-tiny procps
		echo zstd miller python3-venv # compressed runs; the recipes of docs/csv.md
		echo "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" # libFuzzer
		;;
	lint) echo cppcheck clang-tidy ;;
	browser)
		echo chromium fonts-dejavu-core libdevel-nytprof-perl python3 python3-pip
		command -v npm >/dev/null 2>&1 || echo npm
		;;
	valgrind) echo valgrind ;;
	coverage) echo gcovr ;;
	vm)
		echo qemu-system-x86 qemu-system-arm busybox-static cpio xz-utils debian-archive-keyring python3
		echo gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
		;;
	debian) echo debootstrap debian-archive-keyring util-linux mount ;;
	*)
		echo "setup: '$1' is none of: test browser lint valgrind coverage vm debian" >&2
		return 1
		;;
	esac
}

updated=

# install PACKAGES: those that are not there.
install() {
	missing=
	for package in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
		[ "$state" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0

	if ! command -v apt-get >/dev/null 2>&1; then
		echo "setup: this script knows Debian's apt-get only; install by other means:$missing" >&2
		return 1
	fi
	as_root=
	if [ "$(id -u)" != 0 ]; then
		as_root=sudo
		if ! command -v sudo >/dev/null 2>&1; then
			echo "setup: run as root, or install sudo; to be installed:$missing" >&2
			return 1
		fi
	fi

	echo "setup: installing with apt-get:$missing"
	[ -n "$updated" ] || $as_root apt-get update -q
	updated=yes
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		$missing
}

# shellcheck disable=SC2086
install $building
packages=
for purpose in "$@"; do
	packages="$packages $(packages_for "$purpose")"
done
# shellcheck disable=SC2086
install $packages

# What is not Debian's.
for purpose in "$@"; do
	[ "$purpose" != browser ] || "$(dirname "$0")/witnesses.sh"
done

# The programs of the recipes in docs/csv.md that Debian lacks, from PyPI. O: the build folder.
readers=${O:-build}/readers
case " $* " in
*" test "*)
	if ! "$readers/bin/python" -c 'import duckdb, pandas' 2>/dev/null; then
		echo "setup: installing pandas and duckdb from PyPI into $readers"
		rm -rf "$readers"
		python3 -m venv "$readers"
		"$readers/bin/pip" install -q 'pandas<4' 'duckdb<2'
	fi
	;;
esac
