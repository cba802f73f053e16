#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# fetch-libraries.sh ARCH FOLDER: what the cross compiler links the agent with, and a static
# busybox, as FOLDER/usr/lib/… and FOLDER/bin/busybox. Headers are the same on all architectures.
set -eu

arch=$1 folder=$2
here=$(dirname "$0")
# shellcheck source=tests/vm/apt.sh
. "$here/apt.sh"

# The release of this machine: its cross C library is linked with these.
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")

echo "vm: fetching libraries of Debian $suite for $arch"
rm -rf "$folder"
mkdir -p "$folder"
apt_begin "$folder.apt" "$suite" "$arch"
# Static libraries and links come with the -dev packages, what the links point to with the others.
apt_download libbpf-dev libelf-dev libiberty-dev zlib1g-dev libzstd-dev libbpf1 zlib1g libzstd1 busybox-static \
	"$(apt_depends libelf-dev '^libelf1')"
if [ "$suite" = trixie ]; then
	# The archive of this release lacks functions of its own; that of the one before does not.
	rm "$folder.apt"/debs/libelf-dev_*.deb
	mkdir -p "$folder.apt/kept"
	mv "$folder.apt"/debs/*.deb "$folder.apt/kept"
	apt_begin "$folder.apt" bookworm "$arch"
	apt_download libelf-dev
	mv "$folder.apt"/kept/*.deb "$folder.apt/debs"
fi
# With copyright files, and a database that dpkg-query --admindir asks whose a file is.
mkdir -p "$folder/var/lib/dpkg/info" "$folder/var/lib/dpkg/updates"
for deb in "$folder".apt/debs/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --wildcards --no-anchored \
		'lib*.a' 'lib*.so*' busybox copyright 2>/dev/null || true
	dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's,^\./$,/.,; s,^\./,/,; s,/$,,' \
		> "$folder/var/lib/dpkg/info/$(dpkg-deb -f "$deb" Package).list"
	{
		dpkg-deb -f "$deb"
		echo 'Status: install ok installed'
		echo
	} >> "$folder/var/lib/dpkg/status"
done
apt_end
# zlib's link is absolute or leads to /lib, where Debian had it before /usr was merged.
if [ -d "$folder/lib" ]; then
	cp -a "$folder/lib/." "$folder/usr/lib/"
fi
touch "$folder/complete"
