#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Energy of processes where the counters or the machine are not as usual: counters that wrap, go
backwards, freeze or are refreshed now and then, CPUs that go away or were never there, and an agent
that was stopped or held up.
"""

import itertools
import os
import pathlib
import subprocess
import time

from lib import HELPERS, TASK_CLOCK, check, check_equal, folder, main, skip, wait_until
from energy_runs import (  # tests/ is in the path by lib
    CLOCK, CPUS, ENERGY, SHARE, SPIN, by_process, check_clock, check_sums, close_to, last_values,
    lay_out, of, run, run_on_time, units, with_cpus)
from proc_stat import TICK_NS, stolen_ns
from rapl_machine import Machine


# --- counters -------------------------------------------------------------------------------------

def counters_misbehave():
    """A counter that wraps, goes backwards or freezes in the middle of a run: what is shared adds
    up to its rows."""
    # Until the counter was read twice since: the first may have begun before it was written.
    read = ("n=$(grep -c rapl_ out.csv); "
            "while [ $(grep -c rapl_ out.csv) -lt $((n+2)) ]; do :; done; ")
    steps = {
        "wraps": (9_000_000, 9_990_000, 5_000),
        "goes backwards": (3_000_000, 4_000_000, 100, 10_000),
        "freezes": (9_000_000, 9_500_000, 9_500_000, 9_500_000),
    }
    for name, readings in steps.items():
        with folder() as path:
            m = with_cpus(path, [0] * CPUS)
            m.zone("intel-rapl:0", "package-0", readings[0], range_uj=10_000_000)
            script = read.join(f"echo {value} > {m.energy('intel-rapl:0')}; "
                               for value in readings) + read
            result = run(m, script, "--config-override", "plugins.rapl.backend='powercap'",
                         "--config-override", "plugins.rapl.flush_interval='20ms'", "-I", "20")
            check_equal(f"a counter that {name}: status", result.status, 0)
            check_sums(f"a counter that {name}", result, 1e-6)
            check(f"a counter that {name}: nothing is negative",
                  all(float(row.value) >= 0
                      for row in of(result, SHARE)), lambda r=result: str(of(r, SHARE)))
            sums = sum(units(row.value, 1e-6) for row in of(result, ENERGY))
            gained = {
                "wraps": 10_000_001 - 9_000_000 + 5_000, "goes backwards": 1_000_000 + 9_900,
                "freezes": 500_000}[name]
            check_equal(f"a counter that {name}: its energy", sums, gained)
            check(f"a counter that {name}: said if something is missing",
                  ("backwards" in result.stderr) == (name == "goes backwards"),
                  lambda r=result: r.stderr)


def short_job(m, watts):
    """The run of a job of 20 ms, how long it took, and the counter's longest time unchanged."""
    counter, gaps = m.energy("intel-rapl:0"), m.path / "gap"
    m.zone("intel-rapl:0", "package-0", 1)
    writer = subprocess.Popen([HELPERS / "energy_writer", counter, str(watts), gaps])
    try:
        wait_until(lambda: int(counter.read_text() or 0) > 1000)
        start = time.monotonic()
        result = run(m, "exec sleep 0.02")
        most, last = time.monotonic() - start, counter.read_text()
        wait_until(lambda: counter.read_text() != last)  # a gap is known when it has ended
        return result, most, int(gaps.read_text()) / 1e9
    finally:
        writer.kill()
        writer.wait()


def a_short_job_has_its_energy():
    """
    A writer refreshes a powercap counter about every ms, at 20 W: a job of 20 ms has at least what
    was used while it ran, less one refresh at each end, and at most what was used while the agent
    did. Where the writer had to wait for a CPU, which hardware does not: then once more.
    """
    watts, refresh_s = 20, 0.00102
    with folder() as path:
        m = with_cpus(path, [0] * CPUS)
        for _ in range(5):
            for _ in range(20):
                result, most, gap = short_job(m, watts)
                if gap <= refresh_s + 0.0005:
                    break
            check_sums("short job", result, 1e-6)
            joules = sum(float(row.value) for row in of(result, ENERGY))
            check("short job: its energy",
                  watts * (0.02 - 2 * gap) <= joules <= watts * (most + gap),
                  f"{joules} J in {most} s, refreshed after {gap} s at most")
            method = [row.attributes["method"].decode() for row in of(result, SHARE)
                      if "method" in row.attributes]
            check("short job: its error is told", any("±" in text for text in method),
                  lambda m=method: str(m))


# --- CPUs -----------------------------------------------------------------------------------------

def a_cpu_goes_away():
    """Offline and online again in the middle of a run, by the command itself: while it computes
    there, and idle."""
    switch = f"/sys/devices/system/cpu/cpu{CPUS - 1}/online"
    if CPUS < 2 or not os.access(switch, os.W_OK):
        return skip("energy while a CPU goes away", f"{switch} is not there, or may not be written")
    spin = SPIN.format(n=40000)
    toggle = f"{spin}; echo 0 > {switch}; {spin}; echo 1 > {switch}; {spin}"
    elsewhere = "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done' & "
    for name, script, cpus in (("busy", elsewhere + toggle + "; wait", None),
                               ("idle", toggle, {0})):
        with folder() as path:
            m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
            try:
                result, stolen = run_on_time(m, script, "-I", "50", events="task-clock",
                                             weight="'cpu-time'", cpus=cpus)
            finally:
                pathlib.Path(switch).write_text("1")
            check_equal(f"a CPU that goes away {name}: status", result.status, 0)
            check_sums(f"a CPU that goes away {name}", result, CPUS * 1e-9)
            check_clock(f"a CPU that goes away {name}", result, stolen, 0.03, 2_000_000)
    return None


def more_or_fewer_cpus_are_laid_out():
    """The list of CPUs is another machine's: what it has too much is passed over, and nothing of
    what is here."""
    for name, n, packages in (("256 CPUs", 256, 8), ("one CPU", 1, 1)):
        with folder() as path:
            m = Machine(path)
            m.write("sys/devices/system/cpu/possible", f"0-{n - 1}" if n > 1 else "0")
            for cpu in range(n):
                m.cpu(cpu, cpu * packages // n)
            m.pmu("0", pkg="1e-9")
            m.write("sys/bus/event_source/devices/power/events/energy-pkg", f"config={CLOCK:#x}")
            result = run(m, SPIN.format(n=150000), weight="'cpu-time'", cpus={0})
            check_equal(f"{name} laid out: status", result.status, 0)
            check_sums(f"{name} laid out", result, 1e-9)
            check(f"{name} laid out: the command has its share", by_process(result, 1e-9),
                  lambda r=result: str(of(r, SHARE)))


# --- an agent that was stopped --------------------------------------------------------------------

def a_stopped_agent_loses_nothing():
    """Two seconds without the agent: the command has the energy of its CPU time, and nobody speaks
    of cost."""
    spin = SPIN.format(n=200000)
    with folder() as path:
        m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
        result, stolen = run_on_time(
            m, f"{spin}; kill -STOP $PPID; {spin}; /bin/true; sleep 1; kill -CONT $PPID; {spin}",
            events="task-clock", weight="'cpu-time'")
        check_sums("a stopped agent", result, CPUS * 1e-9)
        check_clock("a stopped agent", result, stolen, 0.03, 2_000_000)
        check("a stopped agent: its sampling is not blamed", "price intervals lasted"
              not in result.stderr, result.stderr)


def an_agent_held_up_anywhere_is_exact_or_says_so():
    """Forty milliseconds in which the command runs on, before one of the calls by which the agent
    reads what the CPUs have done: each call in turn."""
    spin = SPIN.format(n=150000)
    wrong, told = [], 0
    with folder() as path:
        m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
        for n in itertools.count(1):
            log = path / str(n)
            before = [HELPERS / "fail_nth", "bpf_test_run", str(n), "0", "40000", str(log)]
            stolen = stolen_ns()
            result = run(m, f"{spin} & {spin}; wait", "-I", "50", events="task-clock",
                         weight="'cpu-time'", cpus={0}, before=before)
            stolen = stolen_ns() + TICK_NS - stolen
            if not log.exists():
                break
            joules = CPUS * sum(by_process(result, CPUS * 1e-9).values())
            clocks = sum(last_values(result, TASK_CLOCK).values())
            if "the agent was held up" in result.stderr:
                told += 1
            elif not close_to(joules - stolen / 2, clocks, 0.03, 2_000_000 + stolen / 2):
                wrong.append(f"call {n}: {joules} nJ of {clocks} ns; {stolen} ns stolen at most")
    check("an agent that is held up: exact, or it says so", not wrong, "\n".join(wrong))
    check("an agent that is held up says so", told > 0)


if __name__ == "__main__":
    main(counters_misbehave, a_short_job_has_its_energy, a_cpu_goes_away,
         more_or_fewer_cpus_are_laid_out, a_stopped_agent_loses_nothing,
         an_agent_held_up_anywhere_is_exact_or_says_so)
