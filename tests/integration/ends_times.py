#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Times of processes: user and system time, switches, and how long they waited for CPUs and for block
devices, against what wait4(), /proc and taskstats told.
"""

import os
import sys

from lib import ROOT, check, check_equal, folder, main, run, skip
from ended import compare, ends, value  # tests/ is in the path by lib

DELAYACCT = "/proc/sys/kernel/task_delayacct"
TICK_NS = 10_000_000  # the longest that there is: HZ=100


# --- user and system time -------------------------------------------------------------------------

def tail_ns(life, told):
    """The CPU time that wait4() did not see: the way to the last switch-out."""
    return value(life, "cpu-time", "ns") - (told.user_us + told.system_us) * 1000


def time_is_wrong(life, told):
    """
    wait4() cuts each to microseconds, and may have come before the last switch-out. The ticks that
    divide the time may be one more by then.
    """
    user, system = value(life, "user-time", "ns"), value(life, "system-time", "ns")
    tail = tail_ns(life, told)
    if user + system != value(life, "cpu-time", "ns"):
        return f"user {user} and system {system} are not the CPU time"
    if tail < 0:
        return f"{-tail} ns less than wait4() has"
    if abs(user - told.user_us * 1000) > tail + TICK_NS:
        return f"user {user}, wait4() has {told.user_us} us; system {system}, {told.system_us} us"
    return None


def switches_are_wrong(life, told):
    """Theirs may have the last switch, which ends the process, ours not; ours may have later ones.
    """
    ours = value(life, "voluntary-switches"), value(life, "involuntary-switches")
    if told.nvcsw - ours[0] not in (0, 1) or ours[1] < told.nivcsw:
        return f"switches {ours}, wait4() has {told.nvcsw}, {told.nivcsw}"
    return None


def times():
    _, found, truth = ends("times", 400)
    long = {pid: told for pid, told in truth.items() if told.user_us + told.system_us > 50000}
    compare("user and system time are wait4()'s, long lives", found, long, time_is_wrong)
    short = [(found[pid], told) for pid, told in truth.items() if pid not in long]
    same = [life for life, told in short
            if abs(value(life, "user-time", "ns") - told.user_us * 1000)
            <= tail_ns(life, told) + 1000]
    # Where a tick falls between the end and the last switch-out, all of a short life may move.
    check(f"user and system time are wait4()'s: {len(short)} short lives", len(short) > 300
          and len(same) >= 0.9 * len(short), f"{len(same)} only")
    compare("context switches are wait4()'s", found, truth, switches_are_wrong)


TURNS = """
import os, time
zero = os.open("/dev/zero", os.O_RDONLY)
for child in range(8):
    if os.fork() == 0:
        while time.process_time() < 0.1:
            for _ in range(20000):
                pass
            os.read(zero, 8 << 20)
        os._exit(0)
for child in range(8):
    os.wait()
"""


def times_of_the_living():
    """Rows of a process that is now in user mode, now in the kernel: none is lower than before."""
    command = [sys.executable, "-S", "-c", TURNS]
    events = "cpu-time,user-time,system-time"
    found = run(command, events=events, options=["-I", "5"]).lives
    metrics = ["process_user_time_ns", "process_system_time_ns"]
    rows = [life.values[metric] for life in found for metric in metrics]
    lower = [values for values in rows if values != sorted(values)]
    check("user and system time in rows of the living: never lower than before",
          not lower and max(map(len, rows)) > 3, lambda: f"{len(lower)}: {lower[:3]}")
    check("user and system time: both together are the CPU time in each row", all(
        sum(row) == cpu for life in found for *row, cpu in zip(
            *(life.values[metric] for metric in metrics), life.values["process_cpu_time_ns"])))
    delta = run(command, events=events, options=[
        "-I", "5", "--config-override", 'plugins.perf.values="delta"']).lives
    wrong = [str(life) for life in delta
             if sum(life.values[metrics[0]]) != int(life.exits[0]["user-time"])
             or sum(life.values[metrics[1]]) != int(life.exits[0]["system-time"])]
    check("user and system time: differences add up to what the process has at its end",
          not wrong and len(delta) == 9, wrong)


# --- waiting --------------------------------------------------------------------------------------

def waiting():
    result, found, truth = ends("delay", 20)
    ended = {row.consumer[1]: row.time for row in result.rows if row.metric == "process_exit"}

    def wrong(life, told):
        ours = value(life, "runqueue-wait", "ns")
        latest = told.run_delay + ended[life.pid] - told.now_ns
        if not told.run_delay <= ours <= latest:
            return f"waited {ours}, /proc says {told.run_delay}, and at most {latest} at the end"
        return None
    compare("waiting for a CPU is /proc/PID/schedstat's", found, truth, wrong)
    check("waiting for a CPU: they did", sum(told.run_delay for told in truth.values()) > 10 ** 7,
          str(truth))


def block_wait_is_taskstats():
    """Of processes that read past the page cache, and ask the kernel's taskstats as their last
    deed."""
    with folder() as tmp:
        with open(tmp / "data", "wb") as file:
            for _ in range(32):
                file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
        try:
            os.close(os.open(tmp / "data", os.O_RDONLY | os.O_DIRECT))
        except OSError as error:
            return skip("waiting for block devices is taskstats'", f"no O_DIRECT in {tmp}: {error}")
        reader = f"{sys.executable} {ROOT}/tests/tools/block_reader.py {tmp}/data"
        result = run(["sh", "-c", f"for n in 10 40 160; do {reader} $n & done; wait"],
                     events="block-wait")
    told = [tuple(map(int, line.split())) for line in result.stdout.splitlines()]
    ours = {life.pid: life.values["process_block_wait_ns"][-1] for life in result.lives}
    check("waiting for block devices: they waited", len(told) == 3
          and all(delay_ns > 10 ** 5 and count > 5 for _, delay_ns, count in told),
          f"{told} {result.stderr}")
    return check_equal(
        "waiting for block devices is taskstats'",
        {pid: ours.get(pid)
         for pid, _, _ in told},
        # Linux 6.18 now and then has hours there, which no process waits.
        {pid: delay_ns if delay_ns < 10**11 else None
         for pid, delay_ns, _ in told})


def block_wait():
    """Kept where the kernel is told to, no value elsewhere."""
    if not os.path.exists(DELAYACCT):
        return skip("waiting for block devices", "this kernel has no switch for it")
    with open(DELAYACCT, encoding="ascii") as file:
        before = file.read().strip()
    try:
        for setting in ("0", "1"):
            with open(DELAYACCT, "w", encoding="ascii") as file:
                file.write(setting)
            result = run(["sh", "-c", "/bin/true; true"], events="block-wait")
            if setting == "0":
                check("waiting for block devices, not kept: said with the remedy",
                      result.status == 125 and "kernel.task_delayacct=1" in result.stderr,
                      result.stderr)
                result = run(["sh", "-c", "/bin/true; true"])
                check_equal("waiting for block devices, not kept: no value",
                            [life.exits[0].get("block-wait") for life in result.lives], [None] * 2)
            else:
                check("waiting for block devices, kept", all(
                    life.total("process_block_wait_ns") >= 0 for life in result.lives),
                      result.stderr)
                block_wait_is_taskstats()
    finally:
        with open(DELAYACCT, "w", encoding="ascii") as file:
            file.write(before)
    return None


if __name__ == "__main__":
    main(times, times_of_the_living, waiting, block_wait)
