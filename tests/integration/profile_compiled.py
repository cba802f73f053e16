#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Profiles: functions that programs have compiled while they ran, with the names that these have
written to /tmp/perf-PID.map; in containers, too."""

import collections
import os
import pathlib
import shutil
import sys
import tempfile

from lib import HELPERS, ROOT, check, check_equal, main, run

sys.path.insert(0, str(ROOT / "tests"))
from profiles import HZ, Profile  # noqa: E402

COMPILED = HELPERS / "compiled"
TURNS = "100000000"
INSIDE = ["unshare", "--fork", "--pid", "--kill-child", "--mount"]
MAP_INSIDE = pathlib.Path("/tmp/perf-1.map")


def profile(name, command):
    result = run(command, options=[f"--profile={HZ}"])
    check_equal(f"{name}: status", result.status, 0)
    return Profile(result.rows)


def shares(found):
    """Samples in the compiled function (True) and elsewhere."""
    counts = collections.Counter()
    for _, stack, samples in found.samples["compiled"]:
        counts["compiled::turn" in stack] += samples
    return counts


def check_named(name, found):
    counts = shares(found)
    check(f"{name}: by perf-PID.map", counts[True] > 0.9 * sum(counts.values()),
          found.paths("compiled"))


def what_is_compiled_at_run_time_is_named():
    for memory in "private", "shared", "memfd":
        name = f"compiled at run time, {memory} memory"
        found = profile(name, [COMPILED, TURNS, memory])
        for pid in found.pids:
            os.unlink(f"/tmp/perf-{pid}.map")
        check_named(name, found)


def a_container_has_a_tmp_and_pids_of_its_own():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as tmp:
        program = shutil.copy(COMPILED, tmp)
        found = profile("a container", [
            *INSIDE, "sh", "-c", f"mount -t tmpfs none /tmp && exec {program} {TURNS}"])
    check_named("a container", found)
    check("a container: the map is not in the machine's /tmp", not MAP_INSIDE.exists())


def the_map_of_an_earlier_process_is_not_believed():
    """Its pid is 1 in the machine's /tmp."""
    found = profile("pids of its own", [*INSIDE, COMPILED, TURNS])
    check_named("pids of its own", found)
    MAP_INSIDE.write_text("0 7fffffffffff stale\n", encoding="utf-8")
    os.utime(MAP_INSIDE, (1, 1))
    found = profile("an old map", [*INSIDE, COMPILED, TURNS, "private", "/dev/null"])
    MAP_INSIDE.unlink()
    check("an old map: nothing has its name", not any("stale" in path for path in
                                                      found.paths("compiled")))
    check("an old map: there are samples", sum(shares(found).values()) > 100)


main(what_is_compiled_at_run_time_is_named, a_container_has_a_tmp_and_pids_of_its_own,
     the_map_of_an_earlier_process_is_not_believed)
