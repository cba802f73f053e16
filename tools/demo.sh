#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make run: trace the shell command line in $CMD and show what comes out. Without one, it is a shell
# with a small tree: a pipeline, and a loop of commands that live for a millisecond.
set -eu

agent=${O:-build}/alumet-agent
csv=${CSV:-alumet-output.csv}

default='seq 200000 | sort -r | md5sum; for i in $(seq 50); do /bin/true; done; sleep 0.1'

as_root=
if [ "$(id -u)" != 0 ] && ! getcap "$agent" 2>/dev/null | grep -q cap_bpf; then
	echo "make run: tracing needs CAP_BPF and CAP_PERFMON; asking sudo for them"
	as_root=sudo
fi

status=0
# The command and the file are this user's, even so.
$as_root "$agent" -o "$csv" exec ${as_root:+--user "$(id -un)"} -- sh -c "${CMD:-$default}" || status=$?

echo
echo "$csv: $(wc -l <"$csv") lines; the first ones:"
head -n 12 "$csv"
exit "$status"
