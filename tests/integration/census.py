#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every process of a tree is in the CSV exactly once, with its name, its parent, its arguments."""

import collections
import os
import shutil
import subprocess

from lib import ROOT, TASK_CLOCK, check, check_equal, folder, main, not_ok, run, text
from census_runs import CENSUS, CENSUS_THREADS, census  # tests/ is in the path by lib


def differences(run, made, root_comm):
    """What the CSV has otherwise than the census program made it; empty when they are equal."""
    wrong = []
    lives = run.lives
    counts = collections.Counter(life.pid for life in lives)
    roots = [life for life in lives if life.pid not in made]
    for pid in made:
        if counts[pid] != 1:
            wrong.append(f"{pid} {made[pid].comms} is there {counts[pid]} times")
    if len(roots) != 1:
        wrong.append(f"instead of the root alone, these are beside what was made: {roots}")
    for life in lives:
        expected = made.get(life.pid)
        if not life.values[TASK_CLOCK]:
            wrong.append(f"{life} has no {TASK_CLOCK} row")
        if not expected:
            if life.comms != [root_comm]:
                wrong.append(f"the root is called {life.comms}")
            continue
        if life.comms != expected.comms:
            wrong.append(f"{life} is called {life.comms}, not {expected.comms}")
        if life.infos and life.ppid != expected.ppid:
            wrong.append(f"{life} has parent {life.ppid}, not {expected.ppid}")
        if life.args != expected.args:
            wrong.append(f"{life} has arguments {life.args}, not {expected.args}")
    for row in run.rows:
        if row.consumer[0] == "process" and row.metric == "process_info" and row.value != 1:
            wrong.append(f"process_info has the value {row.value}")
    return wrong


def names_come_first(run):
    """Each process_info row is before the process's other rows."""
    named = set()
    for row in run.rows:
        if row.consumer[0] != "process":
            continue
        if row.metric == "process_info":
            named.add(row.consumer[1])
        elif row.consumer[1] not in named:
            return False
    return True


def check_shape(shape, *numbers, program=CENSUS, at_least=1):
    result, made = census(shape, *numbers, program=program)
    root = os.path.basename(program)[:15]
    name = f"census {shape}"
    if result.status != 0:
        return not_ok(name, f"status {result.status}: {result.stderr}")
    if len(made) < at_least:
        return not_ok(name, f"the census program made {len(made)} processes only")
    wrong = differences(result, made, root)
    check(f"{name}: {len(made)} processes, none missing, none extra", not wrong,
          lambda: "\n".join(wrong[:12]) + f"\n({len(wrong)} in all)")
    check(f"{name}: names precede counts", names_come_first(result))
    times = [row.time for row in result.rows]
    check(f"{name}: rows in time order", times == sorted(times))


def forked():
    check_shape("fork", 260, at_least=260)


def vforked():
    check_shape("vfork", 20, at_least=20)


def spawned():
    check_shape("spawn", 20, at_least=20)


def clone_parent():
    check_shape("clone_parent", 10, at_least=20)


def clone_to_agent():
    check_shape("clone_to_agent", at_least=1)


def daemons():
    check_shape("daemon", 3, at_least=6)


def deep():
    check_shape("deep", 40, at_least=39)


def wide():
    check_shape("wide", 300, at_least=300)


def exec_chains():
    check_shape("chains", 3, at_least=3)


def killed():
    check_shape("killed", at_least=6)
    check_shape("kill_running", 2, at_least=2)


def threads():
    for shape, n in (("serial", 1), ("parallel", 1), ("leader_exits", 2), ("thread_execs", 5),
                     ("thread_execs_without_leader", 5), ("group_exit", 3), ("threads_fork", 6),
                     ("threads_vfork", 6), ("exit_together", 100), ("threads_rename", 1)):
        check_shape(shape, program=CENSUS_THREADS, at_least=n)


def shell():
    """What a shell makes: pipeline, subshell, substitution, background job."""
    result = run(["sh", "-c", "true | cat; (exit 3); x=$(/bin/echo hi); /bin/true & wait"])
    comms = sorted(">".join(life.comms) for life in result.lives)
    check_equal("shell: pipeline, subshell, substitution, background job", comms,
                sorted(["sh", "sh", "sh>cat", "sh", "sh>echo", "sh>true"]))


def storm():
    result, _ = census("storm", 20000)
    lives = result.lives
    check_equal("20 000 forks in a loop: one life each", len(lives), 20001)
    without = [life for life in lives if not life.values[TASK_CLOCK] or not life.infos]
    check("20 000 forks: each has name and count", not without, lambda: f"{len(without)} have not")
    parents = collections.Counter(life.ppid for life in lives)
    check_equal("20 000 forks: one parent", parents.most_common(1)[0][1], 20000)


def build_of_this_project():
    """Every compiler, assembler and linker that make says it runs, with its arguments."""
    with folder() as tmp:
        source = tmp / "project"
        files = shutil.which("git") and subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-zco", "--exclude-standard"], capture_output=True)
        if not files or files.returncode != 0:
            shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns("build", ".git"))
        else:
            for name in files.stdout.decode().split("\0")[:-1]:
                if (ROOT / name).is_file():
                    (source / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, source / name)
        make = ["make", "-j2", "-C", str(source), "V=1", "CC=gcc", "CXX=g++"]
        result = run(make, timeout=600)
        if not check("make -j2 of this project succeeds", result.status == 0,
                     lambda: result.stderr[-2000:]):
            return
        commands = [line.split()[0] for line in result.stdout.splitlines()
                    if line.startswith(("gcc ", "g++ "))]
        objects = sum(" -c " in line for line in result.stdout.splitlines()
                      if line.startswith(("gcc ", "g++ ")))
        comms = collections.Counter(life.comm for life in result.lives)
        check_equal("make -j2: every compiler", comms["cc1"] + comms["cc1plus"], objects)
        check_equal("make -j2: every assembler", comms["as"], objects)
        check_equal("make -j2: every linker", comms["ld"], len(commands) - objects)
        compiled = {argument for life in result.lives if life.comm in ("cc1", "cc1plus")
                    for argument in text(life.args[-1]).split(" ")
                    if argument.endswith((".c", ".cpp"))}
        sources = {line.split(" -c ")[1].split(" ")[0] for line in result.stdout.splitlines()
                   if line.startswith(("gcc ", "g++ ")) and " -c " in line}
        check("make -j2: each compiler's arguments name its source", sources <= compiled,
              lambda: f"missing: {sorted(sources - compiled)}")


if __name__ == "__main__":
    main(forked, vforked, spawned, clone_parent, clone_to_agent, daemons, deep, wide, exec_chains,
         killed, threads, shell, storm, build_of_this_project)
