#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dist.sh OUTPUT VERSION: the sources as a tarball: what git knows of this tree as it stands, or,
# where it is none of git's, all but build/. The same tree makes the same bytes.
set -eu
export LC_ALL=C
unset XZ_OPT XZ_DEFAULTS

cd "$(dirname "$0")/../.."
output=$1 name=alumet-agent-$2
epoch=$(tools/packaging/epoch.sh)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

mkdir "$stage/$name"
if [ -e .git ]; then
	git ls-files -z
else
	find . -path ./build -prune -o '(' -type f -o -type l ')' -print0
fi | tar -c --null --no-recursion -T - -f - | tar -x -C "$stage/$name" -f -
tools/packaging/revision.sh > "$stage/$name/.tarball-revision"

mkdir -p "$(dirname "$output")"
tools/packaging/tar.sh "$stage" "$name" "$epoch" | xz -6 -T1 > "$output.new"
mv "$output.new" "$output"
