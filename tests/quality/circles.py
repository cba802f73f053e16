#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Files that use each other's functions or variables in a circle: none can be read, tested or moved
without the others.

What they use is read from their objects: a name that is undefined in one is defined in another. A
call through a pointer is not seen, and no circle: it is how a file below calls one above it.

circles.py OBJECT...: one line for each pair of files in a circle, "object -> object: names", and
exit status 1 if there is one.
"""

import os
import subprocess
import sys
from collections import defaultdict

NM = os.environ.get("NM", "nm")


def symbols(paths):
    """The names that each object defines for others, and those that it needs of others."""
    text = subprocess.run([NM, "-A", "-P", "--extern-only", *paths], capture_output=True, text=True,
                          check=True).stdout
    defined, needed = {}, defaultdict(list)
    for line in text.splitlines():
        path, rest = line.split(": ", 1)
        name, kind = rest.split()[:2]
        if kind == "U":
            needed[path].append(name)
        elif kind in "BCDRT":
            defined[name] = path
    return defined, needed


def uses(paths):
    """For each object, the others that it uses, each with the names."""
    defined, needed = symbols(paths)
    graph = defaultdict(lambda: defaultdict(list))
    for path, names in needed.items():
        for name in names:
            if name in defined:
                graph[path][defined[name]].append(name)
    return graph


def reached_from(graph, start):
    """What an object uses, directly or through others."""
    reached, waiting = set(), [start]
    while waiting:
        for other in graph.get(waiting.pop(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


def circles(graph):
    """The pairs of objects that lie on a circle, each with the names."""
    reached = {path: reached_from(graph, path) for path in list(graph)}
    for path, others in sorted(graph.items()):
        for other, names in sorted(others.items()):
            if path in reached.get(other, ()):
                yield path, other, names


def main():
    graph = uses(sys.argv[1:]) if len(sys.argv) > 1 else {}
    found = [f"{path} -> {other}: {', '.join(names)}" for path, other, names in circles(graph)]

    if not graph:
        found = ["circles: no object uses another one: this check looks in the wrong place"]
    print("\n".join(found) if found else "circles: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
