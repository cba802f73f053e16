# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs of the census programs, and what these say that they made (census_log.h)."""

import collections
import os

from lib import HELPERS, folder, run  # of tests/integration

CENSUS = str(HELPERS / "census")
CENSUS_THREADS = str(HELPERS / "census_threads")

# The names that become() of the census programs takes; links to the program itself.
CENSUS_NAMES = ["census-leaf", "census-a", "census-b", "census-c", "census-d",
                "a-very-long-name-of-a-program"]

Made = collections.namedtuple("Made", "pid ppid comms args self_ns status zombie_ns")


def environment(path, env=None):
    """Links to the program in this folder, and an environment by which it finds them and its log.
    """
    for name in CENSUS_NAMES:
        (path / name).symlink_to(CENSUS)
    return dict(env or os.environ, CENSUS_LOG=str(path / "log"), CENSUS_BIN=str(path))


def census(shape, *numbers, program=None, options=(), events="TASK_CLOCK", **popen):
    """
    Run a shape of the census programs under the agent. Returns the run and what the program says
    that it made: a dict of Made by pid. The root, which the agent made, is not in it.
    """
    with folder() as tmp:
        env = environment(tmp, popen.pop("env", None))
        command = [program or CENSUS, shape, *map(str, numbers)]
        result = run(command, options=options, events=events, env=env, **popen)
        log = (tmp / "log").read_text() if (tmp / "log").exists() else ""
        return result, read_log(log)


def read_log(log):
    made = {}
    for line in log.splitlines():
        kind, pid, *rest = line.split(" ")
        pid = int(pid)
        if kind == "born":
            made[pid] = dict(pid=pid, ppid=int(rest[0]), comms=[rest[1]], args=[], self_ns=None,
                             status=None, zombie_ns=None)
        elif pid not in made:
            continue  # the root
        elif kind == "exec":
            made[pid]["comms"].append(rest[0])
            made[pid]["args"].append(" ".join(rest[1:]).encode())
        elif kind == "self":
            made[pid]["self_ns"] = int(rest[0])
        elif kind == "dead":
            made[pid]["status"] = int(rest[0])
            made[pid]["zombie_ns"] = int(rest[1])
    return {pid: Made(**fields) for pid, fields in made.items()}
