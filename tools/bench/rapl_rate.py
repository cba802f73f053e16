#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What reading 8 domains 1000 times a second costs, on a laid-out powercap, beside a program that only
wakes up as often. Prints the readings made and shares of one CPU.
"""

import pathlib
import resource
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "integration"))

from lib import BUILD  # noqa: E402
from rapl import METRIC, machine, run, setting  # noqa: E402

SECONDS = 3
TICKS = BUILD / "tools" / "bench" / "rapl_ticks"


def cpu_seconds(work):
    """CPU time of the processes that work() runs to their end, and what it returns."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


def main():
    with machine() as m:
        for package in range(4):
            m.zone(f"intel-rapl:{package}", f"package-{package}", 1000)
            m.zone(f"intel-rapl:{package}:0", "dram", 1000)
        bare, _ = cpu_seconds(lambda: subprocess.run([TICKS, str(SECONDS)], check=True))
        once, _ = cpu_seconds(lambda: run(m, f"exec sleep {SECONDS}"))
        busy, result = cpu_seconds(lambda: run(m, f"exec sleep {SECONDS}",
                                               *setting("poll_interval", "'1ms'")))
    readings = sum(row.metric == METRIC and row.attributes["domain"] == b"dram"
                   for row in result.rows) / 4
    print(f"8 RAPL domains (powercap) at 1 kHz: {readings / SECONDS:.0f} readings a second, "
          f"{(busy - once) / SECONDS:.2%} of a CPU, of which waking up alone {bare / SECONDS:.2%}")


if __name__ == "__main__":
    main()
