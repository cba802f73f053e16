# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The page of a report in headless Chromium, as its tests make it, look at it and find the place of a
process in it. PICTURES=FOLDER keeps pictures.
"""

import io
import os
import pathlib
import struct
import subprocess
import zlib

from devtools import find_browser
from lib import AGENT, main, skip  # of tests/integration

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


def main_in_browser(*tests):
    """Run the tests, as main() does, where there is a browser."""
    if not find_browser():
        return skip("page", "Chromium is not installed; run tools/setup.sh browser")
    return main(*tests)
