#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who includes whom: no arrow upward, no circle, no plugin named outside its folder and the table.
A header's guard is its path.

layers.py [ROOT]: one line for each mistake, "path:line: what", and exit status 1 if there is one.
"""

import re
import sys
from pathlib import Path

# From the bottom to the top. A folder includes what is in its own folder and in layers below its
# own; folders of one layer do not include each other.
LAYERS = [
    ["alumet"],
    ["core"],
    ["linux"],
    ["symbols", "energy"],
    ["sources/*", "transforms/*", "tree"],
    ["outputs/*", "report"],
    ["compare", "send"],
    ["plugins"],
    ["config"],
    ["doctor"],
    ["run"],
    ["calibrate"],
    ["cli"],
]

# What several folders of a layer share.
SHARED = {"outputs/file": "outputs/"}

# The one place outside their folders that names plugins.
TABLE = "src/plugins/plugins.c"

KINDS = ("sources", "transforms", "outputs")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(path):
    """ "sources/perf" of "sources/perf/events/pmu.h"; "core" of "core/log.h"."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] in KINDS else parts[0]


def layer_of(folder):
    for number, names in enumerate(LAYERS):
        if folder in names or folder.split("/")[0] + "/*" in names:
            return number
    return None


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1)


def check_include(source, target):
    """What is wrong with a file of one folder including another, or None."""
    own, other = folder_of(source), folder_of(target)
    if own == other or "/" not in target:
        return None  # its own folder, or a generated file
    if other == "bpf":
        return None if own == "sources/perf" else "the records of bpf/ are for sources/perf alone"
    own_layer, other_layer = layer_of(own), layer_of(other)
    if own_layer is None or other_layer is None:
        return f"the folder {own if own_layer is None else other} belongs to no layer"
    if other_layer > own_layer:
        return f"{own} includes {target}, which is of a layer above it"
    if other_layer == own_layer and not own.startswith(SHARED.get(other, "\0")):
        return f"{own} includes {target}, of another folder of its layer"
    if other.split("/")[0] in KINDS and own.split("/")[0] not in KINDS and f"src/{source}" != TABLE:
        return f"{target} is a plugin's: only {TABLE} includes it"
    return None


def circles(graph):
    """The files of each circle of headers that include each other."""
    done, found = set(), []

    def visit(name, path):
        if name in path:
            found.append(path[path.index(name):] + [name])
        elif name not in done:
            for target in graph.get(name, ()):
                visit(target, path + [name])
            done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found


def check_guard(root, path):
    """What is wrong with a header's guard, or None: src/core/log.h has CORE_LOG_H."""
    relative = path.relative_to(root).as_posix()
    guard = re.sub(r"\W", "_", re.sub(r"^(src|include)/", "", relative)).upper()
    text = path.read_text(encoding="utf-8")
    if f"\n#ifndef {guard}\n#define {guard}\n" not in text or not text.endswith("\n#endif\n"):
        return f"{relative}:1: the header's guard is not {guard}"
    return None


def plugin_names(src):
    """The names of the plugins, each with its folder."""
    names = {}
    for kind in KINDS:
        for path in sorted((src / kind).rglob("*.c")):
            for body in re.findall(r"const struct plugin \w+ = \{(.*?)\n\};",
                                   path.read_text(encoding="utf-8"), re.DOTALL):
                name = re.search(r'\.name = "([^"]+)"', body)
                if name:
                    names[name.group(1)] = folder_of(path.relative_to(src).as_posix())
    return names


def check_names(src, path, names):
    """Comparisons and look-ups by a plugin's name outside of its folder."""
    relative = path.relative_to(src).as_posix()
    if folder_of(relative).split("/")[0] in KINDS or folder_of(relative) in ("report", "tree",
                                                                             "compare"):
        return  # these have names of their own, of files, formats and quantities
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        # An option or a key of Alumet's may have the same name; what is forbidden is to ask for it.
        for name in re.findall(r'\b\w+\([^"]*"([^"\\]+)"', line):
            if name in names and re.search(r"cmp\(|find|plugin", line):
                yield number, f'the plugin "{name}" is named outside of its folder and {TABLE}'


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    src, graph, found = root / "src", {}, []
    names = plugin_names(src)
    files = sorted([*src.rglob("*.[ch]"), *(root / "include").rglob("*.h")])

    if not names:
        found.append(f"{TABLE}:1: no plugin was found: this check looks for the wrong thing")
    for path in files:
        base = src if src in path.parents else root / "include"
        source = path.relative_to(base).as_posix()
        shown = path.relative_to(root).as_posix()
        for number, target in includes(path):
            if path.suffix == ".h":
                graph.setdefault(source, []).append(target)
            problem = check_include(source, target)
            if problem:
                found.append(f"{shown}:{number}: {problem}")
        if base == src:
            found += [f"{shown}:{number}: {what}" for number, what in check_names(src, path, names)]
    for path in sorted((root / "bpf").glob("*.[ch]")):
        for number, target in includes(path):
            if "/" in target and not target.startswith(("bpf/", "vmlinux")):
                found.append(f"bpf/{path.name}:{number}: bpf/ includes only itself and vmlinux/")
    for folder in ("bpf", "include", "spank", "src", "tests/fuzz", "tests/integration",
                   "tests/unit", "vmlinux"):
        for path in sorted((root / folder).rglob("*.h")):
            problem = check_guard(root, path)
            found += [problem] if problem else []
    for circle in circles(graph):
        found.append(f"{circle[0]}:1: a circle of headers: {' -> '.join(circle)}")
    print("\n".join(found) if found else "layers: nothing found")
    return 1 if found else 0


sys.exit(main())
