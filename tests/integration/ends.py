#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
How processes ended, and their memory, input and output, against what wait4() and /proc told their
parents.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile

from lib import check, check_equal, folder, main, run, skip, text
from ended import ENDS, FIELDS, compare, ends, expect, value  # tests/ is in the path by lib


# --- exit statuses --------------------------------------------------------------------------------

def signal_name(number):
    if signal.SIGRTMIN <= number <= signal.SIGRTMAX:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return signal.Signals(number).name


def status_is_wrong(life, told):
    attributes = {key: text(value) for key, value in life.exits[0].items()}
    killed = os.WIFSIGNALED(told.status)
    expected = 128 + os.WTERMSIG(told.status) if killed else os.WEXITSTATUS(told.status)
    name = signal_name(os.WTERMSIG(told.status)) if killed else None
    return expect(("status", life.status, expected), ("signal", attributes.get("signal"), name),
                  ("core", attributes.get("core"),
                   "true" if killed and os.WCOREDUMP(told.status) else None))


def statuses():
    number = 20000
    result, found, truth = ends("many", number, events="cpu-time")
    check_equal("exit statuses: as many as were made", len(truth), number)
    compare("exit statuses", found, truth, status_is_wrong)
    check_equal("exit statuses: one row of each, and of the root",
                sum(row.metric == "process_exit" for row in result.rows), number + 1)


def cores():
    with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as pattern:
        pattern = pattern.read().strip()
    result, found, truth = ends("core", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
    compare("core dumps", found, truth, status_is_wrong)
    dumped = [life for life in found.values() if life.exits[0].get("core") == b"true"]
    if not any(os.WCOREDUMP(told.status) for told in truth.values()):
        return skip("core dumps: some", f"none was written here (core_pattern is {pattern})")
    check_equal("core dumps: of SIGABRT and SIGSEGV, not of SIGTERM",
                sorted(life.status for life in dumped), [134, 139])
    return None


# --- memory ---------------------------------------------------------------------------------------

def peak_is_wrong(life, told):
    return expect(("peak", value(life, "peak-rss", "B"), told.maxrss_kb * 1024),
                  ("peak in process_exit", int(life.exits[0]["peak-rss"]), told.maxrss_kb * 1024))


def peak_memory():
    _, found, truth = ends("memory", 12)
    compare("peak memory is ru_maxrss", found, truth, peak_is_wrong)
    peaks = sorted(value(found[pid], "peak-rss", "B") for pid in truth)
    check("peak memory: as much as was touched, also before an exec", peaks[-1] > 77 << 20
          and sum(peak > 40 << 20 for peak in peaks) >= 7, str(peaks))


@contextlib.contextmanager
def memory_cgroup(limit):
    """A memory cgroup of either version with that limit: the path of its list of processes."""
    with contextlib.ExitStack() as stack:
        root, version = find_memory_cgroups(stack)
        path = os.path.join(root, f"alumet-test-{os.getpid()}")
        os.mkdir(path)
        stack.callback(os.rmdir, path)
        files = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
                 2: ("memory.max", "memory.swap.max")}[version]
        for name, content in zip(files, (str(limit), str(limit if version == 1 else 0))):
            with contextlib.suppress(FileNotFoundError, OSError):
                with open(os.path.join(path, name), "w", encoding="ascii") as file:
                    file.write(content)
        yield os.path.join(path, "cgroup.procs")


def find_memory_cgroups(stack):
    """The root of the hierarchy that has the memory controller, and its version."""
    if os.path.exists("/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        return "/sys/fs/cgroup/memory", 1
    root = "/sys/fs/cgroup"
    if not os.path.exists(f"{root}/cgroup.controllers"):
        root = stack.enter_context(tempfile.TemporaryDirectory())
        subprocess.run(["mount", "-t", "cgroup2", "none", root], check=True)
        stack.callback(subprocess.run, ["umount", root], check=True)
    with open(f"{root}/cgroup.subtree_control", "w", encoding="ascii") as control:
        control.write("+memory")
    return root, 2


def out_of_memory():
    try:
        with memory_cgroup(20 << 20) as procs:
            script = f"echo $$ >{procs}; exec {ENDS} oom"
            with folder() as tmp:
                result = run(["sh", "-c", f"sh -c '{script}'; true"], events="cpu-time",
                             env=dict(os.environ, CENSUS_LOG=str(tmp / "log")))
    except (OSError, subprocess.CalledProcessError) as err:
        return skip("killed for memory", f"no memory cgroup can be made here: {err}")
    killed = [(life.status, text(life.exits[0].get("signal")), text(life.exits[0].get("oom")))
              for life in result.lives if "signal" in life.exits[0]]
    check_equal("killed for memory", killed, [(137, "SIGKILL", "true")])
    ended = run(["sh", "-c", "sh -c 'kill -9 $$'; true"], events="cpu-time").lives
    check_equal("killed, but not for memory", [life.exits[0].get("oom") for life in ended
                                               if life.status == 137], [None])
    return None


# --- input and output -----------------------------------------------------------------------------

def io_is_wrong(life, told):
    return expect(
        ("read-chars", value(life, "read-chars", "B"), told.rchar),
        ("write-chars", value(life, "write-chars", "B"), told.wchar),
        ("read-bytes", value(life, "read-bytes", "B"), told.read_bytes),
        ("write-bytes", value(life, "write-bytes", "B"), told.write_bytes),
        ("read-bytes in blocks", value(life, "read-bytes", "B") >> 9, told.inblock),
        ("write-bytes in blocks", value(life, "write-bytes", "B") >> 9, told.oublock))


def input_and_output():
    _, found, truth = ends("io", 20)
    compare("input and output are /proc/PID/io and getrusage()", found, truth, io_is_wrong)
    check("input and output: something was written and read",
          sum(told.wchar for told in truth.values()) > 10 << 20
          and sum(told.rchar for told in truth.values()) > 10 << 20, str(truth))


# --- threads --------------------------------------------------------------------------------------

def threads():
    """Whatever order they end in: the numbers of all, of the process's one status."""
    _, found, truth = ends("threads", 30)
    together = {pid: told for pid, told in truth.items()
                if int(found[pid].exits[0]["threads"]) >= 64}
    check_equal("threads that end at once: processes", len(together), 30)

    def wrong(life, told):
        return (status_is_wrong(life, told) or peak_is_wrong(life, told) or expect(
            ("write-chars", value(life, "write-chars", "B"),
             100 * int(life.exits[0]["threads"]))))
    compare("threads that end at once", found, together, wrong)
    first, execed = [(found[pid], truth[pid]) for pid in truth if pid not in together]
    check_equal("a leader that ends first", (
        status_is_wrong(*first) or peak_is_wrong(*first), first[0].status,
        value(first[0], "write-chars", "B"), first[0].exits[0]["threads"]), (None, 7, 300, b"2"))
    check_equal("an exec in a thread", (
        status_is_wrong(*execed) or peak_is_wrong(*execed), execed[0].status,
        value(execed[0], "write-chars", "B"), execed[0].exits[0]["threads"],
        execed[0].exits[0]["execs"]), (None, 9, 1200, b"2", b"1"))


# --- names, and what still lives ------------------------------------------------------------------

def names():
    _, found, truth = ends("names")
    renamed = found[next(iter(truth))]
    check_equal("a process that renames itself: its last name is in the file, once",
                (renamed.comms, text(renamed.exits[0]["comm"])), (["ends", "last-name"],
                                                                  "last-name"))
    alive = [life for life in found.values() if life.comms == ["ends", "stays"]]
    check_equal("one that still lives: its name", len(alive), 1)
    if len(alive) != 1:
        return
    try:
        with open(f"/proc/{alive[0].pid}/status", encoding="utf-8") as status:
            peak = next(int(line.split()[1]) * 1024 for line in status if line[:5] == "VmHWM")
    finally:
        os.kill(alive[0].pid, signal.SIGKILL)
    check_equal("one that still lives: no end, its peak memory so far",
                (alive[0].exits, value(alive[0], "peak-rss", "B")), ([], peak))
    check("one that still lives: its other values", value(alive[0], "user-time", "ns")
          + value(alive[0], "system-time", "ns") == value(alive[0], "cpu-time", "ns")
          and value(alive[0], "wall-time", "ns") > 0, str(alive[0].values))


def of_the_root():
    """What the agent did before the command's exec is not the command's."""
    life = run(["/bin/true"], events=FIELDS).lives[0]
    check("the command: its own I/O and time alone", value(life, "write-chars", "B") == 0
          and value(life, "voluntary-switches") < 20
          and value(life, "runqueue-wait", "ns") <= value(life, "wall-time", "ns")
          and life.exits[0]["execs"] == b"1", str(life.values))
    check_equal("the command: peak memory that may be the agent's is marked",
                int(life.exits[0].get("peak-rss-estimated", 0)), value(life, "peak-rss", "B"))
    script = "import resource as r; b=bytes(64 << 20); print(r.getrusage(r.RUSAGE_SELF).ru_maxrss)"
    large = run([sys.executable, "-S", "-c", script], events=FIELDS)
    life = large.lives[0]
    check("the command: peak memory above the agent's is its own",
          value(life, "peak-rss", "B") >= int(large.stdout) << 10
          and "peak-rss-estimated" not in life.exits[0], str(life.exits))


if __name__ == "__main__":
    main(statuses, cores, peak_memory, out_of_memory, input_and_output, threads, names, of_the_root)
