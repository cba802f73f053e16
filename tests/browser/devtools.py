# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Headless Chromium, driven by its DevTools protocol over a pipe (--remote-debugging-pipe): messages
in JSON, each ended by a NUL, into file descriptor 3 of the browser, out of its 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from waiting import wait_until


def find_browser():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which(
        "google-chrome")


class Failed(Exception):
    """The browser refused a command, or a script of the page threw."""


class Browser:
    """One browser with one page."""

    def __init__(self, width=1280, height=900):
        self.folder = tempfile.mkdtemp(prefix="alumet-browser-")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # The browser has them as 3 and 4; the shell moves them there.
        command = [
            find_browser(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox",
            "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-dev-shm-usage",
            "--force-color-profile=srgb", f"--user-data-dir={self.folder}",
            f"--window-size={width},{height}", "about:blank"]
        self._process = subprocess.Popen([
            "sh", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser} 2>/dev/null', "sh", *command],
                                         pass_fds=(to_browser, from_browser),
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self.events = []
        self._session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(domain + ".enable")
        self.size(width, height)

    def close(self):
        try:
            self._session = None
            self.call("Browser.close")
        except (Failed, OSError):
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _receive(self, timeout):
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], timeout)[0]:
                raise Failed("the browser does not answer")
            got = os.read(self._in, 1 << 20)
            if not got:
                raise Failed("the browser has ended")
            self._buffer += got
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, timeout=120, **parameters):
        """One command and its result; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive(timeout)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    # --- the page ---

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=False)

    def media(self, media="", scheme="light"):
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def js(self, expression):
        """The value of an expression in the page; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise Failed(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    def open(self, url):
        """Open an address and wait until the page says that it is drawn. Returns the seconds it
        took."""
        self.events.clear()
        began = time.monotonic()
        self.call("Page.navigate", url=url)
        if not wait_until(lambda: self.js("document.documentElement?.dataset.ready || ''"), 60):
            raise Failed("the page is not drawn after 60 s")
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return time.monotonic() - began

    def frame(self):
        """Wait until what was asked for is drawn."""
        self.js(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
            "setTimeout(done))))"
        )

    def tasks(self, act):
        """(CPU, wall) in ms of the longest tasks of the page's own thread while act() is done, by
        CPU time."""
        self.events.clear()
        self.call(
            "Tracing.start", transferMode="ReportEvents", traceConfig={
                "recordMode": "recordAsMuchAsPossible",
                "includedCategories": ["toplevel", "__metadata"]})
        act()
        self.call("Tracing.end")
        while not any(event["method"] == "Tracing.tracingComplete" for event in self.events):
            self.js("1")
        trace = [
            one for event in self.events if event["method"] == "Tracing.dataCollected"
            for one in event["params"]["value"]]
        threads = {(one["pid"], one["tid"]) for one in trace
                   if one["name"] == "thread_name" and one["args"].get("name") == "CrRendererMain"}
        return sorted(((one.get("tdur", 0) / 1000, one["dur"] / 1000) for one in trace
                       if one["ph"] == "X" and (one["pid"], one["tid"]) in threads), reverse=True)

    def requests(self):
        """Addresses that the page asked for since it was opened."""
        return [event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"]

    def errors(self):
        """What the page's scripts threw, or wrote as an error."""
        found = [event["params"]["exceptionDetails"]["text"] for event in self.events
                 if event["method"] == "Runtime.exceptionThrown"]
        return found + [
            str(event["params"]["args"]) for event in self.events
            if event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] == "error"]

    def picture(self, path=None, whole=False, clip=None):
        """A PNG of what is shown, or of the whole page."""
        parameters = {"captureBeyondViewport": whole}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = (0, 0, size["width"], size["height"])
        if clip:
            parameters["clip"] = dict(zip(("x", "y", "width", "height"), clip), scale=1)
        data = base64.b64decode(
            self.call("Page.captureScreenshot", format="png", **parameters)["data"])
        if path:
            with open(path, "wb") as file:
                file.write(data)
        return data

    # --- hands ---

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x, y, count=1):
        self.mouse("mouseMoved", x, y)
        for number in range(1, count + 1):
            self.mouse("mousePressed", x, y, button="left", clickCount=number)
            self.mouse("mouseReleased", x, y, button="left", clickCount=number)
        self.frame()

    def drag(self, x, y, to_x, to_y, modifiers=0):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1, modifiers=modifiers)
        for step in range(1, 6):
            self.mouse("mouseMoved", x + (to_x - x) * step / 5, y + (to_y - y) * step / 5,
                       button="left", buttons=1, modifiers=modifiers)
        self.mouse("mouseReleased", to_x, to_y, button="left", clickCount=1, modifiers=modifiers)
        self.frame()

    def wheel(self, x, y, by):
        self.mouse("mouseWheel", x, y, deltaX=0, deltaY=by)
        self.frame()

    def key(self, key, text=None, modifiers=0):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text or
                  (key if len(key) == 1 else ""), modifiers=modifiers)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=modifiers)
        self.frame()

    def type(self, text):
        for letter in text:
            self.key(letter)
