#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
How the page of a report looks, in headless Chromium: themes, paper, windows of any width, and marks
of estimates; and that no name of a process does harm.
"""

import re
import subprocess
import sys

from lib import AGENT, ROOT, check, check_equal, folder
import saved_runs  # tests/ is in the path by lib
from saved_runs import MS, Process

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from devtools import Browser  # noqa: E402
from page import keep, main_in_browser, make_page, text  # noqa: E402


def themes_and_print():
    with folder() as where, Browser() as browser:
        page = make_page(where, saved_runs.csv(saved_runs.build(100)))
        for scheme, back in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 29)")):
            browser.media(scheme=scheme)
            browser.open(f"file://{page}")
            check_equal(f"{scheme}: background",
                        browser.js("getComputedStyle(document.documentElement).backgroundColor"),
                        back)
            contrast = browser.js(
                """(() => { const light = brightness; return theme.palette.map((c, i) => {
                const [a, b] = [light(c), light(theme.onPalette[i])].sort((x, y) => y - x);
                return (a + 0.05) / (b + 0.05); }); })()""")
            check(f"{scheme}: names can be read on every colour (WCAG 4.5)",
                  min(contrast) > 4.5, contrast)
            keep(browser, f"build-{scheme}.png")
        told_apart(browser)
        browser.js("document.getElementById('theme').click()")
        browser.frame()
        check_equal("the button: light",
                    browser.js("getComputedStyle(document.documentElement).backgroundColor"),
                    "rgb(255, 255, 255)")
        pdf = browser.call("Page.printToPDF", printBackground=True, landscape=True)
        check("it prints", len(pdf["data"]) > 20_000, len(pdf["data"]))
        browser.media(media="print")
        browser.js("dispatchEvent(new Event('beforeprint'))")
        check_equal("on paper: white",
                    browser.js("getComputedStyle(document.documentElement).backgroundColor"),
                    "rgb(255, 255, 255)")
        check_equal("on paper: a table of the first processes",
                    browser.js("document.querySelectorAll('#print-table tbody tr').length"), 60)
        check_equal("on paper: how many more there are, and how they ended", browser.js(
            """[document.querySelector("#print-table caption").textContent,
            [...document.querySelectorAll("#print-table th")].pop().textContent,
            [...document.querySelectorAll("#print-table td:last-child")]
            .map(cell => cell.textContent).filter(Boolean)]"""),
                    ["The first 60, by Energy; 42 more", "Ended", ["SIGSEGV"]])
        check_equal("on paper: no search",
                    browser.js("getComputedStyle(document.querySelector('.search')).display"),
                    "none")
        keep(browser, "print.png")


def told_apart(browser):
    """The colours stay apart for those who lack a kind of cone (Machado, Oliveira and Fernandes
    2009)."""
    kinds = {
        "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                       (-0.003882, -0.048116, 1.051998)),
        "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                         (-0.011820, 0.042940, 0.968881)), }
    def linear(colour):
        return [(int(colour[at:at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5)]
    def lab(rgb):
        rgb = [max(0, c) for c in rgb]
        x = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505
        y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
        z = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089
        fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
        return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
    for scheme in ("light", "dark"):
        palette = browser.js(f"PALETTE.{scheme}")
        for kind, matrix in kinds.items():
            seen = [
                lab([sum(m * c for m, c in zip(row, linear(colour))) for row in matrix])
                for colour in palette]
            nearest = min((sum((p - q) ** 2 for p, q in zip(a, b)) ** 0.5, i, j)
                          for i, a in enumerate(seen) for j, b in enumerate(seen[:i]))
            check(f"{scheme}: colours are told apart with {kind}", nearest[0] > 9, nearest)


def windows_of_any_width():
    """The window of the table ends between two columns; numbers are in it, beside the commands."""
    with folder() as where, Browser() as browser:
        csv = saved_runs.csv(saved_runs.small(), saved_runs.SMALL_ENERGY)
        browser.open(f"file://{make_page(where, csv)}")
        for width, least in ((1280, 6), (800, 4), (480, 2)):
            browser.size(width, 900)
            browser.frame()
            edges = browser.js("""(() => {
                const edge = document.querySelector("#table").clientWidth;
                return [...document.querySelectorAll("#head button")].map(e =>
                    [e.offsetLeft - edge, e.offsetLeft + e.offsetWidth - edge]); })()""")
            cut = [at for at in edges[:-1] if at[0] < -1 and at[1] > 1]
            check_equal(f"{width} pixels: no column but the arguments is cut", cut, [])
            shown = sum(at[1] <= 1 for at in edges) - 1
            check(f"{width} pixels: numbers are shown", shown >= least, shown)
            check_equal(f"{width} pixels: the border tells whether there are more", browser.js(
                "document.querySelector('#table').classList.contains('more')"), edges[-1][1] > 1)
        browser.js("document.querySelector('#table').scrollLeft = 300")
        check_equal("commands stay where they are", browser.js(
            """document.querySelector(".row div").getBoundingClientRect().x -
               document.querySelector("#table").getBoundingClientRect().x"""), 1)
        one = saved_runs.csv([Process(1, 0, "true", "true", 0, MS, cpu=MS)])
        browser.open(f"file://{make_page(where, one, 'one')}")
        check("one lane: both lines beside it are whole",
              browser.js("document.querySelector('#lanes').clientHeight") >= 34)


def estimates():
    """A number that may be wrong by more than 1 % has the mark that it has in the text; the page
    begins with the cost that --by names."""
    rows = saved_runs.csv(saved_runs.small()).decode().splitlines()
    bounds = {"4000": "estimated=7000", "3000": "estimated=12"}
    rows = [row + bounds.get(row.split(";")[2], "") * ("PAGE_FAULTS" in row) for row in rows]
    with folder() as where, Browser() as browser:
        (where / "run.csv").write_text("\n".join(rows + [""]), encoding="ascii")
        for by, sort, tree in (([], "Energy", "energy"), (["--by", "cpu"], "CPU", "CPU time"),
                               (["--by", "rss"], "Peak memory", "CPU time"),
                               (["--by", "page-faults"], "page-faults", "page-faults")):
            subprocess.run([AGENT, "report", *by, "-o", str(where / "run.html"),
                            str(where / "run.csv")], check=True, timeout=60)
            browser.open(f"file://{where / 'run.html'}")
            check_equal(f"{by}: what sorts the table, and the tree", browser.js(
                "[report.table.sort.name, report.table.columns[1].name, "
                "report.icicle.measure.name]"), [sort, sort, tree])
        found = browser.js("""[...document.querySelectorAll("#rows .row")].map(
            row => [...row.children].map(cell => cell.textContent))""")
        heads = browser.js("report.table.columns.map(column => column.name)")
        faults = [row[heads.index("page-faults")] for row in found]
        check_equal("estimates: marked in the table", faults, ["~4000", "3000", "900", "50", "20"])
        check("estimates: marked in the tree, with what is below", browser.js(
            "report.icicle.total(report.run.tree)").startswith("~7970"))
        browser.js("report.select([...report.run.pid].indexOf(102), true)")
        check("estimates: marked in the details", "~4000" in text(browser, "#detail"),
              text(browser, "#detail"))
        check_equal("estimates: no script of the page fails", browser.errors(), [])


# --- names ----------------------------------------------------------------------------------------

HOSTILE = [
    "<script>window.broken=1</script>", "</script><img src=x onerror='window.broken=2'>",
    "\"><svg onload=alert(1)>", "a\nb\tc\x1b[31m", "\u202eesrever\u202c",
    "\u05e9\u05dc\u05d5\u05dd עולם", "bad\udcff\udcfe", "x" * 3000, "${window.broken=3}", "`${1}`",
    "\\u003cscript\\u003e", "__proto__", "constructor", "@DATA@", "'", "&amp;&lt;", "日本語", "🎉",
    "a;b,c=d\\e"]


def hostile_names():
    processes = [Process(1, 0, "root", HOSTILE[0], 0, 1000 * MS, cpu=MS)]
    for i, name in enumerate(HOSTILE):
        processes.append(
            Process(10 + i, 1, name, f"{name} {name}", i * 10 * MS, (i * 10 + 200) * MS, cpu=MS,
                    status=i % 2, exe=name))
    with folder() as where, Browser() as browser:
        page = make_page(where, saved_runs.csv(processes), "x&y<z>'")
        browser.open(f"file://{page}".replace("#", "%23"))
        for i in range(len(processes)):
            browser.js(f"report.select({i}, true)")
        browser.js("report.find('script')")
        browser.frame()
        check_equal("nothing of a name is run", browser.js("window.broken"), None)
        check_equal(
            "no element comes from a name",
            browser.js("document.querySelectorAll('img, svg, iframe, #detail script').length"), 0)
        check_equal("no script of the page fails", browser.errors(), [])
        check_equal("nothing but the page itself is asked for",
                    [url[:7] for url in browser.requests()], ["file://"])
        names = browser.js("[...Array(report.run.n).keys()].map(i => report.run.name(i))")
        check_equal("a name appears as it is", names[1:4], HOSTILE[:3])
        check_equal("control characters are shown", names[4], "a\\nb\\tc\\x1b[31m")
        check_equal("a change of direction is shown", names[5], "\\u202eesrever\\u202c")
        check_equal("letters written from the right stay", names[6], HOSTILE[5])
        check_equal("bytes that are not UTF-8 are shown", names[7], "bad\\xff\\xfe")
        check_equal("whatever else", names[9:], HOSTILE[8:])
        title = text(browser, "#title")
        check_equal("the title is the root's command line", title, HOSTILE[0])
        long = saved_runs.csv([Process(1, 0, "long", "long " + "ä" * 3000, 0, MS)])
        browser.open(f"file://{make_page(where, long, 'long')}")
        check_equal("a long title is cut, and has a mark", text(browser, "#title"),
                    "long " + "ä" * 97 + "…")


def labels():
    """What stands beside the name of a command is what the summary has there."""
    lines = [(
        "cc1 -quiet -I include -MMD /tmp/x/a.d src/net/a.c -dumpbase a.c -dumpbase-ext .c -O2 -o "
        "/tmp/ccl4knxG.s"), "as -I include --64 -o src/a.o /tmp/ccl4knxG.s",
             "sh -c 'i=0; while true; do i=1; done'", "ld -plugin /usr/lib/l.so -o prog crt1.o a.o",
             "make -j8 O=/tmp/x all", "sleep 10", "true"]
    processes = [Process(2 + i, 1, line.split()[0], line, i, 20) for i, line in enumerate(lines)]
    csv = saved_runs.csv([Process(1, 0, "root", "root", 0, 30), *processes])
    with folder() as where, Browser() as browser:
        browser.open(f"file://{make_page(where, csv)}")
        found = browser.js("[...Array(report.run.n).keys()].map(i => report.run.label(i))")[1:]
        shown = subprocess.run([AGENT, "report", str(where / "run.csv")], capture_output=True,
                               text=True, timeout=60).stdout
    rows = [re.split(r"  +\d", line.strip("│├└─ "))[0] for line in shown.splitlines()]
    check_equal("labels: as in the summary", [label for label in found if label not in rows], [])
    check_equal("labels: of a script", found[2], "sh -c i=0; while true; do i=1; done")


if __name__ == "__main__":
    main_in_browser(themes_and_print, windows_of_any_width, estimates, hostile_names, labels)
