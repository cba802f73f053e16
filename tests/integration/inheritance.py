#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The command is what it would be without the agent: every property that a process inherits."""

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys

from lib import agent_args, check, check_equal, folder, main, run

# Lines of /proc/self/status that are inherited. The rest is about memory or names the process.
STATUS_LINES = ("Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "SigQ", "SigPnd",
                "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd",
                "CapAmb", "Cpus_allowed_list", "Mems_allowed_list", "THP_enabled",
                "Speculation_Store_Bypass")


def bare(command, **popen):
    return subprocess.run(command, capture_output=True, timeout=60, **popen).stdout


def traced(command, **popen):
    result = run(command, **popen)
    if result.status != 0:
        raise AssertionError(f"status {result.status}: {result.stderr}")
    return result.stdout.encode("utf-8", "surrogateescape")


def status_lines(output):
    lines = dict(line.split(b":\t", 1) for line in output.splitlines() if b":\t" in line)
    # SigQ is pending/limit; what is pending is the user's, all processes of it together.
    lines[b"SigQ"] = lines.get(b"SigQ", b"/").split(b"/")[1]
    return {name: lines.get(name.encode()) for name in STATUS_LINES}


def check_same(name, prepare=None, env=None):
    """Compare what cat reads of itself, run by us and run by the agent run by us."""
    popen = {"preexec_fn": prepare} if prepare else {}
    if env is not None:
        popen["env"] = env
    command = ["/bin/cat", "/proc/self/status"]
    check_equal(f"{name}: signals, capabilities, ids, CPUs", status_lines(traced(command, **popen)),
                status_lines(bare(command, **popen)))
    for file in ("limits", "environ", "oom_score_adj", "timerslack_ns", "coredump_filter", "cgroup",
                 "personality", "uid_map"):
        command = ["/bin/cat", f"/proc/self/{file}"]
        check_equal(f"{name}: {file}", traced(command, **popen), bare(command, **popen))
    command = ["/bin/sh", "-c", "nice; chrt -p $$ | sed 's/.*: //'"]
    check_equal(f"{name}: nice, scheduling", traced(command, **popen), bare(command, **popen))


def default():
    check_same("as usual")


def odd_signals():
    def prepare():
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD,
                       signal.SIGUSR1, signal.SIGTTOU, signal.SIGQUIT, signal.SIGWINCH):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM,
                                                  signal.SIGINT, signal.SIGRTMIN})
    check_same("signals ignored and blocked", prepare)

    def prepare_library_signals():
        # Those that the C library keeps to itself: Python's signal() refuses them, as sigaction()
        # does.
        rt_sigaction = {"x86_64": 13, "aarch64": 134}[os.uname().machine]
        ignore = (ctypes.c_ulong * 8)(1)  # SIG_IGN
        for number in (32, 33, 34):
            if ctypes.CDLL(None).syscall(rt_sigaction, number, ignore, None, ctypes.c_size_t(8)):
                raise OSError("rt_sigaction")
    check_same("signals of the C library ignored", prepare_library_signals)

    def restore():
        for number in range(1, 65):
            if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                signal.signal(number, signal.SIG_DFL)
    check_same("all signals at their default", restore)


def odd_limits():
    def prepare():
        resource.setrlimit(resource.RLIMIT_NOFILE, (77, 1000))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
        resource.setrlimit(resource.RLIMIT_STACK, (4 << 20, resource.RLIM_INFINITY))
        os.umask(0o137)
        os.nice(3)
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    check_same("limits, umask, nice, one CPU", prepare)


def odd_environment():
    env = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "/no/such/folder", "LC_ALL": "C",
           "EMPTY": "", "A;B": 'quo"ted\nline', "ALUMET_LIBPFM_LIB": "x", "LD_BIND_NOW": "1"}
    check_same("environment with LD_LIBRARY_PATH and odd names", env=env)
    check_same("an empty environment but for PATH", env={"PATH": os.environ["PATH"]})
    # What subprocess cannot give: the same name twice, and entries without '='.
    script = ("import ctypes, sys\n"
              "libc = ctypes.CDLL(None)\n"
              "def array(items): return (ctypes.c_char_p * (len(items) + 1))(*items, None)\n"
              "argv = [a.encode() for a in sys.argv[1:]]\n"
              "libc.execve(argv[0], array(argv),\n"
              "            array([b'A=1', b'A=2', b'noequals', b'=x', b'']))\n")
    with folder() as tmp:
        command = ["/bin/cat", "/proc/self/environ"]
        agent = agent_args(command, tmp / "out.csv")
        check_equal("environment with a name twice and entries without =",
                    bare([sys.executable, "-c", script, *agent], cwd=tmp),
                    bare([sys.executable, "-c", script, *command], cwd=tmp))


def fds(output):
    """What descriptors point to, but for the folder that ls itself reads."""
    found = dict(re.findall(rb" (\d+) -> (.*)", output))
    return {fd: target for fd, target in found.items() if not re.match(rb"/proc/\d+/fd", target)}


def descriptors():
    command = ["/bin/ls", "-l", "/proc/self/fd"]
    with folder() as tmp, open(tmp / "stdin", "w+") as stdin, open(tmp / "stderr", "w") as stderr:
        found = fds(traced(command, stdin=stdin, stderr=stderr))
    check_equal("no descriptor of the agent's is in the command", sorted(found), [b"0", b"1", b"2"])
    with folder() as tmp:
        with open(tmp / "extra", "w") as extra:
            os.dup2(extra.fileno(), 50)
            try:
                found = fds(traced(command, pass_fds=(50,)))
            finally:
                os.close(50)
        check_equal("a descriptor that the agent was given is passed on", found.get(b"50"),
                    os.fsencode(tmp / "extra"))
    for closed in (0, 1, 2):
        def prepare(closed=closed):
            os.close(closed)
        with folder() as tmp:
            listing = tmp / "list"
            shell = ["/bin/sh", "-c", f"/bin/ls /proc/$$/fd >{listing} 2>/dev/null"]
            run(shell, preexec_fn=prepare)
            inside = listing.read_text().split()
            listing.unlink()
            subprocess.run(shell, preexec_fn=prepare, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
            check_equal(f"descriptor {closed} closed stays closed", inside,
                        listing.read_text().split())


def standard_streams():
    """Bytes pass through untouched, and the summary never goes to stdout."""
    data = bytes(range(256)) * 4096
    with folder() as tmp:
        result = subprocess.run(agent_args(["cat"], tmp / "out.csv"), input=data,
                                capture_output=True, cwd=tmp, timeout=60)
        check("stdin and stdout pass through", result.stdout == data, f"{len(result.stdout)} bytes")
        quiet = agent_args(["sh", "-c", "echo out; echo err >&2"], tmp / "out.csv", options=["-q"])
        result = subprocess.run(quiet, capture_output=True, cwd=tmp, timeout=60)
        check_equal("-q: stdout and stderr are the command's alone", (result.stdout, result.stderr),
                    (b"out\n", b"err\n"))
        # The rest of the input stays for whoever reads next.
        (tmp / "input").write_text("one\ntwo\n")
        with open(tmp / "input") as stdin:
            subprocess.run(agent_args(["true"], tmp / "out.csv"), stdin=stdin, capture_output=True,
                           cwd=tmp, timeout=60)
            check_equal("the agent reads nothing of stdin", stdin.read(), "one\ntwo\n")


def working_directory():
    with folder() as tmp:
        check_equal("working directory", traced(["/bin/pwd"], cwd=tmp).rstrip(), os.fsencode(tmp))


def session_and_group():
    """It stays in the agent's session, and in its process group: the terminal's foreground."""
    command = [sys.executable, "-c", "import os; print(os.getsid(0), os.getpgrp(), os.getppid())"]
    with folder() as tmp:
        agent = subprocess.Popen(agent_args(command, tmp / "out.csv"), cwd=tmp,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        sid, group, parent = map(int, agent.communicate(timeout=60)[0].split())
        check_equal("session, process group and parent",
                    (sid, group, parent == agent.pid), (os.getsid(0), os.getpgrp(), True))


def no_new_children():
    """The command finds no child that it did not make."""
    script = ("import os\n"
              "try: os.waitpid(-1, os.WNOHANG); print('a child')\n"
              "except ChildProcessError: print('none')\n")
    check_equal("the command has no children of the agent's",
                traced([sys.executable, "-c", script]), b"none\n")


if __name__ == "__main__":
    main(default, odd_signals, odd_limits, odd_environment, descriptors, standard_streams,
         working_directory, session_and_group, no_new_children)
