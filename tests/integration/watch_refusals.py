#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What cannot be watched is refused, and says why; so is a pid that is given to another process."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from lib import (AGENT, agent, check, check_run, children, end, folder, is_sanitized, main,
                 sees_all, skip, state_of, text, wait_until)
from cgroups import cgroup  # tests/ is in the path by lib
from watching import background, unified


def refusals():
    with folder() as tmp:
        def refuse(name, status, words, *phrases):
            result = agent("--plugins", "perf,csv", "-e", "TASK_CLOCK", "watch", *map(str, words),
                           cwd=tmp)
            check_run(f"refused: {name}", result, status, *phrases)
            check(f"refused: {name}: no file is left", not list(tmp.glob("*.csv")))
        with background(["sleep", "0"]) as gone:
            gone.wait()
            refuse("a pid that is gone", 125, [gone.pid], f"there is no process {gone.pid}")
        if sees_all():
            refuse("a kernel thread", 2, [2], "(kthreadd) is a kernel thread", "watch --all")
        else:
            skip("refused: a kernel thread", "this pid namespace has none")
        refuse("an ancestor", 2, [os.getpid()], "an ancestor of this agent")
        refuse("no pid", 2, ["python3"], "is not a pid", "watch --comm python3")
        refuse("nothing", 2, [], "no target is named")
        refuse("0", 2, [0], "no process can have the pid 0")
        refuse("a name of nobody", 125, ["--comm", "nobody-at-all"], "is named 'nobody-at-all'")
        refuse("all and more", 2, ["--all", 1], "--all watches every process")
        refuse("a process and a cgroup", 2, ["--cgroup", "/", 12], "either processes or cgroups")
        refuse("a cgroup that is not there", 125, ["--cgroup", "no/such"], "there is no cgroup")
        refuse("a folder elsewhere", 2, ["--cgroup", "/etc"],
               "not a directory of a cgroup file system")
        refuse("a container that does not run", 125, ["--container", "0123456789ab"],
               "no running container")
        refuse("a container's name without Docker", 125, ["--container", "no-such-name"],
               "Docker has no container of that name")
        for mount in unified("refused: an empty cgroup"):
            with cgroup(mount, f"alumet-{os.getpid()}") as path:
                refuse("an empty cgroup", 125, ["--cgroup", path], "no process is in")
        zombie = subprocess.Popen(["true"])
        wait_until(lambda: state_of(zombie.pid) == "Z")
        refuse("a zombie", 125, [zombie.pid], "(true) has ended")
        zombie.wait()
        with background(["python3", "-c", "import threading, time\n"
                         "thread = threading.Thread(target=time.sleep, args=(30,))\n"
                         "thread.start(); print(thread.native_id, flush=True)"],
                        stdout=subprocess.PIPE) as process:
            tid = int(process.stdout.readline())
            refuse("a thread", 125, [tid], f"is a thread of process {process.pid}")
        free = next(pid for pid in range(20000, 32000) if not os.path.exists(f"/proc/{pid}"))
        script = f"echo {free - 1} > /proc/sys/kernel/ns_last_pid; sleep 30 & wait"
        with background(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                         script]) as process:
            wait_until(lambda: children(process.pid) and children(children(process.pid)[0]))
            outer = children(children(process.pid)[0])[0]
            refuse("a pid of another namespace", 125, [free],
                   f"there is no process {free} here", f"alumet-agent watch {outer}")


# --- a pid that is given away ---------------------------------------------------------------------

def replacement(pid):
    """A process that has this pid, which was given back; None where another one was faster."""
    for _ in range(100):
        pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
        process = subprocess.Popen(["sleep", "60"])
        if process.pid == pid:
            return process
        end(process)
        if os.path.exists(f"/proc/{pid}"):
            return None
    return None


def reused_once(tmp, syscall):
    """
    The agent is stopped at that system call, and another process gets the pid that it was given.
    Returns what the agent says then, or None where the pid was taken by somebody else.
    """
    log = tmp / "calls"
    with background(["sleep", "60"]) as meant:
        # Times of creation are known in hundredths of a second.
        begin = time.monotonic()
        wait_until(lambda: time.monotonic() > begin + 0.03)
        with background(["strace", "-qq", "-o", log, "-e", f"trace={syscall}", "-e",
                         f"inject={syscall}:signal=SIGSTOP:when=1", AGENT, "--plugins", "perf,csv",
                         "-v", "-e", "TASK_CLOCK", "-o", "out.csv", "watch", "--for", "10",
                         str(meant.pid)], cwd=tmp, stderr=subprocess.PIPE) as tracer:
            wait_until(lambda: log.exists() and "stopped by SIGSTOP" in log.read_text(), 60)
            end(meant)
            other = replacement(meant.pid)
            os.kill(children(tracer.pid)[0], signal.SIGCONT)
            stderr = tracer.communicate(timeout=60)[1]
            if not other:
                return None
            end(other)
            return meant.pid, tracer.returncode, text(stderr)


def reused():
    """A pid that is given away before the adoption: its new owner is not the one meant."""
    if not shutil.which("strace"):
        return skip("a pid that is given away", "there is no strace")
    if is_sanitized():
        return skip("a pid that is given away", "the leak sanitizer cannot run under strace")
    for when, syscall, words in (("as it is looked up", "pidfd_open", "there is no process"),
                                 ("before the adoption", "bpf", "has ended before it could be")):
        for _ in range(5):
            with folder() as tmp:
                found = reused_once(tmp, syscall)
            if found:
                break
        check(f"a pid that is given away {when}: nobody took it meanwhile", found)
        if found:
            pid, status, said = found
            check(f"a pid that is given away {when}: the agent says so, and watches nobody",
                  status == 125 and words in said and str(pid) in said and "watching " not in said,
                  f"{status}: {said}")


if __name__ == "__main__":
    main(refusals, reused)
