#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The fuzz targets over their stored inputs, and for a few seconds over new ones. See
docs/testing.md."""

import os
import subprocess
import sys

from lib import BUILD, ROOT, check, folder, not_ok, skip, text

# Of each target, with new inputs; 0: none.
SECONDS = int(os.environ.get("FUZZ_SECONDS", "3"))


def targets():
    return sorted(
        path.stem.removeprefix("fuzz_") for path in (ROOT / "tests/fuzz").glob("fuzz_*.c"))


def inputs(name):
    """The folders of stored inputs of a target."""
    folders = [ROOT / "tests/fuzz" / kind / name for kind in ("corpus", "regress")]
    if (ROOT / "tests/fuzz/corpus" / f"{name}.tar.gz").exists():
        folders.append(BUILD / "fuzz/unpacked" / name)  # by make
    return [str(path) for path in folders if path.is_dir() or path.is_relative_to(BUILD)]


def tail(output, lines=30):
    return "\n".join(text(output).splitlines()[-lines:])


def replay(name):
    program = BUILD / "tests/fuzz" / f"replay_{name}"
    if not os.access(program, os.X_OK):
        not_ok(f"{name}: stored inputs", f"{program} is not there; run make test")
        return False
    result = subprocess.run([program, *inputs(name)], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=300, check=False)
    return check(f"{name}: stored inputs", result.returncode == 0, lambda: tail(result.stdout))


def fuzz(name):
    program = BUILD / "fuzz" / name
    if not SECONDS:
        return True
    if not os.access(program, os.X_OK):
        skip(f"{name}: new inputs", "libFuzzer is not installed (Debian: libclang-rt-14-dev)")
        return True
    with folder() as cwd:
        result = subprocess.run(
            [program, f"-max_total_time={SECONDS}", "-timeout=10", "-close_fd_mask=3",
             "-print_final_stats=1", cwd, *inputs(name)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, timeout=SECONDS + 120,
            check=False)
        runs = [line.split()[-1] for line in text(result.stdout).splitlines()
                if line.startswith("stat::number_of_executed_units")]
        return check(f"{name}: new inputs", result.returncode == 0 and runs,
                     lambda: tail(result.stdout))


if __name__ == "__main__":
    results = [test(target) for target in targets() for test in (replay, fuzz)]
    sys.exit(not results or not all(results))
