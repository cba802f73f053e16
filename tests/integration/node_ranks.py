#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
One agent for the ranks of a node: the rows of each process have its rank, from the variable of its
launcher at its exec, wherever in the environment that stands. The truth is what each process was
given.
"""

import csv
import os
import pathlib
import re
import subprocess

from lib import (AGENT, TASK_CLOCK, agent, check, check_equal, check_run, folder, lives, main,
                 parse, skip, wait_until)
from rapl_machine import machine

ON = ["--config-override", 'plugins.perf.ranks="on"']
PERF = ["-q", "--plugins", "perf,csv", "-e", "TASK_CLOCK"]

# Executes /bin/true with each environment of a file in turn: one a line, strings with a NUL between
# them.
EXECUTE = """
import os, sys
for number, line in enumerate(open(sys.argv[1], "rb").read().split(b"\\n\\n")):
    pid = os.fork()
    if pid == 0:
        # libc's execve() takes what is no environment, too: a list of any strings.
        import ctypes
        strings = line.split(b"\\0") if line else []
        as_c = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*texts, None)
        ctypes.CDLL(None).execve(b"/bin/true", as_c([b"true", b"%d" % number]), as_c(strings))
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0, (number, os.strerror(ctypes.get_errno()))
"""


def ranks_of(environments, *options):
    """
    The ranks that the rows have of /bin/true, executed with each of these environments; None: none.
    By the programs for this kernel, and by those for older ones.
    """
    with folder() as cwd:
        (cwd / "environments").write_bytes(b"\n\n".join(b"\0".join(e) for e in environments))
        return [execute_each(cwd, options, env)
                for env in ({}, {"ALUMET_LIBBPF_LOADER": "1"})]


def execute_each(cwd, options, env):
    result = agent(*PERF, *ON, *options, "-o", "out.csv", "exec", "python3", "-c", EXECUTE,
                   "environments", cwd=cwd, env=env)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    check_equal("nothing is lost", result.stderr, "")
    found = {}
    for life in lives(parse((cwd / "out.csv").read_bytes())):
        info = life.infos[-1]
        if life.comm == "true":
            found[int(info["args"].split()[1])] = info.get("rank")
    return [found[number] for number in sorted(found)]


def check_ranks(cases, *options):
    """cases: name, environment, rank."""
    new, old = ranks_of([environment for _, environment, _ in cases], *options)
    check_equal("every program is there", (len(new), len(old)), (len(cases), len(cases)))
    for (name, _, expected), *found in zip(cases, new, old):
        check_equal(f"the rank, {name}", found, [expected] * 2)


def variables():
    check_ranks([
        ("no environment", [], None), ("none among others", [b"PATH=/bin", b"HOME=/"], None),
        ("srun's", [b"SLURM_PROCID=12"], b"12"), ("Hydra's", [b"A=b", b"PMI_RANK=3", b"C=d"], b"3"),
        ("Open MPI's counts more than srun's", [b"SLURM_PROCID=0",
                                                b"OMPI_COMM_WORLD_RANK=5"], b"5"),
        ("and whichever comes first", [
            b"OMPI_COMM_WORLD_RANK=5", b"PMI_RANK=1", b"PMIX_RANK=2", b"SLURM_PROCID=0"], b"5"),
        ("a longer name", [b"XSLURM_PROCID=1", b"SLURM_PROCID_=2", b"SLURM_PROCIDS=3"], None),
        ("a shorter name", [b"SLURM_PROCI=1", b"SLURM_PROCID", b"LURM_PROCID=1"], None),
        ("a name in a value", [b"A=SLURM_PROCID=9", b"B= SLURM_PROCID=9"], None),
        ("an empty one", [b"SLURM_PROCID="], None),
        ("one that is no word", [b"SLURM_PROCID=a b"], None),
        ("one too long for a rank", [b"SLURM_PROCID=" + b"1" * 24], None),
        ("one of the length of a piece", [b"SLURM_PROCID=" + b"1" * 300], None),
        ("the longest", [b"SLURM_PROCID=" + b"1" * 23], b"1" * 23),
        ("an empty string before it", [b"", b"", b"SLURM_PROCID=7"], b"7"),
        ("what is no variable before it", [b"x", b"=", b"SLURM_PROCID=7"], b"7"), ])


def lengths():
    """A string is read in pieces of 256 bytes: its own bytes are no beginning of another one."""
    name = b"SLURM_PROCID=8"
    check_ranks([(f"behind a string of {n} bytes", [b"A=" + b"x" *
                                                    (n - 2), b"SLURM_PROCID=7"], b"7")
                 for n in (253, 254, 255, 256, 257, 509, 510, 511, 512, 4096)] +
                [(f"in a string, at byte {at}", [b"A=" + b"x" * (at - 2) + name], None)
                 for at in (254, 255, 256, 257, 509, 510, 511, 512)] +
                [("behind 200 others", [b"VARIABLE_%d=%d" % (i, i)
                                        for i in range(200)] + [name], b"8")])


def long_environments():
    """Long ones: on an old kernel at least the agent says that it has not seen all of them."""
    many = [b"VARIABLE_%d=%d" % (i, i) for i in range(4000)]
    large = [b"A%d=" % i + b"x" * 120000 for i in range(8)]
    kernel = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    for name, environment in (("4000 variables", many), ("a megabyte", large)):
        for is_old in (False, True):
            with folder() as cwd:
                (cwd / "environments").write_bytes(b"\0".join([*environment, b"SLURM_PROCID=9"]))
                result = agent(*PERF, *ON, "-o", "out.csv", "exec", "python3", "-c", EXECUTE,
                               "environments", cwd=cwd,
                               env={"ALUMET_LIBBPF_LOADER": "1"} if is_old else {})
                ranks = {row.attributes.get("rank") for row in parse((cwd / "out.csv").read_bytes())
                         if row.attributes.get("args", b"").startswith(b"true")}
                if is_old or kernel < (6, 1):
                    check(
                        f"{name}: an old kernel's programs find the rank or say that they did not",
                        ranks == {b"9"} or "rank that is not known" in result.stderr,
                        f"{ranks} {result.stderr}")
                else:
                    check_equal(f"{name}: found", (ranks, result.stderr), ({b"9"}, ""))


def other_names():
    own = [
        "--config-override",
        'plugins.perf.rank_variables=["MY_RANK", "A_NAME_OF_THIRTY-ONE_CHARACTERS"]']
    check_ranks([
        ("of a name of the user's own", [b"SLURM_PROCID=1", b"MY_RANK=4"], b"4"),
        ("of the longest name", [b"A_NAME_OF_THIRTY-ONE_CHARACTERS=6"], b"6"),
        ("not of a name that begins like it", [b"A_NAME_OF_THIRTY-ONE_CHARACTERz=6"], None),
        ("not of srun's, which is not asked for", [b"SLURM_PROCID=1"], None),
    ], *own)
    with folder() as cwd:
        for names, phrase in (('["x=y"]', "no '='"), ('[""]', "empty"),
                              (f'["{"x" * 32}"]', "31 characters"),
                              (str([f"R{i}" for i in range(9)]), "8 variables")):
            result = agent("--config-override", f"plugins.perf.rank_variables={names}", "exec",
                           "true", cwd=cwd)
            check_run(f"rank_variables={names:.20}", result, 125, phrase)


SCRIPT = """
SLURM_PROCID=1 sh -c '/bin/true one; (:); env -i /bin/true one; exec /bin/true one'
OMPI_COMM_WORLD_RANK=2 sh -c '(sleep 0.01; /bin/true two) & exit 0'
/bin/true none
wait
"""


def children():
    """A process without a variable of its own is of its parent's rank, also when that has ended."""
    with folder() as cwd:
        result = agent("-q", "--plugins", "perf,csv,processes", "-e", "TASK_CLOCK", *ON, "-o",
                       "out.csv", "-o", "processes:p.csv", "exec", "--wait-tree", "sh", "-c",
                       SCRIPT, cwd=cwd, env={"SLURM_PROCID": ""})
        check_run("children of ranks", result, 0)
        rows = parse((cwd / "out.csv").read_bytes())
        for life in lives(rows):
            words = life.args[-1].split() if life.args else []
            if life.comm == "true":
                expected = {b"one": b"1", b"two": b"2", b"none": None}[words[1]]
                check_equal(f"true {words[1].decode()}", life.infos[-1].get("rank"), expected)
        of_pid = {}
        for row in rows:
            if row.consumer[0] == "process":
                of_pid.setdefault(row.consumer[1], []).append(
                    (row.metric, row.attributes.get("rank")))
        for pid, found in of_pid.items():
            names = [metric for metric, _ in found]
            last = found[-1][1]
            check(f"process {pid}: every row from its last process_info on has the same rank",
                  {"process_info", "process_exit", TASK_CLOCK} <= set(names) and {
                      rank
                      for metric, rank in found[len(names) - names[::-1].index("process_info") - 1:]
                  } == {last}, f"{found}")
        with open(cwd / "p.csv", newline="") as file:
            table = list(csv.DictReader(file, delimiter=";"))
        check_equal("processes: its column rank", {int(row["pid"]): row["rank"] for row in table},
                    {pid: (found[-1][1] or b"").decode() for pid, found in of_pid.items()})


def columns():
    with folder() as cwd:
        agent(*PERF, *ON, "--config-override", "plugins.csv.attributes_as_columns=true", "-o",
              "out.csv", "exec", "/bin/true", cwd=cwd, env={"PMI_RANK": "11"})
        with open(cwd / "out.csv", newline="") as file:
            found = list(csv.DictReader(file, delimiter=";"))
        check_equal("attributes_as_columns: rank", {row["rank"] for row in found
                                                    if row["consumer_kind"] == "process"}, {"11"})


def energy():
    """The joules of a process have its rank; those of the machine have none."""
    with folder() as cwd, machine() as laid_out:
        laid_out.zone("intel-rapl:0", "package-0", 1)
        counter = laid_out.energy("intel-rapl:0")
        script = f"i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo 900000 1<> {counter}"
        result = agent("-q", "--plugins", "perf,rapl,energy-attribution,csv", "-e", "TASK_CLOCK",
                       *ON, "--config-override", f"plugins.rapl.sysroot='{laid_out.path}'",
                       "--config-override", "plugins.rapl.backend='powercap'", "--config-override",
                       "plugins.energy-attribution.idle='none'", "-o", "out.csv", "exec", "sh",
                       "-c", script, cwd=cwd, env={"PMI_RANK": "2"})
        check_run("energy", result, 0)
        found = {(row.metric, row.consumer[0], row.attributes.get("rank"))
                 for row in parse((cwd / "out.csv").read_bytes())
                 if row.metric.endswith("energy_J")}
        check("energy: of the process with its rank, of the machine without",
              ("attributed_energy_J", "process", b"2") in found and
              {rank for _, kind, rank in found if kind == "local_machine"} == {None}, f"{found}")


def context():
    """An agent of one rank: a process whose own variable says another is of that."""
    with folder() as cwd:
        env = {"OMPI_COMM_WORLD_RANK": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "0"}
        agent("-q", "--plugins", "context,perf,csv", "-e", "TASK_CLOCK", *ON, "-o", "out.csv",
              "exec", "sh", "-c", "/bin/true; OMPI_COMM_WORLD_RANK=5 /bin/false; exit 0", cwd=cwd,
              env=env)
        rows = parse((cwd / "out.csv").read_bytes())
        check_equal("with context: the rank of the agent's own row",
                    [row.attributes.get("rank")
                     for row in rows if row.metric == "run_info"], [b"4"])
        check_equal("with context: of each process",
                    {life.comm: life.infos[-1].get("rank") for life in lives(rows)},
                    {"sh": b"4", "true": b"4", "false": b"5"})


def only_below_launchers():
    """Where nobody asks: for launchers and their daemons by name."""
    with folder() as cwd:
        for name, expected in (("mpirun", True), ("mpirun.openmpi", True), ("hydra_pmi_proxy",
                                                                            True), ("orted", True),
                               ("mpirunner", False), ("my-mpirun", False)):
            script = cwd / name
            script.write_text("#!/bin/sh\nSLURM_PROCID=3 /bin/true\n")
            script.chmod(0o755)
            agent(*PERF, "-o", "out.csv", "exec", f"./{name}", cwd=cwd)
            ranks = {row.attributes.get("rank") for row in parse((cwd / "out.csv").read_bytes())}
            check_equal(f"below {name}", b"3" in ranks, expected)
            agent(*PERF, "--config-override", 'plugins.perf.ranks="off"', "-o", "out.csv", "exec",
                  f"./{name}", cwd=cwd)
            ranks = {row.attributes.get("rank") for row in parse((cwd / "out.csv").read_bytes())}
            check_equal(f"below {name}, off", ranks, {None})


def adopted():
    """A process that runs already has the rank of its environment, as /proc shows it."""
    with folder() as cwd:
        process = subprocess.Popen(["sleep", "60"], env={**os.environ, "PMI_RANK": "21"})
        try:
            environ = pathlib.Path(f"/proc/{process.pid}/environ")
            wait_until(lambda: b"PMI_RANK=21\0" in environ.read_bytes())
            watch = subprocess.Popen([
                AGENT, "--plugins", "perf,csv", "-v", "--summary=none", "-e", "TASK_CLOCK", *ON,
                "-I", "20ms", "--config-override", "plugins.perf.flush_interval='20ms'", "-o",
                "out.csv", "watch",
                str(process.pid)], cwd=cwd, stderr=subprocess.PIPE, text=True)
            out = cwd / "out.csv"
            wait_until(lambda: out.exists() and b"process_info" in out.read_bytes())
            process.terminate()
            process.wait()
            watch.communicate(timeout=30)
            check_equal("adopted: status", watch.returncode, 0)
        finally:
            process.kill()
            process.wait()
        rows = [
            row for row in parse((cwd / "out.csv").read_bytes()) if row.consumer[0] == "process"]
        check_equal("adopted: every row has its rank", {row.attributes.get("rank")
                                                        for row in rows}, {b"21"})


def hidden():
    """Of a program that the user may not observe nothing is read: here, one that runs as somebody
    else."""
    if os.geteuid() != 0:
        return skip("hidden programs",
                    "needs root to make an agent with capabilities, and a program set-user-ID")
    with folder() as cwd:
        own = cwd / "agent"
        own.write_bytes(pathlib.Path(AGENT).read_bytes())
        own.chmod(0o755)
        subprocess.run(["setcap", "cap_bpf,cap_perfmon=ep", own], check=True)
        true = cwd / "true"
        true.write_bytes(pathlib.Path("/bin/true").read_bytes())
        true.chmod(0o4755)
        cwd.chmod(0o777)
        env = {**os.environ, "PMI_RANK": "6"}
        done = subprocess.run([
            own, *PERF, *ON, "-o", "out.csv", "exec", "sh", "-c",
            "PMI_RANK=7 ./true; PMI_RANK=8 /bin/true; exit 0"], cwd=cwd, env=env,
                              capture_output=True, text=True, user=65534, group=65534,
                              extra_groups=[])
        check_equal("an agent with two capabilities: status", (done.returncode, done.stderr),
                    (0, ""))
        found = sorted((life.infos[-1].get("hidden", b"").decode(), life.infos[-1].get("rank"))
                       for life in lives(parse((cwd / "out.csv").read_bytes()))
                       if life.comm == "true")
        return check_equal("the rank of a hidden program is its parent's", found,
                           [("", b"8"), ("true", b"6")])


if __name__ == "__main__":
    main(variables, lengths, long_environments, other_names, children, columns, energy, context,
         only_below_launchers, adopted, hidden)
