#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A command that waits for a daemon: the summary names the daemon, by the command's socket, and
what measures it."""

import contextlib
import re
import subprocess
import sys

from lib import AGENT, check, check_equal, end, folder, main, text

# Answers each connection once it has used so many seconds of CPU time, itself or in a child that it
# waits for.
DAEMON = """
import os, socket, sys, time
os.nice(-20)
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("ready", flush=True)
def work(until):
    while time.process_time() < until:
        pass
while True:
    connection, _ = listening.accept()
    connection.recv(1)
    if sys.argv[3] == "child":
        child = os.fork()
        if not child:
            work(float(sys.argv[2]))
            os._exit(0)
        os.waitpid(child, 0)
    else:
        work(time.process_time() + float(sys.argv[2]))
    connection.close()
"""

# The first process of a pid namespace, as systemd is one: it listens, and starts the daemon with
# the socket in the place of its own. Words: when ("early" or "late"), path, daemon, the agent's
# command.
FIRST = """
import os, select, socket, subprocess, sys
when, path, daemon, *command = sys.argv[1:]
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
listening.listen()
os.set_inheritable(listening.fileno(), True)
def start():
    command = [sys.executable, "-c", daemon, str(listening.fileno())]
    child = subprocess.Popen(command, close_fds=False)
    print("daemon", child.pid, flush=True)
    return child
child = start() if when == "early" else None
agent = subprocess.Popen(command)
if not child:
    select.select([listening], [], [])
    child = start()
agent.wait()
child.kill()
child.wait()
"""

ACTIVATED = """
import socket, sys, time
connection, _ = socket.socket(fileno=int(sys.argv[1])).accept()
connection.recv(1)
while time.process_time() < 2:
    pass
connection.close()
time.sleep(60)
"""

# Connects, and waits for the answer.
CLIENT = """
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.sendall(b"x")
peer.recv(1)
"""

BUSY = """
import time
while time.process_time() < 2:
    pass
"""

# Of the command's own: a daemon, then its client.
BOTH = """"$1" -c "$2" socket 2 itself > ready &
until [ -s ready ]; do sleep 0.1; done
"$1" -c "$3" socket
kill $!"""


@contextlib.contextmanager
def daemon(path, seconds, where):
    process = subprocess.Popen([sys.executable, "-c", DAEMON, path, str(seconds), where],
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        process.stdout.readline()
        yield process
    finally:
        end(process)
        process.stdout.close()


def summary(command, cwd):
    result = subprocess.run([
        AGENT, "--plugins", "perf,csv,summary", "-e", "TASK_CLOCK", "-o", "out.csv", "exec", "--",
        *command], cwd=cwd, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=300)
    check_equal("the command's status", result.returncode, 0)
    return re.sub(r"\s+", " ", text(result.stderr))


def told():
    shell = ["sh", "-c", '"$@"; :', "sh"]
    for where, name, before in (("itself", "a client", []), ("child", "a client below a shell",
                                                             shell)):
        with folder() as tmp, daemon(str(tmp / "socket"), 2, where) as process:
            said = summary([*before, sys.executable, "-c", CLIENT, str(tmp / "socket")], tmp)
            hint = f"sudo alumet-agent watch {process.pid}'"
            check(f"{name} of a daemon that works ({where}): the summary names it",
                  f"(process {process.pid}, {tmp / 'socket'})" in said and hint in said, said)
            check(f"{name} of a daemon that works ({where}): the file does, too",
                  hint in (tmp / "out.csv").read_text())


def activated():
    """A daemon that the first process starts, before the command or for its connection."""
    for when in "early", "late":
        with folder() as tmp:
            path = str(tmp / "socket")
            result = subprocess.run(
                ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, "-c",
                 FIRST, when, path, ACTIVATED, AGENT, "--plugins", "perf,csv,summary", "-e",
                 "TASK_CLOCK", "-o", str(tmp / "out.csv"), "exec", "--", sys.executable, "-c",
                 CLIENT, path],
                capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=300)
            said = re.sub(r"\s+", " ", text(result.stderr))
            pid = text(result.stdout).partition("daemon ")[2].split()[0]
        check(f"a daemon that systemd would have started ({when}): the summary names it",
              f"(process {pid}, {path})" in said and f"alumet-agent watch {pid}'" in said, said)


def not_told():
    with folder() as tmp, daemon(str(tmp / "socket"), 0, "itself"):
        for name, and_then in (("a daemon that does nothing", "import time; time.sleep(1)"),
                               ("a daemon of a command that works itself", BUSY)):
            said = summary([sys.executable, "-c", CLIENT + and_then, str(tmp / "socket")], tmp)
            check(f"{name} is not named", "is not in this tree" not in said, said)
    with folder() as tmp:
        said = summary(["sh", "-c", BOTH, "sh", sys.executable, DAEMON, CLIENT], tmp)
        check("a daemon of the command's own is not named", "is not in this tree" not in said, said)


if __name__ == "__main__":
    main(told, activated, not_told)
