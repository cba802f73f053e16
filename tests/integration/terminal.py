#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Under a terminal: editors, pagers, password prompts, Ctrl-C, Ctrl-Z work as without the agent."""

import fcntl
import os
import shutil
import signal
import struct
import sys
import termios

from lib import (agent_args, check, check_equal, comm_of, command_of, folder, let_pass, lives, main,
                 parse, skip, state_of, wait_for_below, wait_until)
from terminals import Terminal, terminal  # tests/ is in the path by lib


def foreground():
    """The command is in the foreground group and may read and change the terminal."""
    script = ("import os, sys, termios, tty\n"
              "print('foreground', os.tcgetpgrp(0) == os.getpgrp(), os.isatty(0), os.isatty(1), "
              "os.isatty(2))\n"
              "old = termios.tcgetattr(0)\n"
              "tty.setraw(0)\n"
              "os.write(1, b'raw')\n"
              "key = os.read(0, 1)\n"
              "termios.tcsetattr(0, termios.TCSADRAIN, old)\n"
              "print('key', key)\n"
              "print('size', *os.get_terminal_size())\n")
    with terminal([sys.executable, "-c", script]) as (term, _):
        term.read(b"raw")
        term.write(b"\x03")  # Ctrl-C is a plain key to an editor
        status = term.status()
        check_equal("full-screen program: status", status, 0)
        check("full-screen program: foreground, a terminal on 0, 1, 2",
              b"foreground True True True True" in term.output, term.output)
        check("full-screen program: reads a key in raw mode", b"key b'\\x03'" in term.output,
              term.output)
        check("full-screen program: sees the size", b"size 80 24" in term.output, term.output)


def password_prompt():
    script = ("import getpass\n"
              "word = getpass.getpass('Password: ')\n"
              "print('got', len(word), word[::-1])\n")
    with terminal([sys.executable, "-c", script]) as (term, _):
        term.read(b"Password: ")
        term.wait_without(termios.ECHO)
        term.write(b"secret\n")
        status = term.status()
        check("password prompt: read from /dev/tty, not echoed", status == 0
              and b"got 6 terces" in term.output and b"secret" not in term.output,
              f"{status} {term.output}")


def pager():
    if not shutil.which("less"):
        return skip("less", "it is not installed")
    with folder() as tmp:
        (tmp / "lines").write_text("".join(f"line {i}\n" for i in range(100)))
        with terminal(["less", str(tmp / "lines")]) as (term, _):
            term.read(b"line 20")
            term.output = b""
            term.write(b" ")
            check("less shows the next page", term.read(b"line 40"), term.output)
            term.write(b"q")
            check_equal("less shows a file and quits", term.status(), 0)


def editor():
    vim = shutil.which("vim") or shutil.which("vim.tiny")
    if not vim:
        return skip("vim", "it is not installed")
    with terminal([vim, "-u", "NONE", "-N", "text"]) as (term, tmp):
        term.read(b"text", timeout=10)
        term.wait_without(termios.ICANON)
        term.write(b"ihello\x1b:wq\r")
        status = term.status()
        written = (tmp / "text").read_text() if (tmp / "text").exists() else None
        check_equal("vim writes a file and quits", (status, written), (0, "hello\n"))


def interrupt_key():
    """Ctrl-C: the kernel gives it to the command, so the agent must not give it again."""
    script = "trap 'echo caught' INT; echo ready; i=0; " \
             "while [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done; exit 3"
    with terminal(["sh", "-c", script]) as (term, tmp):
        term.read(b"ready")
        term.write(b"\x03")
        check_equal("Ctrl-C: status is the command's", term.status(), 3)
        check_equal("Ctrl-C: the command gets it once", term.output.count(b"caught"), 1)
    with terminal(["sleep", "60"]) as (term, tmp):
        wait_for_below(term.pid, "sleep")
        term.write(b"\x03")
        check_equal("Ctrl-C ends the command: status", term.status(), 130)
        found = lives(parse((tmp / "out.csv").read_bytes()))
        check_equal("Ctrl-C ends the command: the file is whole", [life.comm for life in found],
                    ["sleep"])


def quit_key():
    with terminal(["sh", "-c", "ulimit -c 0; echo ready; exec sleep 60"]) as (term, _):
        term.read(b"ready")
        wait_for_below(term.pid, "sleep")
        term.write(b"\x1c")
        check_equal("Ctrl-\\ ends the command: status", term.status(), 131)


def suspend_key():
    """Ctrl-Z in a shell with job control, then fg."""
    if not shutil.which("bash"):
        return skip("Ctrl-Z and fg", "bash is not installed")
    with folder() as tmp:
        agent = agent_args(["sh", "-c", "echo one; sleep 1; echo t''wo"], tmp / "out.csv",
                           options=["-q"])
        term = Terminal([shutil.which("bash"), "--norc", "-i"], tmp, env={"PS1": "prompt$ "})
        try:
            term.read(b"prompt\\$ ")
            term.write(" ".join(f"'{arg}'" if " " in arg and "'" not in arg else
                                '"' + arg + '"' if " " in arg else arg for arg in agent).encode()
                       + b"\n")
            term.read(b"[\r\n]one")
            wait_for_below(term.pid, "sleep")  # a shell in vfork() does not stop
            term.write(b"\x1a")
            stopped = term.read(b"Stopped")
            check("Ctrl-Z stops the agent with its command", stopped, term.output)
            term.output = b""
            term.write(b"fg\n")
            check("fg lets them go on", term.read(b"[\r\n]two"), term.output)
            term.write(b"echo status $?\n")
            check("and end", term.read(b"status 0"), term.output)
            term.write(b"exit\n")
            term.status(5)
        finally:
            term.close()


# So many folders that the command's execvp() takes as long as all else at the agent's start.
LONG_PATH = ":".join(f"/nonexistent/{i}" for i in range(3000)) + ":" + os.environ["PATH"]


def interrupted_at_its_start():
    """Ctrl-C at any moment: the agent ends, or the command does; neither goes on as if it had not.
    """
    wrong = []
    for ms in range(0, 30, 2):
        with terminal(["sh", "-c", "sleep 3; echo sur''vived"],
                      env={"PATH": LONG_PATH}) as (term, _):
            wait_until(lambda: comm_of(term.pid) == "alumet-agent", interval=0.0005)
            let_pass(ms / 1000, "the key comes at another moment each time")
            term.write(b"\x03")
            status = term.status()
            if status not in (130, -signal.SIGINT) or b"survived" in term.output:
                wrong.append((ms, status, term.output))
    check("Ctrl-C while the agent starts", not wrong, f"(ms, status, output): {wrong}")


def suspended_at_its_start():
    """Ctrl-Z while the command is being executed: both stop, and go on."""
    if not shutil.which("bash"):
        return skip("Ctrl-Z while the agent starts", "bash is not installed")
    wrong, stops = [], 0
    with folder() as tmp:
        term = Terminal([shutil.which("bash"), "--norc", "-i"], tmp,
                        env={"PS1": "prompt$ ", "PATH": LONG_PATH})
        agent = " ".join(agent_args(["sleep", "0.3"], tmp / "out.csv", options=["-q"]))
        try:
            term.read(b"prompt\\$ ")
            for ms in range(0, 36, 3):
                term.output = b""
                term.write(agent.encode() + b"; echo en''ded $?\n")
                # The key discards what was typed and not read yet, the agent's command line.
                pid = command_of(term, "alumet-agent", interval=0.0005)
                let_pass(ms / 1000, "the key comes at another moment each time")
                term.write(b"\x1a")
                wait_until(lambda pid=pid: state_of(pid) in ("T", "Z", None), 20)
                stopped = state_of(pid) == "T"
                if stopped:
                    stops += 1
                    term.read(b"Stopped")
                    term.output = b""
                    term.write(b"fg; echo en''ded $?\n")
                # Where it had ended before, the key has discarded what was written, too.
                else:
                    term.write(b"echo en''ded 0\n")
                if not term.read(b"ended 0") or state_of(pid):
                    wrong.append((ms, stopped, state_of(pid), term.output))
                    break
        finally:
            term.close()
    check("Ctrl-Z while the agent starts, then fg", not wrong and stops > 3, f"{stops}; {wrong}")


def hang_up():
    """The terminal goes away: SIGHUP ends the command, the agent finishes the file."""
    with terminal(["sleep", "60"]) as (term, tmp):
        wait_for_below(term.pid, "sleep")
        os.close(term.master)
        gone = wait_until(lambda: state_of(term.pid) in ("Z", None), 10)
        term.master = os.open("/dev/null", os.O_RDONLY)
        check("a terminal that goes away ends the run", gone)
        found = lives(parse((tmp / "out.csv").read_bytes()))
        check_equal("a terminal that goes away: the file is whole", [life.comm for life in found],
                    ["sleep"])


def resized():
    """The kernel tells the foreground group of a new size; the command sees it once."""
    script = "trap 'stty size' WINCH; echo ready; i=0; " \
             "while [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done"
    with terminal(["sh", "-c", script]) as (term, _):
        term.read(b"ready")
        fcntl.ioctl(term.master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        check_equal("a new size of the window: status", term.status(), 0)
        check("a new size of the window reaches the command", b"30 100" in term.output, term.output)


if __name__ == "__main__":
    main(foreground, password_prompt, pager, editor, interrupt_key, quit_key, suspend_key,
         interrupted_at_its_start, suspended_at_its_start, hang_up, resized)
