# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What grows with the number of agents on a machine, and reports of many processes.
"""

import contextlib
import statistics
import subprocess
import time

import runs

AGENTS = (0, 1, 8, 32)

# Each message goes there and back: two switches.
MESSAGES = 20000
PIPE = ["taskset", "-c", "0", "perf", "bench", "sched", "pipe", "-l", str(MESSAGES)]

EVENTS = "task-clock,page-faults"

PROCESSES = 100000
FORMATS = ("text", "html", "json")


@contextlib.contextmanager
def agents(number, folder):
    """So many agents that watch a command which waits; the machine's switches are others' to all of
    them."""
    with contextlib.ExitStack() as stack:
        running = []
        for i in range(number):
            place = folder / f"agent{i}"
            place.mkdir(exist_ok=True)
            rows = place / "out.csv"
            rows.unlink(missing_ok=True)
            running.append((rows, stack.enter_context(subprocess.Popen(
                runs.agent(["cat"], EVENTS, place), stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=runs.ENVIRONMENT))))
        for rows, agent in running:
            while not rows.exists() and agent.poll() is None:
                time.sleep(0.01)
        yield
        for _, agent in running:
            agent.stdin.close()


def beside_others(folder, rounds, head, row):
    """The time of a bare command's switches while agents run that it does not belong to."""
    ns = {number: [] for number in AGENTS}
    for _ in range(rounds):
        for number in AGENTS:
            with agents(number, folder):
                wall = runs.run("bare", PIPE, EVENTS, folder).wall
            ns[number].append(wall * 1e6 / (2 * MESSAGES))
    base = statistics.median(ns[0])
    head("Agents side by side: wall time of a switch of a command that belongs to none of them "
         f"(`perf bench sched pipe` on one CPU), ns, medians of {rounds}; events {EVENTS}.",
         "agents", "a switch", "more than without", "each")
    for number in AGENTS:
        more = statistics.median(ns[number]) - base
        row(number, f"{base + more:.0f}", f"{more:.0f}", f"{more / number:.0f}" if number else "–")


def reports(folder, head, row):
    """What it takes to make a report of many processes."""
    runs.run("agent", [runs.WORKLOAD, "fork", str(PROCESSES)], EVENTS, folder)
    rows = folder / "out.csv"
    head(f"A report of a run of {PROCESSES} processes, {rows.stat().st_size / 1e6:.0f} MB of rows.",
         "format", "wall ms", "CPU ms", "largest memory, MB", "its size, MB")
    for name in FORMATS:
        report = folder / f"report.{name}"
        done = runs.measure([
            runs.AGENT, "report", f"--format={name}", "-o",
            str(report), str(rows)], folder)
        row(name, f"{done.wall:.0f}", f"{done.cpu:.0f}", f"{done.peak_kb / 1000:.0f}",
            f"{report.stat().st_size / 1e6:.1f}")
