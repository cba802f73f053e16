#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The sources keep their layers and do not call each other in circles, the documentation keeps its
links, and the BPF programs loops that every kernel takes. Tests wait for conditions.
"""

import ast
import subprocess
import sys

from lib import BUILD, ROOT, check, main

# What is linked with libbpf, for the oldest kernels.
OBJECTS = [BUILD / "bpf" / name for name in ("alumet.o", "profile.o", "watch.o")]

# Of the sources that there are now: objects of others may have stayed from earlier builds.
SOURCES = [path.relative_to(ROOT) for path in sorted((ROOT / "src").rglob("*"))
           if path.suffix in (".c", ".cpp")]


def finds_nothing(name, script, *args):
    result = subprocess.run([sys.executable, ROOT / "tests/quality" / script, *args], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    check(name, result.returncode == 0, result.stdout)


def layers():
    finds_nothing("who includes whom", "layers.py")


def circles():
    finds_nothing("who calls whom", "circles.py",
                  *[BUILD / path.with_suffix(".o") for path in SOURCES])


def links():
    finds_nothing("links of the documentation", "links.py")


def columns():
    finds_nothing("the width of lines", "columns.py")


def loops():
    finds_nothing("loops of the BPF programs", "back_edges.py", *OBJECTS)


def calls_of_sleep(path):
    """Where a script's own code sleeps; not what it gives a command to execute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "sleep" or \
                isinstance(node, ast.ImportFrom) and \
                any(name.name == "sleep" for name in node.names):
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def sleeps():
    found = [place for path in sorted((ROOT / "tests").rglob("*.py")) if path.name != "waiting.py"
             for place in calls_of_sleep(path)]
    check("tests wait by wait_until() and let_pass() of tests/waiting.py", not found,
          "\n".join(found))


if __name__ == "__main__":
    main(layers, circles, links, columns, loops, sleeps)
