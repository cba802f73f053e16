#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Energy rows of the agent on laid-out machines. The traced command itself moves the counters, so the
sum of each domain is known to the microjoule; perf is a clock of the real kernel.
"""

import collections
import os
import shlex
import shutil
import struct
import subprocess
import time

from lib import AGENT, check, check_equal, main, skip, text
from rapl_machine import METRIC, PMU, RANGE, machine, run, setting  # tests/ is in the path by lib

DRAM_RANGE = 65712999613


def microjoules(result, with_die=False):
    """Sums of the rows: {(domain, resource kind, id[, die]): µJ}."""
    sums = collections.Counter()
    for row in result.rows:
        if row.metric != METRIC:
            continue
        key = (row.attributes["domain"].decode(), *row.resource)
        if with_die:
            key += (row.attributes["die"].decode(),)
        sums[key] += float(row.value)
    return {key: round(value * 1e6) for key, value in sums.items()}


def moves(laid_out, **zones):
    """A script that sets the zones' counters; intel_rapl_0_1 stands for intel-rapl:0:1."""
    script = []
    for zone, value in zones.items():
        parts = zone.split("_")
        name = "-".join(p for p in parts if not p.isdigit())
        numbers = [p for p in parts if p.isdigit()]
        path = laid_out.energy(":".join([name, *numbers]))
        script.append(f"echo {value} >{shlex.quote(str(path))}")
    return "; ".join(script)


# --- powercap ------------------------------------------------------------------------------------

def client():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 1000)
        m.zone("intel-rapl:0:0", "core", 2000)
        m.zone("intel-rapl:0:1", "uncore", 3000)
        m.zone("intel-rapl:1", "psys", 4000)
        result = run(m, moves(m, intel_rapl_0=10301000, intel_rapl_0_0=5002001,
                              intel_rapl_1=50310030))
        check_equal("client: status", result.status, 0)
        check_equal("client: microjoules", microjoules(result), {
            ("package", "cpu_package", 0): 10300000,
            ("pp0", "cpu_package", 0): 5000001,
            ("pp1", "cpu_package", 0): 0,
            ("platform", "local_machine", None): 50306030,
        })
        check("client: every row is of the machine",
              all(row.consumer == ("local_machine", None) for row in result.rows),
              lambda: str(result.rows))


def server():
    with machine() as m:
        for package in range(2):
            m.zone(f"intel-rapl:{package}", f"package-{package}", 10)
            m.zone(f"intel-rapl:{package}:0", "dram", 10, DRAM_RANGE)
        result = run(m, moves(m, intel_rapl_0=11, intel_rapl_0_0=30, intel_rapl_1=310,
                              intel_rapl_1_0=4010), *setting("emit_totals", "true"))
        check_equal("server: microjoules", microjoules(result), {
            ("package", "cpu_package", 0): 1,
            ("dram", "dram", 0): 20,
            ("package", "cpu_package", 1): 300,
            ("dram", "dram", 1): 4000,
            ("package_total", "local_machine", None): 301,
            ("dram_total", "local_machine", None): 4020,
        })


def dies():
    with machine() as m:
        for i in range(4):
            m.zone(f"intel-rapl:{i}", f"package-{i // 2}-die-{i % 2}", 0)
        script = moves(m, intel_rapl_0=1, intel_rapl_1=20, intel_rapl_2=300, intel_rapl_3=4000)
        check_equal("dies: summed", microjoules(run(m, script)), {
            ("package", "cpu_package", 0): 21,
            ("package", "cpu_package", 1): 4300,
        })
        for i in range(4):
            m.energy(f"intel-rapl:{i}").write_text("0\n")
        apart = run(m, script, *setting("per_die", "true"))
        check_equal("dies: told apart", microjoules(apart, with_die=True), {
            ("package", "cpu_package", 0, "0"): 1,
            ("package", "cpu_package", 0, "1"): 20,
            ("package", "cpu_package", 1, "0"): 300,
            ("package", "cpu_package", 1, "1"): 4000,
        })


def mmio_beside_msr():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 0)
        m.zone("intel-rapl-mmio:0", "package-0", 0)
        result = run(m, moves(m, intel_rapl_0=500, intel_rapl_mmio_0=501))
        check_equal("mmio beside msr: once", microjoules(result),
                    {("package", "cpu_package", 0): 500})


def wrap():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", RANGE - 250000)
        result = run(m, moves(m, intel_rapl_0=750000))
        # The register's unit of 2^-14 J lies between its largest value and 0.
        check_equal("wrap: once", microjoules(result), {("package", "cpu_package", 0): 1000061})


def many_wraps_in_a_long_interval():
    """A counter of 1 J goes round three times within one poll interval."""
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 0, 1000000)
        path = shlex.quote(str(m.energy("intel-rapl:0")))
        steps = " ".join(f"{i * 300000 % 1000001:06d}" for i in range(1, 11))
        result = run(m, f"for e in {steps}; do echo $e 1<>{path}; sleep 0.02; done")
        rows = [row for row in result.rows if row.metric == METRIC]
        check_equal("guard: microjoules", microjoules(result),
                    {("package", "cpu_package", 0): 3000000})
        check_equal("guard: one row", len(rows), 1)


def vanishing_zone():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 0)
        m.zone("intel-rapl:1", "package-1", 0)
        gone = shlex.quote(str(m.energy("intel-rapl:0").parent))
        result = run(m, f"rm -r {gone}; " + moves(m, intel_rapl_1=77))
        check_equal("vanishing zone: the others go on", microjoules(result),
                    {("package", "cpu_package", 1): 77})
        check("vanishing zone: reported", "package 0: the counter went away" in result.stderr,
              result.stderr)
        check_equal("vanishing zone: status", result.status, 0)


def garbage():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 0)
        m.zone("intel-rapl:1", "package-1", 5)
        result = run(m, moves(m, intel_rapl_0="nonsense", intel_rapl_1=105))
        check_equal("garbage: no row of it", microjoules(result),
                    {("package", "cpu_package", 1): 100})
        check("garbage: reported", "package 0: 1 reading failed" in result.stderr, result.stderr)


def backwards():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 5000000)
        result = run(m, moves(m, intel_rapl_0=3000000))
        check_equal("backwards: not added", microjoules(result), {})
        check("backwards: reported", "went backwards 1 time" in result.stderr, result.stderr)


def unreadable():
    if os.geteuid() != 0:
        return skip("unreadable", "not root: cannot run the agent as somebody else")
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 0)
        m.energy("intel-rapl:0").chmod(0o400)
        # The build folder may be one that only root may enter.
        copy = shutil.copy(AGENT, m.path / "agent")
        done = subprocess.run(
            [copy, *setting("sysroot", f"'{m.path}'"), *setting("backend", "'powercap'"),
             "--plugins", "rapl,csv", "-o", "/dev/null", "exec", "true"],
            user=65534, group=65534, extra_groups=[], capture_output=True, timeout=60, cwd="/")
        stderr = text(done.stderr)
        check_equal("unreadable: status", done.returncode, 125)
        check("unreadable: the fix is named", "CAP_DAC_READ_SEARCH" in stderr and "udev" in stderr,
              stderr)


def empty_tree():
    with machine() as m:
        result = run(m, "exit 7")
        check_equal("empty tree, asked for by name: status", result.status, 125)
        check("empty tree: what is missing", "modprobe" in result.stderr, result.stderr)
        result = run(m, "exit 7", backend="msr")
        check_equal("empty tree, backend msr: status", result.status, 125)


def tasks_of_a_node():
    """Of the tasks that a launcher has started on one node, the first writes its energy."""
    launchers = {
        "Open MPI": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", {}),
        "MPICH": ("PMI_RANK", "MPI_LOCALRANKID", {}),
        "Slurm": ("SLURM_PROCID", "SLURM_LOCALID", {"SLURM_STEP_NUM_TASKS": "4"}),
    }
    for name, (rank, local, more) in launchers.items():
        for number in ("0", "1"):
            with machine() as m:
                m.zone("intel-rapl:0", "package-0", 1)
                result = run(m, moves(m, intel_rapl_0=101),
                             env={rank: "5", local: number, **more})
                check_equal(f"{name}, local rank {number}: energy in its file", microjoules(result),
                            {("package", "cpu_package", 0): 100} if number == "0" else {})
                check_equal(f"{name}, local rank {number}: the rows say whose it is",
                            {row.attributes.get("hostname", b"").decode() for row in result.rows
                             if row.metric == METRIC},
                            {os.uname().nodename} if number == "0" else set())
                check_equal(f"{name}, local rank {number}: summary and warnings",
                            bool(result.stderr), number == "0")


def short_command():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 1)
        start = time.time_ns()
        result = run(m, moves(m, intel_rapl_0=2) + "; sleep 0.02")
        end = time.time_ns()
        check_equal("20 ms: its energy", microjoules(result),
                    {("package", "cpu_package", 0): 1})
        check("20 ms: the row is of the run",
              all(start <= row.time <= end for row in result.rows), lambda: str(result.rows))


def nothing_leaks_into_the_command():
    with machine() as m:
        m.zone("intel-rapl:0", "package-0", 1)
        result = run(m, "ls -l /proc/self/fd >&2")
        check("no descriptor of ours in the command", str(m.path) not in result.stderr,
              result.stderr)


# --- MSR -----------------------------------------------------------------------------------------

def move_registers(path, registers):
    """A shell script that writes eight bytes at each address."""
    script = []
    for address, value in registers.items():
        octal = "".join(f"\\{byte:03o}" for byte in struct.pack("<Q", value))
        script.append(f"printf '{octal}' | dd of={shlex.quote(str(path))} bs=1 seek={address} "
                      "conv=notrunc 2>/dev/null")
    return "; ".join(script)


def intel_msr():
    with machine() as m:
        m.cpuinfo("GenuineIntel", 6, 0x55)
        m.write("sys/devices/system/cpu/online", "0-1")
        script = []
        for cpu in range(2):
            m.cpu(cpu, cpu)
            path = m.msr(cpu, {0x606: 0xa0e03, 0x611: 0xffffff00, 0x619: 100, 0x639: 100})
            script.append(move_registers(path, {0x611: 0x3f00, 0x619: 100 + (65536 << cpu)}))
        result = run(m, "; ".join(script), backend="msr")
        check_equal("Intel MSR: microjoules", microjoules(result), {
            ("package", "cpu_package", 0): 1000000,  # 0x4000 of 2^-14 J, around 2^32
            ("package", "cpu_package", 1): 1000000,
            ("dram", "dram", 0): 1000000,  # 2^16 of 2^-16 J
            ("dram", "dram", 1): 2000000,
            ("pp0", "cpu_package", 0): 0,
            ("pp0", "cpu_package", 1): 0,
        })


def amd_msr():
    """
    Zen's registers 0xC0010299 to B are neighbours: in a regular file they overlap, one byte apart,
    so that a core's counter is 256 times the package's, plus the unit.
    """
    def registers(count):
        return {0xc0010299: count << 16 & 0xffffffffffffffff | 16 << 8, 0xc00102a1: 0}

    with machine() as m:
        m.cpuinfo("AuthenticAMD", 0x19, 0x11)
        m.write("sys/devices/system/cpu/online", "0-3")
        script = []
        for cpu in range(4):
            m.cpu(cpu, cpu // 2)
            path = m.msr(cpu, registers(5))
            script.append(move_registers(path, registers(5 + (65536 << cpu))))
        result = run(m, "; ".join(script), backend="msr")
        check_equal("AMD MSR: microjoules", microjoules(result), {
            ("package", "cpu_package", 0): 1000000,
            ("package", "cpu_package", 1): 4000000,
            ("pp0", "cpu_package", 0): 256 * 3000000,
            ("pp0", "cpu_package", 1): 256 * 12000000,
        })


def unknown_model():
    with machine() as m:
        m.cpuinfo("GenuineIntel", 6, 254)
        result = run(m, "true", backend="msr")
        check_equal("unknown model: status", result.status, 125)
        check("unknown model: by name", "GenuineIntel family 6 (0x6) model 254" in result.stderr,
              result.stderr)


# --- perf ----------------------------------------------------------------------------------------

def perf_clock():
    if os.cpu_count() < 2:
        return skip("perf", "one CPU only")
    with machine() as m:
        m.cpu(0, 0)
        m.cpu(1, 1)
        m.pmu("0-1", pkg="1e-9", ram="3e-9", psys="1e-8")
        start = time.monotonic()
        result = run(m, "sleep 0.3", *setting("poll_interval", "'50ms'"), backend="perf")
        wall = time.monotonic() - start
        if "CAP_PERFMON" in result.stderr:
            return skip("perf", "perf events may not be opened here")
        sums = microjoules(result)
        for key, watts in {("package", "cpu_package", 0): 1, ("package", "cpu_package", 1): 1,
                           ("dram", "dram", 0): 3, ("dram", "dram", 1): 3,
                           ("platform", "local_machine", None): 10}.items():
            joules = sums.get(key, 0) / 1e6
            check(f"perf: {watts} W of {key}", 0.3 * watts <= joules <= wall * watts,
                  f"{joules} J in 0.3 to {wall} s")
        rows = [row for row in result.rows if row.attributes.get("domain") == b"package"]
        # A late tick is dropped, and the shell may take its time.
        check("perf: a row of each interval", 6 <= len(rows) <= 2 * (wall / 0.05 + 2),
              f"{len(rows)} rows in {wall} s")


def amd_perf():
    if os.cpu_count() < 2:
        return skip("AMD perf", "one CPU only")
    with machine() as m:
        m.cpuinfo("AuthenticAMD", 0x19, 0x11)
        m.cpu(0, 0, 0)
        m.cpu(1, 0, 1)  # a core complex die of the same package
        m.pmu("0-1", pkg="1e-9")
        core = PMU + "_core"
        m.write(f"{core}/type", 1)
        m.write(f"{core}/cpumask", "0-1")
        m.write(f"{core}/events/energy-core", "config=0x0")
        m.write(f"{core}/events/energy-core.scale", "1e-9")
        start = time.monotonic()
        result = run(m, "sleep 0.2", backend="perf")
        wall = time.monotonic() - start
        if "CAP_PERFMON" in result.stderr:
            return skip("AMD perf", "perf events may not be opened here")
        sums = microjoules(result)
        package = sums.get(("package", "cpu_package", 0), 0) / 1e6
        pp0 = sums.get(("pp0", "cpu_package", 0), 0) / 1e6
        check("AMD perf: the package once", 0.2 <= package <= wall, f"{package} J in {wall} s")
        check("AMD perf: pp0 is the sum of its cores", 0.4 <= pp0 <= 2 * wall, f"{pp0} J")


# --- rate ----------------------------------------------------------------------------------------

def eight_domains_at_1_khz():
    """However often they are read, the sum is what the counters moved by."""
    with machine() as m:
        for package in range(4):
            m.zone(f"intel-rapl:{package}", f"package-{package}", 1000)
            m.zone(f"intel-rapl:{package}:0", "dram", 1000)
        moved = {f"intel_rapl_{package}{sub}": 6000 for package in range(4) for sub in ("", "_0")}
        result = run(m, "sleep 0.2; " + moves(m, **moved) + "; sleep 0.2",
                     *setting("poll_interval", "'1ms'"))
        check_equal("1 kHz: microjoules", microjoules(result),
                    {(name, kind, package): 5000 for package in range(4)
                     for name, kind in (("package", "cpu_package"), ("dram", "dram"))})


if __name__ == "__main__":
    main(client, server, dies, mmio_beside_msr, wrap, many_wraps_in_a_long_interval, vanishing_zone,
         garbage, backwards, unreadable, empty_tree, tasks_of_a_node, short_command,
         nothing_leaks_into_the_command,
         intel_msr, amd_msr, unknown_model, perf_clock, amd_perf, eight_domains_at_1_khz)
