#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Run in a fresh chroot by packages.sh, as root: the package in /mnt is installed, used as
# README.Debian says, and purged. One line for each check.
set -u

rules=/usr/share/doc/alumet-agent/examples/70-rapl.rules
package=$(echo /mnt/alumet-agent_*_amd64.deb)

# report NAME COMMAND...
report() {
	name=$1
	shift
	if output=$("$@" 2>&1); then
		echo "ok $name"
	else
		echo "not ok $name"
		echo "$output" | tail -n 30 | sed 's/^/    /'
	fi
}

# Every file but the package managers' own notes.
files() {
	find / -xdev '(' -path /src -o -path /mnt -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
		-o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path /root ')' \
		-prune -o -print | LC_ALL=C sort
}

install_with() {
	apt-get -q -y "$@" install "$package" || { apt-get -q update && apt-get -q -y "$@" install "$package"; }
}

as() {
	user=$1
	shift
	(cd "/home/$user" && runuser -u "$user" -- "$@")
}

nobody_measures_yet() {
	! as friend alumet-agent -q exec true
}

choose_group() {
	groupadd --system alumet && usermod -aG alumet friend &&
		dpkg-statoverride --update --add root alumet 0750 /usr/bin/alumet-agent &&
		dpkg-reconfigure alumet-agent
}

others_may_not() {
	! as stranger alumet-agent --version
}

# Counts, kernel space included, of the user's own command.
friend_measures() {
	rm -f /home/friend/rows.csv
	as friend alumet-agent -o rows.csv exec -e page-faults sh -c '/bin/true; /bin/true' &&
		[ "$(grep -c '^process_exit;' /home/friend/rows.csv)" = 3 ]
}

# What udev would execute for a device of powercap, with another path before it.
rule_opens_counter() {
	mkdir -p /tmp/sys/devices/energy && touch /tmp/sys/devices/energy/energy_uj &&
		chmod 400 /tmp/sys/devices/energy/energy_uj &&
		grep -o 'RUN+="[^"]*"' "$rules" | sed 's/RUN+="//; s/"$//; s,/sys%p,/tmp/sys/devices/energy,' | sh -ex &&
		[ "$(stat -c '%G %a' /tmp/sys/devices/energy/energy_uj)" = 'alumet 440' ]
}

# No file that was not there before, but those of other packages that apt has kept, and useradd's
# lock.
nothing_left() {
	files > /tmp/after
	LC_ALL=C comm -13 /tmp/before /tmp/after | grep -vx /etc/.pwd.lock | while read -r file; do
		dpkg -S "$file" > /dev/null 2>&1 || echo "left: $file"
	done | tee /tmp/left
	[ ! -s /tmp/left ]
}

purge() {
	apt-get -q -y --autoremove purge alumet-agent
}

files > /tmp/before
report "installed with what Depends names" install_with --no-install-recommends
report "files are whole" sh -c '[ -z "$(dpkg --verify alumet-agent)" ]'
report "a command is measured" sh -c 'cd /tmp && alumet-agent exec true && alumet-agent report && rm alumet-output.csv'
report "purged" purge
report "purged: no file is left" nothing_left

report "its helpers" apt-get -q -y --no-install-recommends install man-db bash-completion fish zsh libcap2-bin udev
files > /tmp/before
report "installed beside its helpers" install_with
report "a command is measured, as debian/tests has it" sh debian/tests/exec
useradd -m friend
useradd -m stranger
report "without a choice, only root measures" nobody_measures_yet
report "README.Debian: a group is chosen" choose_group
report "README.Debian: its members measure" friend_measures
report "README.Debian: others do not" others_may_not
report "a new version keeps the choice" sh -c "
	apt-get -q -y install --reinstall $package && getcap /usr/bin/alumet-agent | grep -E 'cap_perfmon,cap_bpf=ep|cap_bpf,cap_perfmon=ep'"
report "README.Debian: its members still measure" friend_measures
report "the rule of udev gives the counters to the group" rule_opens_counter
if udevadm verify --help > /dev/null 2>&1; then # systemd 254
	report "udev accepts the rule" udevadm verify --resolve-names=late "$rules"
fi

mkdir -p /var/lib/alumet-agent && echo 1 > /var/lib/alumet-agent/idle-power
report "removed: the program is gone, what was chosen stays" sh -c '
	apt-get -q -y remove alumet-agent && [ ! -e /usr/bin/alumet-agent ] && dpkg-statoverride --list /usr/bin/alumet-agent'
report "purged at last" purge
userdel -r friend 2>/dev/null
userdel -r stranger 2>/dev/null
groupdel alumet 2>/dev/null
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-
report "purged at last: no file is left" nothing_left
report "purged at last: no override is left" sh -c '[ -z "$(dpkg-statoverride --list /usr/bin/alumet-agent)" ]'
