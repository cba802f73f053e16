#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Time slices that began unseen: on some kernels the tracepoint is silent for some tasks. Here every
switch-in is hidden from the programs (unseen.c), and everything else is as it was: what is estimated
is known exactly.
"""

import os
import re
import shlex

import energy
from lib import (HELPERS, PAGE_FAULTS, TASK_CLOCK, check, check_equal, folder, main, run, skip)

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
    check("its share is at most the whole",
          all(0 <= float(row.attributes["estimated"]) <= 1 for row in estimated), estimated[:9])
    check("what the kernel keeps is no estimate",
          not any("estimated" in row.attributes for row in hidden.rows if row.metric == TASK_CLOCK))
    check("it is no reading that failed", "reading" not in hidden.stderr, hidden.stderr)
    said = re.search(r"(\d+) time slices? began unseen .*estimates?, at most ([0-9.]+) % of a total "
                     r"\(PAGE_FAULTS\)", hidden.stderr)
    check("how many there were, and what share of the total they have", said, hidden.stderr)
    values, parts = 0, 0
    for row in last_rows(hidden):
        values += row.value
        parts += row.value * float(row.attributes.get("estimated", 0))
    return check("the share of the total is that of the rows",
                 said and values and abs(float(said[2]) / 100 - parts / values) < 0.01,
                 f"{said and said[2]} %, {parts} of {values}")


def last_rows(result):
    """Of each process, the last value of its page faults."""
    last = {row.consumer: row for row in result.rows if row.metric == PAGE_FAULTS}
    return last.values()


def weights_are_no_estimates():
    """
    With energy attributed each account has weights behind its counts: what is estimated is told of the
    counts alone, whatever the weight is.
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
            said = re.search(r"at most ([0-9.e+]+) % of a total", hidden.stderr)
            parts = sum(row.value * float(row.attributes.get("estimated", 0))
                        for row in last_rows(hidden))
            values = sum(row.value for row in last_rows(hidden))
            check(f"weight {weight}: the share of the total is that of the rows",
                  said and abs(float(said[1]) / 100 - parts / values) < 0.01,
                  f"{said and said[1]} %, {parts} of {values}")
            energy.check_sums(f"weight {weight}: energy", hidden, 1e-9)
    return None


def deltas_tell_their_own_share():
    if os.cpu_count() < 2 or len(os.sched_getaffinity(0)) < 2:
        return skip("estimates in deltas", "one CPU hides switches and another makes them")
    result = run(["sh", "-c", HIDDEN], events=EVENTS,
                 options=("--config-override", 'plugins.perf.values="delta"'))
    check_equal("deltas: status", result.status, 0)
    rows = [row for row in result.rows if row.metric == PAGE_FAULTS]
    return check("deltas: rows that hold an estimate say so",
                 any("estimated" in row.attributes for row in rows), rows[:9])


if __name__ == "__main__":
    main(estimates_are_told, deltas_tell_their_own_share, weights_are_no_estimates)
