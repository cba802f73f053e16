#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""No line of the sources is wider than 100 columns; a tab goes to the next multiple of 8.

A line of text that the user sees may be, when it is one line of the output, too: a C literal that
ends in a newline. columns.py [ROOT]: one line for each mistake, "path:line: what", and exit status
1 if there is one.
"""

import re
import sys
from pathlib import Path

COLUMNS = 100
FOLDERS = ["bpf", "examples", "include", "spank", "src", "tests", "tools"]
SUFFIXES = {".awk", ".c", ".cpp", ".h", ".js", ".py"}
LINE_OF_OUTPUT = re.compile(r'^\s*(\w+\()?"([^"\\]|\\.)*\\n"[,;)]*$')


def check_file(path):
    """The numbers of the lines that are too wide, each with its width."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        width = len(line.expandtabs(8))
        if width > COLUMNS and not LINE_OF_OUTPUT.match(line):
            yield number, width


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))
             if path.suffix in SUFFIXES and path.is_file()]
    found = [f"{path.relative_to(root)}:{number}: {width} columns, more than {COLUMNS}"
             for path in files for number, width in check_file(path)]

    if not files:
        found = ["columns: no file was found: this check looks in the wrong place"]
    print("\n".join(found) if found else "columns: nothing found")
    return 1 if found else 0


sys.exit(main())
