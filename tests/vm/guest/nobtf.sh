# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A kernel that does not show its types, as one built without BTF or one whose /sys is masked.
. /checks/lib.sh

mount -t tmpfs none /sys/kernel/btf

# refused NAME: before the command, in words
refused() {
	agent TASK_CLOCK -- echo ran > /dev/null
	equal "$1: the command is not run, no file is left" \
		"$status $(cat stdout)$(ls out.csv 2>/dev/null)" '125 '
	says "$1: what is missing" 'no /sys/kernel/btf/vmlinux'
	says "$1: what to do" CONFIG_DEBUG_INFO_BTF=y
}

ALUMET_LIBBPF_LOADER=1 refused 'types are not shown, libbpf'
if kernel_is_at_least 6 1; then
	# The kernel itself looks up what the light loader asks for.
	agent TASK_CLOCK -- sh -c '/bin/true; exit 3'
	equal 'types are not shown, the light loader works' "$status $(lives)" '3 2'
	works=0 verdict=lacking
else
	refused 'types are not shown'
	works=1 verdict=fatal
fi
alumet-agent doctor --json > found
equal 'types are not shown: the doctor knows whether exec works' $? $works
equal 'types are not shown: the doctor says it' \
	"$(grep -c "\"verdict\": \"$verdict\", \"subject\": \"BTF\"" found)" 1

umount /sys/kernel/btf
