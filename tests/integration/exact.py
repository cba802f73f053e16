#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The numbers are right: against each process's own clock, perf stat, getrusage."""

import math
import os
import shutil
import sys

from lib import (CONTEXT_SWITCHES, CPU_MIGRATIONS, PAGE_FAULTS, TASK_CLOCK, TRACEFS, agent_args,
                 check, check_equal, folder, lives, main, mount_tracefs, parse, run, skip)
from census_runs import CENSUS, CENSUS_THREADS, census  # tests/ is in the path by lib
from proc_stat import TICK_NS, stolen_ns

# The kernel settles a task's clock at its last switch-out, where the agent reads it too.
CLOCK_TOLERANCE_NS = 1000

# A thread that ends is added to its process's clock a little before it leaves its CPU for the last
# time. The agent counts to that moment; the process's clock never has the rest.
THREAD_END_NS = 50000

# How long that is at most: what the thread ran since the scheduler last brought its clock up to
# date is not added, and only the next tick would have done so. Some ticks' time (CONFIG_HZ=250).
THREAD_END_AT_MOST_NS = 3 * 4000000

# A switch at which both perf and the agent read their events; of it, what perf bills to the task
# that leaves. In a virtual machine each reading of a counter may leave it.
SWITCH_NS = 10000
SWITCH_BILLED_NS = 2000

MS = 1000000


def check_clocks(shape, threads=0, program=CENSUS):
    """
    TASK_CLOCK of each process is what its parent reads from the clock of the zombie. threads: how
    many of them end in each process beside its last one. Of ten processes that have them, one may
    be above by what a tick would have added.
    """
    result, made = census(shape, program=program)
    above = CLOCK_TOLERANCE_NS + (threads * THREAD_END_NS + MS if threads else 0)
    wrong, late, compared = [], [], 0
    for life in result.lives:
        truth = made.get(life.pid)
        if not truth or not truth.zombie_ns:
            continue
        found = life.total(TASK_CLOCK)
        compared += 1
        difference = found - truth.zombie_ns
        if not -CLOCK_TOLERANCE_NS <= difference <= above:
            tick = threads and 0 < difference <= above + THREAD_END_AT_MOST_NS
            to = late if tick else wrong
            to.append(f"{life}: {found} ns, its clock says {truth.zombie_ns} ns")
        # Its own reading is before its end, so it is a lower bound.
        if truth.self_ns and found < truth.self_ns:
            wrong.append(f"{life}: {found} ns, less than the {truth.self_ns} ns that it saw itself")
    if len(late) > max(1, compared // 10):
        wrong += late
    check(f"clock of each process: {shape} ({compared} processes)", not wrong and compared > 0,
          lambda: "\n".join(wrong[:8]) + f"\n({len(wrong)} of {compared})")


def clocks():
    for shape in ("fork", "vfork", "spawn", "clone_parent", "deep", "wide", "killed",
                  "kill_running", "chains", "teardown", "busy"):
        check_clocks(shape)


def clocks_of_threads():
    for shape, threads in (("serial", 500), ("parallel", 64), ("leader_exits", 3),
                           ("thread_execs", 3), ("thread_execs_without_leader", 3),
                           ("group_exit", 4), ("threads_fork", 5), ("threads_vfork", 6),
                           ("exit_together", 3)):
        check_clocks(shape, threads, CENSUS_THREADS)


def teardown_is_counted():
    """A process that has much to unmap spends its time at its end, after its own last look."""
    result, made = census("teardown", 256)
    truth = next(iter(made.values()))
    life = next(life for life in result.lives if life.pid == truth.pid)
    teardown = truth.zombie_ns - truth.self_ns
    counted = life.total(TASK_CLOCK) - truth.self_ns
    check("an exiting process's unmapping is counted", counted >= teardown * 0.99 > 0,
          f"{counted} ns of {teardown} ns")


def setup_is_not_billed():
    """The root's count starts at its exec: a program that does nothing has hardly any time."""
    result = run([CENSUS, "clone_to_agent", "0"])
    root = next(life for life in result.lives if life.comm == "census")
    check("nothing of the agent's is billed to the command", root.total(TASK_CLOCK) < 5 * MS,
          f"{root.total(TASK_CLOCK)} ns")


def time_begins_once():
    """
    A command of one thread has no more CPU time than wall time. Ahead of all others, so that it
    often begins on a CPU that was idle, whose wakeup the kernel counts as the task's time.
    """
    name = "the command's CPU time begins where its wall time does"
    if os.geteuid() != 0 or not shutil.which("chrt"):
        return skip(name, "no chrt, or not root")
    exits = []
    with folder() as tmp:
        for i in range(40):
            args = ["chrt", "-f", "1", *agent_args(["true"], tmp / f"{i}.csv")]
            run(None, args=args, cwd=tmp)
            exits += lives(parse((tmp / f"{i}.csv").read_bytes()))[0].exits
    more = sum(int(end["cpu-time"]) > int(end["wall-time"]) for end in exits)
    check(name, len(exits) == 40 and more < 20, f"{more} of {len(exits)} have more CPU time")


# --- perf stat inside the run --------------------------------------------------------------------

# perf counts one migration of a task that waits, however often it is moved before it runs again
# (perf_event_task_sched_in(), include/linux/perf_event.h); the kernel's own count, which the agent
# takes, has each of them. This has those of the whole machine.
MIGRATIONS = "sched:sched_migrate_task"

PERF_EVENTS = ["task-clock", "page-faults", "context-switches", "cpu-migrations", "msr/tsc/"]
OUR_EVENTS = "TASK_CLOCK,PAGE_FAULTS,CONTEXT_SWITCHES,CPU_MIGRATIONS"


def under_perf(command):
    """
    Run a command under perf stat under the agent. Returns perf's counts, the tree's lives, and how
    much time of the machine was stolen meanwhile.
    """
    stolen = stolen_ns()
    events, ours, around = list(PERF_EVENTS), OUR_EVENTS, []
    if os.path.isdir("/sys/bus/event_source/devices/msr"):
        ours += ",msr/tsc/"
    else:
        events.remove("msr/tsc/")
    with folder() as tmp:
        out = tmp / "perf.csv"
        machine = tmp / "machine.csv"
        if os.path.isdir(TRACEFS + "/events"):
            around = ["perf", "stat", "-a", "-x", ",", "-o", str(machine), "-e", MIGRATIONS]
        inside = ["perf", "stat", "-x", ",", "-o", str(out), "-e", ",".join(events), *command]
        result = run([], args=[*around, *agent_args(inside, events=ours)])
        if result.status != 0:
            raise AssertionError(f"status {result.status}: {result.stderr}")
        counts = {}
        files = [out, machine] if around else [out]
        for line in (line for file in files for line in file.read_text().splitlines()):
            fields = line.split(",")
            if len(fields) > 3 and fields[0] not in ("", "<not counted>", "<not supported>"):
                scale = MS if fields[2] == "task-clock" and fields[1] == "msec" else 1
                counts[fields[2]] = float(fields[0]) * scale
    return counts, result.lives, stolen_ns() - stolen


def differences_from_perf(counts, lives, stolen):
    """Events whose sum over the tree is not perf stat's, and why; empty when all are."""
    # perf itself does not count what it does, nor its child before that executes the command.
    below = [life for life in lives if life.comms != ["perf"]]
    n, wrong = len(below), {}

    def total(metric):
        return sum(life.total(metric) for life in below)

    def compare(event, metric, slack_down, slack_up):
        found, expected = total(metric), counts[event]
        low, high = expected * 0.999 - slack_down, expected * 1.001 + slack_up
        if not low <= found <= high:
            wrong[event] = (f"{found:.0f}, perf stat {expected:.0f}, allowed {low:.0f} to "
                            f"{high:.0f}, {n} processes")

    # In the agent's numbers only: from perf_event_exit_task() to the last switch-out of each task,
    # perf's child up to its exec, and the switches themselves: what perf does at each is not in
    # perf's count, and the scheduler bills a switch to the task that comes, perf to the one that
    # leaves. Stolen time is in perf's clock only.
    exit_ns, child_ns = 250000, 5 * MS
    switches = counts["context-switches"]
    stolen += TICK_NS if stolen else 0
    compare("task-clock", TASK_CLOCK, switches * SWITCH_BILLED_NS + stolen,
            switches * SWITCH_NS + n * exit_ns + child_ns)
    compare("page-faults", PAGE_FAULTS, 5, 100)
    # A thread that ends may wait in perf_event_exit_task() for each event's mutex, which the others
    # that end take too, and be preempted on its way to the last switch.
    threads = sum(int(life.exits[-1].get("threads", 1)) for life in below if life.exits) - n
    compare("context-switches", CONTEXT_SWITCHES, 10,
            10 + n * 0.3 + threads * (len(PERF_EVENTS) + 1))
    most = counts.pop(MIGRATIONS, math.inf)
    compare("cpu-migrations", CPU_MIGRATIONS, 10, max(10, most - counts["cpu-migrations"]))
    if "msr/tsc/" in counts:
        ghz = counts["msr/tsc/"] / counts["task-clock"]
        compare("msr/tsc/", "perf_msr_tsc", switches * SWITCH_BILLED_NS * ghz,
                (switches * SWITCH_NS + n * exit_ns + child_ns) * ghz)
    return wrong


def compare_with_perf(name, command):
    """
    Tasks are moved and interrupted at moments that count for one of the two only: of several
    attempts each event must agree in one. What is wrong by itself is so in all of them.
    """
    if not shutil.which("perf"):
        return skip(name, "perf is not installed")
    counts, *rest = under_perf(command)
    wrong = differences_from_perf(counts, *rest)
    for _ in range(4):
        if not wrong:
            break
        again = differences_from_perf(*under_perf(command))
        wrong = {event: wrong[event] + "; then " + again[event] for event in wrong
                 if event in again}
    for event in counts:
        check(f"{name}: {event} as perf stat", event not in wrong, wrong.get(event))


def pipeline_as_perf_stat():
    compare_with_perf("pipeline", ["sh", "-c", "seq 4000000 | tr 1 2 | md5sum >/dev/null"])


def short_commands_as_perf_stat():
    compare_with_perf("300 short commands",
                      ["sh", "-c", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"])


def threads_as_perf_stat():
    compare_with_perf("64 threads", [CENSUS_THREADS, "parallel", "64"])


# Two processes that wait for each other 5000 times, on one CPU: what perf does as a CPU leaves
# idleness takes long in a virtual machine, and the scheduler bills it to the task. Prints what the
# kernel knows of one of them.
PING_PONG = ("import os\n"
             "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
             "a, b = os.pipe(), os.pipe()\n"
             "pid = os.fork()\n"
             "if pid == 0:\n"
             "    for i in range(5000): os.read(a[0], 1), os.write(b[1], b'x')\n"
             "    os._exit(0)\n"
             "for i in range(5000): os.write(a[1], b'x'), os.read(b[0], 1)\n"
             "_, status, usage = os.wait4(pid, 0)\n"
             "print(pid, usage.ru_utime + usage.ru_stime, usage.ru_nvcsw + usage.ru_nivcsw)\n")


def sleeps_and_wakes_as_perf_stat():
    compare_with_perf("ping-pong through pipes", [sys.executable, "-c", PING_PONG])


# --- getrusage -----------------------------------------------------------------------------------

def as_getrusage():
    """What a shell's descendants used, as the shell's parent gets it from wait4()."""
    script = ("import os, resource, sys\n"
              "pid = os.fork()\n"
              "if pid == 0: os.execv('/bin/sh', ['sh', '-c', sys.argv[1]])\n"
              "_, status, usage = os.wait4(pid, 0)\n"
              "print(pid, usage.ru_utime + usage.ru_stime, usage.ru_nvcsw + usage.ru_nivcsw,\n"
              "      usage.ru_minflt + usage.ru_majflt)\n")
    work = "i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done; " \
           "seq 300000 | md5sum >/dev/null"
    result = run([sys.executable, "-c", script, work],
                 events="TASK_CLOCK,CONTEXT_SWITCHES,PAGE_FAULTS")
    _, seconds, switches, faults = result.stdout.split()
    below = result.lives[1:]
    n = len(below)
    found = sum(life.total(TASK_CLOCK) for life in below)
    expected = float(seconds) * 1e9
    # rusage is taken as the parent is told of the end, a little before the last switch-out.
    check("CPU time as wait4() tells it", expected * 0.999 - MS <= found <= expected * 1.001
          + n * 150000, f"{found} ns, getrusage {expected:.0f} ns, {n} processes")
    found = sum(life.total(CONTEXT_SWITCHES) for life in below)
    # In rusage a last switch may be counted, if it was made before the parent looked.
    check("context switches as wait4() tells them", int(switches) - n - 2 <= found
          <= int(switches) + 2, f"{found}, getrusage {switches}, {n} processes")
    found = sum(life.total(PAGE_FAULTS) for life in below)
    # Those that the kernel takes on a task's behalf are in rusage only; at least one for each exec.
    check("page faults as wait4() tells them",
          int(faults) * 0.9 - n * 8 <= found <= int(faults) + 5,
          f"{found}, getrusage {faults}, {n} processes")


def sleeps_and_wakes_as_getrusage():
    result = run([sys.executable, "-c", PING_PONG], events="TASK_CLOCK,CONTEXT_SWITCHES")
    pid, seconds, switches = result.stdout.split()
    life = next(life for life in result.lives if life.pid == int(pid))
    expected = float(seconds) * 1e9
    # Told in microseconds, and a little before the last switch-out.
    found = life.total(TASK_CLOCK)
    check("ping-pong through pipes: CPU time as wait4() tells it",
          expected - 2000 <= found <= expected + MS, f"{found} ns, getrusage {expected:.0f} ns")
    found = life.total(CONTEXT_SWITCHES)
    check("ping-pong through pipes: switches as wait4() tells them",
          int(switches) - 1 <= found <= int(switches) + 1, f"{found}, getrusage {switches}")


# --- rows of each interval -----------------------------------------------------------------------

def rows_of_intervals():
    """What is wrong with the rows of a process that never yields and one that sleeps, by check."""
    result, made = census("busy", 1000, options=["-I", "100"])
    busy, idle = sorted(made.values(), key=lambda process: -process.zombie_ns)
    lives = {life.pid: life for life in result.lives}
    rows = lives[busy.pid].values[TASK_CLOCK]
    steps = [b - a for a, b in zip(rows, rows[1:-1])]
    idle_rows = lives[idle.pid].values[TASK_CLOCK]
    sleepy = "import time\nfor i in range(10): time.sleep(0.1)\n"
    sleeper = run([sys.executable, "-c", sleepy], options=["-I", "100"]).lives[0]
    times = sleeper.times[TASK_CLOCK]
    return {
        # Ten intervals of its own time; more of them when it had to share its CPU.
        "a process that never yields has a row in every interval":
            len(rows) < 9 and f"{len(rows)} rows: {rows}",
        "its rows grow": rows != sorted(set(rows)) and f"{rows}",
        "no row is late by more than an interval":
            any(step >= 230 * MS for step in steps) and f"{steps}",
        "one that did nothing in an interval has none for it":
            len(idle_rows) > 3 and f"{len(idle_rows)} rows",
        "one that sleeps most of the time has its rows": len(times) < 9 and f"{len(times)} rows",
        "its rows are an interval apart":
            any(b - a >= 250 * MS for a, b in zip(times, times[1:])) and f"{times}",
    }


def intervals():
    """Where the agent itself has to wait for a CPU a tick is dropped: five attempts, as above."""
    wrong = rows_of_intervals()
    for _ in range(4):
        if not any(wrong.values()):
            break
        wrong = {name: wrong[name] and why for name, why in rows_of_intervals().items()}
    for name, why in wrong.items():
        check(name, not why, why)


def totals_of_rows():
    """values = "delta": differences that add up to the cumulative total."""
    delta, made = census("busy", 500, options=["-I", "50", "--config-override",
                                               'plugins.perf.values="delta"'])
    lives = {life.pid: life for life in delta.lives}
    wrong = [f"{sum(lives[pid].values[TASK_CLOCK])} of {process.zombie_ns}"
             for pid, process in made.items()
             if abs(sum(lives[pid].values[TASK_CLOCK]) - process.zombie_ns) > CLOCK_TOLERANCE_NS]
    check("differences add up to the process's clock", not wrong, "; ".join(wrong))
    last_only, made = census("fork", 5, options=["-I", "10000"])
    rows = {life.pid: len(life.values[TASK_CLOCK]) for life in last_only.lives if life.pid in made}
    check_equal("a process shorter than the interval has one row", set(rows.values()), {1})


WAITS = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
used = os.wait4(pid, 0)[2]
print(pid, used.ru_minflt + used.ru_majflt, round((used.ru_utime + used.ru_stime) * 1e9))
"""


def of_tree(result, pid):
    """The process and its children."""
    return [life for life in result.lives if life.pid == pid or life.ppid == pid]


def ten_thousand_threads():
    """
    Against wait4(). Its clock has each thread up to release_task(), the agent up to the last
    switch. It counts faults that the kernel takes by itself, one for each exec, which perf does
    not.
    """
    for shape, threads in (("serial", 10000), ("parallel", 1000)):
        for _ in range(20):
            result = run([sys.executable, "-S", "-c", WAITS, CENSUS_THREADS, shape, str(threads)],
                         events="PAGE_FAULTS,TASK_CLOCK",
                         env={**os.environ, "CENSUS_LOG": "/dev/null"})
            if "unseen" not in result.stderr:
                break
        pid, faults, clock_ns = (int(number) for number in result.stdout.split()[-3:])
        found = of_tree(result, pid)
        over_ns = sum(life.total(TASK_CLOCK) for life in found) - clock_ns
        # wait4() has whole microseconds of two times.
        check(f"{threads} threads, {shape}: each has its clock up to its last switch",
              -2000 <= over_ns <= threads * THREAD_END_NS + MS, f"{over_ns} ns more than wait4()")
        missing = faults - sum(life.total(PAGE_FAULTS) for life in found)
        # Where the kernel hides switches time and again, estimates are a part of it: shares by
        # time, and faults come in bursts.
        slack = faults * 0.25 if "unseen" in result.stderr else 0
        check(f"{threads} threads, {shape}: faults as wait4() has them, but for the exec's",
              -slack <= missing <= 3 + slack, f"{missing} fewer")


if __name__ == "__main__":
    mount_tracefs()
    main(clocks, clocks_of_threads, teardown_is_counted, setup_is_not_billed, time_begins_once,
         pipeline_as_perf_stat, short_commands_as_perf_stat, threads_as_perf_stat,
         sleeps_and_wakes_as_perf_stat, as_getrusage, sleeps_and_wakes_as_getrusage, intervals,
         totals_of_rows, ten_thousand_threads)
