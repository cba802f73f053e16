#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The recipes of docs/csv.md for reading the file, each as it stands there, on a file that is hard
to read."""

import collections
import os
import re
import subprocess

from lib import AGENT, READERS, ROOT, check, check_equal, folder, main, parse, skip, text

CLOCK = "perf_software_TASK_CLOCK"

# Attributes that depend on the kernel, or on chance.
IN_SOME_KERNELS = {"estimated", "block-wait", "runqueue-wait"}

# In a pid namespace of its own the next pid can be chosen. The pid 300 is three processes, each of
# which burns, the first two with another name at the end than in their first rows.
BURN = "i=0; while [ $i -lt {0} ]; do i=$((i+1)); done"
SCRIPT = """
mount -t proc none /proc
next() {{ echo 299 >/proc/sys/kernel/ns_last_pid; }}
next; sh -c '{long}; exec /bin/true'
next; sh -c '{long}; {long}; exec sh -c "{short}"'
next; /bin/true '
{clock};2024-05-14T21:28:49.416768909Z;99000000000;local_machine;;process;300;
'
/bin/echo 'a;b,c=d' >/dev/null
""".format(clock=CLOCK, long=BURN.format(400000), short=BURN.format(1000))


def recipes():
    """The code blocks of the section, by the program that reads the file."""
    section = (ROOT / "docs/csv.md").read_text().split("## Reading it")[1].split("\n## ")[0]
    found = {}
    for language, code in re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL):
        found[{"python": "pandas", "sql": "duckdb"}.get(language, code.split()[0])] = code
    return found


def make_file(cwd):
    command = ["unshare", "--fork", "--pid", "--mount", AGENT, "-q", "--plugins", "perf,csv", "-e",
               "task-clock,page-faults", "-I", "20", "exec", "--", "sh", "-c", SCRIPT]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    if result.returncode != 0:
        raise AssertionError(f"status {result.returncode}: {result.stderr}")
    return parse((cwd / "alumet-output.csv").read_bytes())


def truth(rows):
    """CPU time of each process (pid, life), and its last name, by an independent reader."""
    clock, names, firsts = {}, {}, {}
    for row in rows:
        if row.consumer[0] != "process":
            continue
        process = row.consumer[1], int(row.attributes.get("life", 1))
        if row.metric == CLOCK:
            clock[process] = row.value
            firsts.setdefault(process, names[process])
        elif row.metric == "process_info":
            names[process] = text(row.attributes["comm"])
    return clock, names, firsts


def by_command(clock, names):
    sums = collections.Counter()
    for process, value in clock.items():
        sums[names[process]] += value / 1e9
    return {name: round(seconds, 6) for name, seconds in sums.most_common(5)}


def run_shell(code, cwd):
    result = subprocess.run(["sh", "-c", code], cwd=cwd, capture_output=True, text=True, timeout=60)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{code}\nstatus {result.returncode}: {result.stderr}")
    return [line.split() for line in result.stdout.splitlines()]


def run_python(code, cwd):
    result = subprocess.run([READERS, "-c", code], cwd=cwd, capture_output=True, text=True,
                            timeout=120)
    if result.returncode != 0:
        raise AssertionError(f"{code}\nstatus {result.returncode}: {result.stderr}")
    return result.stdout


def read_awk(code, cwd, clock, names):
    found = {(int(pid), int(life[0].removeprefix("life=")) if life else 1): float(seconds)
             for seconds, pid, *life in run_shell(code, cwd)}
    largest = sorted(clock, key=clock.get, reverse=True)[:10]
    check_equal("recipes: awk", {process: round(seconds, 6) for process, seconds in found.items()},
                {process: round(float(f"{clock[process] / 1e9:.6g}"), 6) for process in largest})


def read_miller(code, cwd, clock, names):
    head, *lines = run_shell(code, cwd)
    check_equal("recipes: Miller: columns", head, ["consumer_id", "life", "value"])
    check_equal("recipes: Miller", {(int(pid), int(life)): int(value)
                                    for pid, life, value in lines}, clock)
    check_equal("recipes: Miller: the largest first", [int(value) for _, _, value in lines],
                sorted(clock.values(), reverse=True))


def read_pandas(code, cwd, clock, names):
    if not READERS.exists():
        return skip("recipes: pandas", f"{READERS} is not there: tools/setup.sh test installs it")
    printed = run_python(code, cwd)
    found = {name: round(float(seconds), 6)
             for name, seconds in re.findall(r"^(\S+) +([\d.e-]+)$", printed, re.MULTILINE)}
    return check_equal("recipes: pandas", found, by_command(clock, names))


def read_duckdb(code, cwd, clock, names):
    if not READERS.exists():
        return skip("recipes: DuckDB", f"{READERS} is not there: tools/setup.sh test installs it")
    printed = run_python(f"import duckdb\nprint(dict(duckdb.sql({code!r}).fetchall()))", cwd)
    found = {name: round(seconds, 6) for name, seconds in eval(printed).items()}
    return check_equal("recipes: DuckDB", found, by_command(clock, names))


def reading_the_file():
    codes = recipes()
    readers = {"awk": read_awk, "mlr": read_miller, "pandas": read_pandas, "duckdb": read_duckdb}
    check_equal("recipes: its recipes", set(codes), set(readers))
    if os.geteuid() != 0:
        return skip("recipes: recipes", "a pid namespace needs root")
    with folder() as cwd:
        rows = make_file(cwd)
        clock, names, firsts = truth(rows)
        check("recipes: the file: a pid of three processes", {(300, 1), (300, 2), (300, 3)}
              <= clock.keys(), str(sorted(clock)))
        check("recipes: the file: a process executes after rows of its own",
              any(names[process] != first for process, first in firsts.items()), str(firsts))
        for name, reader in readers.items():
            if name in codes:
                reader(codes[name], cwd, clock, names)
    return None


def shape(rows):
    """What the rows of a process consist of on every kernel."""
    return [(row.metric, sorted(set(row.attributes) - IN_SOME_KERNELS)) for row in rows]


def readme():
    """The rows in README.md are of the command above them, which is run as it stands there."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^\$ sudo (alumet-agent -o pipe\.csv .*?')$", page, re.M | re.S)[1]
    shown = re.search(r"```\n(process_info;.*?)```", page, re.S)[1]
    head = "metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;" \
           "__late_attributes\n"
    with folder() as tmp:
        subprocess.run(["sh", "-c", command.replace("alumet-agent", str(AGENT), 1)], cwd=tmp,
                       capture_output=True, check=False, timeout=60)
        rows = parse((tmp / "pipe.csv").read_bytes())
    sort = next(row.consumer for row in rows if text(row.attributes.get("comm", b"")) == "sort")
    check_equal("README.md: the rows of sort",
                shape(parse((head + shown).encode())),
                shape([row for row in rows if row.consumer == sort]))


main(reading_the_file, readme)
