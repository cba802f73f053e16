#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs what other projects read reports with, below build/witness: message classes, parsers and
# schemas of PyPI, speedscope of npm. Tests compare with them; building needs none.
set -eu

cd "$(dirname "$0")/.."
witness=build/witness
python='perfetto==0.59.1 protobuf prometheus_client jsonschema duckdb'
node='speedscope@1'

# Complete only with the list that was asked for.
wanted="$python $node"
[ "$(cat "$witness/complete" 2>/dev/null || true)" != "$wanted" ] || exit 0

echo "setup: installing below $witness: $wanted"
rm -rf "$witness"
mkdir -p "$witness"
# shellcheck disable=SC2086
python3 -m pip install --quiet --root-user-action=ignore --target "$witness/python" $python
npm install --silent --no-fund --no-audit --prefix "$witness" "$node"
echo "$wanted" >"$witness/complete"
