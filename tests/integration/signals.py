#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Signals that reach the agent reach the command, once; the agent outlives them and finishes."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import time

from lib import (AGENT, HELPERS, TASK_CLOCK, agent_args, check, check_equal, children, comm_of,
                 command_of, end, folder, let_pass, lives, main, parse, run, skip, state_of,
                 wait_until)

SIGNAL_INFO = str(HELPERS / "signal_info")
SI_QUEUE = -1


@contextlib.contextmanager
def running(script, *options, comm="sh", **popen):
    """
    The agent with a shell script that has said "ready"; yields agent, pid of the command when it is
    called comm, folder.
    """
    with folder() as tmp:
        agent = subprocess.Popen(agent_args(["sh", "-c", script], tmp / "out.csv", options=options),
                                 cwd=tmp, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 stdout=subprocess.PIPE, start_new_session=True, **popen)
        try:
            first = agent.stdout.readline()
            if first != b"ready\n":
                raise AssertionError(f"instead of ready: {first!r} {agent.stderr.read()}")
            yield agent, comm and command_of(agent, comm), tmp
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(agent.pid, signal.SIGKILL)
            end(agent)
            agent.stdout.close()
            agent.stderr.close()


COUNT = "for s in {names}; do trap \"echo $s\" $s; done; echo ready; i=0; " \
        "while [ $i -lt 8 ]; do sleep 0.1; i=$((i+1)); done; echo end"


def sent_to_the_agent():
    """From a process: forwarded, each once, SIGINT and SIGQUIT too."""
    names = ["INT", "QUIT", "TERM", "HUP", "USR1", "USR2", "WINCH", "ALRM", "PROF"]
    for name in names:
        with running(COUNT.format(names=name)) as (agent, _, tmp):
            agent.send_signal(getattr(signal, "SIG" + name))
            output = agent.communicate(timeout=30)[0].decode().split()
            check_equal(f"SIG{name} sent to the agent: the command has it once", output,
                        [name, "end"])
            check_equal(f"SIG{name} sent to the agent: status is the command's", agent.returncode,
                        0)


def queued():
    """With sigqueue(3): value and code reach the command, each of several, in order."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sigqueue.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    for number in (signal.SIGUSR1, signal.SIGRTMIN + 3, signal.SIGINT):
        values = [7, 0x7fffffff, 3] if number >= signal.SIGRTMIN else [42]
        with folder() as tmp:
            agent = subprocess.Popen(agent_args([SIGNAL_INFO, str(number + 0), str(len(values))],
                                                tmp / "out.csv"), cwd=tmp,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
            try:
                check_equal(f"signal {number} queued: the command waits for it",
                            agent.stdout.readline(), b"ready\n")
                for value in values:
                    libc.sigqueue(agent.pid, number, value)
                output = agent.communicate(timeout=30)[0].decode().splitlines()
            finally:
                end(agent)
            check_equal(f"signal {number} queued: value, code and sender reach the command", output,
                        [f"{number + 0} {SI_QUEUE} {value} {os.getpid()}" for value in values])


def killed_and_not_queued():
    """By kill(2): still SI_USER, and the sender is the agent."""
    with folder() as tmp:
        agent = subprocess.Popen(agent_args([SIGNAL_INFO, str(signal.SIGUSR1 + 0), "1"],
                                            tmp / "out.csv"), cwd=tmp, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            agent.stdout.readline()
            agent.send_signal(signal.SIGUSR1)
            output = agent.communicate(timeout=30)[0].decode().split()
        finally:
            end(agent)
        check_equal("a signal of kill: code and sender", (output[1], output[3]),
                    ("0", str(agent.pid)))


def sent_to_the_group():
    """As a shell's kill to a job does it: agent and command both get it, and the agent passes it
    on."""
    for name in ("INT", "TERM", "USR1"):
        with running(COUNT.format(names=name)) as (agent, _, tmp):
            os.killpg(agent.pid, getattr(signal, "SIG" + name))
            output = agent.communicate(timeout=30)[0].decode().split()
            check(f"SIG{name} sent to the process group: the command has it, the agent ends well",
                  output[0] == name and output[-1] == "end" and agent.returncode == 0,
                  f"{output} {agent.returncode}")


def command_dies_of_it():
    for name, status in (("TERM", 143), ("INT", 130), ("HUP", 129), ("USR1", 138)):
        with running("ulimit -c 0; echo ready; exec sleep 60", comm="sleep") as (agent, pid, tmp):
            agent.send_signal(getattr(signal, "SIG" + name))
            agent.communicate(timeout=30)
            check_equal(f"the command dies of SIG{name}: status", agent.returncode, status)
            found = lives(parse((tmp / "out.csv").read_bytes()))
            check(f"the command dies of SIG{name}: its last row is there",
                  [life.comm for life in found] == ["sleep"] and found[0].values[TASK_CLOCK],
                  f"{found}")


def second_sigterm_ends_the_run():
    """The command ignores SIGTERM: at the second the agent finishes its files without it."""
    script = "trap '' TERM; echo ready; i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done"
    with running(script, "-I", "50") as (agent, pid, tmp):
        agent.send_signal(signal.SIGTERM)
        let_pass(1, "two SIGTERMs within half a second count as one")
        check("the first SIGTERM is the command's to obey", agent.poll() is None)
        agent.send_signal(signal.SIGTERM)
        ended = wait_until(lambda: agent.poll() is not None, timeout=5)
        check("the second SIGTERM ends the run", ended)
        check("the command runs on", state_of(pid) in ("S", "R", "D"), f"state {state_of(pid)}")
        data = (tmp / "out.csv").read_bytes()
        check("the file ends with a whole line", data.endswith(b"\n"), repr(data[-100:]))
        found = lives(parse(data))
        check("the living command has its row", bool(found and found[0].pid == pid
                                                     and found[0].values[TASK_CLOCK]), f"{found}")
        check("the status tells that the run did not end by itself", agent.returncode != 0,
              f"status {agent.returncode}")


def as_timeout_sends_it():
    """timeout(1) sends SIGTERM to the agent and then to the group: that is one, not two."""
    for i in range(5):
        with running(COUNT.format(names="TERM")) as (agent, _, tmp):
            agent.send_signal(signal.SIGTERM)
            let_pass(0.02 * i, "timeout sends them one after the other")
            os.killpg(agent.pid, signal.SIGTERM)
            output = agent.communicate(timeout=30)[0].decode().split()
            check(f"SIGTERM to the agent and {20 * i} ms later to the group: the command goes on",
                  output[0] == "TERM" and output[-1] == "end" and agent.returncode == 0,
                  f"{output} {agent.returncode}")


def alarm_of_the_agent():
    """An alarm that was set before the program is executed goes off in it: the agent's is passed
    on."""
    result = run(["sh", "-c", "ulimit -c 0; echo ready; sleep 20; echo late"],
                 preexec_fn=lambda: signal.alarm(1))
    check_equal("an alarm ends the command", (result.status, result.stdout), (142, "ready\n"))
    check("its rows are there", result.lives and result.lives[0].values[TASK_CLOCK], result.csv)


def tree_is_given_up():
    """--wait-tree, the command has ended: who wishes the end now means the agent."""
    script = "sleep 60 & until read -r comm </proc/$!/comm && [ $comm = sleep ]; do :; done; " \
             "echo ready; exit 3"
    for name in ("INT", "QUIT", "TERM", "HUP"):
        with running(script, "--wait-tree", comm=None) as (agent, _, tmp):
            wait_until(lambda: [state_of(child) for child in children(agent.pid)
                                if comm_of(child) == "sh"] == ["Z"]
                       and state_of(agent.pid) == "S")  # it has noticed
            agent.send_signal(getattr(signal, "SIG" + name))
            ended = wait_until(lambda: agent.poll() is not None, timeout=10)
            check_equal(f"SIG{name} after the command's end: the run ends with its status",
                        (ended, agent.returncode), (True, 3))
            found = lives(parse((tmp / "out.csv").read_bytes()))
            check_equal(f"SIG{name} after the command's end: who goes on is in the file",
                        sorted(life.comm for life in found), ["sh", "sleep"])


def tree_is_given_up_in_the_summary():
    """Its wall time is that of the measurement, and nobody is told to use --wait-tree."""
    with folder() as tmp:
        start = time.monotonic()
        agent = subprocess.Popen(
            agent_args(["sh", "-c", "sleep 60 & :"], "out.csv",
                       options=["--wait-tree", "--summary=json:summary.json"]),
            cwd=tmp, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: "Z" in [state_of(child) for child in children(agent.pid)])
        let_pass(1, "the tree without the command is measured")
        agent.terminate()
        agent.wait(timeout=30)
        most = time.monotonic() - start
        summary = json.loads((tmp / "summary.json").read_text())
        report = json.loads(subprocess.run([AGENT, "report", "--format=json", "out.csv"], cwd=tmp,
                                           capture_output=True, check=True).stdout)
        end = (tmp / "out.csv").read_text().splitlines()[-1]
        compared = subprocess.run([AGENT, "compare", "out.csv", "out.csv"], cwd=tmp,
                                  capture_output=True, text=True)
    for name, wall in (("summary", summary["wall_ns"]), ("report", report["runs"][0]["wall_ns"])):
        check(f"--wait-tree, interrupted: the wall time of the {name}", 1 < wall / 1e9 <= most,
              f"{wall} ns of {most} s")
    check("--wait-tree, interrupted: run_end says so", "reason=interrupted" in end, end)
    notes = [notice["text"] for notice in summary["notices"]]
    check("--wait-tree, interrupted: the note",
          notes == ["1 process was still running when a signal ended --wait-tree; its counts end "
                    "here"], notes)
    check("--wait-tree, interrupted: compare leaves the run out", compared.returncode != 0
          and "no run that came to its end" in compared.stderr,
          compared.stdout + compared.stderr)


def orphans_of_process_1():
    """In a container the agent may be process 1, to which processes without a parent are left."""
    script = "for i in 1 2 3 4 5; do (/bin/true &); done; sleep 0.5; ps -eo stat= | grep -c Z"
    inside = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]
    if not shutil.which("unshare") or not shutil.which("ps") or \
            subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
        return skip("orphans of process 1", "pid namespaces cannot be made here, or no ps")
    with folder() as tmp:
        result = run(None, args=[*inside, *agent_args(["sh", "-c", script], tmp / "out.csv")],
                     cwd=tmp)
        found = lives(parse((tmp / "out.csv").read_bytes()))
    check_equal("process 1 reaps what is left to it", result.stdout, "0\n")
    return check_equal("what is left to it has its rows",
                       sum(life.comm == "true" for life in found), 5)


def killed_agent():
    """SIGKILL: the command runs on, the rows flushed so far are whole lines."""
    script = "echo ready; i=0; while [ $i -lt 20 ]; do /bin/true; sleep 0.1; i=$((i+1)); done"
    with running(script, "-I", "50", "--config-override",
                 'plugins.perf.flush_interval="100ms"') as (agent, pid, tmp):
        out = tmp / "out.csv"
        wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") > 10, 60)
        agent.kill()
        agent.wait()
        check("the command survives the agent's SIGKILL", state_of(pid) in ("S", "R", "D"),
              f"state {state_of(pid)}")
        data = (tmp / "out.csv").read_bytes()
        check("rows flushed before are there, in whole lines",
              data.endswith(b"\n") and len(parse(data)) > 5, repr(data[-100:]))
        os.kill(pid, signal.SIGKILL)


def stopped_and_continued():
    """SIGTSTP as a terminal sends it stops both; SIGCONT lets both go on."""
    with running("echo ready; sleep 2; exit 4") as (agent, pid, tmp):
        # Not in the middle of a vfork(): the parent of a child that stops there waits in state D.
        wait_until(lambda: any(comm_of(child) == "sleep" for child in children(pid)))
        os.killpg(agent.pid, signal.SIGSTOP)
        stopped = wait_until(lambda: state_of(agent.pid) == "T" and state_of(pid) == "T", 5)
        let_pass(0.8, "both are stopped")
        os.killpg(agent.pid, signal.SIGCONT)
        agent.communicate(timeout=30)
        check_equal("stopped and continued: both, and the run goes on", (stopped, agent.returncode),
                    (True, 4))


def stopped_command():
    """A command that stops itself has not ended."""
    with running("echo ready; kill -STOP $$; exit 6") as (agent, pid, tmp):
        wait_until(lambda: state_of(pid) == "T", 5)
        let_pass(0.3, "the agent has seen the stop")
        alive = agent.poll() is None
        os.kill(pid, signal.SIGCONT)
        agent.communicate(timeout=30)
        check_equal("a stopped command has not ended", (alive, agent.returncode), (True, 6))


def run_ends_with_the_command():
    """Descendants that live on do not hold the agent up, unless --wait-tree is given."""
    script = "(sleep 3; echo late) & sleep 0.3; echo ready; exit 0"
    for options, low, high in (((), 0, 2.9), (("--wait-tree",), 2.9, 30)):
        start = time.monotonic()
        with running(script, *options, comm=None) as (agent, _, tmp):
            agent.wait(timeout=30)
            took = time.monotonic() - start
            found = lives(parse((tmp / "out.csv").read_bytes()))
        check(f"the run ends with the {'tree' if options else 'command'} {' '.join(options)}",
              low <= took <= high, f"after {took:.2f} s")
        check_equal(f"who outlives the command is in the file {' '.join(options)}",
                    sorted(life.comm for life in found), ["sh", "sh", "sleep", "sleep"])


def command_ends_at_once():
    """The agent does not wait for an interval to pass."""
    start = time.monotonic()
    with running("echo ready", "-I", "10000", comm=None) as (agent, _, tmp):
        agent.wait(timeout=30)
    took = time.monotonic() - start
    check("the agent ends as soon as the command does", took < 2, f"{took:.2f} s")


if __name__ == "__main__":
    main(sent_to_the_agent, queued, killed_and_not_queued, sent_to_the_group, command_dies_of_it,
         second_sigterm_ends_the_run, as_timeout_sends_it, alarm_of_the_agent, tree_is_given_up,
         tree_is_given_up_in_the_summary, orphans_of_process_1, killed_agent,
         stopped_and_continued, stopped_command, run_ends_with_the_command, command_ends_at_once)
