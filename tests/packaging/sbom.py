#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The SBOM of a build: valid for spdx-tools (PyPI), and true: by the symbols that the program has,
by what its loader is told to load, and by the copyright files of the packages that it names. The
last line counts."""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("O", "build")
VENV = BUILD / "spdx-tools"
sys.path.insert(0, str(ROOT / "tests/integration"))
from lib import check, check_equal, folder  # noqa: E402

# A function of each library that may be linked in.
SYMBOLS = {
    "bpf_object__load": "libbpf-dev", "elf_begin": "libelf-dev", "inflate": "zlib1g-dev",
    "cplus_demangle_v3_callback": "libiberty-dev", "ZSTD_decompressStream": "libzstd-dev",
    "_Znwm": "libstdc++-", "_Unwind_RaiseException": "libgcc-"}

# What a copyright file says where the licence is granted.
MARKS = {
    "GPL-2.0-or-later": "GPL-2+", "LGPL-3.0-or-later": "LGPL-3+", "LGPL-2.1-only": "LGPL-2.1",
    "BSD-2-Clause": "BSD-2-Clause", "BSD-3-Clause": "BSD-3-clause", "GPL-2.0-only": "GPL-2",
    "MIT": "Expat", "BSD-1-Clause": "BSD-1-Clause", "Zlib": "Zlib", "LGPL-2.1-or-later": "LGPL-2.1",
    "GPL-3.0-or-later WITH GCC-exception-3.1": "GCC RUNTIME LIBRARY EXCEPTION",
    "GPL-2.0-only WITH Linux-syscall-note": "GPL-2"}

counts = {True: 0, False: 0}


def count(passed):
    counts[bool(passed)] += 1


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def validate(text):
    if not (VENV / "bin/pyspdxtools").exists():
        run("python3", "-m", "venv", str(VENV))
        run(str(VENV / "bin/pip"), "install", "-q", "spdx-tools<1")
    with folder() as tmp:
        (tmp / "one.spdx.json").write_text(text)
        result = subprocess.run([VENV / "bin/pyspdxtools", "-i", tmp / "one.spdx.json"],
                                capture_output=True, text=True, check=False)
        count(
            check("sbom: valid for spdx-tools", result.returncode == 0,
                  result.stdout + result.stderr))
        (tmp / "two.spdx.json").write_text(text.replace("GPL-2.0-only OR", "GPL-2.0-nonesuch OR"))
        result = subprocess.run([VENV / "bin/pyspdxtools", "-i", tmp / "two.spdx.json"],
                                capture_output=True, text=True, check=False)
        count(
            check("sbom: spdx-tools sees a licence that is none", result.returncode != 0,
                  result.stdout))


def main():
    text = run(str(ROOT / "tools/packaging/sbom.py"), str(BUILD.relative_to(ROOT)))
    count(check_equal("sbom: the same twice", run(str(ROOT / "tools/packaging/sbom.py"),
                                                  str(BUILD.relative_to(ROOT))), text))
    validate(text)
    sbom = json.loads(text)
    packages = {package["SPDXID"]: package for package in sbom["packages"]}

    def related(kind):
        return {packages[one["relatedSpdxElement"]]["name"] for one in sbom["relationships"]
                if one["relationshipType"] == kind}

    program = BUILD / "alumet-agent"
    defined = set(re.findall(r"^[0-9a-f]+ [TtWi] (\w+)", run("nm", str(program)), re.MULTILINE))
    for symbol, name in SYMBOLS.items():
        linked = any(package.startswith(name) for package in related("STATIC_LINK"))
        count(check_equal(f"sbom: {name} is linked in if {symbol} is", linked, symbol in defined))
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", str(program))))
    loaded = {
        line.split(":")[0]
        for path in re.findall(r"=> (/\S+)", run("ldd", str(program)))
        if os.path.basename(path) in needed
        for line in run("dpkg", "-S", f"*{os.path.basename(os.path.realpath(path))}").splitlines()
        if "-dev" not in line and "cross" not in line}
    count(
        check("sbom: shared libraries are those that the loader is told of",
              related("DYNAMIC_LINK") <= loaded and related("DYNAMIC_LINK"),
              (related("DYNAMIC_LINK"), loaded)))
    count(
        check_equal("sbom: header-only libraries",
                    {"libtomlplusplus-dev", "uthash-dev"} - related("STATIC_LINK"), set()))
    count(check("sbom: what built it", {"bpftool"} < related("DESCRIBES") | {
        packages[one["spdxElementId"]]["name"] for one in sbom["relationships"]
        if one["relationshipType"] == "BUILD_TOOL_OF"}, text))
    for package in sbom["packages"]:
        name = package["name"]
        if name == "alumet-agent":
            continue
        count(
            check_equal(f"sbom: {name}: the version that is installed",
                        run("dpkg-query", "-W", "-f", "${Version}\n", name).split("\n")[0],
                        package["versionInfo"]))
        copyright_file = pathlib.Path(f"/usr/share/doc/{name}/copyright").read_text(
            errors="replace")
        for licence in package["licenseConcluded"].split(" OR "):
            if licence != "NOASSERTION":
                count(check(f"sbom: {name}: {licence} is what its copyright file says",
                            MARKS[licence].lower() in copyright_file.lower(), MARKS[licence]))
    print(f"{counts[True]} passed, {counts[False]} failed, 0 skipped")
    return counts[False] > 0


if __name__ == "__main__":
    sys.exit(main())
