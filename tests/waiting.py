# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How tests wait. Nothing else in tests/ sleeps: tests/integration/structure.py checks that."""

import time


def wait_until(condition, timeout=10, interval=0.01):
    """True as soon as the condition holds, false if it never does."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(interval)
    return False


def let_pass(seconds, why):
    """Let time pass that belongs to what is tested; why says what for. To wait for an event:
    wait_until()."""
    assert why
    time.sleep(seconds)
