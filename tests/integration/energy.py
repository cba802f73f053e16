#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Energy of processes, proved without RAPL: the energy counter of a laid-out machine is an event of
the real kernel, so that what each process used is known from elsewhere.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import time

from lib import (AGENT, BUILD, HELPERS, ROOT, Run, check, check_equal, folder, main, skip, text,
                 wait_until)
from rapl_machine import Machine

ENERGY = "rapl_consumed_energy_J"
SHARE = "attributed_energy_J"
SUMMARY_ENERGY = "attributed-energy"
FAULTS = "perf_software_PAGE_FAULTS"
TASK_CLOCK = "perf_software_TASK_CLOCK"
CPUS = os.cpu_count()

# As types of perf's PMU of the kernel: a watt on the software clock, a joule for each page fault.
CLOCK, PAGE_FAULTS = 0, 2


def lay_out(path, packages, config=CLOCK, scale="1e-9"):
    """A machine whose counter of each package counts a software event of its first CPU."""
    m = Machine(path)
    m.write("sys/devices/system/cpu/possible", f"0-{CPUS - 1}")
    for cpu in range(CPUS):
        m.cpu(cpu, packages[cpu])
    firsts = [packages.index(p) for p in sorted(set(packages))]
    m.pmu(",".join(str(cpu) for cpu in firsts), pkg=scale)
    m.write("sys/bus/event_source/devices/power/events/energy-pkg", f"config={config:#x}")
    return m


def run(m, script, *options, events="page-faults", cpus=None, **settings):
    """
    Run a shell script under the agent, both on these CPUs; settings of the attribution, TOML
    values.
    """
    args = [AGENT, "--config-override", f"plugins.rapl.sysroot='{m.path}'",
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


# --- proof 1: constant watts ----------------------------------------------------------------------

# What the machine has been doing so far; the first line is all CPUs.
STAT = "head -1 /proc/stat"

CHILDREN = ("for i in 1 2 3 4 5 6 7 8; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); "
            "done'; done")


def one_watt():
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        for options in (["-I", "100"], ["-I", "20"], []):
            result = run(m, f"{STAT}; {CHILDREN}; sleep 0.1; {STAT}", *options)
            check_equal("one watt: status", result.status, 0)
            check_sums(f"one watt, {options}", result, 1e-9)
            processes = by_process(result, 1e-9)
            check(f"one watt, {options}: each process has its share", len(processes) >= 9,
                  lambda p=processes: str(p))
            # Others may have kept all CPUs busy.
            first, last = result.stdout.splitlines()
            check(f"one watt, {options}: idleness has one",
                  part(result, 1e-9, "idle") > 0 or idle_of(first) == idle_of(last),
                  lambda r=result: f"{r.stdout}{of(r, SHARE)}")


# --- proof 2: weights -----------------------------------------------------------------------------

SPIN = "i=0; while [ $i -lt {n} ]; do i=$((i+1)); done"


def last_values(result, metric):
    return {row.consumer[1]: int(row.value or 0) for row in of(result, metric)}


def close_to(found, expected, share, slack):
    return abs(found - expected) <= expected * share + slack


TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def idle_of(line):
    """Nanoseconds of idleness, and of waiting for disks, in a line of /proc/stat."""
    return sum(int(line.split()[i]) for i in (4, 5)) * TICK_NS


def machine_stat():
    with open("/proc/stat") as stat:
        return stat.readline()


def stolen_ns():
    """What the hypervisor took of all CPUs so far: part of a slice's time, but no CPU time."""
    return int(machine_stat().split()[8]) * TICK_NS


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


def two_to_one():
    """
    By CPU time, with what is idle taken off by time, each watt of a 1 W CPU is a busy second: the
    joules of a process are its CPU time, which the kernel keeps by itself.
    """
    with folder() as path:
        m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
        script = (f"sh -c '{SPIN.format(n=100000)}' & sh -c '{SPIN.format(n=50000)}' & wait")
        result, stolen = run_on_time(m, script, events="task-clock", weight="'cpu-time'",
                                     cpus={0})
        check_sums("two to one", result, CPUS * 1e-9)
        joules = {pid: counts * CPUS for pid, counts in by_process(result, CPUS * 1e-9).items()}
        clocks = last_values(result, TASK_CLOCK)
        check("two to one: who has energy is who ran", set(joules) <= set(clocks),
              lambda: f"{joules} {clocks}")
        for pid, clock in clocks.items():
            check(f"two to one: nanojoules of a process of {clock} ns of CPU time",
                  close_to(joules.get(pid, 0) - stolen / 2, clock, 0.03,
                           2_000_000 + stolen / 2),
                  lambda pid=pid: f"{joules.get(pid, 0)}, {stolen} ns were stolen")
        long, short = sorted(clocks.values())[-1], sorted(clocks.values())[-2]
        check("two to one: it was", 1.4 < long / short < 2.6, f"{long} to {short}")


def two_packages():
    if CPUS < 2:
        skip("two packages", "this machine has one CPU")
        return
    with folder() as path:
        m = lay_out(path, list(range(CPUS)))
        result = run(m, f"sh -c '{SPIN.format(n=60000)}'; "
                        f"taskset -c 1 sh -c '{SPIN.format(n=300000)}'; true", cpus={0})
        check_sums("two packages", result, 1e-9)
        first = by_process(result, 1e-9, ("package", "cpu_package", 0))
        second = by_process(result, 1e-9, ("package", "cpu_package", 1))
        # In the order of their creation; pids come round.
        root, there, elsewhere = (life.pid for life in result.lives)
        check_equal("two packages: who never ran on the second has nothing of it",
                    (second[root], second[there]), (0, 0))
        check("two packages: nor has the other much of the first",
              second[elsewhere] > 20 * first[elsewhere], lambda: f"{first} {second}")


# --- proof 3: energy is page faults, and so is the weight -----------------------------------------

TOUCHES = ("import mmap, os; n = {n} * mmap.PAGESIZE; m = mmap.mmap(-1, n); "
           "[m.__setitem__(i, 1) for i in range(0, n, mmap.PAGESIZE)]")


def faults_and_joules():
    with folder() as path:
        m = lay_out(path, list(range(CPUS)), PAGE_FAULTS, "1")
        script = ("for i in 1 2 3; do python3 -c '" + TOUCHES.format(n=9000) + "' & "
                  "for j in 1 2 3 4 5 6 7 8; do /bin/true; done; done; wait")
        result = run(m, script, weight="'page-faults'", idle="'none'")
        check_equal("faults: status", result.status, 0)
        check_sums("faults", result, 1)
        joules = by_process(result, 1)
        return {pid: (count, joules[pid]) for pid, count in last_values(result, FAULTS).items()}


def each_has_its_own_faults():
    """
    A joule for each page fault, shared by page faults: a process has as many as it made. Not where
    others keep the agent from a CPU just when it has read the energy, and not the weights: then
    once more.
    """
    for _ in range(5):
        found = faults_and_joules()
        wrong = {
            pid: pair
            for pid, pair in found.items() if not close_to(pair[1], pair[0], 0.02, 8)}
        if not wrong:
            break
    check("faults: joules of each process are its faults", found and not wrong, lambda: str(wrong))


# --- proof 7: the model machine -------------------------------------------------------------------

def without_counters():
    """Silent where nobody switched the plugin on, a warning where it is enabled, an error by name.
    """
    message = "energy-attribution: no energy counter is read"

    def run_with(*options):
        return subprocess.run([AGENT, "--config-override", f'plugins.rapl.sysroot = "{empty}"',
                               "--summary=none", "-o", "/dev/null", *options, "exec", "true"],
                              capture_output=True, text=True, timeout=60, cwd=empty)

    with folder() as empty:
        result = run_with()
        check("no counters: the run is made, without a word of the attribution",
              result.returncode == 0 and message not in result.stderr, result)
        result = run_with("--config-override", "plugins.energy-attribution.enabled = true")
        check("no counters, enabled: a warning",
              result.returncode == 0 and f"warning: {message}" in result.stderr, result)
        result = run_with("--plugins", "energy-attribution,perf,csv")
        check("no counters, requested: an error",
              result.returncode == 125 and f"alumet-agent: {message}" in result.stderr, result)


def without_a_list_of_cpus():
    """There are counters: a warning, unless the plugin is requested."""
    message = "energy-attribution: the CPUs below"
    with folder() as path, folder() as empty:
        m = lay_out(path, [0] * CPUS)
        for options, status, start in (((), 0, "alumet-agent: warning: "),
                                       (("--plugins", "rapl,perf,csv,energy-attribution"), 125,
                                        "alumet-agent: ")):
            result = subprocess.run([
                AGENT, "--config-override", f"plugins.rapl.sysroot='{m.path}'", "--config-override",
                f"plugins.energy-attribution.sysroot='{empty}'", "--summary=none", "-o",
                "/dev/null", *options, "exec", "true"], capture_output=True, text=True, timeout=60,
                                    check=False, cwd=path)
            check(f"no list of CPUs, {options}: status {status}, {start}",
                  result.returncode == status and start + message in result.stderr, result)


def the_model_is_documented():
    """The tables of docs/energy.md are those that the model prints."""
    documented = (ROOT / "docs/energy.md").read_text()
    for arguments in ([], ["methods"]):
        table = subprocess.run([BUILD / "tests/tools/energy_model", *arguments], check=True,
                               capture_output=True, text=True, timeout=300).stdout
        check(f"model {arguments}: as documented", table and table in documented, table)


# --- bad input ------------------------------------------------------------------------------------

def mistakes():
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        for key, value, phrase in (
                ("weight", "'no-such-event'", "no-such-event"),
                ("idle_watts", "'package=-1'", "watts are a number"),
                ("smt_yield", "3", "from 1 to 2"),
                ("price_interval", "'1ms'", "from 5ms to 10s"),
                ("carbon_intensity", "'Atlantis'", "country"),
                ("formulas.x.expr", "'a + b'", "not energy × usage")):
            result = run(m, "true", **{key: value})
            check(f"mistake in {key}: status and message",
                  result.status == 125 and phrase in result.stderr,
                  lambda r=result: f"{r.status}: {r.stderr}")
        # A weight that this kernel keeps for tasks alone, or cannot count: CPU time takes its
        # place.
        result = run(m, "true", weight="'context-switches'")
        check("weight that is no perf event: a warning, and CPU time",
              result.status == 0 and "CPU time" in result.stderr and of(result, SHARE),
              lambda: result.stderr)
        other = m.write("calibration", "alumet-agent idle power 1\nmachine another\n"
                                       "measured 2026-11-26\nidle package.0=0.1")
        result = run(m, "true", calibration=f"'{other}'")
        check("calibration of another machine: refused",
              result.status == 0 and "another machine" in result.stderr, lambda: result.stderr)


def calibrate_measures_one_watt():
    """A package whose counter counts a watt, and CPUs that do nothing in the laid-out machine."""
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        m.write("proc/stat", "cpu  10 0 0 100 0 0 0 0 0 0")
        file = m.path / "new-folder/calibration"

        def calibrate(**settings):
            args = [AGENT, "--config-override", f"plugins.rapl.sysroot='{m.path}'"]
            for key, value in {"sysroot": m.path, "calibration": file, **settings}.items():
                args += ["--config-override", f"plugins.energy-attribution.{key}='{value}'"]
            return subprocess.run([*args, "calibrate"], cwd=path, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=120)

        done = calibrate()
        stored = file.read_text() if file.is_file() else ""
        watts = re.search(r"^idle package\.0=([\d.]+)$", stored, re.MULTILINE)
        check("calibrate: one watt of package 0, and nothing else",
              done.returncode == 0 and watts and abs(float(watts[1]) - 1) < 0.02
              and re.search(r"^package of package 0: (1\.0|0\.9)\d W$", done.stdout, re.MULTILINE),
              lambda: f"{done.returncode}: {done.stdout}{done.stderr}{stored}")
        result = run(m, "true", idle="'auto'", calibration=f"'{file}'")
        check("calibrate: a run on this machine uses it",
              result.status == 0 and any(b"measured on" in row.attributes.get("method", b"")
                                         for row in of(result, SHARE)),
              lambda: f"{result.stderr}\n{of(result, SHARE)}")

        (path / "taken").mkdir()
        done = calibrate(calibration=path / "taken")
        check("calibrate: a file that cannot be written is refused before anything is measured",
              done.returncode == 125 and f"cannot write {path}/taken" in done.stderr
              and "measuring" not in done.stderr, lambda: done.stderr)

        m.write("proc/stat", "intr 1")
        done = calibrate()
        check("calibrate: a machine that does not say how busy it is: an error that says so",
              done.returncode == 125 and "proc/stat" in done.stderr, lambda: done.stderr)
    with folder() as path:
        m = Machine(path)
        m.write("sys/devices/system/cpu/possible", "0")
        m.write("proc/stat", "cpu  10 0 0 100 0 0 0 0 0 0")
        file = path / "calibration"
        done = calibrate()
        check("calibrate: without energy counters an error, and no file",
              done.returncode == 125 and done.stderr and not file.exists(), lambda: done.stderr)


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
            m = Machine(path)
            m.write("sys/devices/system/cpu/possible", f"0-{CPUS - 1}")
            for cpu in range(CPUS):
                m.cpu(cpu, 0)
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


def a_cpu_goes_away():
    """Offline and online again in the middle of a run, by the command itself: while it computes
    there, and idle."""
    switch = f"/sys/devices/system/cpu/cpu{CPUS - 1}/online"
    if CPUS < 2 or not os.access(switch, os.W_OK):
        return skip("energy while a CPU goes away", f"{switch} is not there, or may not be written")
    spin = SPIN.format(n=40000)
    toggle = f"{spin}; echo 0 > {switch}; {spin}; echo 1 > {switch}; {spin}"
    elsewhere = f"sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done' & "
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


# --- other machines, and an agent that was stopped ------------------------------------------------

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
            result = run(m, SPIN.format(n=60000), weight="'cpu-time'", cpus={0})
            check_equal(f"{name} laid out: status", result.status, 0)
            check_sums(f"{name} laid out", result, 1e-9)
            check(f"{name} laid out: the command has its share", by_process(result, 1e-9),
                  lambda r=result: str(of(r, SHARE)))


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


# --- what is idle ---------------------------------------------------------------------------------

def idle_by_time_is_the_kernels():
    """
    A watt for each CPU, and a command that computes and sleeps: what is idle is the time that the
    kernel has counted as idle, whoever else ran, and in the time that they ran nothing is.
    """
    script = (f"{STAT}; {SPIN.format(n=100000)}; sleep 0.4; {SPIN.format(n=100000)}; sleep 0.1; "
              f"{STAT}")
    with folder() as path:
        m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
        # Where the agent had to wait for a CPU between two readings: several attempts, as above.
        for _ in range(5):
            before, stolen = idle_of(machine_stat()), stolen_ns()
            result = run(m, script, weight="'cpu-time'")
            outside = idle_of(machine_stat()) - before
            stolen = stolen_ns() + TICK_NS - stolen
            first, last = result.stdout.splitlines()
            inside = idle_of(last) - idle_of(first)
            joules = CPUS * part(result, CPUS * 1e-9, "idle")
            # What the agent measures is longer than what the command sees, and shorter than the
            # test's. The kernel's sums are brought up to date at each CPU's own ticks, and told in
            # hundredths. Stolen time is no time of a task, and may be taken for idleness.
            slack = CPUS * 2 * TICK_NS
            good = inside * 0.97 - slack <= joules <= outside * 1.03 + slack + stolen
            if good:
                break
        check_sums("idle by time", result, CPUS * 1e-9)
        check(f"idle by time: nanojoules of {inside} to {outside} ns", good,
              f"{joules}, {stolen} stolen at most\n{result.stderr}")


def idle_watts_are_taken_off():
    """Of one watt a quarter is idle, as configured, whatever runs."""
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, SPIN.format(n=60000), idle_watts="'package=0.25'", carbon_intensity="3600")
        check_sums("idle watts", result, 1e-9)
        total = sum(units(row.value, 1e-9) for row in of(result, ENERGY))
        check("idle watts: a quarter", close_to(part(result, 1e-9, "idle"), total / 4, 0.02, 1e6),
              lambda: f"{part(result, 1e-9, 'idle')} of {total}")
        grams = sum(float(row.value) for row in result.rows
                    if row.metric == "carbon_emission_gCO₂")
        check("carbon: 3600 g/kWh are a gram for each kJ",
              close_to(grams, total * 1e-9 / 1000, 1e-6, 0), lambda: f"{grams} of {total}")


def watts_of_a_package_that_is_not_there():
    """They are not used, and the method does not say that they are."""
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, SPIN.format(n=60000), idle_watts="'package.7=0.25'")
        methods = [row.attributes["method"].decode() for row in of(result, SHARE)
                   if "method" in row.attributes]
        check("watts of another package: idle by time, and said so",
              methods and all("idle by time" in method for method in methods), str(methods))


def alumets_formula_names_the_metric():
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        formula = (
            "plugins.energy-attribution.formulas.attributed_energy_cpu={expr='e * u / 100.0',"
            "ref='e',per_resource={e={metric='rapl_consumed_energy'}},"
            "per_consumer={u={metric='cpu_percent'}}}")
        result = run(m, "true", "--config-override", formula)
        check("Alumet's formula: rows of its name", of(result, "attributed_energy_cpu_J"),
              lambda: result.stderr)


# --- what the summary tells -----------------------------------------------------------------------

def the_summary_adds_up():
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, CHILDREN, "--config-override", "plugins.summary.mode='json'",
                     idle_watts="'package=0.25'")
        summary = json.loads(result.stderr[result.stderr.index("{"):])
        figures = {figure["label"]: figure for figure in summary["figures"]}
        joules = {label: units(figure["value"], 1e-9) for label, figure in figures.items()}
        check_equal("summary: what no process has",
                    (joules["others"], joules["idle"]),
                    (part(result, 1e-9, "other"), part(result, 1e-9, "idle")))
        check_equal("summary: the total is the counter's", joules["total"],
                    sum(units(row.value, 1e-9) for row in of(result, ENERGY)))
        tree = units(summary["totals"]["attributed-energy"], 1e-9)
        check_equal("summary: the tree's is that of the rows", tree,
                    sum(by_process(result, 1e-9).values()))
        check_equal("summary: tree, others and idle are the total",
                    tree + joules["others"] + joules["idle"], joules["total"])
        check("summary: the method is named",
              "; idle 0.25 W as configured; ±" in figures["total"]["note"], str(figures))
        root = summary["tree"][0]
        own = units(root["own"]["attributed-energy"], 1e-9)
        check("summary: the root's own energy is not that of its children", 0 < own < tree / 2,
              f"{own} of {tree}")
        for mode in ("full", "markdown"):
            text_of = run(m, CHILDREN, "--config-override", f"plugins.summary.mode='{mode}'").stderr
            check(f"summary, {mode}: its parts and the method",
                  all(word in text_of for word in ("others", "idle", "total", "mJ", "own mJ",
                                                   "idle by time")), text_of)


# --- two lives of a pid ---------------------------------------------------------------------------

TWO_LIVES = '''
import os
def spin():
    pid = os.fork()
    if not pid:
        for i in range(400000): pass
        os._exit(0)
    os.waitpid(pid, 0)
    return pid
first = spin()
for _ in range(500):  # others may take the pid
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(first - 1))
    if spin() == first: break
print(first)
'''


def a_second_life_is_told_apart():
    if not os.access("/proc/sys/kernel/ns_last_pid", os.W_OK):
        skip("two lives of a pid", "this kernel does not let a pid be chosen")
        return
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        script = m.write("two_lives.py", TWO_LIVES)
        result = run(m, f"exec python3 {script}")
        pid = int(result.stdout)
        check_sums("two lives", result, 1e-9)
        joules = collections.Counter()
        for row in of(result, SHARE):
            if row.consumer == ("process", pid):
                joules[row.attributes.get("life")] += units(row.value, 1e-9)
        check("two lives: each has its energy", joules[None] > 0 and joules[b"2"] > 0,
              lambda: f"{joules} of {pid}")


# --- proof 6: a counter that is refreshed every millisecond ---------------------------------------

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
        m = Machine(path)
        m.write("sys/devices/system/cpu/possible", f"0-{CPUS - 1}")
        for cpu in range(CPUS):
            m.cpu(cpu, 0)
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


# --- the summary ----------------------------------------------------------------------------------

def summary_has_the_rows_joules():
    """A shell and two children: own and inclusive energy of each are sums of the file's rows."""
    script = "; ".join(f"sh -c '{SPIN.format(n=n)}'" for n in (60000, 30000)) + "; true"
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, script, "--summary=json", events="task-clock")
        rows = by_process(result, 1e-9)
        found = json.loads(result.stderr)
        shell = found["tree"][0]
        nodes = [shell, *shell["children"]]
        check_equal("JSON: what sorts", found["sorted_by"], SUMMARY_ENERGY)
        check_equal("JSON: own nanojoules of each process",
                    sorted(round(node["own"][SUMMARY_ENERGY] * 1e9) for node in nodes),
                    sorted(rows.values()))
        check_equal("JSON: inclusive nanojoules of the shell and of the run",
                    [round(values[SUMMARY_ENERGY] * 1e9)
                     for values in (shell["inclusive"], found["totals"])], [rows.total()] * 2)
        check_equal("JSON: nanojoules of the costliest processes",
                    {entry["pid"]: round(entry["values"][SUMMARY_ENERGY] * 1e9)
                     for entry in found["costliest"]}, dict(rows))

        result = run(m, script, events="task-clock")
        rows = by_process(result, 1e-9)
        lines = result.stderr.splitlines()
        heading = next((i for i, line in enumerate(lines) if "  own mJ  " in line), None)
        check("table: columns of joules", heading is not None, result.stderr)
        if heading is None:
            return
        place, own_place = (re.search(rf"  {name}(?=  )", lines[heading]).end()
                            for name in ("mJ", "own mJ"))
        table = [(float(line[:place].split()[-1]), float(line[:own_place].split()[-1]))
                 for line in lines[heading + 1:heading + 4]]
        own = sorted(rows.values(), reverse=True)
        expected = [(rows.total(), own[2]), (own[0], own[0]), (own[1], own[1])]
        check("table: inclusive and own millijoules", all(
            abs(shown * 1e6 - exact) <= 50_001 for pair in zip(table, expected)
            for shown, exact in zip(*pair)), f"{table} {expected}\n{result.stderr}")


if __name__ == "__main__":
    main(one_watt, without_counters, without_a_list_of_cpus, two_to_one, two_packages,
         each_has_its_own_faults, a_short_job_has_its_energy, idle_watts_are_taken_off,
         watts_of_a_package_that_is_not_there, the_summary_adds_up, summary_has_the_rows_joules,
         a_second_life_is_told_apart, alumets_formula_names_the_metric, mistakes,
         calibrate_measures_one_watt, counters_misbehave, a_cpu_goes_away,
         idle_by_time_is_the_kernels, more_or_fewer_cpus_are_laid_out,
         a_stopped_agent_loses_nothing, the_model_is_documented)
