#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# initramfs.sh OUTPUT AGENT BUSYBOX PROGRAMS MODULES: the archive that the kernel starts with.
# PROGRAMS and MODULES are folders. Needs no privileges: devices come with devtmpfs.
set -eu

output=$1 agent=$2 busybox=$3 programs=$4 modules=$5
here=$(dirname "$0")

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
mkdir "$root/bin" "$root/checks" "$root/modules" "$root/dev"

cp "$here/guest/init" "$root/init"
chmod 755 "$root/init"
cp "$here"/guest/*.sh "$here"/guest/*.awk "$root/checks"
cp "$busybox" "$root/bin/busybox"
cp "$agent" "$root/bin/alumet-agent"
for program in "$programs"/*; do
	case $program in
	*.d) ;;
	*) cp "$program" "$root/bin" ;;
	esac
done
chmod 755 "$root"/bin/*
# llvm-strip knows every architecture.
"${LLVM_STRIP:-llvm-strip}" "$root/bin/alumet-agent" 2>/dev/null || true
cp "$modules"/*.ko "$root/modules" 2>/dev/null || true

(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) > "$output"
