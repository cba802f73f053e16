#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs the Debian packages that building needs, and those of each PURPOSE; does nothing when all
# are there.
#
#   setup.sh [test] [launchers] [stores] [browser] [lint] [valgrind] [coverage] [vm] [debian] [packaging]
set -eu

building='gcc g++ make clang llvm bpftool libbpf-dev libelf-dev libiberty-dev zlib1g-dev libzstd-dev
libtomlplusplus-dev uthash-dev libcap2-bin libpfm4'

# available PACKAGES: those that this system's archive has.
available() {
	for package in "$@"; do
		! apt-cache show "$package" >/dev/null 2>&1 || echo "$package"
	done
}

# packages_for PURPOSE: to be called when clang is there, whose version is in a package's name.
packages_for() {
	case $1 in
	test)
		echo libcmocka-dev linux-perf stress-ng python3 python3-jsonschema busybox-static man-db less vim-tiny procps
		available golang-go # whose pprof reads profiles
		available crun # containers to watch
		echo elfutils xz-utils strace # libdw, for inlined functions
		command -v rustc >/dev/null 2>&1 || echo rustc # programs whose functions profiles name
		command -v javac >/dev/null 2>&1 || echo default-jdk-headless
		echo bash-completion fish zsh
		echo zstd miller python3-venv python3-yaml git # compressed runs; the recipes of docs/csv.md
		echo "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" # libFuzzer
		;;
	# Not every Debian has all of them: a test whose server is missing says so.
	stores) available curl libcurl4 openssl sqlite3 postgresql victoria-metrics influxdb clickhouse-server ;;
	launchers) echo openmpi-bin mpich slurmctld slurmd slurm-client munge libslurm-dev ;;
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
	packaging)
		echo build-essential debhelper dpkg-dev lintian libcmocka-dev python3 python3-venv xz-utils
		echo debootstrap musl-tools busybox-static qemu-user-static gcc-aarch64-linux-gnu g++-aarch64-linux-gnu
		;;
	*)
		echo "setup: '$1' is none of: test launchers stores browser lint valgrind coverage vm debian packaging" >&2
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

# What reads the files in tests and Debian lacks, from PyPI. O: the build folder.
readers=${O:-build}/readers
case " $* " in
*" test "*)
	if ! "$readers/bin/python" -c 'import duckdb, opentelemetry.proto, pandas' 2>/dev/null; then
		echo "setup: installing pandas, duckdb and opentelemetry-proto from PyPI into $readers"
		rm -rf "$readers"
		python3 -m venv "$readers"
		"$readers/bin/pip" install -q 'pandas<4' 'duckdb<2' 'opentelemetry-proto<2'
	fi
	;;
esac
