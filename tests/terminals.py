# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Commands, and the agent with a command, under a terminal of their own."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from lib import agent_args, folder, wait_until  # of tests/integration


class Terminal:
    """A command under a pseudo-terminal of its own session, as a login shell would have it."""

    def __init__(self, command, cwd, rows=24, columns=80, env=None):
        self.output = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", **(env or {})})

    def read(self, until=None, timeout=20):
        """Read until a pattern appears, or to the end; true if it did."""
        end = time.monotonic() + timeout
        while until is None or not re.search(until, self.output):
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                return False
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            if not data:
                return until is None
            self.output += data
        return True

    def wait_without(self, flag):
        """Wait until a program has switched off a local mode: ECHO, ICANON."""
        return wait_until(lambda: not termios.tcgetattr(self.master)[3] & flag, 20)

    def write(self, data):
        os.write(self.master, data)

    def status(self, timeout=20):
        """Wait for the end. Exit status, or minus the signal; None when it does not end."""
        self.read(timeout=timeout)
        found = []

        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                found.append(os.waitstatus_to_exitcode(status))
            return pid
        return found[0] if wait_until(ended, timeout) else None

    def close(self):
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)


@contextlib.contextmanager
def terminal(command, options=("-q",), output="out.csv", **kwargs):
    with folder() as tmp:
        agent = agent_args(command, tmp / output, options=options)
        term = Terminal(agent, tmp, **kwargs)
        try:
            yield term, tmp
        finally:
            term.close()
