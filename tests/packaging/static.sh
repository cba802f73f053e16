#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# static.sh TARBALL [bare] [musl] [old]: the static program in root file systems that have none of
# what it was built with:
#
#   bare   nothing but busybox
#   musl   busybox, and programs linked with musl as those of Alpine are
#   old    Ubuntu 18.04, whose C library (2.27) is older than that of Debian 10; from $OLD_MIRROR
#
# each on this machine's kernel. The last line counts.
set -u

cd "$(dirname "$0")/../.." || exit 1
tarball=$1
shift
mirror=${OLD_MIRROR:-http://archive.ubuntu.com/ubuntu}
folder=build/static-roots
results=$(mktemp)
log=$(mktemp)
trap 'rm -f "$results" "$log"' EXIT

say() {
	echo "$*" | tee -a "$results"
}

# enter ROOT COMMAND...: in namespaces that end with it.
enter() {
	unshare --mount --pid --fork --kill-child --propagation slave -- sh -ec '
		mount --bind "$1" "$1"
		cd "$1"
		shift
		mkdir -p proc sys dev tmp old
		mount -t proc proc proc
		mount --rbind /sys sys
		mount --rbind /dev dev
		pivot_root . old
		umount -l old
		exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ "$@"' sh "$@"
}

make_bare() {
	mkdir -p "$1/bin" "$1/sbin" "$1/usr/bin" "$1/usr/sbin" "$1/etc"
	cp "$(command -v busybox)" "$1/bin/busybox"
	"$1/bin/busybox" --install -s "$1/bin" && ln -s ../../bin/busybox "$1/usr/bin/env"
	# The links name this root, not the one of the machine.
	for link in "$1"/bin/*; do
		[ ! -L "$link" ] || ln -sf busybox "$link"
	done
	echo root:x:0:0:root:/:/bin/sh > "$1/etc/passwd"
	echo nobody:x:65534:65534:nobody:/:/bin/sh >> "$1/etc/passwd"
	echo root:x:0: > "$1/etc/group"
	echo nogroup:x:65534: >> "$1/etc/group"
}

make_musl() {
	make_bare "$1" && mkdir -p "$1/lib" && cp -L /lib/ld-musl-x86_64.so.1 "$1/lib" &&
		rm "$1/bin/true" &&
		echo 'int main(void) { return 0; }' | musl-gcc -O2 -o "$1/bin/true" -x c -
}

# Debian has no package of Ubuntu's keys: the one of that release, by the hash that its signed list
# has.
make_old() {
	keys=$folder/ubuntu-keyring.deb
	sum=c0763889cec4196839354d99b71f3c369dfa51ff17f59cabea87d1c7d55fe5e0
	wget -q -O "$keys" "$mirror/pool/main/u/ubuntu-keyring/ubuntu-keyring_2018.02.28_all.deb" &&
		echo "$sum $keys" | sha256sum -c && dpkg-deb -x "$keys" "$folder/keys" &&
		debootstrap --variant=minbase --keyring="$folder/keys/usr/share/keyrings/ubuntu-archive-keyring.gpg" \
			bionic "$1" "$mirror"
}

mkdir -p "$folder"
for name in "$@"; do
	root=$folder/$name
	if [ ! -d "$root" ]; then
		rm -rf "$root.new"
		if ! "make_$name" "$root.new" > "$log" 2>&1; then
			if [ "$name" = old ] && ! wget -q -O /dev/null "$mirror/dists/bionic/Release"; then
				say "skip $name: $mirror cannot be reached"
			else
				say "not ok $name: the root file system could not be made"
				tail -n 20 "$log" | sed 's/^/    /'
			fi
			continue
		fi
		mv "$root.new" "$root"
	fi
	rm -rf "$root/opt" "$root/given"
	mkdir -p "$root/opt" "$root/given"
	tar -x -C "$root/opt" --strip-components=1 --no-same-owner -f "$tarball"
	cp tests/packaging/inside.sh "$root/given"
	if ! enter "$root" /bin/sh /given/inside.sh > "$log" 2>&1 && ! grep -q '^not ok' "$log"; then
		echo "not ok: inside.sh did not come to its end" >> "$log"
	fi
	if grep -q '^not ok' "$log"; then
		sed "s/^\(ok\|not ok\) /&$name: /" "$log"
	else
		sed -n "s/^ok /&$name: /p" "$log"
	fi | tee -a "$results"
done

awk '/^ok / { passed++ } /^not ok/ { failed++ } /^skip / { skipped++ }
	END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || !passed }' "$results"
