# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Processes that the helper program `ends` makes: what it was told about the end of each, beside the
rows of its life.
"""

import collections
import os

from lib import HELPERS, check, folder, run  # of tests/integration

ENDS = str(HELPERS / "ends")
FIELDS = ("cpu-time,user-time,system-time,wall-time,runqueue-wait,peak-rss,read-bytes,write-bytes,"
          "read-chars,write-chars,voluntary-switches,involuntary-switches")
Truth = collections.namedtuple(
    "Truth", "status maxrss_kb user_us system_us inblock oublock nvcsw "
    "nivcsw rchar wchar read_bytes write_bytes run_delay now_ns")


def by_life(pairs):
    """By pid, and by (pid, 2) and so on where it was given out again; pairs in time order."""
    found, times = {}, collections.Counter()
    for pid, thing in pairs:
        times[pid] += 1
        found[pid if times[pid] == 1 else (pid, times[pid])] = thing
    return found


def ends(shape, number=0, events=FIELDS, **options):
    """Run a shape. Returns the run, its lives and what the helper knows, both as by_life() has it.
    """
    with folder() as tmp:
        env = dict(os.environ, CENSUS_LOG=str(tmp / "log"))
        result = run([ENDS, shape, str(number)], events=events, env=env, timeout=600,
                     **options)
        log = (tmp / "log").read_text() if (tmp / "log").exists() else ""
        told = (line.replace(" |", "").split() for line in log.splitlines())
        truth = by_life((int(pid), Truth(*map(int, numbers))) for _, pid, *numbers in told)
        if result.status != 0 or not truth:
            raise AssertionError(f"{shape}: status {result.status}, {len(truth)} children; "
                                 f"{result.stderr}")
        return result, by_life((life.pid, life) for life in result.lives), truth


def value(life, name, unit=""):
    return life.total(f"process_{name.replace('-', '_')}{'_' + unit if unit else ''}")


def compare(name, found, truth, wrong):
    """wrong(life, told) is None, or what is wrong with the process."""
    problems = [f"{pid}: there is no process_exit row" for pid in truth
                if pid not in found or len(found[pid].exits) != 1]
    if not problems:
        problems = [f"{pid}: {problem}" for pid, told in truth.items()
                    if (problem := wrong(found[pid], told))]
    check(f"{name}: {len(truth)} processes", not problems,
          lambda: "\n".join(problems[:10]) + f"\n({len(problems)} in all)")


def expect(*pairs):
    """The first of (what, found, expected) that differs, or None."""
    return next((f"{what} {found}, expected {expected}" for what, found, expected in pairs
                 if found != expected), None)
