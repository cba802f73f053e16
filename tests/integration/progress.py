#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The line that shows how far a long run is, as a terminal shows it: when, what, and gone again."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import termios

from lib import (agent_args, check, check_equal, children, comm_of, folder, is_sanitized, let_pass,
                 main, skip, state_of, wait_until)
from energy_runs import CPUS, lay_out  # tests/ is in the path by lib
from terminals import Terminal, terminal

UTF8 = {"LC_ALL": "C.UTF-8", "PS1": "prompt$ "}
DRAWN = re.compile(rb"\r\x1b\[K([^\r\n\x1b]+)")
LINE = re.compile(
    r"(\d+) s · (\d+) process(?:es)? alive, (\d+) ended · (\d+\.\d) CPUs busy(?: · ([\d.]+) W)?")
# Its output is not the terminal's, so that the line is shown by itself.
ELSEWHERE = "exec >/dev/null 2>&1; "


def screen(output, columns=80):
    """What stands on the terminal in the end, its lines without blanks at their ends."""
    lines, row, column = [[]], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.|\n", output.decode("utf-8", "replace"),
                            re.S):
        if token == "\n":
            row += 1
        elif token == "\r":
            column = 0
        elif token == "\x1b[K":
            del lines[row][column:]
        elif not token.startswith("\x1b"):
            if column == columns:
                row, column = row + 1, 0
            while len(lines) <= row:
                lines.append([])
            lines[row] += [" "] * (column + 1 - len(lines[row]))
            lines[row][column] = token
            column += 1
        while len(lines) <= row:
            lines.append([])
    return ["".join(line).rstrip() for line in lines]


def drawn(output):
    """The lines that were drawn, each as it was."""
    return [line.decode() for line in DRAWN.findall(output)]


def leaves_nothing(name, output, columns=80):
    left = [
        line for line in screen(output, columns) if "alive" in line or re.search(r"\d s ·", line)]
    return check(f"{name}: nothing of it is left", not left, lambda: f"{left}\n{output}")


def script(text):
    return ["sh", "-c", text]


def tells_how_far_it_is():
    spin = "timeout 1 sh -c 'while :; do :; done'; "
    with terminal(script(ELSEWHERE + spin * 4 + "exit 0"), options=["--summary=none"],
                  env=UTF8) as (term, _):
        status = term.status()
        lines = drawn(term.output)
        found = [LINE.fullmatch(line) for line in lines]
        check_equal("a long run: status", status, 0)
        if not check("a long run: the line", lines and all(found), lambda: lines):
            return
        seconds, alive, ended, busy = ([float(match[i]) for match in found] for i in (1, 2, 3, 4))
        check("a long run: not before the second second", seconds[0] == 2, seconds)
        check("a long run: each second, in order",
              len(lines) >= 2 and seconds == sorted(set(seconds)), seconds)
        # sh, timeout and its sh; each finished turn is two processes.
        check("a long run: processes alive", set(alive) <= {1, 2, 3} and max(alive) == 3, alive)
        check("a long run: processes ended", ended == sorted(ended) and set(ended) <= {2, 4, 6, 8}
              and ended[-1] > ended[0], ended)
        check("a long run: one CPU is busy, at most", 0.1 <= max(busy) <= 1.1, busy)
        leaves_nothing("a long run", term.output)


def is_not_shown():
    """Where it would disturb, or was not asked for: byte for byte as without it."""
    cases = {
        "a short run": (script(ELSEWHERE + "sleep 1.2"), [], {}),
        "the command writes to the terminal": (["sleep", "3"], [], {}),
        "the command writes to /dev/tty": (script("exec >/dev/tty 2>&1; sleep 3"), [], {}),
        "its errors go to the terminal": (script("exec >/dev/null; sleep 3"), [], {}),
        "--progress=never": (script(ELSEWHERE + "sleep 3"), ["--progress=never"], {}),
        "-q": (script(ELSEWHERE + "sleep 3"), ["-q"], {}),
        "TERM=dumb": (script(ELSEWHERE + "sleep 3"), ["--progress=always"], {"TERM": "dumb"}),
        "rows go to the terminal": (script(ELSEWHERE + "sleep 3"), ["--progress=always"], {}),
    }
    for name, (command, options, env) in cases.items():
        output = "/dev/stdout" if name == "rows go to the terminal" else "out.csv"
        with terminal(command, options=["--summary=none", *options], output=output,
                      env=env) as (term, _):
            check_equal(f"not shown, {name}: status", term.status(), 0)
            check_equal(f"not shown, {name}", drawn(term.output), [])


def can_be_set():
    with folder() as tmp:
        (tmp / "alumet-config.toml").write_text('[plugins.summary]\nprogress = "always"\n')
        term = Terminal(agent_args(["sleep", "3"], tmp / "out.csv", options=["--summary=none"]),
                        tmp, env=UTF8)
        check_equal("plugins.summary.progress: status", term.status(), 0)
        check("plugins.summary.progress = \"always\"", drawn(term.output), term.output)
        term.close()


def costs_nothing_when_off():
    """Not one timer more, and nobody asks for the command's descriptors."""
    if not shutil.which("strace"):
        return skip("system calls without a line", "strace is not installed")
    if is_sanitized():
        return skip("system calls without a line", "sanitizers do not work under strace")
    with folder() as tmp:
        calls = {}
        for when in ("never", "always"):
            log = tmp / when
            traced = [
                "strace", "-f", "-qq", "-e", "trace=timerfd_create,newfstatat", "-o",
                str(log)]
            subprocess.run([*traced, *agent_args(["sleep", "2.5"], tmp / "out.csv",
                                                 options=[f"--progress={when}"])],
                           cwd=tmp, capture_output=True, timeout=60, check=True)
            calls[when] = log.read_text()
        # Without a terminal "always" is off too.
        check_equal("off: no timer of its own", calls["never"].count("timerfd_create"),
                    calls["always"].count("timerfd_create"))
        check("off: nobody looks at the command's descriptors", "/fd/" not in calls["never"],
              calls["never"])


def on_the_controlling_terminal():
    """--progress=always, and everything goes to a file: the terminal has the line alone."""
    with folder() as tmp:
        agent = agent_args(["sleep", "3"], tmp / "out.csv", options=["--progress=always"])
        term = Terminal(["/bin/sh", "-c", '"$@" >log 2>&1', "sh", *agent], tmp, env=UTF8)
        check_equal("a terminal, all else in a file: status", term.status(), 0)
        check("a terminal, all else in a file: the line", drawn(term.output), term.output)
        leaves_nothing("a terminal, all else in a file", term.output)
        check(
            "a terminal, all else in a file: the file has the summary alone",
            "wall time" in (tmp / "log").read_text() and "\x1b[K" not in (tmp / "log").read_text(),
            lambda: (tmp / "log").read_text())
        term.close()


def fits_the_terminal():
    for columns in (200, 80, 50, 40, 30, 20, 10, 3):
        with terminal(script(ELSEWHERE + "sleep 3.2"), options=["--summary=none"], env=UTF8,
                      columns=columns) as (term, _):
            term.status()
            lines = drawn(term.output)
            check(f"{columns} columns: in one row, the last column free",
                  all(len(line) < columns for line in lines), lines)
            check(f"{columns} columns: the time at least", bool(lines) == (columns > 3)
                  and all(re.match(r"\d s", line) for line in lines), lines)
            leaves_nothing(f"{columns} columns", term.output, columns)


def follows_the_size():
    with terminal(script(ELSEWHERE + "sleep 60"), options=["--summary=none"],
                  env=UTF8) as (term, _):
        check("80 columns: all of it", term.read(rb"CPUs busy"), term.output)
        fcntl.ioctl(term.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
        term.output = b""
        term.read(rb"\x1b\[K[^\r]+\r\x1b\[K[^\r]+\r")
        check("then 30 columns", all(len(line) < 30 for line in drawn(term.output)[-1:])
              and drawn(term.output), term.output)
        term.write(b"\x03")
        term.status()


def gives_way_to_messages():
    """A reader that has gone away is told of in the middle of the run, on a line of its own."""
    with folder() as tmp:
        os.mkfifo(tmp / "rows")
        term = Terminal(agent_args(script(ELSEWHERE + "sleep 8"), tmp / "rows", options=[
            "--summary=none", "--config-override", "plugins.perf.flush_interval='4500ms'"]), tmp,
                        env=UTF8)
        with open(tmp / "rows", "rb"):
            term.read(rb"CPUs busy")
        status = term.status()
        check_equal("a message: status", status, 125)
        check("a message: it begins a line",
              any(re.match(r"alumet-agent: .*rows", line)
                  for line in screen(term.output)), term.output)
        message = term.output.find(b"alumet-agent: ")
        check("a message: between two of the line", drawn(term.output[:message])
              and drawn(term.output[message:]), term.output)
        check("a message: the line is erased before it",
              term.output[:message].endswith(b"\r\x1b[K"), term.output[:message])
        leaves_nothing("a message", term.output)
        term.close()


def watts():
    """A counter that counts the time of a CPU: 20 W."""
    with folder() as tmp:
        m = lay_out(tmp / "machine", [0] * CPUS, scale="2e-8")
        agent = agent_args(script(ELSEWHERE + "sleep 4.5"), tmp / "out.csv",
                           options=["--summary=none"])
        agent[agent.index("perf,csv")] = "perf,rapl,csv"
        agent[1:1] = ["--config-override", f"plugins.rapl.sysroot='{m.path}'"]
        term = Terminal(agent, tmp, env=UTF8)
        check_equal("watts: status", term.status(), 0)
        found = [LINE.fullmatch(line) for line in drawn(term.output)]
        check("watts of the packages", found and all(match and 19.5 < float(match[5] or 0) < 20.5
                                                     for match in found),
              lambda: drawn(term.output))
        term.close()


def in_the_background():
    """Ctrl-Z, bg, fg in a shell with job control, on a terminal that stops who writes from there.
    """
    if not shutil.which("bash"):
        return skip("Ctrl-Z, bg and fg", "bash is not installed")
    with folder() as tmp:
        agent = agent_args(script(ELSEWHERE + "sleep 12"), tmp / "out.csv",
                           options=["--summary=none"])
        term = Terminal([shutil.which("bash"), "--norc", "-i"], tmp, env=UTF8)
        try:
            term.read(rb"prompt\$ ")
            term.write(b"stty tostop; " + " ".join(
                f"'{arg}'" if " " in arg else arg for arg in agent).encode() + b"\n")
            check("foreground: the line", term.read(rb"CPUs busy"), term.output)
            term.write(b"\x1a")
            check("Ctrl-Z stops the agent", term.read(b"Stopped"), term.output)
            pid = next((pid for pid in children(term.pid) if comm_of(pid) == "alumet-agent"), 0)
            term.read(rb"prompt\$ ")
            term.output = b""
            term.write(b"bg\n")
            wait_until(lambda: state_of(pid) != "T")
            let_pass(2.5, "two lines are due")
            check_equal("bg: it goes on, and is not stopped for writing", state_of(pid), "S")
            term.read(b"never", 0.1)
            check_equal("bg: the terminal is the shell's", drawn(term.output), [])
            term.write(b"fg\n")
            check("fg: the line again", term.read(rb"CPUs busy"), term.output)
            term.read(rb"\x1b\[Kprompt\$ |\x1b\[\?2004hprompt\$ $")
            term.write(b"echo en''ded $?\n")
            check("fg: the end", term.read(b"ended 0"), term.output)
            leaves_nothing("after fg", term.output)
            term.write(b"exit\n")
            term.status(5)
        finally:
            term.close()


def does_not_wait_for_a_held_terminal():
    """Ctrl-S: the agent goes on writing its rows."""
    with terminal(script(ELSEWHERE + "sleep 6"), env=UTF8,
                  options=["--summary=none", "-I", "100", "--config-override",
                           "plugins.perf.flush_interval='100ms'", "--config-override",
                           "plugins.perf.poll_interval='100ms'", "-e", "wall-time"]) as (term, tmp):
        term.read(rb"CPUs busy")
        term.write(b"\x13")
        let_pass(1.5, "a line is due")
        size = (tmp / "out.csv").stat().st_size
        check("Ctrl-S: rows are written", wait_until(
            lambda: (tmp / "out.csv").stat().st_size > size, 3), size)
        term.write(b"\x11")
        check_equal("Ctrl-S, Ctrl-Q: status", term.status(), 0)


def ended_by_signals():
    for name, signals, status in (("Ctrl-C", None, 130), ("SIGTERM", [signal.SIGTERM], 143),
                                  ("SIGHUP", [signal.SIGHUP], 129)):
        with terminal(script(ELSEWHERE + "exec sleep 60"), options=["--summary=none"],
                      env=UTF8) as (term, _):
            term.read(rb"CPUs busy")
            if signals:
                for number in signals:
                    os.kill(term.pid, number)
            else:
                term.write(b"\x03")
            check_equal(f"{name}: status", term.status(), status)
            leaves_nothing(name, term.output)
    with terminal(script(ELSEWHERE + "trap '' TERM; sleep 60"), options=["--summary=none"],
                  env=UTF8) as (term, _):
        term.read(rb"CPUs busy")
        command = children(term.pid)
        os.kill(term.pid, signal.SIGTERM)
        let_pass(0.7, "two SIGTERMs within half a second count as one")
        os.kill(term.pid, signal.SIGTERM)
        check_equal("two SIGTERMs end the run: status", term.status(), 143)
        check("two SIGTERMs end the run: the message has a line of its own",
              any(line.startswith("alumet-agent: warning: ended on request")
                  for line in screen(term.output)), term.output)
        leaves_nothing("two SIGTERMs", term.output)
        for pid in command:
            with contextlib.suppress(ProcessLookupError):  # the terminal may have hung up on it
                os.killpg(os.getpgid(pid), signal.SIGKILL)


def before_the_summary():
    with terminal(script(ELSEWHERE + "sleep 2.5"), options=[], env=UTF8) as (term, _):
        term.status()
        check("the summary follows", any("wall time" in line for line in screen(term.output)),
              term.output)
        leaves_nothing("before the summary", term.output)


def of_a_series():
    with terminal(script(ELSEWHERE + "sleep 2.5"), options=["-r", "2"], env=UTF8) as (term, _):
        check_equal("a series: status", term.status(), 0)
        lines = [line for line in drawn(term.output) if "alive" in line]
        check("a series: which run it is",
              [line[:10] for line in lines] == ["run 1 of 2", "run 2 of 2"], lines)


if __name__ == "__main__":
    main(tells_how_far_it_is, is_not_shown, can_be_set, costs_nothing_when_off,
         on_the_controlling_terminal, fits_the_terminal, follows_the_size, gives_way_to_messages,
         watts, in_the_background, does_not_wait_for_a_held_terminal, ended_by_signals,
         before_the_summary, of_a_series)
