# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs whose energy is known without RAPL: the counters of a laid-out machine are software events of
the real kernel, and in each interval all shares add up to them.
"""

import collections
import os
import subprocess

from lib import AGENT, TASK_CLOCK, Run, check, check_equal, folder, text  # of tests/integration
from proc_stat import TICK_NS, stolen_ns
from rapl_machine import METRIC as ENERGY
from rapl_machine import Machine

SHARE = "attributed_energy_J"
CPUS = os.cpu_count()

# Software events of perf: with a scale of 1e-9 the CPU clock is a watt; a count of page faults.
CLOCK, FAULTS = 0, 2

SPIN = "i=0; while [ $i -lt {n} ]; do i=$((i+1)); done"
CHILDREN = ("for i in 1 2 3 4 5 6 7 8; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); "
            "done'; done")


def with_cpus(path, packages):
    """A machine that has the CPUs of this one, in these packages."""
    m = Machine(path)
    m.write("sys/devices/system/cpu/possible", f"0-{CPUS - 1}")
    for cpu in range(CPUS):
        m.cpu(cpu, packages[cpu])
    return m


def lay_out(path, packages, config=CLOCK, scale="1e-9"):
    """A machine whose counter of each package counts a software event of its first CPU."""
    m = with_cpus(path, packages)
    firsts = [packages.index(p) for p in sorted(set(packages))]
    m.pmu(",".join(str(cpu) for cpu in firsts), pkg=scale)
    m.write("sys/bus/event_source/devices/power/events/energy-pkg", f"config={config:#x}")
    return m


def run(m, script, *options, events="page-faults", cpus=None, before=(), **settings):
    """
    Run a shell script under the agent, both on these CPUs; settings of the attribution, TOML
    values; before: what executes the agent.
    """
    args = [*before, AGENT, "--config-override", f"plugins.rapl.sysroot='{m.path}'",
            "--config-override", f"plugins.energy-attribution.sysroot='{m.path}'"]
    for key, value in settings.items():
        args += ["--config-override", f"plugins.energy-attribution.{key}={value}"]
    args += [*options, "-e", events, "-o", "out.csv", "exec", "--", "sh", "-c", script]
    with folder() as cwd:
        done = subprocess.run(args, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120,
                              preexec_fn=lambda: cpus and os.sched_setaffinity(0, cpus))
        out = cwd / "out.csv"
        return Run(done.returncode, text(done.stdout), text(done.stderr),
                   out.read_bytes() if out.is_file() else None)


# --- the rows -------------------------------------------------------------------------------------

def of(result, metric):
    return [row for row in result.rows if row.metric == metric]


def units(value, scale):
    """How often the counter moved; a row that is not a whole number of its units is an error."""
    exact = float(value) / scale
    if abs(exact - round(exact)) > 1e-3:
        raise AssertionError(f"{value} J are no whole units of {scale} J")
    return round(exact)


def place(row):
    return (row.attributes["domain"].decode(), *row.resource)


def check_sums(name, result, scale):
    """In each interval, from one row of a counter to the next, all shares add up to it."""
    times = collections.defaultdict(list)
    for row in of(result, ENERGY):
        times[place(row)].append((row.time, units(row.value, scale)))
    check(f"{name}: there is energy", any(times.values()), lambda: result.stderr)
    for where, rows in times.items():
        shares = sorted((row.time, units(row.value, scale)) for row in of(result, SHARE)
                        if place(row) == where)
        sums = []
        for time, _ in rows:
            due = [value for at, value in shares if at <= time]
            shares = shares[len(due):]
            sums.append(sum(due))
        check_equal(f"{name}: sums of {where}", sums, [value for _, value in rows])
        check_equal(f"{name}: shares of {where} behind the last row", shares, [])


def by_process(result, scale, where=None):
    sums = collections.Counter()
    for row in of(result, SHARE):
        if row.consumer[0] == "process" and (where is None or place(row) == where):
            sums[row.consumer[1]] += units(row.value, scale)
    return sums


def part(result, scale, name):
    return sum(units(row.value, scale) for row in of(result, SHARE)
               if row.attributes.get("part") == name.encode())


def last_values(result, metric):
    return {row.consumer[1]: int(row.value or 0) for row in of(result, metric)}


# --- the clock ------------------------------------------------------------------------------------

def close_to(found, expected, share, slack):
    return abs(found - expected) <= expected * share + slack


def run_on_time(*args, **settings):
    """
    A run whose agent was not held up between reading the energy and the weights, which makes the
    shares less exact, as it says. On a busy machine one of several. Returns it, and how much time
    was stolen meanwhile at most.
    """
    for _ in range(10):
        stolen = stolen_ns()
        result = run(*args, **settings)
        stolen = stolen_ns() + TICK_NS - stolen
        if "the agent was held up" not in result.stderr:
            break
    return result, stolen


def check_clock(name, result, stolen, share, slack_ns):
    """A watt for each CPU: the tree's joules are its CPU time, but for what was stolen from it."""
    joules = CPUS * sum(by_process(result, CPUS * 1e-9).values())
    clocks = sum(last_values(result, TASK_CLOCK).values())
    check(f"{name}: nanojoules of {clocks} ns of CPU time",
          close_to(joules - stolen / 2, clocks, share, slack_ns + stolen / 2),
          f"{joules}, at most {stolen} ns were stolen\n{result.stderr}")
