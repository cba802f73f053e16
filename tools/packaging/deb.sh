#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# deb.sh OUTPUT_FOLDER SOURCES [ARCH]: Debian packages of the sources' tarball, for this machine's
# release and architecture, or cross-built for ARCH (arm64). DEB_BUILD_OPTIONS as for
# dpkg-buildpackage.
set -eu

output=$1 sources=$2 arch=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$output"
tar -x -C "$work" -f "$sources"
output=$(cd "$output" && pwd)
cd "$work"/alumet-agent-*

# Nothing of a make that called this one.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES O ARCH SOURCE_DATE_EPOCH
# shellcheck disable=SC2086
dpkg-buildpackage -b -us -uc ${arch:+-a$arch -Pcross,nocheck}
mv "$work"/*.deb "$work"/*.changes "$work"/*.buildinfo "$output"
