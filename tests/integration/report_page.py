#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What the page of a report draws, in headless Chromium: of a run of which everything is known, of its
functions, and of the ranks of a job.
"""

import subprocess
import sys

from lib import AGENT, ROOT, check, check_equal, folder
import saved_runs  # tests/ is in the path by lib
from saved_runs import MACHINE, MS, Process, of

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from devtools import Browser  # noqa: E402
from page import box, colours, keep, main_in_browser, make_page, text  # noqa: E402


def known_run():
    with folder() as where, Browser() as browser:
        page = make_page(where, saved_runs.csv(saved_runs.small(), saved_runs.SMALL_ENERGY))
        browser.media(scheme="light")
        browser.open(f"file://{page}")
        check_equal("no script of the page fails", browser.errors(), [])
        check_equal("title", text(browser, "#title"), "make -j2")
        cards = dict(browser.js("""[...document.querySelectorAll(".card")].map(card =>
            [card.querySelector("h3").textContent, card.querySelector("b").textContent])"""))
        check_equal("totals", {
            key: cards[key]
            for key in ("Wall time", "CPU time", "Energy", "Processes", "Failed")}, {
                "Wall time": "1.00 s", "CPU time": "1.01 s", "Energy": "14.5 J", "Processes": "5",
                "Failed": "2"})
        check_equal("energy of the processes, of the machine, and its counters", browser.js(
            """[...[...document.querySelectorAll(".card")].find(card =>
            card.textContent.startsWith("Energy")).querySelectorAll("p, li")]
            .map(line => line.textContent)"""), [
                "of 32.5 J of the machine", "these processes14.5 J", "not distributed18.0 J",
                "package 030.0 J", "dram 02.50 J"])
        check_equal("the largest memory", cards["Most memory"], "200 MiB")
        check("how they failed",
              text(browser, ".card.bad p") in ("exit 1, SIGSEGV", "SIGSEGV, exit 1"),
              text(browser, ".card.bad p"))
        check_equal("which failed first", browser.js(
            """(() => { const link = document.querySelector(".card.bad .link"); link.click();
            const found = [link.textContent, report.run.pid[report.selected]];
            report.select(-1); return found; })()"""), ["first: cc1 …/b.c", 103])
        lanes(browser)
        series(browser)
        alone(browser)
        icicle(browser)
        keep(browser, "small.png")


def a_writer_without_readers():
    """It is the only one that failed; then a process failed after it."""
    processes = [Process(2, 1, "yes", "yes", MS, 2 * MS, signal=13),
                 Process(1, 0, "sh", "sh -c 'yes | head'", 0, 4 * MS)]
    for name, link, more in (("alone", [], []), (
            "before another", ["first: grep x"], [
                Process(3, 1, "grep", "grep x", 2 * MS, 3 * MS, status=2)])):
        with folder() as where, Browser() as browser:
            page = make_page(where, saved_runs.csv(more + processes, ()))
            browser.open(f"file://{page}")
            check_equal(f"a writer without readers, {name}: which failed first", browser.js(
                """[...document.querySelectorAll(".card.bad .link")]
                .map(link => link.textContent)"""), link)
            check_equal("no script of the page fails", browser.errors(), [])


def lanes(browser):
    check_equal("as many lanes as lived at once", browser.js("report.run.lanes"), 4)
    overlap = browser.js("""(() => {
        const r = report.run;
        for (let a = 0; a < r.n; a++)
            for (let b = 0; b < a; b++)
                if (r.lane[a] === r.lane[b] && r.begin[a] < r.end[b] && r.begin[b] < r.end[a])
                    return [a, b];
        return null; })()""")
    check_equal("bars of a lane do not overlap", overlap, None)
    # Of each bar a point in its first fifth, above the text; and one where nothing ran.
    where = browser.js("""(() => {
        const t = report.timeline, r = report.run;
        return [...Array(r.n).keys()].map(i =>
            [t.x(r.begin[i] + (r.end[i] - r.begin[i]) * 0.2), r.lane[i] * t.lanes.height + 5]);
        })()""")
    nothing = browser.js(
        "[report.timeline.x(950e6), report.run.lane[4] * report.timeline.lanes.height + 9]")
    found = colours(browser, "#lanes", where + [nothing])
    expected = browser.js("[...report.run.colour].map(c => theme.palette[c])")
    check_equal("bars have the colours of their commands", found[:5], expected)
    check_equal("behind the last bar nothing is drawn", found[5], "#ffffff")
    check_equal("two of one command have one colour", found[2], found[3])
    frames = browser.js(
        """(() => { const t = report.timeline, r = report.run; return [3, 4].map(i =>
        [t.x(r.begin[i]) + 60, r.lane[i] * t.lanes.height + 4]); })()""")
    check_equal("those that failed have a frame", colours(browser, "#lanes", frames),
                [browser.js("theme.fail")] * 2)


def series(browser):
    # make uses 0.1 all the time; sh 10 ms in 400; cc1 1 each in its time; ld 1.
    busy = browser.js(
        "[50, 150, 300, 450, 700, 950].map(ms => "
        "report.timeline.series.cpus[Math.floor(report.timeline.x(ms * 1e6) - "
        "report.timeline.x(0))])"
    )
    check("CPUs busy",
          all(abs(a - b) < 0.02 for a, b in zip(busy, [0.1, 1.125, 2.125, 0.125, 1.1, 0.1])), busy)
    area = browser.js(
        "report.timeline.series.cpus.reduce((sum, cpus) => sum + cpus, 0) / "
        "report.timeline.series.cpus.length"
    )
    check("their area is the CPU time", abs(area - 1.01) < 0.01, area)
    watts = browser.js(
        "report.timeline.series.watts.map(line => line.steps.map(step => [...step.slice(0, 2), "
        "+step[2].toFixed(9)]))"
    )
    check_equal("watts of the package", watts[0],
                [[0, 250e6, 20], [250e6, 500e6, 40], [500e6, 750e6, 30], [750e6, 1e9, 30]])
    check_equal("watts of the memory", watts[1], [[0, 500e6, 2], [500e6, 1e9, 3]])


def alone(browser):
    found = browser.js("[...report.run.alone].map(ns => ns / 1e6)")
    # make until 100 and from 900; cc1 a until 200; sh from 400, when both compilers ended; ld.
    check_equal("time in which one only ran", found, [200, 100, 100, 0, 400])
    check("it is told", "800 ms (80.0 % of the run)" in text(browser, "#alone-text"),
          text(browser, "#alone-text"))
    check("the longest first", "ld -o prog" in text(browser, "#alone-table tr"),
          text(browser, "#alone-table"))


def icicle(browser):
    check_equal("icicle: energy first, if there is any",
                browser.js("report.icicle.measure.name"), "energy")
    browser.js("report.icicle.choose(0)")
    browser.frame()
    boxes = browser.js(
        "report.icicle.boxes.map(box => "
        "[report.icicle.label(box.node), Math.round(box.node.total / 1e6)])"
    )
    check_equal("icicle by CPU", boxes,
                [["make", 1010], ["ld", 400], ["sh", 310], ["cc1", 300], ["cc1", 200]])
    widths = browser.js("report.icicle.boxes.map(box => box.width)")
    check("as wide as their part", abs(widths[1] / widths[0] - 400 / 1010) < 0.001, widths)
    browser.js("report.icicle.choose(1)")
    browser.frame()
    total = browser.js("report.run.tree.total")
    check("icicle by energy", abs(total - 14.5) < 1e-6, total)
    browser.js("report.icicle.choose(0)")
    browser.frame()
    x, y, width, _ = box(browser, "#icicle")
    # "ld" is the first box below make.
    browser.click(x + 20, y + 33)
    check("click zooms in", text(browser, "#path").startswith("ld: 400 ms"), text(browser, "#path"))
    browser.click(x + 20, y + 33)
    check_equal(
        "and again out",
        browser.js("report.icicle.top.comm >= 0 && report.run.texts[report.icicle.top.comm]"),
        "make")
    browser.js("document.getElementById('icicle-out').click()")
    browser.frame()


def functions_below_processes():
    """Two compilers of 300 and 200 ms with samples: their time is their functions'; others stay as
    they are."""
    at = 1000 * MS
    moment = saved_runs.timestamp(at)

    def frame(number, function, module, parent=None):
        return at, (f"profile_frame;{moment};{number};{MACHINE}" +
                    saved_runs.late(function=function, module=module, parent=parent))

    def samples(pid, number, count):
        return at, (f"profile_samples;{moment};{count};{of(pid)}" +
                    saved_runs.late(command="cc1", event="cpu-clock", stack=number,
                                    weight=count * 10 * MS))

    rows = [
        frame(1, "main", "cc1"),
        frame(2, "parse<a, b>", "cc1", 1),
        frame(3, "exc_page_fault", "[kernel]", 2),
        frame(4, "<img src=x onerror=alert(1)>", "lib.so", 1),
        samples(102, 2, 20),
        samples(102, 3, 10),
        samples(103, 4, 15),
        samples(103, 1, 5)]
    with folder() as where, Browser() as browser:
        browser.open(f"file://{make_page(where, saved_runs.csv(saved_runs.small(), rows))}")
        browser.js("report.icicle.choose(0)")
        found = browser.js("""report.run.nodes.filter(node => node.frame >= 0).map(node =>
            [report.run.texts[node.comm],
                node.parent.frame >= 0 ? report.run.texts[node.parent.comm] : "",
                Math.round(node.own / 1e6), Math.round(node.total / 1e6)])""")
        # The two cc1 have different parents, so main is there twice.
        check_equal(
            "functions below their processes, with the processes' time", sorted(found),
            sorted([["main", "", 0, 300], ["parse<a, b>", "main", 200, 300],
                    ["exc_page_fault", "parse<a, b>", 100, 100], ["main", "", 50, 200],
                    ["<img src=x onerror=alert(1)>", "main", 150, 150]]))
        check_equal("the whole is what it was",
                    browser.js("Math.round(report.run.tree.total / 1e6)"), 1010)
        # Of 4 J with 30 samples, and 3 J with 20.
        check_equal("the hottest functions are a table", browser.js(
            """[...document.querySelectorAll("#hot-table tr")].map(row =>
            [...row.cells].map(cell => cell.textContent).join("|"))"""), [
                "38.1 %|2.67 J|200 ms|20 samples||parse<a, b>cc1",
                "32.1 %|2.25 J|150 ms|15 samples||<img src=x onerror=alert(1)>lib.so",
                "19.0 %|1.33 J|100 ms|10 samples||exc_page_fault[kernel]",
                "10.7 %|750 mJ|50.0 ms|5 samples||maincc1"])
        check_equal("names are texts",
                    browser.js("document.querySelectorAll('#hot-table img').length"), 0)
        browser.size(390, 800)
        width = browser.js("document.querySelector('#hot-table .name').clientWidth")
        check("on a phone there is room for the names of functions", width > 180, width)
        browser.size(1280, 900)
        browser.js(
            "report.icicle.choose("
            "report.icicle.measures.findIndex(m => m.name === 'wall time of each'))"
        )
        check_equal("other measures stop at the process", browser.js(
            "report.run.nodes.filter(node => node.frame >= 0 && node.total > 0).length"), 0)
        check_equal("no script of the page fails", browser.errors(), [])
        browser.open(f"file://{make_page(where, saved_runs.csv(saved_runs.small()), 'without')}")
        check("without a profile there is no such table",
              browser.js("document.getElementById('hot-section').hidden"))


def ranks_of_a_job():
    """The files of three ranks on two hosts, the first of which two have measured: one tree, a
    table, energy once."""
    def rank(number, host, cpu, joules):
        where = {"hostname": host, "boot_id": "b", "job_id": 9, "step": 1, "rank": number}
        info = (0, f"run_info;{saved_runs.timestamp(0)};1;{MACHINE}" + saved_runs.late(**where))
        told = (1000 * MS,
                f"run_note;{saved_runs.timestamp(1000 * MS)};1;{MACHINE}" +
                saved_runs.late(kind="loss", text=f"<b>rank {number}</b> lost something"))
        return saved_runs.csv(
            [Process(100, 99, "solver", "solver -n 4", 0, 1000 * MS, cpu=cpu * MS)],
            [info, told] + saved_runs.energy_rows("package", [(1000 * MS, joules)]))
    with folder() as where, Browser() as browser:
        for number, host, cpu, joules in ((0, "a", 300, 10.0), (1, "a", 500, 10.0), (2, "b", 700,
                                                                                     30.0)):
            (where / f"r{number}.csv").write_bytes(rank(number, host, cpu, joules))
        page = where / "job.html"
        subprocess.run([AGENT, "report", "-o",
                        str(page), str(where / "r*.csv")], check=True, capture_output=True,
                       timeout=60)
        browser.open(f"file://{page}")
        check_equal("ranks: no script of the page fails", browser.errors(), [])
        boxes = browser.js(
            "report.icicle.boxes.map(box => [report.icicle.label(box.node), "
            "Math.round(box.node.total / 1e6)])"
        )
        check_equal("ranks: one tree over hosts and ranks", boxes,
                    [["a", 800], ["rank 1", 500], ["solver", 500], ["rank 0", 300], ["solver", 300],
                     ["b", 700], ["rank 2", 700], ["solver", 700]])
        table = browser.js(
            "[...document.querySelectorAll('#ranks-table tbody tr')].map(row => "
            "[...row.cells].slice(0, 3).map(cell => cell.textContent))"
        )
        check_equal("ranks: a line for each", table,
                    [["0", "a", "1"], ["1", "a", "1"], ["2", "b", "1"]])
        check(
            "ranks: how even they are", "300.0 ms (rank 0)" in text(browser, "#ranks-text") and
            "1.40" in text(browser, "#ranks-text"), text(browser, "#ranks-text"))
        check_equal("ranks: a node's energy counts once",
                    browser.js("report.run.energies.reduce((sum, one) => sum + one.joules, 0)"), 40)
        check_equal("ranks: the counters of each node", browser.js(
            "report.run.counters.map(counter => [counter.name, counter.joules])"),
                    [["a package 0", 10], ["b package 0", 30]])
        check_equal("ranks: they ran at once", browser.js(
            "[...document.querySelectorAll('.card')].slice(0, 2).map(card => card.textContent)"),
                    ["Wall time1.00 s3 runs", "CPU time1.50 s1.50 CPUs busy on average"])
        check_equal("ranks: the table has the host and rank of each process", browser.js(
            """report.table.csv().split("\\n").slice(0, 4).map(row =>
            row.split(",").slice(-5, -3).join())"""),
                    ['"Host, rank"', ",b rank 2", ",a rank 1", ",a rank 0"])
        check_equal("what was lost is told, as text",
                    (browser.js("document.querySelectorAll('#notes p').length"),
                     browser.js("document.querySelectorAll('#notes span b').length")), (3, 0))
        check("and of which file", "r1.csv: <b>rank 1</b> lost something"
              in text(browser, "#notes"), text(browser, "#notes"))
        browser.js("report.find('solver')")
        browser.frame()
        check_equal("ranks: search finds them", text(browser, "#matches"), "3 matches")


if __name__ == "__main__":
    main_in_browser(known_run, a_writer_without_readers, functions_below_processes, ranks_of_a_job)
