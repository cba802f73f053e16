#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs on the page of a report, in headless Chromium: with hardly anything in them, a real one, whose
totals are the same everywhere, and one of 100 000 processes.
"""

import dataclasses
import json
import subprocess
import sys

from lib import AGENT, ROOT, check, check_equal, folder
import saved_runs  # tests/ is in the path by lib
from reports import witness
from saved_runs import MACHINE, MS, Process, timestamp

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from devtools import Browser  # noqa: E402
from page import keep, main_in_browser, make_page  # noqa: E402


def odd_runs():
    """Runs with hardly anything in them are drawn as well."""
    nothing = saved_runs.HEADER.encode()
    only_energy = saved_runs.csv([], saved_runs.SMALL_ENERGY)
    moment = saved_runs.csv([Process(1, 0, "true", "true", 0, 0)])
    deep = saved_runs.csv([
        Process(10 + i, 9 + i, "sh", f"sh {i}", i * MS, (2000 - i) * MS, cpu=MS)
        for i in range(900)])
    wide = saved_runs.csv(
        [Process(1, 0, "a", "a", 0, 5 * MS)] +
        [Process(10 + i, 1, f"c{i}", f"c{i}", i, 5 * MS, cpu=1000) for i in range(3000)])
    samples = saved_runs.csv([Process(1, 0, "a", "a", 0, 200_000 * MS)], saved_runs.energy_rows(
        "package", [(i * MS, 0.02) for i in range(1, 200_000)]))
    commands = saved_runs.csv(
        [Process(1, 0, "a", "a", 0, 200 * MS)] +
        [Process(10 + i, 1, f"c{i}", "", i * 1000, i * 1000 + 900) for i in range(130_000)])
    with folder() as where, Browser() as browser:
        for name, csv in (("nothing", nothing), ("only energy", only_energy),
                          ("one moment", moment), ("900 deep", deep), ("3000 at once", wide),
                          ("200000 samples", samples), ("130000 commands", commands)):
            browser.open(f"file://{make_page(where, csv, name.replace(' ', '-'))}")
            check_equal(f"{name}: drawn", browser.js("document.documentElement.dataset.ready"),
                        "yes")
            browser.js("report.timeline.zoom(0.1, 1e6); report.find('1')")
            browser.frame()
            check_equal(f"{name}: no script of the page fails", browser.errors(), [])
        kinds = saved_runs.csv([Process(1 + i, i, "a", "a", 0, MS, status=max(0, i - 2))
                                for i in range(7)])
        browser.open(f"file://{make_page(where, kinds, 'kinds')}")
        check_equal("more kinds of failures than have room",
                    browser.js("document.querySelector('.card.bad p').textContent"),
                    "exit 1, exit 2, exit 3, …")


WORK = ("for i in 1 2 3; do seq 20000 | sort | md5sum; done >/dev/null; sh -c 'exit 3'; sh -c "
        "'kill -9 $$'; true")


def perfetto_sums(trace, name):
    """The sum of an annotation over the events of a trace, by perfetto's own message classes."""
    from perfetto.protos.perfetto.trace import perfetto_trace_pb2
    decoded = perfetto_trace_pb2.Trace.FromString(trace)
    return sum(note.int_value or note.uint_value or note.double_value for packet in decoded.packet
               if packet.HasField("track_event") for note in packet.track_event.debug_annotations
               if note.name == name)


def same_totals():
    """A real run: summary, page, folded, Perfetto, JSON and a DuckDB query of its file agree on
    what it cost."""
    duckdb = witness("duckdb")
    if not duckdb:
        return
    with folder() as where, Browser() as browser:
        rows = where / "run.csv"
        subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "page-faults", "-o",
            str(rows), f"--summary=json:{where}/summary.json", "exec", "--", "sh", "-c", WORK],
                       check=True, capture_output=True, timeout=60)

        def report(*options):
            return subprocess.run([AGENT, "report", *options, str(rows)], check=True,
                                  capture_output=True, timeout=60).stdout
        summary = json.loads((where / "summary.json").read_text())
        saved = json.loads(report("--format", "json"))
        top = {name: summary["totals"][name] for name in ("cpu-time", "page-faults")}
        found = {"report --format json": {name: saved["total"]["values"][name] for name in top}}
        found["folded"] = {
            name: sum(
                int(line.rpartition(b" ")[2])
                for line in report("--format", "folded", "--by", by).splitlines())
            for name, by in (("cpu-time", "cpu"), ("page-faults", "page-faults"))}
        trace = report("--format", "perfetto", "-o", str(
            where / "run.pftrace")) or (where / "run.pftrace").read_bytes()
        found["perfetto"] = {
            name: perfetto_sums(trace, metric)
            for name, metric in (("cpu-time", "process_cpu_time"), ("page-faults",
                                                                    "perf_software_PAGE_FAULTS"))}
        subprocess.run([AGENT, "report", "-o",
                        str(where / "run.html"),
                        str(rows)], check=True, timeout=60)
        browser.open(f"file://{where / 'run.html'}")
        found["page"] = {
            name: browser.js(f"""report.run.fields.find(field => field.name === {name!r}).values
            .reduce((sum, value) => sum + (value || 0), 0)""")
            for name in top}
        exits, faults = duckdb.sql(f"""select
            sum(try_cast(regexp_extract(__late_attributes, 'cpu-time=([0-9]+)', 1) as bigint))
            filter (metric = 'process_exit'),
            sum(value) filter (metric = 'perf_software_PAGE_FAULTS')
            from read_csv('{rows}', delim=';', header=true)""").fetchall()[0]
        found["DuckDB"] = {"cpu-time": int(exits), "page-faults": int(faults)}
        for name, sums in found.items():
            # Folded stacks have whole microseconds, each process rounded.
            slack = 1000 * saved["total"]["processes"] if name == "folded" else 0
            if name == "folded":
                sums["cpu-time"] *= 1000
            check(f"{name}: the summary's totals", sums["page-faults"] == top["page-faults"] and
                  abs(top["cpu-time"] - sums["cpu-time"]) <= slack, f"{sums} {top}")
        check_equal("wall time: summary, JSON and page", {
            summary["wall_ns"], saved["runs"][0]["wall_ns"],
            browser.js("report.run.wall_ns")}, {summary["wall_ns"]})


def shifted(processes, energy, ns):
    """The same run, later."""
    return [dataclasses.replace(one, begin=one.begin + ns, end=one.end + ns)
            for one in processes], [(time + ns, joules) for time, joules in energy]


def a_series():
    """Five runs in one file: its name once, one counter with the energy of all, the time of all
    without that between them; and notices name the run."""
    rows, samples = [], [(500 * MS, 10.0), (1000 * MS, 20.0)]
    for number in range(5):
        begin = number * 7000 * MS
        processes, moved = shifted(saved_runs.small(), samples, begin)
        mine = [(begin, f"run_info;{timestamp(begin)};1;{MACHINE}hostname=n1,values=cumulative")]
        mine += [row for process in processes for row in saved_runs.rows_of(process)]
        mine += saved_runs.energy_rows("package", moved)
        if number == 3:
            mine.append((moved[-1][0], f"run_note;{timestamp(moved[-1][0])};1;{MACHINE}"
                         "kind=note,text=something"))
        mine.append((moved[-1][0], f"run_end;{timestamp(moved[-1][0])};0;{MACHINE}"))
        rows += [row + ("," if row[-1] != ";" else "") + f"run={number + 1}"
                 for _, row in sorted(mine, key=lambda row: row[0])]
    csv = (saved_runs.HEADER + "".join(row + "\n" for row in rows)).encode()
    with folder() as where, Browser() as browser:
        browser.open(f"file://{make_page(where, csv)}")
        check_equal("a series: its file", browser.js(
            "[...document.querySelectorAll('#origin span')].map(line => line.textContent)"),
                    [f"2025-11-26 10:00:00 UTC · {where}/run.csv, 5 runs", "n1"])
        check_equal("a series: the time of all", browser.js(
            "document.querySelector('.card').textContent"),
                    "Wall time5.00 s5 runs, without the time between them")
        check_equal("a series: one counter", browser.js(
            "report.run.counters.map(counter => [counter.name, counter.joules])"),
                    [["package 0", 150]])
        check_equal("a series: its watts", browser.js(
            """report.timeline.series.watts.map(({ name, steps }) => [name, steps.map(step =>
            step.map(Math.round))])"""), [["package 0", [
                [second * 10**9 + half * 500 * MS, second * 10**9 + (half + 1) * 500 * MS,
                 20 + 20 * half] for second in range(5) for half in range(2)]]])
        check_equal("a series: notices name the run", browser.js(
            "document.querySelector('#notes span').textContent"),
                    f"{where}/run.csv, run 4: something")
        check_equal("a series: no script of the page fails", browser.errors(), [])


def many_counters():
    """More counters than lines that can be told apart: the watts of each domain; and the names
    hide no line, in windows of any width."""
    samples = [(500 * MS, 10.0), (1000 * MS, 20.0)]
    for packages, names in ((2, ["package 0", "package 1", "dram 0", "dram 1"]),
                            (8, ["package ×8", "dram ×8"])):
        energy = [row for number in range(packages) for row in saved_runs.energy_rows(
            "package", samples, "cpu_package", number)] + [
                row for number in range(packages) for row in saved_runs.energy_rows(
                    "dram", [(time, joules / 20) for time, joules in samples], "dram", number)]
        with folder() as where, Browser() as browser:
            browser.open(f"file://{make_page(where, saved_runs.csv(saved_runs.small(), energy))}")
            check_equal(f"{packages} packages: lines", browser.js(
                "report.timeline.series.watts.map(line => line.name)"), names)
            most = 40 * packages if packages > 2 else 40
            check_equal(f"{packages} packages: watts", browser.js(
                "report.timeline.series.watts[0].steps.map(step => Math.round(step[2]))"),
                        [most // 2, most])
            listed = browser.js("""[...document.querySelectorAll(".card li")].pop().textContent""")
            check_equal(f"{packages} packages: the list is short", listed,
                        "dram 11.50 J" if packages == 2 else "and 10 more")
            for width in (1280, 390):
                browser.size(width, 900)
                browser.frame()
                # Of the line of the most watts, its last part, to the right.
                found = browser.js(f"""(() => {{ const timeline = report.timeline,
                    canvas = document.getElementById("watts"), x = timeline.x(990e6),
                    pixels = canvas.getContext("2d").getImageData(x, 0, 1, canvas.height).data;
                    return [...Array(canvas.height).keys()].map(y => pixels[4 * y + 3] > 200 &&
                    pixels[4 * y] > pixels[4 * y + 2] + 100); }})()""")
                check(f"{packages} packages, {width} pixels: the line is there", True in found[:60],
                      found)


def large_run():
    """100 000 processes: read, made, opened; and no frame that is blocked."""
    with folder() as where, Browser() as browser:
        page = make_page(where, saved_runs.csv(saved_runs.build(100_000)))
        size = page.stat().st_size
        check("the page is small", size < 8_000_000, size)
        html = page.read_text()
        script = html[html.rindex("<script>"):]
        check("its own script is below 60 kB", len(script.encode()) < 60_000, len(script.encode()))
        print(f"# opened in {browser.open(f'file://{page}'):.2f} s, {size / 1e6:.1f} MB")
        check_equal("all are there", browser.js("report.run.n"), 100_002)
        check_equal("no script of the page fails", browser.errors(), [])
        check("of the rows only those in view are elements",
              browser.js("document.querySelectorAll('.row').length") < 60)
        # What hands do, and the longest task that follows: its CPU time, since the machine may have
        # other work.
        click = "document.getElementById('{}').click()"
        acts = {
            "zoom": "report.timeline.zoom(0.5, 4e10)",
            "zoom out": "report.timeline.show(0, report.run.end_ns)",
            "select": "report.select(50000, true)", "hover": "report.timeline.lanes.at(700, 200)",
            "sort": "document.querySelectorAll('#head button')[4].click()",
            "measure": "report.icicle.choose(2)", "search": "report.find('file_12')",
            "filter": click.format("failed-only"), "theme": click.format("theme")}
        longest = {
            name: browser.tasks(lambda act=act: (browser.js(act), browser.frame(), browser.frame()))
            [0]
            for name, act in acts.items()}
        again = browser.tasks(lambda: browser.open(f"file://{page}"))[0]
        print("# longest tasks, ms of CPU:",
              {name: round(cpu, 1)
               for name, (cpu, _) in longest.items()}, f"loading: {again[0]:.1f}")
        check("no frame is blocked for 100 ms",
              max(cpu for cpu, _ in [*longest.values(), again]) < 100, (longest, again))
        keep(browser, "100000.png")


if __name__ == "__main__":
    main_in_browser(odd_runs, same_totals, a_series, many_counters, large_run)
