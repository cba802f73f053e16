#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The revision that this tree is of: what git says, or what make dist has written into a tarball's
# .tarball-revision, or "unknown".
cd "$(dirname "$0")/../.." || exit 1

if [ -f .tarball-revision ]; then
	cat .tarball-revision
elif [ -e .git ]; then # not that of a repository around an unpacked tarball
	git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown
else
	echo unknown
fi
