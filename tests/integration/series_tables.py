#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tables of a series and of a comparison: columns that are straight whatever the names are, and
no blanks at the ends of lines."""

import json
import re
import shutil
import signal
import subprocess

from lib import AGENT, check, check_equal, folder, main, wait_until
import saved_runs  # tests/ is in the path by lib

LONG = "a program with a long näme, " + "ü" * 40 + " its end"


def said(tmp, *arguments):
    return subprocess.run([AGENT, *map(str, arguments)], cwd=tmp, capture_output=True, text=True,
                          timeout=120, check=True)


def series(tmp, path, script):
    shutil.copy(shutil.which("true"), tmp / "short")
    shutil.copy(shutil.which("true"), tmp / LONG[:-7])
    return said(tmp, "-o", path, "exec", "-r", 3, "sh", "-c", script).stderr.split("\n")


def with_blanks(lines):
    return [line for line in lines if line.endswith(" ")]


def tables_of_a_series_are_straight():
    nested = "sh -c 'sh -c \"./short; ./a*; true\"; true'; true"
    with folder() as tmp:
        lines = series(tmp, "run.csv", nested)
        # A table's rows, from its heading to the next empty line.
        starts = [i for i, line in enumerate(lines) if line.endswith("  outliers")]
        check_equal("a table of totals, and one of commands", len(starts), 2)
        tables = [lines[i:i + lines[i:].index("")] for i in starts]
        names = [row[:row.index("  ")] for row in tables[1][1:]]
        check("every command has a row", set(names) >= {"sh", "sh > sh > sh > short"}, names)
        # comm has 15 bytes; what begins with a letter of two bytes is cut before it.
        check("what a long path ends with is shown",
              any(name.startswith("sh > sh > sh > a program with") for name in names), names)
        for table in tables:
            # Of a time, whichever its unit is: the mean ends with it.
            ends = [re.search(r" [mµ]?s\b", row).end() for row in table[1:] if " ±" not in row
                    and re.search(r" [mµ]?s\b", row)]
            check("means end below each other", len(ends) >= 3 and len(set(ends)) == 1,
                  "\n".join(table))
        check_equal("no line ends with a blank", with_blanks(lines), [])


def a_path_longer_than_its_column_keeps_its_end():
    script = "if [ $1 -gt 0 ]; then ./with-15-letters deep $(($1 - 1)); fi; ./short; true"
    with folder() as tmp:
        shutil.copy(shutil.which("sh"), tmp / "with-15-letters")
        (tmp / "deep").write_text(script)
        lines = series(tmp, "run.csv", "./with-15-letters deep 5; true")
        deep = [line for line in lines if line.startswith("…")]
        check("long paths begin with an ellipsis and keep their end",
              deep and all("with-15-letters > with-15-letters  " in line or "> short  " in line
                           for line in deep), "\n".join(lines))
        units = {re.search("[mµ]s", line).start() for line in lines if " > " in line}
        check_equal("all paths have the same column behind them", len(units), 1)


def comparisons_end_without_blanks():
    with folder() as tmp:
        series(tmp, "base.csv", "./short; ./short; true")
        series(tmp, "new.csv", "./short; ls >/dev/null; true")
        lines = said(tmp, "compare", "base.csv", "new.csv").stdout.split("\n")
        check("a comparison has its table", any("difference" in line for line in lines), lines)
        check_equal("no line of a comparison ends with a blank", with_blanks(lines), [])


def one_run_has_no_deviation():
    """The second run is interrupted: of the first alone no standard deviation is known."""
    for form in ("short", "json"):
        with folder() as tmp:
            process = subprocess.Popen(
                [AGENT, f"--summary={form}", "-o", "run.csv", "exec", "-r", "3", "sh", "-c",
                 "echo x >>times; [ $(wc -l <times) = 1 ] || exec sleep 60"], cwd=tmp,
                stderr=subprocess.PIPE, text=True)
            wait_until(lambda f=tmp / "times": f.exists() and f.read_text().count("x") == 2, 60)
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)[1]
        if form == "json":
            total = json.loads(told[told.index("{"):])["lines"][0]["processes"]
            check_equal("json: of a single run", (total["mean"], total["sd"]), (2, None))
        else:
            check("a single run is one run", "\n1 run, 1 interrupted left out\n" in told, told)
            check("and has no deviation", re.search(r"^processes +2 +- +2 +2$", told, re.M), told)


def they_fit_into_80_columns():
    """The tables of a series, and numbers of any size."""
    with folder() as tmp:
        lines = series(tmp, "run.csv", "./short; true")
        tables = lines[lines.index("3 runs"):]
        check("a series: it is not wider than 80 columns", max(map(len, tables)) <= 80,
              "\n".join(tables))
        for name, faults in (("a", 123456789012), ("b", 1999999)):
            (tmp / f"{name}.csv").write_bytes(saved_runs.csv(
                [saved_runs.Process(1, 0, "sh", "sh", 0, 10**9, cpu=10**8, faults=faults)]))
        lines = said(tmp, "compare", "a.csv", "b.csv").stdout.split("\n")
        rows = [line for line in lines if line.startswith(("cpu ", "page-faults "))]
        check_equal("large counts have a prefix", rows[1].split()[1:5],
                    ["123.5", "G", "2.000", "M"])
        ends = {re.match(r"\S+ +\S+ \S+", row).end() for row in rows}
        check_equal("and do not widen their columns", len(ends), 1)


def what_only_one_side_has_comes_by_cost():
    """Of many commands that came or went, those shown are the costliest."""
    with folder() as tmp:
        for name in ("old", "new"):
            (tmp / f"{name}.csv").write_bytes(saved_runs.csv(
                [saved_runs.Process(1, 0, "sh", "sh", 0, 10**9, cpu=10**8)] +
                [saved_runs.Process(10 + i, 1, f"{name}-{i}", "x", i, 10**6,
                                    cpu=(37 * i % 101) * 1000) for i in range(101)]))
        cheapest_last = sorted(range(101), key=lambda i: -(37 * i % 101))
        for form in ([], ["--format", "markdown"]):
            lines = said(tmp, "compare", *form, "old.csv", "new.csv").stdout.split("\n")
            for name in ("old", "new"):
                shown = [int(line.rpartition("-")[2]) for line in lines if f"sh > {name}-" in line
                         or f"sh &gt; {name}-" in line]
                check_equal(f"{form}: only in {name}: the costliest", shown, cheapest_last[:50])


main(tables_of_a_series_are_straight, a_path_longer_than_its_column_keeps_its_end,
     comparisons_end_without_blanks, one_run_has_no_deviation, they_fit_into_80_columns,
     what_only_one_side_has_comes_by_cost)
