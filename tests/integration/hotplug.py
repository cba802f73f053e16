#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A CPU that goes offline and comes back in the middle of a run loses no time and no events."""

import pathlib
import subprocess

from lib import (TASK_CLOCK, agent_args, check, check_equal, folder, let_pass, lives, main, parse,
                 skip)

TSC = "perf_msr_tsc"
CPU = pathlib.Path("/sys/devices/system/cpu/cpu1/online")

# Two processes that never yield, on both CPUs, until they have used a second of CPU time each; and
# what that costs without anything happening.
BUSY = ("import os, time\n"
        "child = os.fork()\n"
        "while time.process_time() < 1.0: pass\n"
        "if child: os.wait()\n")

# What may be missing of the time stamp counter without a word: nothing but noise. Slices on the CPU
# before its events are open again are missing too, and are told.
TSC_MISSING = 0.01
TOLD = "readings of a counter failed"


def can_switch():
    try:
        return CPU.read_text().strip() == "1" and CPU.write_text("1") > 0
    except OSError:
        return False


def switch_off_and_on(times):
    for _ in range(times):
        let_pass(0.2, "the CPU counts")
        CPU.write_text("0")
        let_pass(0.1, "it does not")
        CPU.write_text("1")


def measure(times):
    """Ticks of the time stamp counter per ns of CPU time; also what was said on stderr."""
    with folder() as tmp:
        args = agent_args(["python3", "-c", BUSY], tmp / "out.csv", events="task-clock,msr/tsc/",
                          options=["-I", "50"])
        agent = subprocess.Popen(args, stderr=subprocess.PIPE)
        switch_off_and_on(times)
        said = agent.communicate(timeout=60)[1].decode()
        check_equal(f"status after {times} switches", agent.returncode, 0)
        found = lives(parse((tmp / "out.csv").read_bytes()))
    clock = sum(life.total(TASK_CLOCK) for life in found)
    ticks = sum(life.total(TSC) for life in found)
    check(f"both processes have their CPU time after {times} switches",
          1.99e9 <= clock <= 2.6e9, f"{clock} ns")
    return ticks / clock, said


def cpu_comes_back():
    if not pathlib.Path("/sys/bus/event_source/devices/msr").exists():
        return skip("CPU offline and online", "there is no PMU msr")
    if not can_switch():
        return skip("CPU offline and online", "CPU 1 cannot be taken offline here")
    calm, _ = measure(0)
    moved, said = measure(3)
    found = f"{moved:.4f} ticks per ns, {calm:.4f} without; said: {said}"
    check("events go on on a CPU that was offline", abs(moved / calm - 1) < 0.25, found)
    check("what is missing is told", abs(moved / calm - 1) < TSC_MISSING
          or TOLD in said or "unseen" in said, found)


def main_with_cpu_restored():
    try:
        main(cpu_comes_back)
    finally:
        if CPU.exists() and CPU.read_text().strip() == "0":
            CPU.write_text("1")


if __name__ == "__main__":
    main_with_cpu_restored()
