#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
How the programs get into the kernel: by either loader the tree is whole; where a container's
seccomp filter forbids a system call, the agent says so, starts nothing and leaves nothing, or goes
on.
"""

import errno
import json
import os
import resource
import subprocess

from lib import (AGENT, HELPERS, TASK_CLOCK, agent_args, check, check_equal, comm_of, folder, main,
                 skip, wait_until)
from census_runs import census  # tests/ is in the path by lib

FORBID = str(HELPERS / "forbid")
AGENT_FAILED = 125
CANNOT_FILTER = 77
HAS_LIGHT_SKELETON = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 1)


def libbpf_loader():
    """What loads on kernels before 6.1, and where the light skeleton does not."""
    environment = dict(os.environ, ALUMET_LIBBPF_LOADER="1")
    result, made = census("wide", 100, env=environment, options=["-vv"])
    if not check("libbpf's loader: loads", result.status == 0, result.stderr[-2000:]):
        return
    check("libbpf's loader: it is the one", "loading with libbpf" in result.stderr,
          result.stderr[-2000:])
    counted = {life.pid for life in result.lives if life.values[TASK_CLOCK]}
    check("libbpf's loader: every process has its count", counted >= set(made),
          f"{len(counted)} of {len(made)}")
    with folder() as tmp:
        doctor = subprocess.run([AGENT, "doctor", "--json"], cwd=tmp, env=environment,
                                capture_output=True, check=False)
        programs = [finding for finding in json.loads(doctor.stdout)["findings"]
                    if finding["subject"] == "programs"]
        check_equal("libbpf's loader: the doctor names it",
                    [finding["detail"] for finding in programs], ["loaded and attached, by libbpf"])


def loaders_of_a_watch():
    """The programs that adopt tasks: by the light skeleton where there is one, else by libbpf, with
    the same result."""
    for name, environment in (("the kernel's own", {}), ("libbpf's", {"ALUMET_LIBBPF_LOADER": "1"
                                                                      })):
        with folder() as tmp, subprocess.Popen(["sleep", "60"]) as watched:
            wait_until(lambda: comm_of(watched.pid) == "sleep")
            result = subprocess.run([
                AGENT, "-vv", "--plugins", "perf,csv", "-e", "TASK_CLOCK", "-o", "out.csv", "watch",
                "--for", "50ms",
                str(watched.pid)], cwd=tmp, env={**os.environ, **environment}, capture_output=True,
                                    check=False, text=True, timeout=60)
            watched.kill()
            rows = (tmp / "out.csv").read_text() if (tmp / "out.csv").exists() else ""
        check(f"a watch by {name} loader: the process is there", result.returncode == 0
              and f"process;{watched.pid};" in rows, result.stderr[-2000:])
        if HAS_LIGHT_SKELETON:
            check_equal(f"a watch by {name} loader: it is the one", "loading with libbpf"
                        in result.stderr, bool(environment))


def forbidden(syscall, error, args, cwd):
    """Run with a system call that fails; None where no filter can be set up."""
    result = subprocess.run([FORBID, syscall, str(error), *args], cwd=cwd, capture_output=True,
                            stdin=subprocess.DEVNULL, timeout=60, check=False, text=True)
    if result.returncode == CANNOT_FILTER:
        skip(f"{syscall} fails", result.stderr.strip())
        return None
    return result


def check_refused(syscall, error, *phrases):
    name = f"{syscall} fails with {errno.errorcode[error]}"
    with folder() as tmp:
        result = forbidden(syscall, error, agent_args(["touch", "ran"], events="page-faults:u"),
                           tmp)
        if not result:
            return
        check_equal(f"{name}: status", result.returncode, AGENT_FAILED)
        check(f"{name}: says why", all(phrase in result.stderr for phrase in phrases),
              result.stderr)
        check_equal(f"{name}: no command was started, and no file is left", os.listdir(tmp), [])


def what_is_needed():
    check_refused("bpf", errno.EPERM, "cannot load the BPF programs", "not permitted")
    check_refused("bpf", errno.ENOSYS, "cannot load the BPF programs", "not implemented")
    check_refused("perf_event_open", errno.EACCES, "page-faults:u", "seccomp profile")
    check_refused("signalfd4", errno.EMFILE, "cannot receive signals", "raise 'ulimit -n'")
    check_refused("timerfd_create", errno.EPERM, "cannot set up timers", "not permitted")
    check_refused("epoll_create1", errno.EMFILE, "cannot map the BPF maps", "raise 'ulimit -n'")


def what_is_not_needed():
    """Without a netlink socket, CPUs that come online are noticed at the next poll."""
    with folder() as tmp:
        result = forbidden("socket", errno.EPERM, agent_args(["true"]), tmp)
        if result:
            check_equal("socket fails: status is the command's", result.returncode, 0)
            check("socket fails: the command is measured",
                  TASK_CLOCK in (tmp / "out.csv").read_text(), result.stderr)
        result = forbidden("perf_event_open", errno.EACCES, agent_args(["true"]), tmp)
        if result:
            check_equal("perf_event_open fails: what the kernel keeps needs none of it",
                        result.returncode, 0)


def sizes_that_cannot_be():
    for setting, phrase in (("ring_size = 3000", "a power of two"),
                            ("ring_size = 1024", "memory page"),
                            ("ring_size = '2GiB'", "to 1GiB"),
                            ("max_tasks = 4194305", "at most 4194304")):
        with folder() as tmp:
            args = agent_args(["touch", "ran"],
                              options=["--config-override", f"plugins.perf.{setting}"])
            result = subprocess.run(args, cwd=tmp, capture_output=True, check=False, text=True)
            check_equal(f"{setting}: status", result.returncode, AGENT_FAILED)
            check(f"{setting}: says what is possible", phrase in result.stderr, result.stderr)
            check_equal(f"{setting}: nothing was started or written", os.listdir(tmp), [])


def few_descriptors():
    """Whatever step would be the one to fail: the limit is named, and nothing is started."""
    with folder() as tmp:
        for limit in (6, 12, 13, 17, 20, 24, 26, 28):
            def prepare(limit=limit):
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            result = subprocess.run(agent_args(["touch", "ran"]), cwd=tmp, preexec_fn=prepare,
                                    capture_output=True, check=False, text=True)
            check_equal(f"{limit} open files: status", result.returncode, AGENT_FAILED)
            check(f"{limit} open files: the limit is named",
                  f"raise 'ulimit -n' (now {limit})" in result.stderr, result.stderr)
            check_equal(f"{limit} open files: nothing was started or written", os.listdir(tmp), [])

        def prepare_soft():
            resource.setrlimit(resource.RLIMIT_NOFILE, (6, 1000))
        result = subprocess.run(agent_args(["sh", "-c", "ulimit -n"],
                                           tmp / "out.csv"), cwd=tmp, preexec_fn=prepare_soft,
                                capture_output=True, check=False, text=True)
        check_equal("a soft limit of 6 is the command's alone", (result.returncode, result.stdout),
                    (0, "6\n"))


def doctor():
    """In a container as docker makes it, the doctor says how to start it."""
    with folder() as tmp:
        result = forbidden("bpf", errno.EPERM, [AGENT, "doctor", "--json"], tmp)
        if not result:
            return
        check_equal("the doctor, where bpf() is forbidden: status", result.returncode, 1)
        remedies = [finding["remedy"] for finding in json.loads(result.stdout)["findings"]
                    if finding["subject"] == "programs"]
        check("the doctor, where bpf() is forbidden: says what to do",
              len(remedies) == 1 and "seccomp=unconfined" in remedies[0], remedies)


if __name__ == "__main__":
    main(libbpf_loader, loaders_of_a_watch, what_is_needed, what_is_not_needed,
         sizes_that_cannot_be, few_descriptors, doctor)
