#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tar.sh FOLDER NAME EPOCH: FOLDER/NAME as a tar archive on standard output, sorted, and root's, of
# one time.
exec tar -c -C "$1" --sort=name --format=ustar --mtime="@$3" --owner=0 --group=0 --numeric-owner \
	--mode='u=rwX,go=rX' -f - "$2"
