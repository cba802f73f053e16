#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports of runs that are rare: without processes, without process_exit rows, cut, detached,
thousands of them in a file, and files that are named twice.
"""

import json
import re
import subprocess

from lib import AGENT, check, check_equal, folder, main
from saved_runs import HEADER, MACHINE, at, of  # tests/ is in the path by lib


def report(csv, form, *arguments):
    result = subprocess.run([AGENT, "report", "--format", form, *arguments, "-"], input=csv,
                            capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f"status {result.returncode}: {result.stderr}")
    return result.stdout


def a_run_without_processes_has_its_time():
    csv = (HEADER + f"run_info;{at(0)};1;{MACHINE}args=sleep 1,values=cumulative\n" + "".join(
        f"rapl_consumed_energy_J;{at(500 * i)};{i}.5;cpu_package;0;local_machine;;domain=package\n"
        for i in (1, 2)) + f"run_end;{at(1100)};3;{MACHINE}reason=ended,wall-time=1000000000\n")
    found = json.loads(report(csv, "json"))
    check_equal("energy only: when the run was", [
        found["wall_ns"], found["runs"][0]["start"], found["runs"][0]["end"]],
                [1_100_000_000, at(0), at(1100)])
    check("energy only: the axis of metrics",
          "alumet_wall_seconds 1.1\n" in report(csv, "openmetrics"))
    text = report(csv, "text")
    check("energy only: how the command ended", "sleep 1  (exit 3)" in text, text)
    with folder() as where:
        (where / "run.csv").write_text(csv, encoding="ascii")
        result = subprocess.run([AGENT, "compare", "run.csv", "run.csv"], cwd=where, text=True,
                                capture_output=True, timeout=60)
        check("energy only: runs are compared",
              result.returncode == 0 and re.search(r"^energy +4 J +4 J ", result.stdout, re.M),
              result.stdout + result.stderr)


def a_run_tells_how_its_command_ended():
    """By run_end, where the file has no process_exit row of the command."""
    for value, attributes, expected in (
            ("0", "reason=ended", ""), ("3", "reason=ended", " (exit 3)"),
            ("137", "reason=ended,signal=SIGKILL", " (SIGKILL)"),
            ("162", "reason=ended,signal=SIGRTMIN", " (SIGRTMIN+0)"),
            ("", "reason=ended", ""), ("", "reason=detached", " (still running)")):
        csv = (HEADER + f"run_info;{at(0)};1;{MACHINE}args=sleep 1,values=cumulative\n"
               f"process_info;{at(0)};1;{of(7)}args=sleep 1,comm=sleep,ppid=1\n"
               f"run_end;{at(1000)};{value};{MACHINE}{attributes},wall-time=1000000000\n")
        check_equal(f"text, {value} {attributes}: how the command ended",
                    report(csv, "text").strip().splitlines()[0],
                    "sleep 1" + expected.replace(" (", "  ("))
        check_equal(f"markdown, {value} {attributes}: how the command ended",
                    report(csv, "markdown").splitlines()[0], "### `` sleep 1 ``" + expected)


def thousands_of_runs_are_complete():
    """Of energy in two domains of two packages, and what of it was idle; and a process each."""
    runs, rows = range(1, 9001), [HEADER]
    for run in runs:
        rows.append(f"run_info;{at(run)};1;{MACHINE}args=a {run},run={run},values=cumulative\n")
        for domain in ("package", "dram"):
            for package in (0, 1):
                where = f"cpu_package;{package};local_machine;;domain={domain}"
                rows.append(f"rapl_consumed_energy_J;{at(run)};{1 + run % 7};{where}\n"
                            f"attributed_energy_J;{at(run)};0.5;{where},part=idle\n")
        rows.append(f"process_exit;{at(run)};0;{of(7)}comm=a,cpu-time={run},"
                    f"run={run}\nrun_end;{at(run)};0;{MACHINE}reason=ended,run={run}\n")
    # Whose row this is only its attribute says.
    rows.append(f"rapl_consumed_energy_J;{at(runs[-1])};60;{MACHINE}domain=platform,run=1\n")
    found = json.loads(report("".join(rows), "json"))
    check_equal("thousands of runs: nothing is left out", found["notes"], [])
    check_equal("thousands of runs: all that was measured, and what was idle",
                [sum(energy["joules"] for energy in found["energy"]
                     if ("part" in energy) == is_part) for is_part in (False, True)],
                [60 + sum(4 * (1 + run % 7) for run in runs), 2 * len(runs)])
    parts = re.split(r"^a (\d+)$", report("".join(rows), "text"), flags=re.M)[1:]
    totals = {int(run): [float(joules) for joules in re.findall(
        r"(?:total|platform) ([\d.]+) J", text)] for run, text in zip(parts[::2], parts[1::2])}
    check_equal("thousands of runs: each has its own", totals,
                {run: [60] * (run == 1) + [4 * (1 + run % 7)] for run in runs})


def a_file_counts_once():
    csv = HEADER + f"process_exit;{at(9)};0;{of(7)}comm=a,cpu-time=5\n"
    with folder() as where:
        (where / "a.csv").write_text(csv, encoding="ascii")
        (where / "link.csv").symlink_to("a.csv")
        result = subprocess.run([AGENT, "report", "--format", "json", "*.csv", "./a.csv"],
                                cwd=where, text=True, capture_output=True, timeout=60)
    check_equal("a file that is named thrice counts once", (
        json.loads(result.stdout)["total"]["values"]["cpu-time"],
        result.stderr.count("is named twice")), (5, 2))


main(a_run_without_processes_has_its_time, a_run_tells_how_its_command_ended,
     thousands_of_runs_are_complete, a_file_counts_once)
