#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
A picture of a page for the documentation, its upper part, at half the size of a wide window:
picture.py PAGE.html OUT.png
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from devtools import Browser  # noqa: E402


def picture(page, path):
    with Browser(1500, 1240) as browser:
        browser.media(scheme="light")
        browser.open(f"file://{pathlib.Path(page).resolve()}")
        browser.size(1500, 1240, 0.8)
        browser.frame()
        browser.picture(path)


if __name__ == "__main__":
    picture(*sys.argv[1:])
