# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Cgroups of both versions that tests make, and remove with whoever is left in them."""

import contextlib
import os
import pathlib
import signal

from waiting import wait_until

MOUNTS = [line.split() for line in open("/proc/mounts")]
UNIFIED = [mount[1] for mount in MOUNTS if mount[2] == "cgroup2"]
FREEZERS = [mount[1] for mount in MOUNTS
            if mount[2] == "cgroup" and "freezer" in mount[3].split(",")]


@contextlib.contextmanager
def cgroup(mount, name):
    """A new cgroup; it and those above it that were not there before are gone afterwards."""
    path = pathlib.Path(mount) / name
    made = next((above for above in reversed([path, *path.parents]) if not above.exists()), path)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        remove(made)


def move(pid, path):
    (path / "cgroup.procs").write_text(str(pid))


def remove(path):
    """Remove a cgroup and those below it, if there are any; whoever is left in them is killed."""
    for below, _, _ in os.walk(path, topdown=False):
        wait_until(lambda below=below: _is_gone(below), 10, 0.05)


def _is_gone(path):
    with contextlib.suppress(OSError):
        with open(f"{path}/cgroup.procs", encoding="ascii") as file:
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
        os.rmdir(path)
    return not os.path.exists(path)
