#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What pointer and keys do with the page of a report, in headless Chromium."""

import sys

from lib import ROOT, check, check_equal, folder
import saved_runs  # tests/ is in the path by lib

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from devtools import Browser  # noqa: E402
from page import box, main_in_browser, make_page, place, selected, text  # noqa: E402


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


def cannot_zoom_out(browser):
    return browser.js("document.getElementById('zoom-out').disabled")


def pointer(browser):
    check("at first the whole run is shown", cannot_zoom_out(browser))
    browser.click(*place(browser, 102))
    check_equal("click selects", selected(browser), 102)
    check("its command line is shown, and when it began", "cc1 -O2 src/a.c" in text(
        browser, "#detail") and "start100.0 ms" in text(browser, "#detail"),
          text(browser, "#detail"))
    browser.js("document.querySelector('#detail .link[data-process]').click()")
    check_equal("click on the parent", selected(browser), 101)
    browser.js("[...document.querySelectorAll('#detail .link[data-process]')].at(-1).click()")
    check_equal("click on the child", selected(browser), 102)
    x, y = place(browser, 104)
    browser.wheel(x, y, -300)
    begin, end = view(browser)
    check("wheel zooms in around the pointer", 0 < begin < 700 < end < 1000 and
          not cannot_zoom_out(browser), (begin, end))
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
    check_equal("sorted by energy", commands(browser), [104, 102, 103, 100, 101])
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
          csv[2].startswith("ld,6,400000000,400000000,SIGSEGV,") and
          csv[2].endswith(",500000000,104,ld -o prog a.o b.o"), csv[2])
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


if __name__ == "__main__":
    main_in_browser(hands)
