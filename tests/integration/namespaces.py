#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pid namespaces: the pids of the rows are those that the agent sees; a pid may come again."""

import os
import re
import shutil
import subprocess

from lib import (TASK_CLOCK, agent_args, check, check_equal, folder, lives, main, parse, run, skip)
from census_runs import CENSUS, census, environment, read_log  # tests/ is in the path by lib

INSIDE = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]


def possible(name):
    if not shutil.which("unshare") or subprocess.run([*INSIDE, "true"],
                                                     capture_output=True).returncode != 0:
        skip(name, "pid namespaces cannot be made here")
        return False
    return True


def run_inside(command, events="TASK_CLOCK", env=None, options=()):
    with folder() as tmp:
        args = [*INSIDE, *agent_args(command, tmp / "out.csv", events, options)]
        return run(command, args=args, cwd=tmp, env=env), lives(parse(
            (tmp / "out.csv").read_bytes()))


def every_number_is_a_process():
    """
    In a namespace of their own tasks are numbered one by one: between two that the shell makes, all
    are the agent and the tree. No process of the machine's is among them.
    """
    if not possible("processes as the kernel numbers them"):
        return
    with folder() as tmp:
        script = ': & echo $!; "$@"; : & echo $!'
        # On one CPU the agent loads its programs without a thread, which would have a number, too.
        args = [
            "taskset", "-c",
            str(min(os.sched_getaffinity(0))), *INSIDE, "sh", "-c", script, "sh",
            *agent_args([CENSUS, "storm", "5000"], tmp / "out.csv")]
        # The agent makes no process but the command: nor does a leak checker, at its end.
        result = run(None, args=args, cwd=tmp, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        found = lives(parse((tmp / "out.csv").read_bytes()))
    first, last = map(int, result.stdout.split())
    check_equal("processes as the kernel numbers them", len(found), last - first - 2)
    check("there were as many as wanted", len(found) > 5000, f"{len(found)}")


def agent_inside():
    """Pids and parents as the census program in the same namespace has them: small numbers."""
    if not possible("agent inside a pid namespace"):
        return
    with folder() as tmp:
        env = environment(tmp)
        for shape in ("wide", "vfork", "chains", "daemon", "clone_parent"):
            (tmp / "log").write_text("")
            result, found = run_inside([CENSUS, shape], env=env)
            made = read_log((tmp / "log").read_text())
            below = {life.pid: life for life in found if life.pid in made}
            check_equal(f"agent inside a pid namespace: {shape}: pids", sorted(below), sorted(made))
            check_equal(f"agent inside a pid namespace: {shape}: the root beside them",
                        len(found) - len(below), 1)
            wrong = [(life, life.ppid, made[pid].ppid) for pid, life in below.items()
                     if life.ppid != made[pid].ppid or life.comms != made[pid].comms]
            check(f"agent inside a pid namespace: {shape}: parents and names", not wrong,
                  lambda: str(wrong[:5]))
            check(f"agent inside a pid namespace: {shape}: small numbers",
                  all(life.pid < 1000 for life in found), str(found[:5]))


def tree_enters_one():
    """A tree that makes a namespace is followed into it; its pids are those outside."""
    if not possible("tree that enters a pid namespace"):
        return
    # The old /proc still is mounted: what its "self" links to is the pid outside.
    script = "i=0; while [ $i -lt 5 ]; do /bin/readlink /proc/self; i=$((i+1)); done; echo $$"
    result = run(["unshare", "--fork", "--pid", "sh", "-c", script])
    *outside, inside = map(int, result.stdout.split())
    check_equal("tree that enters a pid namespace: the shell is process 1 there", inside, 1)
    check_equal("tree that enters a pid namespace: pids as the agent sees them",
                sorted(life.pid for life in result.lives if life.comm == "readlink"),
                sorted(outside))
    check_equal("tree that enters a pid namespace: everybody", sorted(life.comm for life in
                                                                      result.lives),
                ["readlink"] * 5 + ["sh", "unshare"])
    shell = result.life("sh")
    check_equal("tree that enters a pid namespace: parents", {life.ppid for life in result.lives
                                                              if life.comm == "readlink"},
                {shell.pid})
    check_equal("tree that enters a pid namespace: parent of its first process", shell.ppid,
                result.life("unshare").pid)


def killed_with_its_first_process():
    """The end of a namespace's process 1 kills the others: each has its last record."""
    if not possible("a pid namespace that ends"):
        return
    script = "for i in 1 2 3 4 5; do sleep 60 & done; sleep 0.2; exit 0"
    result = run(["unshare", "--fork", "--pid", "sh", "-c", script], options=["--wait-tree"])
    check_equal("a pid namespace that ends with processes in it", sorted(
        life.comm for life in result.lives if life.values[TASK_CLOCK]),
        ["sh"] + ["sleep"] * 6 + ["unshare"])


def pids_used_again():
    """The same pid fifty times: fifty processes, told apart by their process_info rows."""
    if not possible("a pid used fifty times"):
        return
    script = ("i=0; while [ $i -lt 50 ]; do echo 200 >/proc/sys/kernel/ns_last_pid; "
              "/bin/echo number-$i >/dev/null; i=$((i+1)); done")
    result, found = run_inside(["sh", "-c", script])
    again = [life for life in found if life.comm == "echo"]
    if len({life.pid for life in again}) > 5:
        return skip("a pid used fifty times", "the kernel does not let it be chosen here")
    check_equal("a pid used fifty times: as many processes", len(again), 50)
    check_equal("a pid used fifty times: each with its arguments",
                [int(re.search(rb"number-(\d+)", life.args[0])[1]) for life in again],
                list(range(50)))
    check("a pid used fifty times: each with one count of its own", all(
        len(life.values[TASK_CLOCK]) == 1 and life.values[TASK_CLOCK][0] > 0 for life in again))


def other_namespaces():
    """New mount, network, user, cgroup and UTS namespaces change nothing."""
    if not possible("other namespaces"):
        return
    result = run(["unshare", "--mount", "--net", "--uts", "--ipc", "--cgroup", "sh", "-c",
                  "/bin/true; setsid /bin/true; exec /bin/true"])
    check_equal("new mount, network, UTS, IPC, cgroup namespaces", sorted(
        ">".join(life.comms) for life in result.lives),
        sorted(["sh>true", "sh>setsid>true", "unshare>sh>true"]))
    result, made = census("wide", 5)
    check_equal("and the census still holds", len(result.lives), 6)


def changed_root():
    """A path is what was given to execve, whatever the root folder."""
    with folder() as tmp:
        busybox = shutil.which("busybox")
        if not busybox or os.geteuid() != 0:
            return skip("chroot", "no busybox, or not root")
        shutil.copy(busybox, tmp / "sh")
        result = run(["chroot", str(tmp), "/sh", "-c", "exit 3"])
        check_equal("chroot: status, path", (result.status, result.lives[0].infos[-1]["exe"]),
                    (3, b"/sh"))


if __name__ == "__main__":
    main(every_number_is_a_process, agent_inside, tree_enters_one, killed_with_its_first_process,
         pids_used_again, other_namespaces, changed_root)
