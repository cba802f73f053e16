# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Watches of what runs already: the agent in the background, the log of the helper program `watched`,
and perf stat beside them.
"""

import collections
import contextlib
import os
import re
import signal
import subprocess
import time

from lib import AGENT, HELPERS, Run, end, skip, text  # of tests/integration
from cgroups import UNIFIED

WATCHED = str(HELPERS / "watched")
Born = collections.namedtuple("Born", "creator ns")


@contextlib.contextmanager
def background(command, **popen):
    popen.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(command, **popen)
    try:
        yield process
    finally:
        end(process)


class Watch:
    """The agent, watching in the background. started: when it said that it has begun."""

    def __init__(self, cwd, *words, events="TASK_CLOCK", options=()):
        self.cwd = cwd
        self.process = subprocess.Popen(
            [AGENT, "--plugins", "perf,csv", "-v", "--summary=none", "-e", events, "-o", "out.csv",
             *options, "watch", *map(str, words)],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = b""
        for line in self.process.stderr:
            self.said += line
            if b"watching " in line:
                break
        self.started_ns = time.monotonic_ns()

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGINT)
        return self.result()

    def result(self, timeout=60):
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            raise AssertionError("the agent still watches: " + text(self.said + stderr))
        path = self.cwd / "out.csv"
        csv = path.read_bytes() if path.is_file() else None
        return Run(self.process.returncode, text(stdout), text(self.said + stderr), csv)


def read_log(path, births=None):
    """births: how often each pid was given out; a busy machine gives out all of them within a
    storm."""
    born, dead = {}, {}
    for line in path.read_text().splitlines():
        kind, pid, *rest = line.split()
        if kind == "born":
            born[int(pid)] = Born(int(rest[0]), int(rest[1]))
            if births is not None:
                births[int(pid)] += 1
        elif kind == "dead":
            dead[int(pid)] = int(rest[0])
    return born, dead


def unified(name):
    """The mount of cgroup v2 as a list of one, for a loop; of none, with a line, where there is
    none."""
    if not UNIFIED:
        skip(name, "no cgroup v2 is mounted")
    return UNIFIED[:1]


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0])


# --- the rows of a watch --------------------------------------------------------------------------

def adopted(result):
    return {life.pid for life in result.lives if life.infos and "adopted" in life.infos[0]}


def sums(result, metric, pids=None):
    """Who has not run has no value."""
    return sum(life.total(metric) or 0 for life in result.lives
               if life.values[metric] and (pids is None or life.pid in pids))


def estimated(result, metric):
    """By how much the last values may be wrong, as the rows say."""
    last = {}
    for row in result.rows:
        if row.metric == metric:
            last[row.consumer] = int(row.attributes.get("estimated", 0))
    return sum(last.values())


# --- perf stat ------------------------------------------------------------------------------------

def perf_stat(pids, events):
    """perf stat -p, or -a; it has attached when its control descriptor says so."""
    control, perf_control = os.pipe()
    perf_ack, ack = os.pipe()
    process = subprocess.Popen(
        ["perf", "stat", "-x", ",", "-D", "-1", f"--control=fd:{control},{ack}", "-e", events,
         *(["-p", ",".join(map(str, pids))] if pids else ["-a"])],
        pass_fds=(control, ack), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.close(control)
    os.close(ack)
    os.write(perf_control, b"enable\n")
    os.read(perf_ack, 16)
    return process, (perf_control, perf_ack)


def perf_counts(process, fds):
    _, stderr = process.communicate(timeout=60)
    for fd in fds:
        os.close(fd)
    counts = {}
    for line in stderr.splitlines():
        fields = line.split(",")
        if len(fields) > 3 and re.fullmatch(r"[\d.]+", fields[0]):
            counts[fields[2]] = float(fields[0])
    return counts
