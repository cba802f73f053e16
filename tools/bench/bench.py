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
import scale

EVENTS = "task-clock,context-switches,cpu-migrations,page-faults"

# Events for the cost of a switch: none beside what the kernel keeps, one, two; the last is only
# where there is a PMU of that name.
SWITCH_EVENTS = (("what the kernel keeps", "task-clock"),
                 ("one perf event", "task-clock,page-faults"),
                 ("two perf events", "task-clock,page-faults,minor-faults"),
                 ("msr/tsc/", "task-clock,msr/tsc/"),
                 ("what the kernel keeps; energy by CPU time", "task-clock" + runs.WITH_ENERGY),
                 ("one perf event; energy by CPU time",
                  "task-clock,page-faults" + runs.WITH_ENERGY))

SWITCH_ROUNDS = 3

GAP_S = 0.1

# Of runs of one tool, one after the other, as a test suite makes them; the pause before them is
# longer than what one tool's end costs the next one's start.
BURST = 20
BURST_GAP_S = 0.3

START = "true, 100 ms apart"

MAKE_ROUNDS = 2

# Run in each round; the others now and then.
COMPARED = ("bare", "bare again", "agent", "agent, energy", "agent, profile", "perf stat")

# execsnoop and strace are far from the others: every so many rounds are enough for them.
OTHERS_EVERY = 5


@dataclasses.dataclass
class Workload:
    name: str
    command: list
    rounds: int = 0     # 0: as asked for
    gap_s: float = 0    # before each run
    others: tuple = ()  # tools beside the agent and perf stat
    warm: bool = False  # needs no round to warm up
    clean: str = ""     # folder to be removed before each run
    burst: int = 1      # runs of one tool, one after the other, of which the median counts
    is_start: bool = False  # what is measured is the start itself


def copy_project(folder):
    """What this project is built from: make shall touch nothing here."""
    copy = folder / "project"
    for name in ("bpf", "include", "src", "tests", "tools", "vmlinux"):
        shutil.copytree(runs.ROOT / name, copy / name)
    shutil.copy(runs.ROOT / "Makefile", copy)
    return copy


def workloads(folder, options):
    copy = copy_project(folder)
    make = ["make", "-s", "-j2", "-C", str(copy), "O=build", "all"]
    own = runs.WORKLOAD
    others = ("execsnoop", "strace -f")
    return [
        Workload(START, ["true"], options.starts, GAP_S, others, is_start=True),
        Workload("true, tools in turn without a pause", ["true"], options.starts, is_start=True),
        Workload(f"true, in bursts of {BURST} of each", ["true"], options.rounds, BURST_GAP_S,
                 burst=BURST, is_start=True),
        # strace makes 20 times as long of it, which is all that there is to know.
        Workload("3000 × posix_spawn of true", [own, "spawn", "3000"], others=others[:1]),
        Workload("20000 × fork and exit", [own, "fork", "20000"], others=others),
        Workload("perf bench sched pipe", ["perf", "bench", "sched", "pipe", "-l", "20000"]),
        Workload("perf bench sched messaging", ["perf", "bench", "sched", "messaging", "-g", "5"]),
        Workload("computes, one thread", [own, "compute", "1000"]),
        Workload("computes, 32 threads", [own, "threads", "32", "40"]),
        Workload("64 processes on two CPUs",
                 ["taskset", "-c", "0,1", own, "processes", "64", "20"]),
        Workload("make -j2 of this project", make, MAKE_ROUNDS, warm=True,
                 clean=str(copy / "build")),
    ]


# --- rounds --------------------------------------------------------------------------------------


def is_due(tool, workload, number):
    """Round -1 is to warm up."""
    if number < 0:
        return tool == "bare"
    return tool not in workload.others or number % OTHERS_EVERY == 0


def run_burst(tool, workload, folder, options):
    """The medians of the burst's runs."""
    found = [runs.run(tool, workload.command, options.events, folder)
             for _ in range(workload.burst)]
    return runs.Run(statistics.median(run.wall for run in found),
                    statistics.median(run.cpu for run in found))


def run_rounds(workload, rounds, folder, options):
    """Runs by tool and number of the round."""
    tools = [tool for tool in (*COMPARED, *workload.others) if runs.is_there(tool)]
    found = {tool: {} for tool in tools}
    for number in range(0 if workload.warm else -1, rounds):
        for i in range(len(tools)):
            tool = tools[(number + i) % len(tools)]
            if not is_due(tool, workload, number):
                continue
            if workload.clean:
                shutil.rmtree(workload.clean, ignore_errors=True)
            time.sleep(workload.gap_s)
            run = run_burst(tool, workload, folder, options)
            if number >= 0:
                found[tool][number] = run
    return found


def spread(values):
    """The median, and half of the range in which the middle half lies; None of a single value."""
    if len(values) < 2:
        return values[0], None
    if len(values) < 4:
        return statistics.median(values), (max(values) - min(values)) / 2
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, (high - low) / 2


class Starts:
    """What each tool's start and end take beyond the command's own: to be taken off long commands.
    """

    def __init__(self, found):
        self.found = found

    def ms(self, tool, value):
        def median(name):
            return statistics.median(map(value, self.found[name].values()))

        return median(tool) - median("bare") if self.found.get(tool) else 0


def ratio(found, tool, base, value, starts=None):
    def net(name, number):
        return value(found[name][number]) - (starts.ms(name, value) if starts else 0)

    rounds = sorted(found.get(tool, {}).keys() & found.get(base, {}).keys())
    if not rounds:
        return "–"
    middle, half = spread([net(tool, i) / net(base, i) for i in rounds])
    if middle >= 10:
        return f"{middle:.1f}"
    return f"{middle:.3f}" if half is None else f"{middle:.3f} ± {half:.3f}"


def bare_ms(found, value):
    return f"{statistics.median(map(value, found['bare'].values())):.1f}"


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(title, *cells):
    print(f"\n{title}\n")
    row(*cells)
    row("---", *["---:"] * (len(cells) - 1))


def measure_starts(folder, options):
    """Of the rounds of the first workload, or where it is left out, of some made for it."""
    rounds = max(10, options.starts // 3)
    return run_rounds(Workload(START, ["true"], gap_s=GAP_S), rounds, folder, options)


def compare(title, value, all_found, starts, others):
    head(title, "command", "bare", "bare again", "agent", "agent, energy", "agent, profile",
         "perf stat", "agent / perf stat", *others)
    for workload, found in all_found:
        off = None if workload.is_start else starts
        row(workload.name, bare_ms(found, value),
            *(ratio(found, tool, "bare", value, off) for tool in COMPARED[1:]),
            ratio(found, "agent", "perf stat", value, off),
            *(ratio(found, tool, "bare", value) for tool in others))


def comparisons(chosen, folder, options):
    all_found = []
    for workload in chosen:
        print(f"bench: {workload.name}", file=sys.stderr)
        found = run_rounds(workload, workload.rounds or options.rounds, folder, options)
        all_found.append((workload, found))
    starts = next((found for workload, found in all_found if workload.name == START), None)
    starts = Starts(starts or measure_starts(folder, options))
    compare(
        "Wall time: the bare command in ms, the others as ratios to it, what each tool's start "
        f"takes (first line) taken off but where `true` is the command. {options.rounds} rounds "
        f"({options.starts} of `true`, {MAKE_ROUNDS} of make; of execsnoop and strace one in "
        f"{OTHERS_EVERY}), median ± half of the range of the middle half. Bare again: what two "
        "runs of the same thing differ by. Agent, energy: with energy shared out; agent, profile: "
        "with --profile.",
        lambda run: run.wall, all_found, starts, ("execsnoop", "strace -f"))
    compare("CPU time, user and system, of the command and the tool together, likewise.",
            lambda run: run.cpu, all_found, starts, ())


# --- the agent alone -----------------------------------------------------------------------------


# Some programs are there in several kinds, of which a run has one.
OTHER_KINDS = {"on_switch": ("on_switch_full", "on_switch_weigh"),
               "on_exec": ("on_exec_full", "on_exec_rights"), "on_newtask": ("on_newtask_ns",)}


def count_and_ns(run, program):
    kinds = (program, *OTHER_KINDS.get(program, ()))
    return next((run.programs[kind] for kind in kinds if kind in run.programs), (0, 0))


def mean_ns(run, program):
    count, ns = count_and_ns(run, program)
    return ns / count if count else float("nan")


def times(run, program):
    count = count_and_ns(run, program)[0]
    return f"{count} × {mean_ns(run, program):.0f}" if count else "–"


def figures(chosen, folder, options):
    head(
        "The agent in one run of each: its own CPU time and largest memory, what it wrote, and how "
        "often its BPF programs ran, for how many ns, those of the statistics themselves included.",
        "command", "own ms", "own MB", "processes", "rows", "bytes", "lost", "sched_switch",
        "wakeup_new", "exec", "an empty one")
    own = runs.WORKLOAD
    large = [Workload("100000 × fork and exit", [own, "fork", "100000"]),
             Workload("12000 alive at once", [own, "alive", "12000"])]
    for workload in chosen + ([] if options.no_scale else large):
        if workload.clean:
            shutil.rmtree(workload.clean, ignore_errors=True)
        run = runs.run("agent", workload.command, options.events, folder, of_agent=True)
        lost = "; ".join(line for line in run.stderr.splitlines() if "alumet" in line)
        row(workload.name, f"{run.own_cpu:.1f}", f"{run.own_peak_kb / 1000:.1f}",
            *runs.written(folder), lost or "nothing",
            *(times(run, name) for name in ("on_switch", "on_newtask", "on_exec", "empty")))


def switches(folder):
    """Two processes on one CPU that wake each other: each switch is from a task to a task."""
    pipe = ["taskset", "-c", "0", "perf", "bench", "sched", "pipe", "-l", "50000"]
    head(
        "One switch, mean ns as BPF statistics have it, of the agent's program and of an empty one "
        "on the same switches: `perf bench sched pipe` on one CPU, medians of "
        f"{SWITCH_ROUNDS}.",
        "events", "of others", "empty", "difference", "of the tree", "empty", "difference")
    for name, events in SWITCH_EVENTS:
        cells = []
        for run in (lambda: runs.run_outside(pipe, events, folder),
                    lambda: runs.run("agent", pipe, events, folder, of_agent=True)):
            try:
                found = [run() for _ in range(SWITCH_ROUNDS)]
            except runs.Failed as failed:
                cells += ["–"] * 3
                print(str(failed).splitlines()[-1], file=sys.stderr)
                continue
            pairs = [(mean_ns(one, "on_switch"), mean_ns(one, "empty")) for one in found]
            cells += [f"{statistics.median(values):.0f}"
                      for values in (*zip(*pairs), [ours - empty for ours, empty in pairs])]
        row(name, *cells)


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
    missing = [tool for tool in runs.PROGRAMS if not runs.is_there(tool)]
    if missing:
        print(
            f"bench: left out, as not installed: {', '.join(missing)} (apt-get install linux-perf "
            "libbpf-tools strace)", file=sys.stderr)
    if load > 0.5 * (os.cpu_count() or 1):
        print(f"bench: the machine is busy (load {load:.1f}): take ratios, not times",
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="of each command (default: 5)")
    parser.add_argument("--starts", type=int, default=30, help="of `true` (default: 30)")
    parser.add_argument("--only", default="", help="commands whose name contains this")
    parser.add_argument("--events", default=EVENTS, help=f"default: {EVENTS}")
    parser.add_argument("--switches", action="store_true", help="the cost of one switch alone")
    parser.add_argument(
        "--no-scale", action="store_true",
        help="without 100000 processes, 12000 at once, agents side by side, reports")
    options = parser.parse_args()
    if os.geteuid():
        runs.die("needs root, for perf stat of the whole machine's switches and for execsnoop")
    describe(options)
    with runs.scratch() as folder:
        try:
            if not options.switches:
                chosen = [workload for workload in workloads(folder, options)
                          if options.only in workload.name]
                comparisons(chosen, folder, options)
                figures([workload for workload in chosen if workload.burst == 1], folder, options)
            switches(folder)
            if not options.switches and not options.no_scale:
                scale.beside_others(folder, options.rounds, head, row)
                scale.reports(folder, head, row)
        except runs.Failed as failed:
            runs.die(str(failed))


if __name__ == "__main__":
    main()
