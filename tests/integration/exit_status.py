#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent's exit status is the command's; what keeps a command from running has its own."""

import os
import re
import signal
import struct
import subprocess
import sys
import time

from lib import AGENT, agent_args, check, check_equal, folder, main, run, skip


def status_of(cwd, command, options=()):
    args = agent_args(command, output=os.path.join(cwd, "out.csv"), options=["-q", *options])
    return subprocess.run(args, cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=60).returncode


def every_exit_code():
    with folder() as tmp:
        wrong = [code for code in range(256)
                 if status_of(tmp, ["sh", "-c", f"exit {code}"]) != code]
        check("exit codes 0 to 255 are passed on", not wrong, f"not these: {wrong}")


def signals_that_end():
    with folder() as tmp:
        wrong = []
        for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 34, 64):
            code = status_of(tmp, ["sh", "-c", f"ulimit -c 0; kill -{number} $$"])
            if code != 128 + number:
                wrong.append((number, code))
        check("a command ended by signal n gives 128 + n", not wrong, f"(signal, status): {wrong}")


# A program of x86-64 whose one segment is to lie where no process has memory: the kernel finds that
# out when the old program is gone already, and kills.
NO_PLACE = (b"\x7fELF\x02\x01\x01" + bytes(9) +
            struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0) +
            struct.pack("<IIQQQQQQ", 1, 5, 0, 0xffff800000000000, 0xffff800000000000, 200, 200,
                        4096) + bytes(180))


def killed_before_its_program_ran():
    """Nothing is to be measured, and nothing is waited for."""
    if os.uname().machine != "x86_64":
        return skip("killed by its execve()", "the program is one of x86-64")
    with folder() as tmp:
        path = tmp / "no-place"
        path.write_bytes(NO_PLACE)
        path.chmod(0o755)
        started = time.monotonic()
        result = run([str(path)])
        took = time.monotonic() - started
    check("killed by its execve(): status", result.status in (128 + 9, 128 + 11),
          f"{result.status} {result.stderr}")
    check_equal("killed by its execve(): no process", result.lives, [])
    # The agent would wait 2 s for the record of a process that is still to end.
    return check("killed by its execve(): nothing is waited for", took < 1.9, f"{took} s")


def with_sigchld_ignored():
    """A parent that ignores SIGCHLD, which is inherited, would have the kernel reap unasked."""
    def prepare():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    result = run(["sh", "-c", "exit 5"], preexec_fn=prepare)
    check_equal("the exit code is known although SIGCHLD was ignored", result.status, 5)


# The thread that began the process ends first, with a status of its own; then a second one ends.
LEADER_ENDS_FIRST = """
import ctypes, os, platform, threading, time
exit_thread = {"x86_64": 60}.get(platform.machine(), 93)
def second():
    time.sleep(0.05)
    %s
threading.Thread(target=second).start()
ctypes.CDLL(None).syscall(exit_thread, 5)
"""


def statuses_of_the_tree():
    """What the parent of a process is told, which need not be what its first thread ended with."""
    python = [sys.executable, "-S", "-c"]
    ends_thread = "ctypes.CDLL(None).syscall(exit_thread, 6)"
    for name, command in (
            ("an exit code", ["sh", "-c", "exit 7"]),
            ("a signal", ["sh", "-c", "kill -9 $$"]),
            ("another thread ends the process", [*python, LEADER_ENDS_FIRST % "os._exit(3)"]),
            ("all threads end one by one", [*python, LEADER_ENDS_FIRST % ends_thread])):
        result = run(["sh", "-c", '"$@"; echo "told $?"', "sh", *command],
                     options=["--summary=full"])
        status = int(re.search(r"told (\d+)", result.stdout)[1])
        told = f"exit {status}" if status < 128 else signal.Signals(status - 128).name
        found = re.findall(r"\((exit \d+|SIG\w+)\)", result.stderr)
        check_equal(f"the summary's status of a process: {name}: {told}", found, [told])


def ignored_exit_code():
    with folder() as tmp:
        for option in ("exec --ignore-exit-code", "--ignore-exit-code exec"):
            args = [AGENT, "-q", "--plugins", "perf,csv", "-e", "TASK_CLOCK", "-o",
                    os.path.join(tmp, "out.csv"), *option.split(), "--", "sh", "-c", "exit 7"]
            code = subprocess.run(args, cwd=tmp, timeout=60).returncode
            check_equal(f"{option}: 0 whatever the command returned", code, 0)
        code = status_of(tmp, ["no-such-command-anywhere"], ["--ignore-exit-code"])
        check_equal("--ignore-exit-code: a command that is not found still shows", code, 127)


def check_refused(name, command, status, *words, cwd=None, **popen):
    """The command cannot be run: its status, a hint with these words, no output file."""
    with folder() as tmp:
        cwd = cwd or tmp
        output = os.path.join(tmp, "out.csv")
        result = run(command, args=agent_args(command, output), cwd=cwd, **popen)
        check_equal(f"{name}: status", result.status, status)
        missing = [word for word in words if word not in result.stderr]
        check(f"{name}: the hint", not missing, lambda: f"no {missing} in {result.stderr!r}")
        check(f"{name}: one message", result.stderr.count("alumet-agent:") == 1, result.stderr)
        check(f"{name}: no output file is left behind", not os.path.exists(output))


def not_found():
    check_refused("not found", ["no-such-command-anywhere"], 127, "no-such-command-anywhere",
                  "not found")
    check_refused("not found, nearly one", ["sleeep", "1"], 127, "sleeep", "'sleep'")
    check_refused("a path that is not there", ["/no/such/file"], 127, "/no/such/file")
    check_refused("an empty name", [""], 127, "name is empty")
    with folder() as tmp:
        (tmp / "mine").write_text("#!/bin/sh\n")
        (tmp / "mine").chmod(0o755)
        check_refused("a file of that name here", ["mine"], 127, "./mine", cwd=tmp)
        (tmp / "job.sh").write_text("#!/bin/sh\n")
        check_refused("a file of that name here that cannot be executed", ["job.sh"], 127,
                      "chmod +x job.sh, then ./job.sh", cwd=tmp)
        (tmp / "folder-of-mine").mkdir()
        check_refused("a folder of that name here", ["folder-of-mine"], 127,
                      "folder-of-mine: command not found", cwd=tmp)
        (tmp / "script").write_text("#!/no/such/interpreter\n")
        (tmp / "script").chmod(0o755)
        check_refused("an interpreter that is not there", ["./script"], 127,
                      "/no/such/interpreter", cwd=tmp)


def not_executable():
    with folder() as tmp:
        (tmp / "plain").write_text("#!/bin/sh\n")
        check_refused("without the permission bit", ["./plain"], 126, "chmod +x", cwd=tmp)
        check_refused("a directory", [str(tmp)], 126, "directory")


def script_without_interpreter_line():
    """execvp() and every shell run it with /bin/sh."""
    with folder() as tmp:
        (tmp / "plain").write_text("exit 9\n")
        (tmp / "plain").chmod(0o755)
        result = run(["./plain"], cwd=tmp)
        check_equal("a script without #! runs as a shell would run it, or is refused",
                    result.status in (9, 126), True)


def an_existing_output_survives():
    with folder() as tmp:
        (tmp / "out.csv").write_text("precious\n")
        status_of(tmp, ["no-such-command-anywhere"])
        check_equal("a command that is not found leaves an older output file as it was",
                    (tmp / "out.csv").read_text(), "precious\n")


def bad_command_lines():
    for name, args in (("no command", ["exec"]), ("no command after --", ["exec", "--"]),
                       ("an unknown option", ["--no-such-option", "exec", "true"]),
                       ("an unknown sub-command", ["exce", "true"]), ("no sub-command", []),
                       ("an interval that is no number", ["-I", "soon", "exec", "true"]),
                       ("an unknown plugin", ["--plugins", "perff,csv", "exec", "true"]),
                       ("the same of a watch", ["--plugins", "perff", "watch", "--all"]),
                       ("the same of the doctor", ["--plugins", "perff", "doctor"]),
                       ("no samples a second", ["--profile=0", "exec", "true"]),
                       ("no period", ["--profile=page-faults@", "exec", "true"]),
                       ("a list with a gap", ["-e", "task-clock,,page-faults", "exec", "true"]),
                       ("an unknown % in a path", ["-o", "run%z.csv", "exec", "true"]),
                       ("the same of a watch", ["-o", "run%z.csv", "watch", "--all"])):
        with folder() as tmp:
            result = subprocess.run([AGENT, *args], cwd=tmp, capture_output=True, timeout=60)
            check_equal(f"{name}: status", result.returncode, 2)
            check(f"{name}: says so", result.stderr.startswith(b"alumet-agent: "), result.stderr)


def bad_configurations():
    for name, args in (("an unknown event", ["-e", "NO_SUCH_EVENT"]),
                       ("an unknown key", ["--config-override", "plugins.perf.evnts=[]"]),
                       ("a file that is not there", ["--config", "no-such-file.toml"]),
                       ("an output in no folder", ["-o", "no/such/folder/out.csv"]),
                       ("an output that is a folder", ["-o", "."])):
        with folder() as tmp:
            witness = tmp / "ran"
            result = subprocess.run([AGENT, *args, "exec", "touch", witness], cwd=tmp,
                                    capture_output=True, timeout=60)
            check_equal(f"{name}: status", result.returncode, 125)
            check(f"{name}: the command was not started", not witness.exists())
            check(f"{name}: says so", result.stderr.startswith(b"alumet-agent: "), result.stderr)


if __name__ == "__main__":
    main(killed_before_its_program_ran, every_exit_code, signals_that_end, with_sigchld_ignored,
         statuses_of_the_tree, ignored_exit_code, not_found, not_executable,
         script_without_interpreter_line, an_existing_output_survives, bad_command_lines,
         bad_configurations)
