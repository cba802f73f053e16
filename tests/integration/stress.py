#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
stress-ng's makers of processes and threads: as many in the CSV as it says that it made. And what
many processes cost in memory.
"""

import os
import re
import shutil
import subprocess

from lib import HELPERS, TASK_CLOCK, check, check_equal, folder, is_sanitized, main, run, skip


def stress(stressor, ops, *options, before=()):
    """Run one stressor for so many operations. Returns the run and stress-ng's own count."""
    with folder() as tmp:
        tmp.chmod(0o777)
        result = run([*before, "stress-ng", f"--{stressor}", "1", f"--{stressor}-ops", str(ops),
                      *options, "--metrics", "--temp-path", str(tmp)],
                     options=["--wait-tree"], timeout=300)
    if result.status != 0:
        raise AssertionError(f"{stressor}: status {result.status}: {result.stdout}{result.stderr}")
    match = re.search(rf"\] {stressor}\s+(\d+)\s", result.stdout + result.stderr)
    if not match:
        raise AssertionError(f"{stressor}: no metrics in {result.stdout}{result.stderr}")
    return result, int(match[1])


def threads(result):
    """Threads of the whole tree, as the summary counts them."""
    match = re.search(r"processes +(\d+)(?:, (\d+) threads)?", result.stderr)
    return int(match[2] or match[1])


def check_processes(stressor, ops, *options, others=(2,)):
    """One process for each operation, and the others: stress-ng itself and the stressor's."""
    result, counted = stress(stressor, ops, *options)
    lives = result.lives
    check(f"stress-ng {stressor}: operations as asked for", counted >= ops, f"{counted} of {ops}")
    check(f"stress-ng {stressor}: {counted} operations, as many processes",
          len(lives) - counted in others, f"{len(lives)} processes, of them {others} for itself")
    bad = [life for life in lives if not life.infos or not life.values[TASK_CLOCK]]
    check(f"stress-ng {stressor}: each has its name and its count", not bad,
          lambda: f"{len(bad)}: {bad[:5]}")


def fork():
    check_processes("fork", 500, "--fork-max", "1")
    check_processes("fork", 500, "--fork-max", "16")


def vfork():
    check_processes("vfork", 500, "--vfork-max", "1")


def zombie():
    check_processes("zombie", 500, "--zombie-max", "64")


def clone():
    """With all kinds of flags, CLONE_PARENT among them. One child of the stressor clones."""
    check_processes("clone", 300, "--clone-max", "1", others=(3,))


def daemon():
    """
    Each operation is a daemon that the daemon before made; some more are made before they hear that
    it is enough. How many, their pid namespace tells: it gives its numbers in order.
    """
    name = "stress-ng daemon"
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode != 0:
        return skip(name, "there can be no pid namespace (CAP_SYS_ADMIN), or no unshare")
    script = '"$@"; status=$?; sleep 0.2; sh -c \'echo "the last is $$"\'; exit $status'
    result, counted = stress("daemon", 200, before=[*alone, "sh", "-c", script, "sh"])
    last = int(re.search(r"the last is (\d+)", result.stdout)[1])
    check(f"{name}: operations as asked for", counted >= 200, f"{counted} of 200")
    check_equal(f"{name}: {counted} operations, as many tasks as the namespace has numbered, and "
                "unshare", threads(result), last + 1)
    bad = [life for life in result.lives if not life.infos or not life.values[TASK_CLOCK]]
    check(f"{name}: each has its name and its count", not bad, lambda: f"{len(bad)}: {bad[:5]}")


def pthread():
    result, counted = stress("pthread", 500, "--pthread-max", "16")
    check_equal(f"stress-ng pthread: {counted} operations, processes", len(result.lives), 2)
    check_equal(f"stress-ng pthread: {counted} operations, threads", threads(result) - 2, counted)


def execs():
    """It refuses to run as root. Each operation is a process that executes stress-ng again."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return skip("stress-ng exec", "it does not run as root, and setpriv is not installed")
    before = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    if os.geteuid() != 0:
        before = []
    result, counted = stress("exec", 200, "--exec-max", "1", "--exec-fork-method", "vfork",
                             before=before)
    lives = result.lives
    again = [life for life in lives if life.args and b"--exec-exit" in life.args[-1]]
    check(f"stress-ng exec: {counted} operations, as many processes",
          len(lives) - counted in (2, 3), f"{len(lives)} processes")
    check_equal(f"stress-ng exec: {counted} operations, processes that executed it again",
                len(again), counted)


def memory_is_flat():
    """
    The agent's peak, read by the command, after 20 000 processes with arguments of their own and
    after twice as many, when pids have wrapped around with the usual pid_max.
    """
    if is_sanitized():
        return skip("40 000 processes: memory", "sanitizers keep what was freed")
    peak = "sed -n 's/^VmHWM: *//p' /proc/$PPID/status"
    storm = f"{HELPERS / 'exec_storm'} 20000 4 200"
    for options in ["--summary=none"], ["--summary=full"]:
        result = run(["sh", "-c", f"{storm} && {peak} && {storm} && {peak}"], options=options,
                     timeout=400)
        name = f"40 000 processes, {options[0]}"
        sizes = [int(line.split()[0]) for line in result.stdout.splitlines()]
        check_equal(f"{name}: status", (result.status, len(sizes)), (0, 2))
        check(f"{name}: resident memory below 10 MB", sizes[-1] * 1024 < 10e6, f"{sizes} kB")
        check(f"{name}: the second half adds nothing", sizes[1] - sizes[0] <= 256, f"{sizes} kB")


if __name__ == "__main__":
    tests = [memory_is_flat]
    if not shutil.which("stress-ng"):
        skip("stress-ng", "it is not installed")
    else:
        tests += [fork, vfork, zombie, clone, daemon, pthread, execs]
    main(*tests)
