# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Machines with energy counters, laid out below a folder, and runs of the agent that read them there.
"""

import contextlib
import os
import pathlib
import struct
import subprocess

from lib import AGENT, Run, folder, text  # of tests/integration, which is in its scripts' path

METRIC = "rapl_consumed_energy_J"
RANGE = 262143328850
POWERCAP = "sys/class/powercap"
PMU = "sys/bus/event_source/devices/power"


class Machine:
    """A machine laid out below a folder."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def write(self, file, content):
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
        return path

    def zone(self, zone, name, energy_uj, range_uj=RANGE):
        self.write(f"{POWERCAP}/{zone}/name", name)
        self.write(f"{POWERCAP}/{zone}/max_energy_range_uj", range_uj)
        self.write(f"{POWERCAP}/{zone}/energy_uj", energy_uj)

    def energy(self, zone):
        return self.path / POWERCAP / zone / "energy_uj"

    def pmu(self, cpumask, **scales):
        """perf's PMU, of the software PMU's cpu-clock: a scale of 1e-9 is one watt."""
        self.write(f"{PMU}/type", 1)
        self.write(f"{PMU}/cpumask", cpumask)
        for event, scale in scales.items():
            self.write(f"{PMU}/events/energy-{event}", "config=0x0")
            self.write(f"{PMU}/events/energy-{event}.scale", scale)
            self.write(f"{PMU}/events/energy-{event}.unit", "Joules")

    def cpu(self, cpu, package, die=0):
        topology = f"sys/devices/system/cpu/cpu{cpu}/topology"
        self.write(f"{topology}/physical_package_id", package)
        self.write(f"{topology}/die_id", die)
        self.write(f"{topology}/thread_siblings_list", cpu)

    def cpuinfo(self, vendor, family, model, flags="fpu"):
        self.write("proc/cpuinfo", f"processor\t: 0\nvendor_id\t: {vendor}\n"
                   f"cpu family\t: {family}\nmodel\t\t: {model}\nflags\t\t: {flags}\n")

    def msr(self, cpu, registers):
        path = self.path / f"dev/cpu/{cpu}/msr"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            for address, value in registers.items():
                file.seek(address)
                file.write(struct.pack("<Q", value))
        return path


@contextlib.contextmanager
def machine():
    with folder() as path:
        yield Machine(path)


def setting(key, value):
    return ["--config-override", f"plugins.rapl.{key}={value}"]


def run(laid_out, script, *options, backend="auto", env=None):
    """Run a shell script under the agent, which reads its counters below the laid-out root."""
    args = [AGENT, *setting("sysroot", f"'{laid_out.path}'"), *setting("backend", f"'{backend}'"),
            *options, "--plugins", "rapl,csv", "-o", "out.csv", "exec", "--", "sh", "-c", script]
    with folder() as cwd:
        done = subprocess.run(args, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, env={**os.environ, **(env or {})})
        out = cwd / "out.csv"
        return Run(done.returncode, text(done.stdout), text(done.stderr),
                   out.read_bytes() if out.is_file() else None)
