#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Time slices that began unseen: on some kernels the tracepoint is silent for some tasks. Here every
switch-in is hidden from the programs (unseen.c), and everything else is as it was: what is
estimated is known exactly.
"""

import os
import re
import shlex
import statistics

from lib import (HELPERS, PAGE_FAULTS, TASK_CLOCK, check, check_equal, folder, main, run, skip)
import energy_runs as energy  # tests/ is in the path by lib
from proc_stat import STAT, idle_of

UNSEEN = shlex.quote(str(HELPERS / "unseen"))
COMMANDS = "i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done"
HIDDEN = f"{UNSEEN} $PPID > found & while ! [ -s found ]; do :; done; {COMMANDS}; kill $!"
EVENTS = "PAGE_FAULTS,TASK_CLOCK"


def true_lives(result):
    return [life for life in result.lives if life.comm == "true"]


def rows_of_true(result, metric):
    pids = {life.pid for life in true_lives(result)}
    return [row for row in result.rows if row.metric == metric and row.consumer[1] in pids]


def estimates_are_told():
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("estimates", "one CPU hides switches and another makes them")
    seen = run(["sh", "-c", COMMANDS], events=EVENTS)
    hidden = run(["sh", "-c", HIDDEN], events=EVENTS)
    check_equal("status", hidden.status, 0)
    faults = [sum(life.total(PAGE_FAULTS) for life in true_lives(result))
              for result in (seen, hidden)]
    check("the estimates are the counts", abs(faults[1] - faults[0]) <= faults[0] * 0.05, faults)
    rows = rows_of_true(hidden, PAGE_FAULTS)
    estimated = [row for row in rows if "estimated" in row.attributes]
    check("rows that hold an estimate say so", estimated, [row.attributes for row in rows[:9]])
    check("no bound is negative",
          all(bound(row) >= 0 for row in estimated), estimated[:9])
    check("what the kernel keeps is no estimate",
          not any("estimated" in row.attributes for row in hidden.rows if row.metric == TASK_CLOCK))
    check("it is no reading that failed", "reading" not in hidden.stderr, hidden.stderr)
    said = re.search(
        r"(\d+) of \d+ time slices began unseen .*estimates?, wrong by at most ([0-9.e+]+) % of a "
        r"total "
        r"\(page-faults\)", hidden.stderr)
    check("how many there were, and what share of the total they have", said, hidden.stderr)
    values, parts = 0, 0
    for row in last_rows(hidden):
        values += row.value
        parts += bound(row)
    return check("the share of the total is that of the rows",
                 said and values and abs(float(said[2]) / 100 - parts / values) < 0.01,
                 f"{said and said[2]} %, {parts} of {values}")


def no_estimate_is_wrong_by_more_than_it_says():
    """As if others had run for 20 ms before each slice: a share by time is a part of the truth."""
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("what estimates may be wrong by", "one CPU hides switches, another makes them")
    seen = run(["sh", "-c", COMMANDS], events=EVENTS)
    hidden = run(["sh", "-c", HIDDEN.replace("$PPID", "$PPID 20")], events=EVENTS)
    truth = statistics.median(life.total(PAGE_FAULTS) for life in true_lives(seen))
    lives = {life.pid for life in true_lives(hidden)}
    rows = [row for row in last_rows(hidden) if row.consumer[1] in lives]
    check_equal("as many processes", len(rows), len(true_lives(seen)))
    check("time of others makes estimates too low",
          any(row.value < truth / 2 for row in rows), rows[:9])
    return check("no estimate is wrong by more than it says",
                 all(row.value + bound(row) >= truth * 0.9 and
                     row.value - bound(row) <= truth * 1.25 for row in rows),
                 lambda: (truth, sorted(rows, key=bound)[:9]))


def bound(row):
    """By how much the row's value may be wrong."""
    return int(row.attributes.get("estimated", 0))


def last_rows(result):
    """Of each process, the last value of its page faults."""
    last = {row.consumer: row for row in result.rows if row.metric == PAGE_FAULTS}
    return last.values()


def weights_are_no_estimates():
    """
    With energy attributed each account has weights behind its counts: what is estimated is told of
    the counts alone, whatever the weight is.
    """
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("estimates with weights", "one CPU hides switches and another makes them")
    with folder() as path:
        m = energy.lay_out(path, [0] * energy.CPUS)
        for weight in ("cpu-time", "minor-faults"):
            seen, hidden = (energy.run(m, script, events=EVENTS, weight=f"'{weight}'")
                            for script in (COMMANDS, HIDDEN))
            check_equal(f"weight {weight}: status", hidden.status, 0)
            faults = [sum(life.total(PAGE_FAULTS) for life in true_lives(result))
                      for result in (seen, hidden)]
            check(f"weight {weight}: the estimates are the counts",
                  abs(faults[1] - faults[0]) <= faults[0] * 0.05, faults)
            said = re.search(r"wrong by at most ([0-9.e+]+) % of a total", hidden.stderr)
            parts = sum(bound(row)
                        for row in last_rows(hidden))
            values = sum(row.value for row in last_rows(hidden))
            check(f"weight {weight}: the share of the total is that of the rows",
                  said and abs(float(said[1]) / 100 - parts / values) < 0.01,
                  f"{said and said[1]} %, {parts} of {values}")
            energy.check_sums(f"weight {weight}: energy", hidden, 1e-9)
    return None


def others_time_is_not_its_own():
    """
    As if others had run for 20 ms before each slice that begins unseen: it has the time that the
    task itself ran. Of a watt for each CPU, with idleness taken off, that is its energy at most.
    """
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("time of unseen slices", "one CPU hides switches and another makes them")
    with folder() as path:
        m = energy.lay_out(path, [0] * energy.CPUS, scale=f"{energy.CPUS}e-9")
        result = energy.run(m, HIDDEN.replace("$PPID", "$PPID 20"), events="task-clock",
                            weight="'cpu-time'")
    check_equal("unseen time: status", result.status, 0)
    energy.check_sums("unseen time", result, energy.CPUS * 1e-9)
    pids = {life.pid for life in true_lives(result)}
    joules = energy.CPUS * sum(units for pid, units in
                               energy.by_process(result, energy.CPUS * 1e-9).items() if pid in pids)
    clocks = sum(ns for pid, ns in energy.last_values(result, TASK_CLOCK).items() if pid in pids)
    check_equal("unseen time: processes", len(pids), 100)
    return check("unseen time: the energy of all is their CPU time at most", joules
                 <= clocks * 1.25, f"{joules} nJ, {clocks} ns")


def idleness_that_begins_unseen_is_idle():
    """
    Where the agent is not told that a CPU has become idle it is asked what it does: what is idle is
    what the kernel has counted as idle, and not the time of the task that left unseen.
    """
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("idleness that begins unseen", "one CPU hides switches and another makes them")
    script = (f"{UNSEEN} $PPID > found & while ! [ -s found ]; do :; done; {STAT}; "
              f"for i in 1 2 3 4 5 6 7 8; do /bin/true; sleep 0.05; done; {STAT}; kill $!")
    with folder() as path:
        m = energy.lay_out(path, [0] * energy.CPUS, scale=f"{energy.CPUS}e-9")
        result = energy.run(m, script, events="task-clock", weight="'cpu-time'")
    check_equal("unseen idleness: status", result.status, 0)
    energy.check_sums("unseen idleness", result, energy.CPUS * 1e-9)
    first, last = result.stdout.splitlines()
    idle_ns = idle_of(last) - idle_of(first)
    joules = energy.CPUS * energy.part(result, energy.CPUS * 1e-9, "idle")
    return check(f"unseen idleness: nanojoules of {idle_ns} ns idle",
                 energy.close_to(joules, idle_ns, 0.1, 80_000_000), joules)


def deltas_tell_their_own_bound():
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("estimates in deltas", "one CPU hides switches and another makes them")
    result = run(["sh", "-c", HIDDEN], events=EVENTS,
                 options=("--config-override", 'plugins.perf.values="delta"'))
    check_equal("deltas: status", result.status, 0)
    rows = [row for row in result.rows if row.metric == PAGE_FAULTS]
    return check("deltas: rows that hold an estimate say so",
                 any("estimated" in row.attributes for row in rows), rows[:9])


if __name__ == "__main__":
    main(estimates_are_told, no_estimate_is_wrong_by_more_than_it_says,
         deltas_tell_their_own_bound, weights_are_no_estimates, others_time_is_not_its_own,
         idleness_that_begins_unseen_is_idle)
