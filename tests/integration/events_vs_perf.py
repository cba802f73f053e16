#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Events are asked of the kernel as `perf stat -e NAME` asks for them: the attrs that `perf stat -vv`
prints, whether or not this machine has the event, against those of tests/tools/event_attr. For
every name that `perf list` shows here and for those that it shows on machines with hardware
counters.

Without a modifier hardware events count user space here, so they are compared with perf's NAME:u.
"""
import os
import re
import shutil
import subprocess

import lib

TOOL = str(lib.BUILD / "tests" / "tools" / "event_attr")

FIELDS = ("type", "config", "config1", "config2", "exclude_user", "exclude_kernel", "exclude_hv",
          "exclude_idle", "exclude_host", "exclude_guest")

# perf list shows these only where the CPU has them.
HARDWARE = """cpu-cycles cycles instructions cache-references cache-misses branch-instructions
branches branch-misses bus-cycles stalled-cycles-frontend idle-cycles-frontend
stalled-cycles-backend idle-cycles-backend ref-cycles""".split()
CACHE = """L1-dcache-loads L1-dcache-load-misses L1-dcache-stores L1-dcache-store-misses
L1-dcache-prefetches L1-dcache-prefetch-misses L1-icache-loads L1-icache-load-misses
L1-icache-prefetches L1-icache-prefetch-misses LLC-loads LLC-load-misses LLC-stores
LLC-store-misses LLC-prefetches LLC-prefetch-misses dTLB-loads dTLB-load-misses dTLB-stores
dTLB-store-misses dTLB-prefetches dTLB-prefetch-misses iTLB-loads iTLB-load-misses branch-loads
branch-load-misses node-loads node-load-misses node-stores node-store-misses node-prefetches
node-prefetch-misses""".split()
SOFTWARE = """alignment-faults cgroup-switches context-switches cs cpu-clock cpu-migrations
migrations emulation-faults major-faults minor-faults page-faults faults task-clock""".split()
# Written otherwise than perf list shows them; and modifiers of all kinds.
FURTHER = """LLC L2-loads l1d-read-miss Data-TLB-load-misses LLC-misses LLC-misses-load
r412e r1a2:k cycles:k cycles:uk cycles:h cycles:H cycles:G cycles:GH cycles:uG cycles:I cycles:kI
LLC-loads:k page-faults:u page-faults:k {page-faults:k,minor-faults}:u""".split()
# What the kernel keeps for each task by itself, and the software event that it is (its config).
KEPT = {"cpu-time": (0, 1), "context-switches": (3,), "cpu-migrations": (4,)}
# perf stat has them, but they count nothing of a process; the agent says so.
NOT_COUNTED = {"dummy", "bpf-output"}
# perf's own, of the whole run; here each process has them, from the kernel.
OF_EACH_PROCESS = {"duration_time": "process_wall_time", "user_time": "process_user_time",
                   "system_time": "process_system_time"}


def compared():
    """Since 6.13 perf excludes guests only if that is asked for; the agent does as before."""
    version = subprocess.run(["perf", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)\.(\d+)", version.stdout)
    is_new = number and (int(number[1]), int(number[2])) >= (6, 13)
    return [name for name in FIELDS if not (is_new and name == "exclude_guest")]


def blocks(text):
    """The attrs in a text, each a tuple of FIELDS."""
    attrs = []
    for block in re.split(r"^perf_event_attr:\n", text, flags=re.M)[1:]:
        values = dict.fromkeys(FIELDS, 0)
        # Since 6.12 perf has the names of numbers behind them: "type   1 (software)".
        for name, value in re.findall(r"^  (\w+) +(0x[0-9a-f]+|\d+)(?: \(.*\))?$",
                                      block.split("---")[0], re.M):
            if name in values:
                values[name] = int(value, 0)
        attrs.append(tuple(values[name] for name in FIELDS))
    return attrs


def of_perf(event):
    """perf's last attr for each type and config: the earlier ones were refused."""
    run = subprocess.run(["perf", "stat", "-vv", "-e", event, "true"], stderr=subprocess.PIPE,
                         stdout=subprocess.DEVNULL, text=True, errors="replace", check=False)
    last = {}
    for attr in blocks(run.stderr):
        last[attr[:4]] = attr
    return sorted(last.values()), run.stderr


def of_agent(event):
    run = subprocess.run([TOOL, event], capture_output=True, text=True, check=False)
    origins = re.findall(r"^  origin (\S+)$", run.stdout, re.M)
    return sorted(set(blocks(run.stdout))), origins, run.stderr


def metric_of_agent(event):
    run = subprocess.run([TOOL, event], capture_output=True, text=True, check=False)
    return re.search(r"^  metric (\S+)$", run.stdout, re.M)[1]


def differences(ours, perf):
    if len(ours) != len(perf):
        return f"{len(ours)} attrs, perf has {len(perf)}: {ours} {perf}"
    return ", ".join(f"{name} is {a:#x}, perf has {b:#x}"
                     for one, other in zip(ours, perf)
                     for name, a, b in zip(FIELDS, one, other)
                     if a != b and name in compared())


def compare(event, perf_event):
    perf, said = of_perf(perf_event)
    ours, origins, words = of_agent(event)
    if event in NOT_COUNTED:
        good = "counts nothing" in words or "perf's own" in words
        return lib.check(f"{event} is refused", good, words)
    if event in OF_EACH_PROCESS:
        return lib.check_equal(f"{event} is kept by the kernel", (metric_of_agent(event), origins),
                               (OF_EACH_PROCESS[event], ["kernel"]))
    if not perf:
        return lib.skip(event, "perf prints no attr: " + said.strip().splitlines()[-1])
    if "several CPUs at once" in words:
        return lib.ok(f"{event} is refused: uncore")
    if origins and origins[0] in KEPT:
        good = perf[0][0] == 1 and perf[0][1] in KEPT[origins[0]]
        return lib.check(f"{event} is kept by the kernel", good,
                         f"{origins[0]}, perf has {perf}")
    why = differences(ours, perf) if ours else words.strip()
    return lib.check(event, not why, why)


def listed():
    """Names of `perf list`, with the kind that it shows behind them."""
    text = subprocess.run(["perf", "list", "--no-desc", "hw", "sw", "cache", "pmu"],
                          capture_output=True, text=True, check=False).stdout
    found = []
    for line in text.splitlines():
        match = re.match(r"  (\S.*?) +\[(.*(?:event|Event).*)\]$", line)
        # "cpu/t1=v1[,t2=v2,t3 ...]/modifier" is a pattern, no name.
        if match and "descriptor" not in match[2] and "modifier" not in match[1]:
            found += [(name, match[2]) for name in match[1].split(" OR ")]
    return found


def is_user_by_default(name, kind):
    if kind == "Kernel PMU event":
        pmu = name.split("/")[0]
        return pmu.startswith(("cpu", "armv")) or "/" not in name
    return kind.startswith(("Hardware", "Raw"))


def attrs_are_those_of_perf_stat():
    if not shutil.which("perf"):
        return lib.skip("events", "perf is not installed (linux-perf)")
    if not os.path.exists(TOOL):
        return lib.skip("events", f"{TOOL} is not built")
    if os.geteuid() != 0:
        return lib.skip("events", "perf falls back to other attrs when not root")

    done = set()
    for name, kind in listed() + [(name, "Hardware") for name in HARDWARE + CACHE] + \
            [(name, "Software") for name in SOFTWARE]:
        if name in done:
            continue
        done.add(name)
        user = is_user_by_default(name, kind)
        compare(name, name + ("u" if name.endswith("/") else ":u") if user else name)
    for event in FURTHER:
        explicit = ":" in event or event in SOFTWARE
        compare(event, event if explicit else event + ":u")
    return None


if __name__ == "__main__":
    lib.main(attrs_are_those_of_perf_stat)
