#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tracepoints as events: how often each fires in each process, which the command itself decides."""

import os
import shutil
import subprocess

from lib import AGENT, TRACEFS, check, check_equal, main, mount_tracefs, run, skip

EXEC, FORK = "perf_sched_sched_process_exec", "perf_sched_sched_process_fork"


def each_exec_and_fork_is_counted():
    if not mount_tracefs():
        return skip("tracepoints", "tracefs is not mounted")
    script = ("i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done\n"
              "sh -c 'exec sh -c \"exec /bin/true\"'\n"
              "(:)\n")
    # Some kernels hide a switch now and then; what they hide is an estimate, and said so.
    for _ in range(10):
        result = run(["sh", "-c", script + "exit 0"],
                     events="sched:sched_process_exec,sched:sched_process_fork")
        if "unseen" not in result.stderr:
            break
    check_equal("the command runs", result.status, 0)
    root, *children = result.lives
    execs = sorted(life.total(EXEC) for life in children)
    # What runs before the shell's first instruction is not in it: its own exec.
    check_equal("the shell's execs", root.total(EXEC), 0)
    check_equal("its forks", root.total(FORK), 22)
    check_equal("each child's execs", execs, [0] + [1] * 20 + [3])
    check_equal("the children's forks", sum(life.total(FORK) for life in children), 0)
    return None


def as_perf_stat():
    if not mount_tracefs() or not shutil.which("perf"):
        return skip("tracepoints as perf stat", "tracefs is not mounted, or perf not installed")
    event = "syscalls:sys_enter_read"
    if not os.path.isdir(f"{TRACEFS}/events/{event.replace(':', '/')}"):
        event = "sched:sched_stat_runtime"
    command = ["sh", "-c", "seq 20000 | md5sum; dd if=/dev/zero of=/dev/null bs=1 count=1000"]
    perf = subprocess.run(["perf", "stat", "-x", ";", "-e", event, *command], capture_output=True,
                          text=True, check=False)
    counts = [line.split(";")[0] for line in perf.stderr.splitlines() if event in line]
    for _ in range(10):  # as above
        result = run(command, events=event)
        if "unseen" not in result.stderr:
            break
    found = sum(life.total("perf_" + event.replace(":", "_")) for life in result.lives)
    # perf counts from a little before the exec; how a pipe is read depends on the scheduler.
    return check(f"{event} as perf stat", counts and abs(found - int(counts[0])) <= 100
                 and found > 1000, f"{found}, perf stat {counts}")


def errors_come_before_the_command():
    if not mount_tracefs():
        return skip("unknown tracepoint", "tracefs is not mounted")
    typo = subprocess.run([AGENT, "-e", "sched:sched_process_exek", "exec", "echo", "ran"],
                          capture_output=True, text=True, check=False)
    check_equal("a typo: status", typo.returncode, 125)
    check_equal("a typo: the command did not run", typo.stdout, "")
    return check("a typo: the nearest is named", "sched:sched_process_exec?" in typo.stderr,
                 typo.stderr)


if __name__ == "__main__":
    main(each_exec_and_fork_is_counted, as_perf_stat, errors_come_before_the_command)
