#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Links of the Markdown files: each file that a link names exists, and so does each heading.

links.py [ROOT]: one line for each mistake, "path:line: what", and exit status 1 if there is one.
Addresses of the web are not opened.
"""

import re
import sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`]*`")
FOLDERS = (".", "docs")


def lines_of_text(path):
    """The lines outside code blocks, with their numbers."""
    in_code = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code:
            yield number, line


def anchors(path):
    """The names that GitHub and GitLab give to the headings of the file."""
    found = set()
    for _, line in lines_of_text(path):
        heading = re.match(r"#+ +(.*)", line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading[1].strip().lower())
            found.add(words.replace(" ", "-"))
    return found


def mistakes(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.md")):
            for number, line in lines_of_text(path):
                for link in LINK.findall(CODE.sub("", line)):
                    if re.match(r"[a-z]+:", link):
                        continue
                    name, _, anchor = link.partition("#")
                    target = path.parent / name if name else path
                    where = f"{path.relative_to(root)}:{number}"
                    if not target.exists():
                        yield f"{where}: there is no file '{name}'"
                    elif anchor and anchor not in anchors(target):
                        yield f"{where}: '{name or path.name}' has no heading '#{anchor}'"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    found = list(mistakes(root))
    print("\n".join(found) or "links: nothing found")
    return 1 if found else 0


sys.exit(main())
