# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Running one command once, bare or under a tool, and what it cost. Times are milliseconds.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("O", "build")
AGENT = os.environ.get("AGENT") or str(BUILD / "alumet-agent")
MEASURE = str(BUILD / "tools" / "bench" / "measure")
WORKLOAD = str(BUILD / "tools" / "bench" / "workload")

# make's own variables would make a make that is measured wait for the other's job slots.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")}

# execsnoop tells nobody when its programs are attached.
EXECSNOOP_START_S = 0.7


@dataclasses.dataclass
class Run:
    """One run, and for the agent what the kernel says of it (see measure.c)."""
    wall: float
    cpu: float
    own_cpu: float = 0
    own_peak_kb: int = 0
    peak_kb: int = 0
    programs: dict = dataclasses.field(default_factory=dict)  # name: (runs, ns)
    stderr: str = ""


class Failed(Exception):
    """A command that did not end with 0: its time says nothing."""


def parse(text, stderr):
    run = Run(0, 0, stderr=stderr)
    for line in text.splitlines():
        name, *values = line.split()
        if name == "bpf" and len(values) == 3 and values[0] not in run.programs:
            run.programs[values[0]] = (int(values[1]), int(values[2]))
        elif name in ("own_peak_kb", "peak_kb"):
            setattr(run, name, int(values[0]))
        elif name.endswith("_ns"):
            setattr(run, name[:-3], int(values[0]) / 1e6)
    return run


def measure(command, folder, of_agent=False):
    """Run the command once. Returns its Run; raises Failed."""
    result = folder / "measured"
    arguments = [MEASURE, *(["-a"] if of_agent else []), str(result), *command]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=ENVIRONMENT, check=False)
    stderr = done.stderr.decode(errors="replace")
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit status {done.returncode}\n{stderr}")
    return parse(result.read_text(), stderr)


# --- tools ---------------------------------------------------------------------------------------


def bare(command, events, folder):
    return command


# Behind the events: energy is attributed, of a counter that is the software clock.
WITH_ENERGY = " with energy"


def energy(folder):
    """Options for a machine that is laid out with an energy counter."""
    power = folder / "root/sys/bus/event_source/devices/power"
    cpus = folder / "root/sys/devices/system/cpu"
    for path, content in ((power / "type", "1"), (power / "cpumask", "0"),
                          (power / "events/energy-pkg", "config=0x0"),
                          (power / "events/energy-pkg.scale", "1e-9"),
                          (power / "events/energy-pkg.unit", "Joules"),
                          (cpus / "possible", f"0-{os.cpu_count() - 1}")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content + "\n")
    options = []
    for plugin in ("rapl", "energy-attribution"):
        options += ["--config-override", f"plugins.{plugin}.sysroot='{folder / 'root'}'"]
    return ["--plugins", "rapl,energy-attribution,perf,csv", *options]


def agent(command, events, folder):
    if events.endswith(WITH_ENERGY):
        events = events.removesuffix(WITH_ENERGY)
        return [AGENT, "--summary=none", *energy(folder), "-e", events,
                "-o", str(folder / "out.csv"), "exec", "--", *command]
    return [AGENT, "--summary=none", "--plugins", "perf,csv", "-e", events,
            "-o", str(folder / "out.csv"), "exec", "--", *command]


def perf(command, events, folder):
    return ["perf", "stat", "-x", ",", "-o", str(folder / "perf"), "-e", events, "--", *command]


def strace(command, events, folder):
    return ["strace", "-f", "-qq", "-o", str(folder / "strace"), "--", *command]


def agent_with_energy(command, events, folder):
    return agent(command, events + WITH_ENERGY, folder)


# "bare again" is the A/A comparison: how far two runs of the same thing are from each other.
def agent_with_profile(command, events, folder):
    return [*agent([], events, folder)[:-1], "--profile", "--", *command]


TOOLS = {"bare": bare, "bare again": bare, "agent": agent, "agent, energy": agent_with_energy,
         "agent, profile": agent_with_profile,
         "perf stat": perf, "execsnoop": bare, "strace -f": strace}

PROGRAMS = {"perf stat": "perf", "execsnoop": "execsnoop", "strace -f": "strace"}


def is_there(tool):
    return tool not in PROGRAMS or shutil.which(PROGRAMS[tool]) is not None


@contextlib.contextmanager
def beside(tool):
    """execsnoop watches the whole machine: it runs beside the command, not around it."""
    if tool != "execsnoop":
        yield
        return
    with subprocess.Popen(["execsnoop"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        time.sleep(EXECSNOOP_START_S)
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)


def run(tool, command, events, folder, of_agent=False):
    with beside(tool):
        return measure(TOOLS[tool](command, events, folder), folder, of_agent)


def run_outside(command, events, folder):
    """The agent's run while the command runs, but not as part of its tree: that is a waiting cat.
    """
    result, rows = folder / "measured", folder / "out.csv"
    rows.unlink(missing_ok=True)
    with subprocess.Popen([MEASURE, "-a", str(result), *agent(["cat"], events, folder)],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        while not rows.exists() and process.poll() is None:
            time.sleep(0.01)
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        stderr = process.communicate()[1].decode(errors="replace")
    if process.returncode:
        raise Failed(f"exit status {process.returncode}\n{stderr}")
    return parse(result.read_text(), stderr)


# --- what the agent wrote ------------------------------------------------------------------------


def written(folder):
    """Processes, rows and bytes of the last run's file. A process is born in one row only."""
    processes = rows = size = 0
    with open(folder / "out.csv", "rb") as lines:
        for line in lines:
            rows += 1
            size += len(line)
            processes += line.startswith(b"process_info;") and b";args=" not in line
    return processes + 1, rows - 1, size


@contextlib.contextmanager
def scratch():
    """A folder in memory where there is one: it is not the disk that is measured."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="alumet-bench-", dir=place) as name:
        yield pathlib.Path(name)


def die(why):
    sys.exit(f"bench: {why}")
