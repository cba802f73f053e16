#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Each system call of a start fails once, while the agent's second thread loads the programs: the
agent ends with its own status and an error, before the command exists, and leaves no file, or the
command is measured as ever; it never hangs, and is never ended by a signal. With one CPU there is
no such thread.
"""

import errno
import itertools
import os
import re
import subprocess

from lib import (AGENT, HELPERS, PAGE_FAULTS, agent_args, check, check_equal, comm_of, folder,
                 is_sanitized, main, skip, wait_until)
import read_csv

FAIL_NTH = str(HELPERS / "fail_nth")
AGENT_FAILED = 125
COMMAND_STATUS = 3
CANNOT_FILTER = 77
COMMAND = ["/bin/sh", "-c", ": >ran; exit 3"]
TURNS = ["/bin/sh", "-c", ": >ran; i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; exit 3"]

CALLS_OF_LOADING = [("bpf", errno.ENOMEM), ("bpf", errno.EPERM), ("bpf", errno.EOPNOTSUPP),
                    ("fcntl", errno.EMFILE), ("clone3", errno.EAGAIN),
                    ("perf_event_open", errno.EMFILE), ("madvise", errno.EINVAL)]
# When the command runs, too: then an error is said, and what was measured is there.
CALLS_OF_A_RUN = [("epoll_create1", errno.EMFILE), ("epoll_ctl", errno.ENOMEM),
                  ("timerfd_create", errno.EMFILE), ("timerfd_settime", errno.EINVAL)]

# Those before main() are the dynamic linker's; the sanitizers' runtime has many, and clones.
CALLS_BEFORE_MAIN = [("openat", errno.EMFILE), ("mmap", errno.ENOMEM), ("clone", errno.EAGAIN)]


class Failed:
    """What came of a run whose n-th such call failed."""

    def __init__(self, syscall, error, n, options=(), watched=None, one_cpu=False, delay_us=0,
                 environment=None, command=COMMAND):
        self.syscall = syscall
        self.watched = watched
        with folder() as tmp:
            agent = agent_args(command, events="page-faults:u",
                               options=["--summary=none", *options])
            if watched:
                agent[agent.index("exec"):] = ["watch", "--for", "20ms", str(watched)]
            args = [FAIL_NTH, syscall, str(n), str(error), str(delay_us), "failed", *agent]
            if one_cpu:
                args = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *args]
            try:
                result = subprocess.run(args, cwd=tmp, capture_output=True, text=True, check=False,
                                        stdin=subprocess.DEVNULL, timeout=60,
                                        env={**os.environ, **(environment or {})})
                self.status, self.stderr = result.returncode, result.stderr
            except subprocess.TimeoutExpired as expired:
                self.status, self.stderr = "none: it hangs", (expired.stderr or b"").decode()
            self.has_failed = (tmp / "failed").exists()
            self.ran = (tmp / "ran").exists()
            self.left = sorted(set(os.listdir(tmp)) - {"failed", "ran"})
            self.rows = self._read(tmp / "out.csv")

    @staticmethod
    def _read(path):
        try:
            return list(read_csv.rows(path))
        except (read_csv.Invalid, OSError):
            return []

    def _is_whole(self):
        counts = [row.value for row in self.rows if row.metric.startswith(PAGE_FAULTS)]
        return (counts and all(float(count) > 0 for count in counts)
                and {"process_info", "run_end"} <= {row.metric for row in self.rows})

    def is_measured(self):
        if self.watched:
            return self.status == 0 and bool(self.rows)
        return self.status == COMMAND_STATUS and self.ran and self._is_whole()

    def problem(self):
        said = [line for line in self.stderr.splitlines() if line.startswith("alumet-agent: ")]
        if len(set(said)) < len(said):
            return "something is said twice"
        errors = [line for line in said if not line.startswith("alumet-agent: warning: ")]
        if "Sanitizer" in self.stderr or "runtime error" in self.stderr:
            return "a sanitizer complains"
        if self.watched:
            return None if (self.status == 0 and self.rows) or (
                self.status == AGENT_FAILED and errors) else f"status {self.status}"
        if self.status == AGENT_FAILED:
            if self.ran or self.left:
                return f"ran: {self.ran}, left: {self.left}"
            return None if errors else "no error"
        if self.status != COMMAND_STATUS or not self.ran:
            return f"status {self.status}, ran: {self.ran}"
        if errors and self.syscall not in dict(CALLS_OF_A_RUN):
            return "an error, although the command was measured"
        return None if self._is_whole() or errors else f"rows are missing: {len(self.rows)}"


def sweep(name, syscall, error, first=1, step=1, **options):
    """Fail the first such call, and so on, until there is none left."""
    for tried, n in enumerate(itertools.count(first, step)):
        run = Failed(syscall, error, n, **options)
        if run.status == CANNOT_FILTER:
            return skip(name, run.stderr.strip())
        problem = run.problem()
        if problem:
            return check(f"{name}: call {n} fails with {errno.errorcode[error]}", False,
                         f"{problem}\n{run.stderr[-3000:]}")
        if not run.has_failed:
            return check(f"{name}: each of {tried} fails with {errno.errorcode[error]}", tried,
                         "there was no such call")


def calls_before_main(syscall):
    """How many such calls the program makes that only shows its version."""
    with folder() as tmp:
        for n in itertools.count(1):
            subprocess.run([FAIL_NTH, syscall, str(n), "0", "0", "failed", AGENT, "--version"],
                           cwd=tmp, capture_output=True, check=False, timeout=60)
            if not (tmp / "failed").exists():
                return n - 1
            (tmp / "failed").unlink()


def each_call_of_a_start():
    for syscall, error in CALLS_OF_LOADING + CALLS_OF_A_RUN:
        sweep(syscall, syscall, error)
    if not is_sanitized():
        for syscall, error in CALLS_BEFORE_MAIN:
            sweep(syscall, syscall, error, first=calls_before_main(syscall) + 1)


def while_the_outputs_are_open():
    """The first thread is ahead: what is cleaned up is the second one's alone."""
    sweep("bpf, slow", "bpf", errno.ENOMEM, delay_us=20000)


def without_a_second_thread():
    sweep("bpf, one CPU", "bpf", errno.ENOMEM, one_cpu=True)


def of_a_watch():
    """It may fail when it has begun, too, and then leaves what was measured."""
    with subprocess.Popen(["sleep", "60"]) as watched:
        wait_until(lambda: comm_of(watched.pid) == "sleep")
        sweep("bpf, watch", "bpf", errno.ENOMEM, step=3, watched=watched.pid)
        watched.kill()


def by_libbpf():
    sweep("bpf, libbpf's loader", "bpf", errno.ENOMEM, environment={"ALUMET_LIBBPF_LOADER": "1"})


def libbpf_takes_over():
    """What the own loader cannot do, libbpf does: the run is measured as ever."""
    taken = set()
    with subprocess.Popen(["sleep", "60"]) as watched:
        wait_until(lambda: comm_of(watched.pid) == "sleep")
        for pid in None, watched.pid:
            for n in itertools.count(1):
                run = Failed("bpf", errno.EOPNOTSUPP, n, options=["-vv"], watched=pid)
                if run.status == CANNOT_FILTER or not run.has_failed:
                    break
                for loader in re.findall("(light skeleton.*): Operation not supported; loading "
                                         "with libbpf", run.stderr):
                    taken.add(loader)
                    if not run.is_measured():
                        check(f"{loader}: call {n} fails, libbpf takes over", False, run.stderr)
        watched.kill()
    if run.status == CANNOT_FILTER:
        skip("libbpf takes over", run.stderr.strip())
    else:
        check_equal("libbpf takes over from both loaders", taken,
                    {"light skeleton", "light skeleton of a watch"})


def with_a_profile():
    sweep("bpf, with a profile", "bpf", errno.ENOMEM, options=["--profile=cpu-clock"])
    if is_sanitized():
        return
    # With samples, whose functions get their names.
    for syscall, error in (("perf_event_open", errno.EMFILE), ("openat", errno.EMFILE),
                           ("mmap", errno.ENOMEM)):
        sweep(f"{syscall}, with samples", syscall, error, first=calls_before_main(syscall) + 1,
              options=["--profile=cpu-clock@200000"], command=TURNS)


if __name__ == "__main__":
    main(each_call_of_a_start, while_the_outputs_are_open, without_a_second_thread,
         of_a_watch, by_libbpf, libbpf_takes_over, with_a_profile)
