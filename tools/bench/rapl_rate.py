#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What reading 8 domains 1000 times a second costs, on laid-out machines with powercap and with perf,
beside a program that only wakes up as often. Prints the readings made and shares of one CPU.
"""

import os
import pathlib
import resource
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "integration"))

from lib import BUILD  # noqa: E402
from rapl_machine import METRIC, machine, run, setting  # noqa: E402

SECONDS = 3
TICKS = BUILD / "tools" / "bench" / "rapl_ticks"


def cpu_seconds(work):
    """CPU time of the processes that work() runs to their end, and what it returns."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


def powercap(m):
    for package in range(4):
        m.zone(f"intel-rapl:{package}", f"package-{package}", 1000)
        m.zone(f"intel-rapl:{package}:0", "dram", 1000)


def perf(m):
    """Two packages of four domains each; a clock of the kernel stands in for energy."""
    for cpu in range(2):
        m.cpu(cpu, cpu)
    m.pmu("0-1", pkg="1e-9", cores="1e-9", gpu="1e-9", ram="1e-9")


def measure(backend, lay_out, rows_a_reading, waking):
    with machine() as m:
        lay_out(m)
        rare, _ = cpu_seconds(lambda: run(m, f"exec sleep {SECONDS}", backend=backend))
        busy, result = cpu_seconds(lambda: run(m, f"exec sleep {SECONDS}",
                                               *setting("poll_interval", "'1ms'"),
                                               backend=backend))
    rows = sum(row.metric == METRIC and row.attributes["domain"] == b"dram"
               for row in result.rows)
    print(f"8 RAPL domains ({backend}) at 1 kHz: {rows / rows_a_reading / SECONDS:.0f} readings a "
          f"second, {(busy - rare) / SECONDS:.2%} of a CPU, of which waking up alone "
          f"{waking / SECONDS:.2%}")


def main():
    waking, _ = cpu_seconds(lambda: subprocess.run([TICKS, str(SECONDS)], check=True))
    measure("powercap", powercap, 4, waking)
    if os.cpu_count() > 1:
        measure("perf", perf, 2, waking)


if __name__ == "__main__":
    main()
