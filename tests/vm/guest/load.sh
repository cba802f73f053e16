# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The kernel takes the BPF programs; where it does not, its verifier's log is shown.
. /checks/lib.sh

# load NAME: status 0, all that is said shown otherwise; no word of another loader taking over
load() {
	agent PAGE_FAULTS,TASK_CLOCK -vv -- true > said
	if [ "$status" != 0 ]; then
		cat said
		not_ok "$1" "status $status"
	elif grep -q 'loading with libbpf' stderr && [ "$2" = light ]; then
		cat said
		not_ok "$1" 'the light skeleton was not taken'
	else
		ok "$1"
	fi
}

if kernel_is_at_least 6 1; then
	load 'the light skeleton loads' light
fi
export ALUMET_LIBBPF_LOADER=1
load 'libbpf loads the programs' libbpf
