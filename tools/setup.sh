#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs the Debian packages that building and testing need; does nothing when all are there.
set -eu

packages='gcc g++ make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libtomlplusplus-dev
uthash-dev libcap2-bin libcmocka-dev libclang-rt-14-dev libpfm4 linux-perf stress-ng python3
busybox-static man-db'

missing=
for package in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "setup: this script knows Debian's apt-get only; install by other means:$missing" >&2
	exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	if ! command -v sudo >/dev/null 2>&1; then
		echo "setup: run as root, or install sudo; to be installed:$missing" >&2
		exit 1
	fi
fi

echo "setup: installing with apt-get:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
