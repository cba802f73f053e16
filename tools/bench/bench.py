#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The agent beside the bare command, perf stat with the same events, and where they are installed
execsnoop and strace -f: each runs once in a round, in an order that turns, and is compared with the
bare run of its own round, so that what else goes on in the machine meets all of them alike.

Prints Markdown. Root is needed, and a machine that does nothing else.
"""

import argparse
import dataclasses
import os
import platform
import shutil
import statistics
import sys
import time

import runs

EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"

# Events for the cost of a switch: none beside what the kernel keeps, one, two; the last is only
# where there is a PMU of that name.
SWITCH_EVENTS = (("what the kernel keeps", "task-clock"),
                 ("one perf event", "task-clock,page-faults"),
                 ("two perf events", "task-clock,page-faults,minor-faults"),
                 ("msr/tsc/", "task-clock,msr/tsc/"))

GAP_S = 0.1


@dataclasses.dataclass
class Workload:
    name: str
    command: list
    rounds: int = 0     # 0: as asked for
    gap_s: float = 0    # before each run
    others: tuple = ()  # tools beside the agent and perf stat
    slow: bool = False  # strace takes many times as long: once is enough
    clean: str = ""     # folder to be removed before each run


def workloads(folder, options):
    build = folder / "build"
    make = ["make", "-s", "-j2", "-C", str(runs.ROOT), f"O={build}"]
    if not options.full:
        make += [str(build / source.relative_to(runs.ROOT).with_suffix(".o"))
                 for source in sorted((runs.ROOT / "src" / "core").glob("*.c"))]
    own = runs.WORKLOAD
    return [
        Workload("true, 100 ms apart", ["true"], options.starts, GAP_S, ("execsnoop", "strace -f")),
        Workload("true, back to back", ["true"], options.starts),
        Workload("3000 × posix_spawn of true", [own, "spawn", "3000"],
                 others=("execsnoop", "strace -f"), slow=True),
        Workload("20000 × fork and exit", [own, "fork", "20000"],
                 others=("execsnoop", "strace -f"), slow=True),
        Workload("perf bench sched pipe", ["perf", "bench", "sched", "pipe", "-l", "50000"]),
        Workload("perf bench sched messaging", ["perf", "bench", "sched", "messaging", "-g", "5"]),
        Workload("computes, one thread", [own, "compute", "1000"]),
        Workload("computes, 32 threads", [own, "threads", "32", "40"]),
        Workload("make -j2" + ("" if options.full else " of src/core"), make, clean=str(build)),
    ]


# --- rounds --------------------------------------------------------------------------------------


def run_rounds(workload, rounds, folder, options):
    """Runs by tool, each list in the order of the rounds; a slow tool has one."""
    tools = [tool for tool in ("bare", "agent", "perf stat", *workload.others)
             if runs.is_there(tool)]
    found = {tool: [] for tool in tools}
    for number in range(-1, rounds):  # the first is to warm up
        for i in range(len(tools)):
            tool = tools[(number + i) % len(tools)]
            if workload.slow and tool == "strace -f" and number != 0:
                continue
            if workload.clean:
                shutil.rmtree(workload.clean, ignore_errors=True)
            time.sleep(workload.gap_s)
            run = runs.run(tool, workload.command, options.events, folder)
            if number >= 0:
                found[tool].append(run)
    return found


def spread(values):
    """The median, and half of the range in which the middle half lies."""
    if len(values) < 4:
        return statistics.median(values), (max(values) - min(values)) / 2
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, (high - low) / 2


def ratio(found, tool, base, value):
    if tool not in found or base not in found:
        return "–"
    pairs = zip(found[tool], found[base])
    middle, half = spread([value(a) / value(b) for a, b in pairs])
    return f"{middle:.3f} ± {half:.3f}" if middle < 10 else f"{middle:.1f}"


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(title, *cells):
    print(f"\n{title}\n")
    row(*cells)
    row("---", *["---:"] * (len(cells) - 1))


def comparisons(chosen, folder, options):
    def wall(run):
        return run.wall

    def cpu(run):
        return run.cpu

    all_found = []
    head(f"Wall time: the bare command in ms, the others as ratios. {options.rounds} rounds "
         f"({options.starts} of `true`), median ± half of the quartile range.",
         "command", "bare", "agent", "perf stat", "agent / perf stat", "execsnoop", "strace -f")
    for workload in chosen:
        found = run_rounds(workload, workload.rounds or options.rounds, folder, options)
        all_found.append(found)
        row(workload.name, f"{statistics.median(map(wall, found['bare'])):.1f}",
            *(ratio(found, tool, "bare", wall) for tool in ("agent", "perf stat")),
            ratio(found, "agent", "perf stat", wall),
            *(ratio(found, tool, "bare", wall) for tool in ("execsnoop", "strace -f")))
    head("CPU time, user and system, of the command and the tool together, likewise.",
         "command", "bare", "agent", "perf stat", "agent / perf stat")
    for workload, found in zip(chosen, all_found):
        row(workload.name, f"{statistics.median(map(cpu, found['bare'])):.1f}",
            *(ratio(found, tool, "bare", cpu) for tool in ("agent", "perf stat")),
            ratio(found, "agent", "perf stat", cpu))


# --- the agent alone -----------------------------------------------------------------------------


def mean_ns(run, program):
    count, ns = run.programs.get(program, (0, 0))
    return f"{count} × {ns / count:.0f}" if count else "–"


def figures(chosen, folder, options):
    head("The agent in one run of each: its own CPU time and largest memory, what it wrote, and how "
         "often its BPF programs ran, for how many ns (20 of them the statistics').",
         "command", "own ms", "own MB", "processes", "rows", "bytes", "lost",
         "sched_switch", "task_newtask", "exec")
    own = runs.WORKLOAD
    scale = [Workload("100000 × fork and exit", [own, "fork", "100000"]),
             Workload("12000 alive at once", [own, "alive", "12000"])]
    for workload in chosen + ([] if options.no_scale else scale):
        if workload.clean:
            shutil.rmtree(workload.clean, ignore_errors=True)
        run = runs.run("agent", workload.command, options.events, folder, of_agent=True)
        lost = "; ".join(line for line in run.stderr.splitlines() if "alumet" in line)
        row(workload.name, f"{run.own_cpu:.1f}", f"{run.own_peak_kb / 1000:.1f}",
            *runs.written(folder), lost or "nothing",
            *(mean_ns(run, name) for name in ("on_switch", "on_newtask", "on_exec")))


def switches(folder):
    """Two processes on one CPU that wake each other: each switch is from a task to a task."""
    pipe = ["taskset", "-c", "0", "perf", "bench", "sched", "pipe", "-l", "50000"]
    head("One switch, ns (20 of them the statistics'): `perf bench sched pipe` on one CPU.",
         "events", "in the tree", "outside of it")
    for name, events in SWITCH_EVENTS:
        try:
            inside = runs.run("agent", pipe, events, folder, of_agent=True)
            outside = runs.run_outside(pipe, events, folder)
        except runs.Failed as failed:
            row(name, "–", "–")
            print(str(failed).splitlines()[-1], file=sys.stderr)
            continue
        row(name, mean_ns(inside, "on_switch"), mean_ns(outside, "on_switch"))


# --- the machine ---------------------------------------------------------------------------------


def describe(options):
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} CPUs ({model}), Linux {platform.release()}; events {options.events}")
    if load > 0.5 * (os.cpu_count() or 1):
        print(f"bench: the machine is busy (load {load:.1f}): take ratios, not times",
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="of each command (default: 5)")
    parser.add_argument("--starts", type=int, default=30, help="of `true` (default: 30)")
    parser.add_argument("--only", default="", help="commands whose name contains this")
    parser.add_argument("--events", default=EVENTS, help=f"default: {EVENTS}")
    parser.add_argument("--full", action="store_true", help="make builds the whole project")
    parser.add_argument("--no-scale", action="store_true",
                        help="without 100000 processes, and 12000 at once")
    options = parser.parse_args()
    if os.geteuid():
        runs.die("needs root, for perf stat of the whole machine's switches and for execsnoop")
    describe(options)
    with runs.scratch() as folder:
        chosen = [workload for workload in workloads(folder, options)
                  if options.only in workload.name]
        try:
            comparisons(chosen, folder, options)
            figures(chosen, folder, options)
            switches(folder)
        except runs.Failed as failed:
            runs.die(str(failed))


if __name__ == "__main__":
    main()
