# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian packages of another release or architecture, downloaded and never installed: apt gets
# sources, lists and a cache of its own, so that the machine's stay as they are. To be sourced.

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_begin FOLDER SUITE ARCH: FOLDER becomes apt's own; fresh lists of the suite's packages.
apt_begin() {
	apt_folder=$(mkdir -p "$1" && cd "$1" && pwd)
	mkdir -p "$apt_folder/etc/parts" "$apt_folder/etc/preferences.d" \
		"$apt_folder/state/lists/partial" "$apt_folder/cache/archives/partial" \
		"$apt_folder/debs"
	: > "$apt_folder/status"
	echo "deb [arch=$3 signed-by=$keyring] $mirror $2 main" > "$apt_folder/etc/sources.list"
	{
		# How to reach the network (proxies) is the machine's matter.
		apt-config dump Acquire::http
		apt-config dump Acquire::https
		cat <<-EOF
		APT::Architecture "$3";
		APT::Architectures { "$3"; };
		APT::Sandbox::User "$(id -un)";
		Dir::State "$apt_folder/state";
		Dir::State::status "$apt_folder/status";
		Dir::Cache "$apt_folder/cache";
		Dir::Etc "$apt_folder/etc";
		Dir::Etc::parts "parts";
		Acquire::Languages "none";
		Acquire::Retries "3";
		// Signatures are checked; the age of a mirror's lists is no concern of a test.
		Acquire::Check-Valid-Until "false";
		EOF
	} > "$apt_folder/apt.conf"
	apt_run apt-get -q update
}

# apt_run COMMAND…: with the folder of apt_begin; quiet unless it fails.
apt_run() {
	if ! APT_CONFIG="$apt_folder/apt.conf" "$@" > "$apt_folder/log" 2>&1; then
		echo "vm: $* failed:" >&2
		cat "$apt_folder/log" >&2
		return 1
	fi
}

# apt_depends PACKAGE PATTERN: names of its direct dependencies that match.
apt_depends() {
	APT_CONFIG="$apt_folder/apt.conf" apt-cache depends --important "$1" |
		sed -n 's/^ *Depends: //p' | grep -E "$2" || true
}

# apt_download PACKAGE…: into $apt_folder/debs, emptied before.
apt_download() {
	rm -f "$apt_folder"/debs/*.deb
	(cd "$apt_folder/debs" && apt_run apt-get -q download "$@")
}

# apt_end: lists and packages go; what was unpacked stays.
apt_end() {
	rm -rf "$apt_folder"
}
