#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""stress-ng's makers of processes and threads: as many in the CSV as it says that it made."""

import re
import shutil

from lib import TASK_CLOCK, check, check_equal, main, run, skip


def stress(stressor, ops, *options, instances=1):
    """Run one stressor for so many operations. Returns the lives and stress-ng's own count."""
    result = run(["stress-ng", f"--{stressor}", str(instances), f"--{stressor}-ops", str(ops),
                  *options, "--metrics", "--no-rand-seed", "--oomable"], timeout=300)
    if result.status != 0:
        raise AssertionError(f"{stressor}: status {result.status}: {result.stdout}{result.stderr}")
    match = re.search(rf"\] {stressor}\s+(\d+)\s", result.stdout + result.stderr)
    if not match:
        raise AssertionError(f"{stressor}: no metrics in {result.stdout}{result.stderr}")
    return result.lives, int(match[1])


def by_parent(lives):
    children = {}
    for life in lives:
        children.setdefault(life.ppid, []).append(life)
    return children


def complete(name, lives):
    bad = [life for life in lives if not life.infos or not life.values[TASK_CLOCK]]
    check(f"{name}: each has its name and its count", not bad, lambda: f"{len(bad)}: {bad[:5]}")


def check_children(stressor, ops, *options, per_op=1):
    """The stressor's process (child of stress-ng's own) has so many children for each operation."""
    lives, counted = stress(stressor, ops, *options)
    root = lives[0]
    children = by_parent(lives)
    workers = children[root.pid]
    below = [child for worker in workers for child in children.get(worker.pid, [])]
    check_equal(f"stress-ng {stressor}: operations as asked for", counted >= ops, True)
    check_equal(f"stress-ng {stressor}: {counted} operations, processes", len(below),
                counted * per_op)
    complete(f"stress-ng {stressor}", lives)


def fork():
    check_children("fork", 500, "--fork-max", "1")


def vfork():
    check_children("vfork", 500, "--vfork-max", "1")


def zombie():
    check_children("zombie", 500, "--zombie-max", "64")


def clone():
    check_children("clone", 300, "--clone-max", "1")


def execs():
    check_children("exec", 200, "--exec-max", "1")


def daemon():
    check_children("daemon", 200)


def pthread():
    check_children("pthread", 500, "--pthread-max", "16", per_op=0)


if __name__ == "__main__":
    if not shutil.which("stress-ng"):
        skip("stress-ng", "it is not installed")
    else:
        main(fork, vfork, zombie, clone, execs, daemon, pthread)
