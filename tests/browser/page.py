# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The page of a report in headless Chromium: what is drawn for runs of which everything is known, what
pointer and keys do, and that no name and no size of a run does harm. PICTURES=FOLDER keeps
pictures; `picture PAGE.html OUT.png` takes one of a page.
"""

import io
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "integration")]

import saved_runs  # noqa: E402
from devtools import Browser, find_browser  # noqa: E402
from lib import AGENT, check, check_equal, folder, main, skip  # noqa: E402
from saved_runs import MS, Process  # noqa: E402

PICTURES = os.environ.get("PICTURES")


def make_page(where, csv, name="run"):
    """The page of a CSV; its path."""
    (where / f"{name}.csv").write_bytes(csv)
    page = where / f"{name}.html"
    result = subprocess.run(
        [AGENT, "report", "-o", str(page),
         str(where / f"{name}.csv")], capture_output=True, text=True, timeout=120)
    if result.returncode:
        raise AssertionError(result.stderr)
    return page


def pixels(png):
    """Decode a PNG of eight bits, RGB or RGBA, not interlaced: (width, height, rows of bytes, bytes
    a pixel)."""
    stream, data = io.BytesIO(png[8:]), b""
    while True:
        length, kind = struct.unpack(">I4s", stream.read(8))
        body = stream.read(length)
        stream.read(4)
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            data += body
        elif kind == b"IEND":
            break
    size = 4 if colour == 6 else 3
    raw, rows, before, at = zlib.decompress(data), [], bytearray(width * size), 0
    for _ in range(height):
        method, line = raw[at], bytearray(raw[at + 1:at + 1 + width * size])
        at += 1 + width * size
        for i in range(len(line)):
            left = line[i - size] if i >= size else 0
            up, corner = before[i], before[i - size] if i >= size else 0
            if method == 1:
                line[i] = line[i] + left & 255
            elif method == 2:
                line[i] = line[i] + up & 255
            elif method == 3:
                line[i] = line[i] + (left + up) // 2 & 255
            elif method == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                           (abs(guess - corner), 2, corner))
                line[i] = line[i] + near[2] & 255
        rows.append(line)
        before = line
    return width, height, rows, size


def box(browser, selector):
    """The place of an element in the window, scrolled into view."""
    return browser.js(f"""(() => {{ const e = document.querySelector({selector!r});
        e.scrollIntoView({{block: "center"}});
        const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }})()""")


def colours(browser, selector, points):
    """The colours as "#rrggbb" at points (x, y) of an element."""
    x, y, width, height = box(browser, selector)
    scroll = browser.js("[scrollX, scrollY]")
    browser.frame()
    png = browser.picture(clip=(x + scroll[0], y + scroll[1], width, height))
    _, _, rows, size = pixels(png)
    return [
        "#%02x%02x%02x" % tuple(rows[int(py)][int(px) * size:int(px) * size + 3])
        for px, py in points]


def text(browser, selector):
    return browser.js(f"document.querySelector({selector!r}).textContent")


def selected(browser):
    """The pid of the selected process, None: none is."""
    return browser.js("report.selected < 0 ? null : report.run.pid[report.selected]")


def place(browser, pid):
    """The middle of a process's bar in the window."""
    box(browser, "#lanes")
    return browser.js(f"""(() => {{
        const t = report.timeline, r = report.run, i = r.pid.indexOf({pid});
        const b = document.getElementById("time").getBoundingClientRect();
        const l = document.getElementById("lanes").getBoundingClientRect();
        const from = Math.max(r.begin[i], t.view.from), to = Math.min(r.end[i], t.view.to);
        return [b.x + (t.x(from) + t.x(to)) / 2,
            l.y + 3 + (r.lane[i] + 0.5) * t.lanes.height
            - document.getElementById("lanes-box").scrollTop]; }})()""")


def keep(browser, name, whole=True):
    if PICTURES:
        pathlib.Path(PICTURES).mkdir(parents=True, exist_ok=True)
        browser.picture(pathlib.Path(PICTURES) / name, whole=whole)


# --- what is drawn -------------------------------------------------------------------------------

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
                "Wall time": "1.00 s", "CPU time": "1.01 s", "Energy": "32.5 J", "Processes": "5",
                "Failed": "2"})
        check_equal("the largest memory", cards["Most memory"], "200 MiB")
        check("how they failed",
              text(browser, ".card.bad p") in ("exit 1, SIGSEGV", "SIGSEGV, exit 1"),
              text(browser, ".card.bad p"))
        lanes(browser)
        series(browser)
        alone(browser)
        icicle(browser)
        keep(browser, "small.png")


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


# --- what pointer and keys do --------------------------------------------------------------------

def hands():
    with folder() as where, Browser() as browser:
        page = make_page(where, saved_runs.csv(saved_runs.small(), saved_runs.SMALL_ENERGY))
        browser.media(scheme="light")
        browser.open(f"file://{page}")
        pointer(browser)
        keys(browser)
        search(browser)
        table(browser)
        check_equal("no script of the page fails", browser.errors(), [])


def view(browser):
    return [
        round(ns / 1e6)
        for ns in browser.js("[report.timeline.view.from, report.timeline.view.to]")]


def pointer(browser):
    browser.click(*place(browser, 102))
    check_equal("click selects", selected(browser), 102)
    check("its command line is shown", "cc1 -O2 src/a.c" in text(browser, "#detail"),
          text(browser, "#detail"))
    browser.js("document.querySelector('#detail .link[data-process]').click()")
    check_equal("click on the parent", selected(browser), 101)
    browser.js("[...document.querySelectorAll('#detail .link[data-process]')].at(-1).click()")
    check_equal("click on the child", selected(browser), 102)
    x, y = place(browser, 104)
    browser.wheel(x, y, -300)
    begin, end = view(browser)
    check("wheel zooms in around the pointer", 0 < begin < 700 < end < 1000, (begin, end))
    browser.click(x, y, count=2)
    check_equal("double click: the whole run", view(browser), [0, 1000])
    left = browser.js("document.getElementById('time').getBoundingClientRect().x")
    from_x, to_x = (left + browser.js(f"report.timeline.x({ms}e6)") for ms in (500, 900))
    browser.drag(from_x, y, to_x, y)
    begin, end = view(browser)
    check("drag zooms to what is marked", abs(begin - 500) < 3 and abs(end - 900) < 3, (begin, end))
    browser.drag(left + 600, y, left + 700, y, modifiers=8)
    check("Shift drag moves",
          view(browser)[0] < begin - 20 and abs(view(browser)[1] - view(browser)[0] - 400) < 6,
          view(browser))
    browser.js("document.getElementById('zoom-out').click()")
    browser.frame()
    check_equal("the button: the whole run", view(browser), [0, 1000])
    browser.mouse("mouseMoved", *place(browser, 103))
    browser.frame()
    tip = text(browser, "#tip")
    check("a tip tells the process", "cc1 -O2 src/b.c" in tip and "exit 1" in tip and
          "pid 103" in tip, tip)


def keys(browser):
    browser.js("document.getElementById('time').focus(); report.select(2)")
    for key, pid in (("p", 101), ("p", 100), ("c", 101), ("s", 103), ("s", 104)):
        browser.key(key)
        check_equal(f"key {key}", selected(browser), pid)
    browser.key("z")
    begin, end = view(browser)
    check("key z zooms to it", abs(begin - 480) < 3 and abs(end - 920) < 3, (begin, end))
    browser.key("0")
    browser.key("+")
    check_equal("key +", view(browser), [200, 800])
    browser.key("ArrowRight")
    check_equal("key right", view(browser), [320, 920])
    browser.key("0")
    browser.key("Escape")
    check_equal("key Esc: nothing selected", selected(browser), None)
    browser.key("?")
    check_equal("key ?: help", browser.js("document.getElementById('help').open"), True)
    browser.js("document.getElementById('help').close()")


def search(browser):
    browser.js("document.activeElement.blur()")
    browser.key("/")
    check_equal("key /: search", browser.js("document.activeElement.id"), "search")
    browser.type("b.c")
    browser.js("new Promise(done => setTimeout(done, 200))")
    check_equal("matches are counted", text(browser, "#matches"), "1 match")
    check_equal("the table has only them", text(browser, "#table-count"), "1 of 5 processes")
    browser.key("Enter")
    check_equal("Enter selects the next", selected(browser), 103)
    browser.js("document.activeElement.blur()")
    browser.key("Escape")
    browser.js("new Promise(done => setTimeout(done, 200))")
    check_equal("Esc ends the search", text(browser, "#table-count"), "5 processes")


def commands(browser):
    return browser.js(
        "[...document.querySelectorAll('.row')].map(row => +row.dataset.process + 100)")


def table(browser):
    check_equal("sorted by CPU time", commands(browser), [104, 102, 103, 100, 101])
    head = ("[...document.querySelectorAll('#head button')].find(button => "
            "button.textContent.startsWith('{}')).click()")
    browser.js(head.format("Peak memory"))
    check_equal("sorted by memory", commands(browser)[:3], [102, 103, 100])
    browser.js(head.format("Pid"))
    browser.js(head.format("Pid"))
    check_equal("sorted by pid, ascending", commands(browser), [100, 101, 102, 103, 104])
    browser.js("document.getElementById('failed-only').click()")
    check_equal("only those that failed", commands(browser), [103, 104])
    csv = browser.js("report.table.csv()").splitlines()
    check_equal("as CSV: a head and what is shown", len(csv), 3)
    check("in base units",
          csv[2].startswith("ld,400000000,400000000,6,") and
          csv[2].endswith(",SIGSEGV,500000000,104,ld -o prog a.o b.o"), csv[2])
    browser.call("Browser.grantPermissions",
                 permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.js("document.getElementById('copy').click()")
    browser.js("new Promise(done => setTimeout(done, 100))")
    check_equal("the button copies it",
                browser.js("navigator.clipboard.readText().catch(String)").splitlines(), csv)
    check_equal("and says how much", text(browser, "#copy"), "Copied 2 rows")
    browser.js(
        "document.getElementById('failed-only').click(); report.timeline.show(450e6, 480e6); "
        "document.getElementById('window-only').click()"
    )
    check_equal("only the time shown", commands(browser), [100, 101])
    browser.js("document.getElementById('window-only').click(); report.timeline.show(0, 1e9)")
    x, y, _, _ = box(browser, ".row:nth-child(3)")
    browser.click(x + 30, y + 10)
    check_equal("click in the table selects", selected(browser), 102)


# --- looks ---------------------------------------------------------------------------------------

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


# --- names ---------------------------------------------------------------------------------------

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
    with folder() as where, Browser() as browser:
        for name, csv in (("nothing", nothing), ("only energy", only_energy),
                          ("one moment", moment), ("900 deep", deep), ("3000 at once", wide)):
            browser.open(f"file://{make_page(where, csv, name.replace(' ', '-'))}")
            check_equal(f"{name}: drawn", browser.js("document.documentElement.dataset.ready"),
                        "yes")
            browser.js("report.timeline.zoom(0.1, 1e6); report.find('1')")
            browser.frame()
            check_equal(f"{name}: no script of the page fails", browser.errors(), [])


def estimates():
    """A number that may be wrong by more than 1 % has the mark that it has in the text; the page
    begins with the cost that --by names."""
    rows = saved_runs.csv(saved_runs.small()).decode().splitlines()
    bounds = {"4000": "estimated=7000", "3000": "estimated=12"}
    rows = [row + bounds.get(row.split(";")[2], "") * ("PAGE_FAULTS" in row) for row in rows]
    with folder() as where, Browser() as browser:
        (where / "run.csv").write_text("\n".join(rows + [""]), encoding="ascii")
        for by in ([], ["--by", "page-faults"]):
            subprocess.run([AGENT, "report", *by, "-o", str(where / "run.html"),
                            str(where / "run.csv")], check=True, timeout=60)
            browser.open(f"file://{where / 'run.html'}")
            check_equal(f"{by}: what sorts the table, and the tree", browser.js(
                "[report.table.sort.name, report.icicle.measure.name]"),
                        ["page-faults"] * 2 if by else ["CPU", "CPU time"])
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


# --- one run, everywhere -------------------------------------------------------------------------

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
    sys.path.insert(0, str(HERE.parents[1] / "build" / "witness" / "python"))
    try:
        import duckdb
    except ImportError:
        return skip("the same totals everywhere", "duckdb is not there; run tools/setup.sh browser")
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
            browser.js("report.run.runs[0].wall")}, {summary["wall_ns"]})


# --- functions -----------------------------------------------------------------------------------

def functions_below_processes():
    """Two compilers of 300 and 200 ms with samples: their time is their functions'; others stay as
    they are."""
    at = 1000 * MS
    moment = saved_runs.timestamp(at)

    def frame(number, function, module, parent=None):
        return at, (f"profile_frame;{moment};{number};local_machine;;local_machine;;" +
                    saved_runs.late(function=function, module=module, parent=parent))

    def samples(pid, number, count):
        return at, (f"profile_samples;{moment};{count};local_machine;;process;{pid};" +
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
        check("the hottest functions are a table",
              text(browser, "#hot-table tr").startswith("parse<a, b>cc1"),
              text(browser, "#hot-table"))
        check_equal("names are texts",
                    browser.js("document.querySelectorAll('#hot-table img').length"), 0)
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


# --- a parallel job ------------------------------------------------------------------------------

def ranks_of_a_job():
    """The files of two ranks on two hosts, the first of which both have measured: one tree, a
    table, energy once."""
    def rank(number, host, cpu, joules):
        where = {"hostname": host, "boot_id": "b", "job_id": 9, "step": 1, "rank": number}
        info = (0, f"run_info;{saved_runs.timestamp(0)};1;local_machine;;local_machine;;" +
                saved_runs.late(**where))
        told = (1000 * MS,
                f"run_note;{saved_runs.timestamp(1000 * MS)};1;local_machine;;local_machine;;" +
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
        check_equal("what was lost is told, as text",
                    (browser.js("document.querySelectorAll('#notes p').length"),
                     browser.js("document.querySelectorAll('#notes span b').length")), (3, 0))
        check("and of which file", "r1.csv: <b>rank 1</b> lost something"
              in text(browser, "#notes"), text(browser, "#notes"))
        browser.js("report.find('solver')")
        browser.frame()
        check_equal("ranks: search finds them", text(browser, "#matches"), "3 matches")


# --- size ----------------------------------------------------------------------------------------

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


def picture(page, path):
    """A picture of a page for the documentation: its upper part, at half the size of a wide window.
    """
    with Browser(1500, 1240) as browser:
        browser.media(scheme="light")
        browser.open(f"file://{pathlib.Path(page).resolve()}")
        browser.size(1500, 1240, 0.8)
        browser.frame()
        browser.picture(path)


def main_or_skip():
    if len(sys.argv) == 4 and sys.argv[1] == "picture":
        return picture(*sys.argv[2:])
    if not find_browser():
        return skip("page", "Chromium is not installed; run tools/setup.sh browser")
    main(known_run, hands, themes_and_print, hostile_names, labels, windows_of_any_width, odd_runs,
         estimates, same_totals, functions_below_processes, ranks_of_a_job, large_run)


if __name__ == "__main__":
    main_or_skip()
