#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Energy in the summary of a run (table, Markdown, JSON): own and inclusive joules of processes,
others, idle and total are sums of the rows in its file.
"""

import json
import re

from lib import check, check_equal, folder, main
from energy_runs import (  # tests/ is in the path by lib
    CHILDREN, CPUS, ENERGY, SPIN, by_process, lay_out, of, part, run, units)

SUMMARY_ENERGY = "attributed-energy"


def the_summary_adds_up():
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, CHILDREN, "--config-override", "plugins.summary.mode='json'",
                     idle_watts="'package=0.25'")
        summary = json.loads(result.stderr[result.stderr.index("{"):])
        figures = {figure["label"]: figure for figure in summary["figures"]}
        joules = {label: units(figure["value"], 1e-9) for label, figure in figures.items()}
        check_equal("summary: what no process has",
                    (joules["others"], joules["idle"]),
                    (part(result, 1e-9, "other"), part(result, 1e-9, "idle")))
        check_equal("summary: the total is the counter's", joules["total"],
                    sum(units(row.value, 1e-9) for row in of(result, ENERGY)))
        tree = units(summary["totals"]["attributed-energy"], 1e-9)
        check_equal("summary: the tree's is that of the rows", tree,
                    sum(by_process(result, 1e-9).values()))
        check_equal("summary: tree, others and idle are the total",
                    tree + joules["others"] + joules["idle"], joules["total"])
        check("summary: the method is named",
              "; idle 0.25 W as configured; ±" in figures["total"]["note"], str(figures))
        root = summary["tree"][0]
        own = units(root["own"]["attributed-energy"], 1e-9)
        check("summary: the root's own energy is not that of its children", 0 < own < tree / 2,
              f"{own} of {tree}")
        for mode, form in (("full", r"\n +processes ([\d.]+) J   others ([\d.]+) J"
                            r"   idle ([\d.]+) J   total ([\d.]+) J\n"),
                           ("markdown", r"\n- energy of the processes: ([\d.]+) J"
                            r"\n- others: ([\d.]+) J\n- idle: ([\d.]+) J\n- total: ([\d.]+) J")):
            made = run(m, CHILDREN, "--config-override", f"plugins.summary.mode='{mode}'")
            text_of = made.stderr
            check(f"summary, {mode}: its parts and the method",
                  all(word in text_of for word in ("others", "idle", "total", "mJ", "own mJ",
                                                   "idle by time")), text_of)
            parts = re.search(form, text_of)
            check(f"summary, {mode}: the joules of the processes are among the parts", parts and
                  abs(float(parts[1]) - sum(by_process(made, 1e-9).values()) / 1e9) < 0.0051 and
                  abs(float(parts[1]) + float(parts[2]) + float(parts[3]) - float(parts[4]))
                  < 0.0151, text_of)


def summary_has_the_rows_joules():
    """A shell and two children: own and inclusive energy of each are sums of the file's rows."""
    script = "; ".join(f"sh -c '{SPIN.format(n=n)}'" for n in (60000, 30000)) + "; true"
    with folder() as path:
        m = lay_out(path, [0] * CPUS)
        result = run(m, script, "--summary=json", events="task-clock")
        rows = by_process(result, 1e-9)
        found = json.loads(result.stderr)
        shell = found["tree"][0]
        nodes = [shell, *shell["children"]]
        check_equal("JSON: what sorts", found["sorted_by"], SUMMARY_ENERGY)
        check_equal("JSON: own nanojoules of each process",
                    sorted(round(node["own"][SUMMARY_ENERGY] * 1e9) for node in nodes),
                    sorted(rows.values()))
        check_equal("JSON: inclusive nanojoules of the shell and of the run",
                    [round(values[SUMMARY_ENERGY] * 1e9)
                     for values in (shell["inclusive"], found["totals"])], [rows.total()] * 2)
        check_equal("JSON: nanojoules of the costliest processes",
                    {entry["pid"]: round(entry["values"][SUMMARY_ENERGY] * 1e9)
                     for entry in found["costliest"]}, dict(rows))

        result = run(m, script, events="task-clock")
        rows = by_process(result, 1e-9)
        lines = result.stderr.splitlines()
        heading = next((i for i, line in enumerate(lines) if "  own mJ  " in line), None)
        check("table: columns of joules", heading is not None, result.stderr)
        if heading is None:
            return
        place, own_place = (re.search(rf"  {name}(?=  )", lines[heading]).end()
                            for name in ("mJ", "own mJ"))
        table = [(float(line[:place].split()[-1]), float(line[:own_place].split()[-1]))
                 for line in lines[heading + 1:heading + 4]]
        own = sorted(rows.values(), reverse=True)
        expected = [(rows.total(), own[2]), (own[0], own[0]), (own[1], own[1])]
        check("table: inclusive and own millijoules", all(
            abs(shown * 1e6 - exact) <= 50_001 for pair in zip(table, expected)
            for shown, exact in zip(*pair)), f"{table} {expected}\n{result.stderr}")


if __name__ == "__main__":
    main(the_summary_adds_up, summary_has_the_rows_joules)
