# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Saved runs that tests make, with what is true of them: CSV as `exec` writes it, from a list of
processes whose times, values and ends are known.
"""

import dataclasses
import random
import signal
import sys

HEADER = ("metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"
          "__late_attributes\n")
MACHINE = "local_machine;;local_machine;;"  # the cells of a row between value and attributes
EPOCH = 1_764_151_200  # 2025-11-26T10:00:00Z


@dataclasses.dataclass
class Process:
    pid: int
    ppid: int
    comm: str
    args: str
    begin: int  # ns since the run's first moment
    end: int
    cpu: int = 0
    joules: float = 0.0
    rss: int = 4096
    faults: int = 0
    status: int = 0
    signal: int = 0
    life: int = 1
    exe: str = ""

    @property
    def failed(self):
        return bool(self.status or self.signal)


def of(pid):
    """The same cells of a process."""
    return f"local_machine;;process;{pid};"


def timestamp(ns):
    """RFC 3339 of a moment of the run; all tests' runs begin at 10:00:00."""
    second, ns = divmod(ns, 10**9)
    hour, second = divmod(second + 36_000, 3600)
    return f"2025-11-26T{hour:02}:{second // 60:02}:{second % 60:02}.{ns:09}Z"


def at(ms):
    """The same of whole milliseconds."""
    return timestamp(ms * 10**6)


def late(**attributes):
    """The last cell: keys sorted, escaped, quoted where RFC 4180 wants it."""
    def escape(text):
        return "".join("\\" + c if c in ",=\\" else c for c in str(text))
    cell = ",".join(f"{key.replace('_', '-') if key in DASHED else key}={escape(value)}"
                    for key, value in sorted(attributes.items()) if value is not None)
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ';"\r\n') else cell


DASHED = {"cpu_time", "wall_time", "peak_rss", "runqueue_wait", "block_wait"}


def rows_of(process):
    """(time, row) of one process, as exec writes them."""
    p, life = process, process.life if process.life > 1 else None
    who = of(p.pid)
    yield p.begin, f"process_info;{timestamp(p.begin)};1;{who}" + late(
        args=p.args, comm=p.comm, exe=p.exe or "/usr/bin/" + p.comm, life=life, ppid=p.ppid)
    for metric, value in (("perf_software_PAGE_FAULTS", p.faults),
                          ("attributed_energy_J", repr(p.joules))):
        if metric == "attributed_energy_J":
            if p.joules:
                yield p.end, (f"{metric};{timestamp(p.end)};{value};cpu_package;0;process;{p.pid};"
                              + late(domain="package", life=life))
        else:
            yield p.end, f"{metric};{timestamp(p.end)};{value};{who}" + late(life=life)
    status = 128 + p.signal if p.signal else p.status
    yield p.end, f"process_exit;{timestamp(p.end)};{status};{who}" + late(
        comm=p.comm, cpu_time=p.cpu, execs=1, life=life, peak_rss=p.rss,
        signal=signal.Signals(p.signal).name if p.signal else None,
        start=timestamp(p.begin), threads=1, wall_time=p.end - p.begin)


def energy_rows(domain, samples, resource="cpu_package", number=0):
    """(time, row) of the machine's energy: [(time, joules)]."""
    return [
        (time,
         f"rapl_consumed_energy_J;{timestamp(time)};{joules!r};{resource};{number};local_machine;;"
         f"domain={domain}") for time, joules in samples]


def csv(processes, energy=()):
    """The file's bytes: rows in time order, those of one moment in the order given."""
    rows = [row for process in processes for row in rows_of(process)] + list(energy)
    rows.sort(key=lambda row: row[0])
    return (HEADER + "".join(row + "\n" for _, row in rows)).encode("utf-8", "surrogateescape")


MS = 10**6


def small():
    """make, its shell with a compiler that fails, a linker that runs alone: every time is a round
    one."""
    return [
        Process(100, 99, "make", "make -j2", 0, 1000 * MS, cpu=100 * MS, joules=1.0, rss=8 << 20,
                faults=50),
        Process(101, 100, "sh", "sh -c 'cc1 a.c'", 100 * MS, 500 * MS, cpu=10 * MS, joules=0.5,
                faults=20),
        Process(102, 101, "cc1", "cc1 -O2 src/a.c", 100 * MS, 400 * MS, cpu=300 * MS, joules=4.0,
                rss=200 << 20, faults=4000),
        Process(103, 100, "cc1", "cc1 -O2 src/b.c", 200 * MS, 400 * MS, cpu=200 * MS, joules=3.0,
                rss=100 << 20, faults=3000, status=1),
        Process(104, 100, "ld", "ld -o prog a.o b.o", 500 * MS, 900 * MS, cpu=400 * MS, joules=6.0,
                faults=900, signal=11)]


SMALL_ENERGY = (energy_rows("package", [(250 * MS, 5.0), (500 * MS, 10.0), (750 * MS, 7.5),
                                        (1000 * MS, 7.5)]) +
                energy_rows("dram", [(500 * MS, 1.0), (1000 * MS, 1.5)], "dram"))


def build(n, jobs=8, seed=1):
    """About n processes of a parallel build: make; sh; gcc; cc1 and as."""
    pick = random.Random(seed)
    folders = ["core", "linux", "outputs", "sources/perf", "report"]
    processes = [Process(1000, 999, "make", f"make -j{jobs}", 0, 0, cpu=90 * MS, rss=30 << 20)]
    free, pid, number = [0] * jobs, 1001, 0
    while pid < 1000 + n:
        begin, worker = free[number % jobs] + MS, number % jobs
        number += 1
        source = f"src/{pick.choice(folders)}/file_{number}.c"
        cpu = int(pick.lognormvariate(16.5, 0.9))
        status = 1 if number % 997 == 0 else 0
        end = begin + 900_000 + cpu + cpu // 20
        compile_args = f"gcc -O2 -Wall -Iinclude -c -o {source[:-1]}o {source}"
        processes += [
            Process(pid, 1000, "sh", f"/bin/sh -c '{compile_args}'", begin, end + 3_500_000,
                    350_000, 0.006, 2 << 20, 90, status),
            Process(pid + 1, pid, "gcc", compile_args, begin + 300_000, end + 3_300_000, 400_000,
                    0.007, 3 << 20, 200, status),
            Process(
                pid + 2, pid + 1, "cc1",
                f"/usr/lib/gcc/x86_64-linux-gnu/12/cc1 -quiet -Iinclude {source} -O2 "
                f"-o /tmp/cc{number:06x}.s", begin + 900_000, end, cpu, cpu * 1.7e-8,
                pick.randint(20, 300) << 20, pick.randint(2000, 9000),
                0 if number % 2003 == 7 else status, 11 if number % 2003 == 7 else 0),
            Process(pid + 3, pid + 1, "as", f"as --64 -o x.o /tmp/cc{number:06x}.s", end + 100_000,
                    end + 3_000_000, 2_500_000, 0.04, 8 << 20, 700)]
        pid += 4
        free[worker] = end + 3_600_000
    begin = max(free)
    processes.append(
        Process(pid, 1000, "ld", "ld -o prog src/core/*.o", begin, begin + 700 * MS, 690 * MS, 11.0,
                400 << 20, 30_000))
    processes[0].end = begin + 701 * MS
    return processes


if __name__ == "__main__":
    # A process of its own makes a large one: the memory of who starts a program counts as its own.
    sys.stdout.buffer.write(csv(build(int(sys.argv[1]))))
