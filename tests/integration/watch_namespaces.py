#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Watches by an agent in a pid namespace, as a container has one: it sees only who is in there."""

import os
import signal
import subprocess

from lib import (AGENT, Run, check, check_equal, children, comm_of, folder, main, text,
                 wait_until)
from cgroups import cgroup, move  # tests/ is in the path by lib
from watching import background, unified

INSIDE = ["unshare", "--pid", "--fork", "--mount-proc"]
WATCH = [AGENT, "--plugins", "perf,csv", "-v", "-e", "TASK_CLOCK", "-o", "out.csv", "watch"]


def check_told(name, result, *phrases):
    missing = [phrase for phrase in phrases if phrase not in result.stderr]
    check(name, result.status == 0 and not missing,
          f"status {result.status}; not told: {missing}\n{result.stderr}")


def machine():
    with folder() as tmp, background(["sh", "-c", "while :; do /bin/true; done"]):
        done = subprocess.run([*INSIDE, *WATCH, "--all", "--for", "0.5"], cwd=tmp,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        result = Run(done.returncode, "", text(done.stderr), (tmp / "out.csv").read_bytes())
    check_told("all: it says what it does not see", result,
               "only the processes of this pid namespace", "docker run --pid=host",
               "watch: all processes of this pid namespace")
    check_equal("all: whom it has", [life.comm for life in result.lives], ["alumet-agent"])


def entered():
    """A process that is created from outside of the namespace, as by docker exec, is in it."""
    with folder() as tmp, background([*INSIDE, "sleep", "60"]) as namespace:
        wait_until(lambda: children(namespace.pid))
        inside = str(children(namespace.pid)[0])
        wait_until(lambda: comm_of(int(inside)) == "sleep")
        enter = ["nsenter", "-t", inside, "-p", "-m", f"--wd={tmp}"]
        with background([*enter, *WATCH, "--all"], stderr=subprocess.PIPE) as agent:
            for line in agent.stderr:
                if b"watching " in line:
                    break
            subprocess.run([*enter, "sh", "-c", "/bin/true; /bin/true; :"], check=True)
            os.kill(children(agent.pid)[0], signal.SIGINT)
            agent.communicate(timeout=30)
        result = Run(agent.returncode, "", "", (tmp / "out.csv").read_bytes())
    check_equal("entered: it and whom it creates, and who is there", sorted(
        life.comm for life in result.lives), ["alumet-agent", "sh", "sleep", "true", "true"])


def refused():
    """Cgroup v1 does not list such processes: there it is empty."""
    for mount in unified("refused"):
        with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}/below") as path, \
                background(["sleep", "60"]) as outside:
            move(outside.pid, path)
            for name, watched in (("itself", path), ("below", path.parent)):
                done = subprocess.run([*INSIDE, *WATCH, "--cgroup", str(watched)], cwd=tmp,
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      check=False)
                check_equal(f"refused: {name}: status", done.returncode, 125)
                check(f"refused: {name}: the reason and the remedy",
                      "does not see all processes in it" in done.stderr
                      and "--pid=host" in done.stderr, done.stderr)
            check("refused: no file is left", not list(tmp.glob("*.csv")))


def newcomers():
    """Whoever comes into the cgroup from outside of the namespace is not measured, and that is
    said."""
    script = 'sleep 60 & read line; exec "$@" 2>said'
    for mount in unified("newcomers"):
        with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}") as path, \
                background([*INSIDE, "sh", "-c", script, "sh", *map(str, WATCH), "--cgroup",
                            str(path)], cwd=tmp, stdin=subprocess.PIPE) as agent, \
                background(["sh", "-c", "read line; /bin/true; /bin/true; /bin/true; :"],
                           stdin=subprocess.PIPE) as outside:
            wait_until(lambda: children(agent.pid) and children(children(agent.pid)[0]))
            inside = children(children(agent.pid)[0])[0]
            wait_until(lambda: comm_of(inside) == "sleep")
            move(inside, path)
            agent.stdin.close()
            wait_until(lambda: (tmp / "said").exists() and "watching " in
                       (tmp / "said").read_text())
            move(outside.pid, path)
            outside.stdin.close()
            outside.wait(timeout=30)
            os.kill(inside, signal.SIGKILL)
            agent.wait(timeout=30)
            result = Run(agent.returncode, "", (tmp / "said").read_text(),
                         (tmp / "out.csv").read_bytes())
        check_told("newcomers: how many were not measured", result,
                   "4 threads in the cgroups were not measured", "not of this pid namespace")
        check_equal("newcomers: nobody else is there", [life.comm for life in result.lives],
                    ["sleep"])


if __name__ == "__main__":
    main(machine, entered, refused, newcomers)
