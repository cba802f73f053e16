#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# fetch-kernel.sh SUITE ARCH FLAVOUR FOLDER: Debian's kernel of that suite into FOLDER: vmlinuz,
# release (its version), modules/ (those that the checks load, uncompressed). FLAVOUR is empty, or
# "rt-" for the kernel with PREEMPT_RT.
set -eu

suite=$1 arch=$2 flavour=$3 folder=$4
here=$(dirname "$0")
# shellcheck source=tests/vm/apt.sh
. "$here/apt.sh"

modules='msr rapl intel_rapl_common intel_rapl_msr'

echo "vm: fetching the kernel of Debian $suite for $flavour$arch"
rm -rf "$folder"
mkdir -p "$folder/root"
apt_begin "$folder/apt" "$suite" "$arch"

# The meta package names the kernel's; since 7.0 that one names one each with image and modules.
package=$(apt_depends "linux-image-$flavour$arch" '^linux-image-[0-9]')
if [ -z "$package" ]; then
	echo "vm: linux-image-$flavour$arch of Debian $suite depends on no kernel" >&2
	exit 1
fi
parts=$(apt_depends "$package" '^linux-(binary|modules)-[0-9]')
# shellcheck disable=SC2086
apt_download $package $parts

for deb in "$folder"/apt/debs/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder/root" --wildcards --no-anchored \
		'vmlinuz*' $(printf '%s.ko* ' $modules) 2>/dev/null || true
done

find "$folder/root" -name 'vmlinuz*' -type f -exec mv {} "$folder/vmlinuz" \;
mkdir -p "$folder/modules"
for module in $modules; do
	find "$folder/root" -name "$module.ko*" -exec mv {} "$folder/modules" \;
done
find "$folder/modules" -name '*.xz' -exec xz -d {} +
if [ ! -s "$folder/vmlinuz" ]; then
	echo "vm: no vmlinuz in $package" >&2
	exit 1
fi
rm -rf "$folder/root"
apt_end
echo "${package#linux-image-}" > "$folder/release"
