#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What of the energy is idle: by the idle time that the kernel has counted, by configured watts, and
by those that `alumet-agent calibrate` has measured.
"""

import re
import subprocess

from lib import AGENT, check, folder, main
from energy_runs import (  # tests/ is in the path by lib
    CPUS, ENERGY, SHARE, SPIN, check_sums, close_to, lay_out, of, part, run, units)
from proc_stat import STAT, TICK_NS, idle_of, machine_stat, stolen_ns
from rapl_machine import Machine


def idle_by_time_is_the_kernels():
    """
    A watt for each CPU, and a command that computes and sleeps: what is idle is the time that the
    kernel has counted as idle, whoever else ran, and in the time that they ran nothing is.
    """
    script = (f"{STAT}; {SPIN.format(n=100000)}; sleep 0.4; {SPIN.format(n=100000)}; sleep 0.1; "
              f"{STAT}")
    with folder() as path:
        m = lay_out(path, [0] * CPUS, scale=f"{CPUS}e-9")
        # Several attempts, as run_on_time(): the agent may have to wait for a CPU between readings.
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


if __name__ == "__main__":
    main(idle_by_time_is_the_kernels, idle_watts_are_taken_off,
         watts_of_a_package_that_is_not_there, calibrate_measures_one_watt)
