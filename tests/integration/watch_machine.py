#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The whole machine beside /proc/stat and perf stat -a, and a watch that samples functions."""

import os
import signal
import subprocess
import sys
import time

from lib import (HELPERS, PAGE_FAULTS, TASK_CLOCK, agent, check, check_equal, children, folder,
                 let_pass, main, sees_all, skip, wait_until)
from proc_stat import busy_of, machine_stat  # tests/ is in the path by lib
from profiles import FRAMES, HZ, Profile, build, check_shares
from watching import Watch, background, cpu_ns, estimated, perf_counts, perf_stat, sums

FAULTS = 20000

# Touches so many new pages, and is over.
FAULTING = f"""
import mmap
memory = mmap.mmap(-1, {FAULTS} * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
for i in range({FAULTS}):
    memory[i * 4096] = 1
"""


def machine():
    """The sum over all processes of the machine is what /proc/stat has."""
    if not sees_all():
        return skip("machine", "this pid namespace does not see the machine's processes")
    with folder() as tmp:
        watch = Watch(tmp, "--all")
        begin, before = time.monotonic_ns(), busy_of(machine_stat())
        let_pass(1.8, "what is measured")
        used = (busy_of(machine_stat()) - before) / 1e9
        seconds = (time.monotonic_ns() - begin) / 1e9
        result = watch.stop()
    clock = sums(result, TASK_CLOCK) / 1e9
    times = [row.time for row in result.rows]
    # The watch is a little longer at both ends, when every CPU may have been busy; /proc/stat
    # counts by ticks.
    longer = ((max(times) - min(times)) / 1e9 - seconds) * os.cpu_count()
    check(
        f"machine: {clock:.2f} s of CPU time as /proc/stat has them ({used:.2f} and at most "
        f"{longer:.2f})",
        used * 0.9 - 0.1 < clock < used * 1.1 + longer + 0.1)
    names = {life.comm for life in result.lives}
    check("machine: kernel threads are there, too", "kthreadd" in names, names)
    check("machine: and the agent", any(life.pid == watch.process.pid for life in result.lives))


def beside_perf():
    """
    One perf stat -a around the watch, and one within it: what the agent has is between the two, on
    a machine that is busy or not. Faults of slices that began before the watch are estimates.
    """
    if not sees_all():
        return skip("beside perf stat -a",
                    "this pid namespace does not see the machine's processes")
    with folder() as tmp:
        outer, outer_fds = perf_stat(None, "page-faults")
        watch = Watch(tmp, "--all", events="PAGE_FAULTS")
        inner, inner_fds = perf_stat(None, "page-faults")
        subprocess.run([sys.executable, "-c", FAULTING], check=True)
        least = end_perf(inner, inner_fds)["page-faults"]
        result = watch.stop()
        most = end_perf(outer, outer_fds)["page-faults"]
    found, unsure = sums(result, PAGE_FAULTS), estimated(result, PAGE_FAULTS)
    check_equal("beside perf stat -a: status", result.status, 0)
    check("beside perf stat -a: there are page faults to be seen", least >= FAULTS, least)
    check(f"beside perf stat -a: page-faults {found}, from {least:.0f} to {most:.0f}",
          least - unsure <= found <= most + unsure, f"{unsure} of them are estimates")


def end_perf(process, fds):
    os.write(fds[0], b"disable\n")
    os.read(fds[1], 16)
    process.send_signal(signal.SIGINT)
    return perf_counts(process, fds)


def under_forks():
    """
    Who creates a task while tasks are adopted is adopted with it: each CPU has room for two at
    once, whatever was created there before.
    """
    lost = []
    with folder() as tmp, background([str(HELPERS / "ends"), "many", "100000000"],
                                     start_new_session=True) as storm:
        wait_until(lambda: children(storm.pid))
        for _ in range(20):
            done = agent("watch", "--all", "--for=0.1", "-e", "page-faults", "-o", "/dev/null",
                         cwd=tmp)
            lost += [line for line in done.stderr.splitlines()
                     if "not followed" in line or done.returncode]
        os.killpg(storm.pid, signal.SIGKILL)
    check_equal("under forks: all are followed", lost, [])


def with_profile():
    """Functions of a process that ran already have their shares from the adoption on."""
    with folder() as tmp:
        build(tmp / "frames", *FRAMES)
        with background([str(tmp / "frames"), "100000000"]) as process, \
                background([str(tmp / "frames"), "100000000"]) as other:
            watch = Watch(tmp, process.pid, options=[f"--profile={HZ}"])
            before = cpu_ns(process.pid)
            wait_until(lambda: cpu_ns(process.pid) > before + 2e9, 120)
            result = watch.stop()
    check_equal("a profile: status", result.status, 0)
    found = Profile(result.rows)
    check_equal(f"a profile: of the watched process, and not of {other.pid}, which runs the same",
                found.pids, {process.pid})
    check_shares("frames", found.counts("frames"))


if __name__ == "__main__":
    main(machine, beside_perf, under_forks, with_profile)
