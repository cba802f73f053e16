#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs the Debian packages that the tests in virtual machines need beside those of
# tools/setup.sh; does nothing when all are there. Kernels and foreign libraries are not installed
# at all, see apt.sh.
set -eu

packages='qemu-system-x86 qemu-system-arm busybox-static cpio xz-utils debian-archive-keyring
gcc-aarch64-linux-gnu g++-aarch64-linux-gnu'

missing=
for package in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "vm: this script knows Debian's apt-get only; install by other means:$missing" >&2
	exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	if ! command -v sudo >/dev/null 2>&1; then
		echo "vm: run as root, or install sudo; to be installed:$missing" >&2
		exit 1
	fi
fi

echo "vm: installing with apt-get:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
