# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the kernel has counted of all CPUs together, in the first line of /proc/stat."""

import os

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")

# For a command under test to tell the line.
STAT = "head -1 /proc/stat"


def machine_stat():
    with open("/proc/stat") as stat:
        return stat.readline()


def _ns(line, *fields):
    return sum(int(line.split()[i]) for i in fields) * TICK_NS


def busy_of(line):
    """Nanoseconds of tasks and interrupts."""
    return _ns(line, 1, 2, 3, 6, 7)


def idle_of(line):
    """Nanoseconds of idleness, and of waiting for disks."""
    return _ns(line, 4, 5)


def taken_ns():
    """What interrupts and the hypervisor took of all CPUs so far."""
    return _ns(machine_stat(), 6, 7, 8)


def stolen_ns():
    """What the hypervisor took of all CPUs so far: part of a slice's time, but no CPU time."""
    return _ns(machine_stat(), 8)
