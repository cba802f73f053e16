#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# static.sh OUTPUT VERSION BUILD STRIP [SYSROOT]: a tarball of the program that make STATIC=1 has
# built in BUILD, with what belongs to it: to be unpacked below /usr/local, or anywhere. The
# licences of what is linked in and the SBOM are in share/doc/alumet-agent.
set -eu
export LC_ALL=C
unset XZ_OPT XZ_DEFAULTS

cd "$(dirname "$0")/../.."
output=$1 build=$3 strip=$4 sysroot=${5:-}
name=$(basename "$output" .tar.xz)
epoch=$(tools/packaging/epoch.sh)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

share=$stage/$name/share
docs=$share/doc/alumet-agent
install -D -m 755 "$build/alumet-agent" "$stage/$name/bin/alumet-agent"
"$strip" --strip-all "$stage/$name/bin/alumet-agent"
install -D -m 644 man/alumet-agent.1 "$share/man/man1/alumet-agent.1"
install -D -m 644 completions/alumet-agent.bash "$share/bash-completion/completions/alumet-agent"
install -D -m 644 completions/alumet-agent.fish "$share/fish/vendor_completions.d/alumet-agent.fish"
install -D -m 644 completions/alumet-agent.zsh "$share/zsh/site-functions/_alumet-agent"
mkdir -p "$docs/linked"
cp -r README.md CHANGELOG.md LICENSE LICENSES docs examples "$docs"
tools/packaging/sbom.py ${sysroot:+--sysroot "$sysroot"} --copyrights "$docs/linked" "$build"
tools/packaging/sbom.py ${sysroot:+--sysroot "$sysroot"} --stripped "$stage/$name/bin/alumet-agent" \
	"$build" > "$docs/alumet-agent.spdx.json"

mkdir -p "$(dirname "$output")"
tools/packaging/tar.sh "$stage" "$name" "$epoch" | xz -6 -T1 > "$output.new"
mv "$output.new" "$output"
