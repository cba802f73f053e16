# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports of a saved run of which everything is known, for the tests of its formats, and the programs
of other projects that read them: build/witness has those (tools/witnesses.sh).
"""

import subprocess
import sys

import saved_runs
from lib import AGENT, ROOT, skip  # of tests/integration
from saved_runs import MS

WITNESS = ROOT / "build" / "witness"
sys.path.insert(0, str(WITNESS / "python"))

BUILD = saved_runs.build(400)
ENERGY = saved_runs.energy_rows("package", [(100 * MS * i, 0.1 + i / 7) for i in range(1, 12)])
JOULES = sum(0.1 + i / 7 for i in range(1, 12))
CSV = saved_runs.csv(BUILD, ENERGY)


def report(*arguments, stdin=None, status=0):
    """What report writes to the standard output, and its messages."""
    result = subprocess.run([AGENT, "report", *map(str, arguments)], input=stdin,
                            capture_output=True, timeout=120)
    if result.returncode != status:
        raise AssertionError(f"status {result.returncode}: {result.stderr.decode()}")
    return result.stdout, result.stderr.decode()


def made(form, csv=CSV, *arguments):
    """The report of a CSV in a format."""
    return report("--format", form, *arguments, "-", stdin=csv)[0]


def witness(name):
    """A package of PyPI, or None after a skip."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError:
        skip(name, "the package is not there; run tools/setup.sh browser")
        return None


def by_pid(processes):
    return {process.pid: process for process in processes}
