#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An ordinary user with cap_bpf and cap_perfmon on the file measures as root does; without, 125."""

import contextlib
import json
import os
import shutil
import signal
import subprocess

import lib
from lib import (NOBODY, TASK_CLOCK, become_nobody, can_set_capabilities, check, check_equal,
                 folder, lives, main, parse, skip)


@contextlib.contextmanager
def agent_with(capabilities):
    """A copy of the agent with these capabilities, in a folder of the ordinary user's."""
    with folder() as tmp:
        agent = tmp / "alumet-agent"
        shutil.copy(lib.AGENT, agent)
        agent.chmod(0o755)
        os.chown(tmp, NOBODY, NOBODY)
        if capabilities:
            subprocess.run(["setcap", capabilities, agent], check=True, capture_output=True)
        yield str(agent), tmp


def run_as_user(agent, tmp, command, events="TASK_CLOCK", options=()):
    args = [agent, "--plugins", "perf,csv", "-e", events, "-o", str(tmp / "out.csv"), *options,
            "exec", "--", *command]
    return subprocess.run(args, cwd=tmp, preexec_fn=become_nobody, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)


def with_capabilities():
    if not can_set_capabilities("ordinary user with cap_bpf,cap_perfmon"):
        return
    with agent_with("cap_bpf,cap_perfmon=ep") as (agent, tmp):
        script = "i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done; exit 3"
        result = run_as_user(agent, tmp, ["sh", "-c", script],
                             "TASK_CLOCK,PAGE_FAULTS,CONTEXT_SWITCHES")
        if not check("ordinary user: status is the command's", result.returncode == 3,
                     result.stderr.decode()):
            return
        found = lives(parse((tmp / "out.csv").read_bytes()))
        check_equal("ordinary user: every process", sorted(life.comm for life in found),
                    ["sh"] + ["true"] * 20)
        check("ordinary user: counts", all(life.total(TASK_CLOCK) > 0 for life in found))
        check_equal("ordinary user: the file is the user's", (tmp / "out.csv").stat().st_uid,
                    NOBODY)
        result = run_as_user(agent, tmp, ["cat", "/proc/self/status"])
        caps = dict(line.split(b":\t") for line in result.stdout.splitlines() if b":\t" in line)
        check_equal("ordinary user: no capability reaches the command",
                    {name: int(caps[name], 16) for name in (b"CapInh", b"CapPrm", b"CapEff",
                                                            b"CapAmb")},
                    {b"CapInh": 0, b"CapPrm": 0, b"CapEff": 0, b"CapAmb": 0})
        bounding = subprocess.run(["grep", "CapBnd", "/proc/self/status"],
                                  capture_output=True).stdout
        check_equal("ordinary user: the bounding set is as it was", caps[b"CapBnd"],
                    bounding.split()[1])


def by_libbpf():
    """It looks for some types that this kernel may lack; listing those of modules is root's."""
    if not can_set_capabilities("libbpf with two capabilities"):
        return
    with agent_with(None) as (agent, tmp):
        result = subprocess.run([
            "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
            "--inh-caps=-all,+bpf,+perfmon", "--ambient-caps=-all,+bpf,+perfmon", agent,
            "--plugins", "perf,csv", "-e", "TASK_CLOCK", "-o", "out.csv", "-vv", "exec", "true"],
                                cwd=tmp, env=dict(os.environ, ALUMET_LIBBPF_LOADER="1"),
                                capture_output=True, timeout=60, check=False, text=True)
        check_equal("libbpf with two capabilities: status", result.returncode, 0)
        check("libbpf with two capabilities: it is the one",
              "loading with libbpf" in result.stderr, result.stderr)


def sampled_functions(rows, command):
    """The functions on the stacks of the processes whose last name is command."""
    frames = {b"%d" % row.value: row.attributes for row in rows if row.metric == "profile_frame"}
    found = set()
    for row in rows:
        if row.metric == "profile_samples" and row.attributes["command"] == command:
            number = row.attributes.get("stack")
            while number in frames:
                found.add(frames[number]["function"])
                number = frames[number].get("parent")
    return found


def profiles_with_capabilities():
    """The two are enough, and what the user may not observe is not sampled."""
    if not can_set_capabilities("a profile with the two capabilities"):
        return
    with agent_with("cap_bpf,cap_perfmon=ep") as (agent, tmp):
        program = tmp / "rooted"
        shutil.copy(lib.HELPERS / "functions", program)
        shutil.copy(lib.HELPERS / "functions", tmp / "functions")
        os.chown(program, 0, 0)
        program.chmod(0o4755)
        result = run_as_user(agent, tmp, ["sh", "-c", "./functions 300; ./rooted 300"],
                             options=["--profile=997"])
        check_equal("a profile with the two capabilities: status", result.returncode, 0)
        rows = parse((tmp / "out.csv").read_bytes())
        check("a profile with the two capabilities: the user's program is in it", b"alpha"
              in sampled_functions(rows, b"functions"), sampled_functions(rows, b"functions"))
        # Before its exec the process was the user's shell, and may have been sampled as such.
        check("a profile with the two capabilities: root's is not",
              not sampled_functions(rows, b"rooted") & {b"alpha", b"beta", b"gamma_"},
              sampled_functions(rows, b"rooted"))


def setuid_programs_stay_setuid():
    """no_new_privs must not be set: sudo and ping work under the agent."""
    if not can_set_capabilities("set-user-id programs work under the agent"):
        return
    with agent_with("cap_bpf,cap_perfmon=ep") as (agent, tmp):
        program = tmp / "whoami"
        shutil.copy("/usr/bin/id", program)
        os.chown(program, 0, 0)
        program.chmod(0o4755)
        result = run_as_user(agent, tmp, [str(program), "-u"])
        check_equal("a set-user-id program of the tree is one, and is traced",
                    (result.stdout, [life.comm for life in
                                     lives(parse((tmp / "out.csv").read_bytes()))]),
                    (b"0\n", ["whoami"]))


def check_refused(capabilities, missing):
    name = f"ordinary user with {capabilities or 'no capability'}"
    with agent_with(capabilities) as (agent, tmp):
        witness = tmp / "ran"
        result = run_as_user(agent, tmp, ["touch", str(witness)])
        stderr = result.stderr.decode()
        check_equal(f"{name}: status", result.returncode, 125)
        check(f"{name}: what is missing is named", all(word in stderr.lower() for word in missing),
              stderr)
        check(f"{name}: so is the command that grants it", "setcap" in stderr and agent in stderr,
              stderr)
        check(f"{name}: the command was not started, no file is left",
              not witness.exists() and not (tmp / "out.csv").exists())


def without_capabilities():
    if not can_set_capabilities("ordinary user without capabilities"):
        return
    check_refused(None, ["cap_bpf", "cap_perfmon"])
    check_refused("cap_bpf=ep", ["cap_perfmon"])
    check_refused("cap_perfmon=ep", ["cap_bpf"])


def in_a_user_namespace():
    """Its root has every capability and may nothing: the advice is to leave, not to get more."""
    inside = ["unshare", "--user", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*inside, "true"],
                                                     capture_output=True).returncode != 0:
        return skip("in a user namespace", "user namespaces cannot be made here")
    with folder() as tmp:
        for events in ("TASK_CLOCK", "PAGE_FAULTS"):
            args = [*inside, *lib.agent_args(["true"], tmp / "out.csv", events)]
            result = subprocess.run(args, cwd=tmp, capture_output=True, text=True, timeout=60)
            check_equal(f"in a user namespace: status with {events}", result.returncode, 125)
            check(f"in a user namespace: it is named as the cause with {events}",
                  "outside of this user namespace" in result.stderr and
                  "setcap" not in result.stderr and "seccomp" not in result.stderr, result.stderr)
        result = subprocess.run([*inside, lib.AGENT, "doctor"], cwd=tmp, capture_output=True,
                                text=True, timeout=60)
        check("in a user namespace: doctor says so too",
              "outside of this user namespace" in result.stdout and
              not any(word in result.stdout for word in ("setcap", "seccomp", "ulimit")),
              result.stdout)


def nothing_stays_behind():
    """
    After a run, and after a SIGKILL, nothing of the agent's is in the kernel. Other agents may run
    meanwhile: this one's map of tasks has a size of its own, and a program keeps the maps it uses.
    """
    bpftool = shutil.which("bpftool", path=os.environ["PATH"] + ":/usr/sbin")
    if not bpftool:
        return skip("nothing stays in the kernel", "bpftool is not installed")
    size = 100000 + os.getpid() % 900000
    options = ["--config-override", f"plugins.perf.max_tasks = {size}"]

    def left():
        out = subprocess.run([bpftool, "--json", "map", "show"], capture_output=True).stdout
        return [found for found in json.loads(out) if found.get("max_entries") == size]

    def gone():
        # They are freed after a grace period.
        return lib.wait_until(lambda: not left(), 10, 0.2)

    lib.run(["/bin/true"], options=options)
    check("nothing stays in the kernel after a run", gone(), lambda: str(left()))
    with folder() as tmp:
        args = lib.agent_args(["sleep", "30"], tmp / "out.csv", options=options)
        agent = subprocess.Popen(args, cwd=tmp, stderr=subprocess.DEVNULL)
        sleep = lib.command_of(agent, "sleep")
        check("during a run it is there", left())
        agent.kill()
        agent.wait()
        os.kill(sleep, signal.SIGKILL)
    check("nothing stays in the kernel after SIGKILL", gone(), lambda: str(left()))


if __name__ == "__main__":
    main(with_capabilities, by_libbpf, profiles_with_capabilities, setuid_programs_stay_setuid,
         without_capabilities, in_a_user_namespace, nothing_stays_behind)
