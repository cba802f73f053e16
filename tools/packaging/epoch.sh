#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The time that everything made of this tree is of, in seconds: $SOURCE_DATE_EPOCH, else the
# commit's, else that of the tarball's .tarball-revision.
cd "$(dirname "$0")/../.." || exit 1

if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
	echo "$SOURCE_DATE_EPOCH"
elif [ -f .tarball-revision ]; then
	stat -c %Y .tarball-revision
elif [ -e .git ] && git log -1 --format=%ct 2>/dev/null; then
	:
else
	date +%s
fi
