#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Energy of processes, proved without RAPL: the energy counter of a laid-out machine is an event of
the real kernel, so that what each process used is known from elsewhere.
"""

import collections
import os
import subprocess

from lib import (AGENT, BUILD, PAGE_FAULTS, ROOT, TASK_CLOCK, check, check_equal, folder, main,
                 skip)
from energy_runs import (  # tests/ is in the path by lib
    CHILDREN, CPUS, FAULTS, SHARE, SPIN, by_process, check_sums, close_to, last_values, lay_out, of,
    part, run, run_on_time, units)
from proc_stat import STAT, idle_of


# --- constant watts -------------------------------------------------------------------------------

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


# --- weights --------------------------------------------------------------------------------------

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


# --- energy is page faults, and so is the weight --------------------------------------------------

TOUCHES = ("import mmap, os; n = {n} * mmap.PAGESIZE; m = mmap.mmap(-1, n); "
           "[m.__setitem__(i, 1) for i in range(0, n, mmap.PAGESIZE)]")


def faults_and_joules():
    with folder() as path:
        m = lay_out(path, list(range(CPUS)), FAULTS, "1")
        script = ("for i in 1 2 3; do python3 -c '" + TOUCHES.format(n=9000) + "' & "
                  "for j in 1 2 3 4 5 6 7 8; do /bin/true; done; done; wait")
        result = run(m, script, weight="'page-faults'", idle="'none'")
        check_equal("faults: status", result.status, 0)
        check_sums("faults", result, 1)
        joules, faults = by_process(result, 1), last_values(result, PAGE_FAULTS)
        return {pid: (count, joules[pid]) for pid, count in faults.items()}


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


# --- settings and what is documented --------------------------------------------------------------

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


def the_model_is_documented():
    """The tables of docs/energy.md are those that the model prints."""
    documented = (ROOT / "docs/energy.md").read_text()
    for arguments in ([], ["methods"]):
        table = subprocess.run([BUILD / "tests/tools/energy_model", *arguments], check=True,
                               capture_output=True, text=True, timeout=300).stdout
        check(f"model {arguments}: as documented", table and table in documented, table)


if __name__ == "__main__":
    main(one_watt, without_counters, without_a_list_of_cpus, two_to_one, two_packages,
         each_has_its_own_faults, a_second_life_is_told_apart, mistakes,
         alumets_formula_names_the_metric, the_model_is_documented)
