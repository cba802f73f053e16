#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
srun --alumet: the SPANK plugin starts an agent on each node of a step, in a Slurm cluster of two
nodes, all on this machine.
"""

import contextlib
import os
import signal
import time

from lib import AGENT, BUILD, check, check_equal, folder, lives, main, skip, wait_until
import slurm  # tests/ is in the path by lib
from launched import commands, csv_files, ranks_of, rows_of

PLUGIN = BUILD / "spank" / "alumet.so"


@contextlib.contextmanager
def plugin_cluster(agent=AGENT, proctrack="linuxproc"):
    """A cluster with the plugin, and the folder of its files."""
    with folder() as state:
        line = f"optional {PLUGIN} agent={agent} directory={state}/files\n"
        with slurm.cluster(state, plugstack=line, proctrack=proctrack) as cluster:
            yield cluster, state / "files"


def missing():
    """Why there can be no cluster with the plugin here; None if there can."""
    if not PLUGIN.exists():
        return (f"{PLUGIN} is not built: libslurm-dev is not installed "
                "(tools/setup.sh launchers)")
    return slurm.missing()


def spank_plugin():
    if missing():
        skip("srun --alumet", missing())
        return
    script = ["sh", "-c", "/bin/true; sleep 0.1; exit $SLURM_PROCID"]
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with plugin_cluster() as (cluster, files):
        two_nodes = ["-N2", "--ntasks-per-node=2"]
        done = cluster.run("srun", "--alumet=task-clock,interval=20ms", *two_nodes, *script,
                           env={"TRACEPARENT": f"00-{trace}-00f067aa0ba902b7-01"})
        check_equal("srun --alumet: the job's status is its own", done.returncode, 3)
        check_equal("srun --alumet: nothing but the ranks' statuses is said",
                    [line for line in done.stderr.splitlines() if "Exited with" not in line], [])
        check_equal("srun --alumet: a file for each node", csv_files(files),
                    ["alumet-1.0-n1.csv", "alumet-1.0-n2.csv"])
        for file in csv_files(files):
            check_equal(f"srun --alumet: {file} has all of its ranks' processes",
                        commands(files / file), ["sh", "sh", "sleep", "sleep", "true", "true"])
            rows = rows_of(files / file)
            check_equal(
                f"srun --alumet: {file}: job, step and run in every row", {
                    tuple(
                        row.attributes.get(key, b"").decode()
                        for key in ("job_id", "step", "run_id"))
                    for row in rows}, {("1", "0", trace)})
            ranks = ["0", "1"] if "n1" in file else ["2", "3"]
            for comm in ("true", "sleep"):
                check_equal(f"srun --alumet: {file}: which rank each {comm} is of",
                            ranks_of(files / file, comm), ranks)
            check_equal(f"srun --alumet: {file}: the ranks are seen to execute their programs",
                        sum(row.metric == "process_info"
                            and row.attributes.get("args", b"").startswith(b"/usr/bin/sh -c")
                            and row.attributes["comm"] == b"sh" for row in rows), 2)
        before = csv_files(files)
        done = cluster.run("srun", *two_nodes, "true")
        check_equal("srun without --alumet: nothing is measured",
                    (done.returncode, csv_files(files)), (0, before))
        for wrong in ("-o=x", "uprobe:/bin/sh:main", "cycles,", "interval=1;x"):
            done = cluster.run("srun", f"--alumet={wrong}", "-N1", "true")
            expected = wrong == "cycles,"
            check(f"srun --alumet={wrong}: {'taken' if expected else 'refused'}",
                  (done.returncode == 0) == expected, done.stderr)


def agents_that_fail():
    """Whatever the agent does, the job's status and output are the job's."""
    if missing():
        return  # spank_plugin() has said it
    with folder() as cwd:
        hanging = cwd / "hanging"
        hanging.write_text("#!/bin/sh\nexec sleep 600\n")
        hanging.chmod(0o755)
        for name, agent, told in (("not there", "/nonexistent", "has ended"),
                                  ("that fails", "/bin/false", "has ended"),
                                  ("that hangs", hanging, "does not begin")):
            with plugin_cluster(agent) as (cluster, files):
                done = cluster.run("srun", "--alumet", "-N1", "-n2", "sh", "-c",
                                   "echo out; exit 3")
                check_equal(f"an agent {name}: status and output", (done.returncode, done.stdout),
                            (3, "out\nout\n"))
                check(f"an agent {name}: is told", told in done.stderr, done.stderr)


# A daemon as they are made: a session of its own, no parent. It outlives the rank.
DAEMON = ("setsid sh -c '(/bin/true; exec sleep 300) & exit 0' <&- >&- 2>&-; sleep 0.3; exit "
          "$SLURM_PROCID")


def daemons_of_ranks():
    """
    What a rank starts is followed by its creation: no matter whether slurmd knows of it, which ends
    it with the step where it follows cgroups, and leaves it where it goes by the parents.
    """
    if missing():
        return  # spank_plugin() has said it
    for proctrack in slurm.PROCTRACKS:
        if slurm.untracked(proctrack):
            skip(f"proctrack/{proctrack}", slurm.untracked(proctrack))
            continue
        with plugin_cluster(proctrack=proctrack) as (cluster, files):
            began = time.monotonic()
            done = cluster.run("srun", "--alumet=task-clock", "-N1", "-w", "n1", "-n2", "sh", "-c",
                               DAEMON)
            took = time.monotonic() - began
            file = files / "alumet-1.0-n1.csv"
            wait_until(lambda: file.stat().st_mode & 0o777 == 0o640)  # the agent has ended
            check_equal(f"proctrack/{proctrack}: the job's status", done.returncode, 1)
            found = [life for life in lives(rows_of(file))
                     if life.comm in ("true", "sleep")]
            check_equal(f"proctrack/{proctrack}: the daemons' processes, and which rank's they are",
                        sorted((life.comm, life.infos[-1].get("rank")) for life in found),
                        [("sleep", b"0"), ("sleep", b"0"), ("sleep", b"1"), ("sleep", b"1"),
                         ("true", b"0"), ("true", b"1")])
            daemons = [life for life in found if life.args[-1] == b"sleep 300"]
            ends = {life.exits[0].get("signal") if life.exits else None for life in daemons}
            check(f"proctrack/{proctrack}: the daemons live on, or slurmd has ended them",
                  len(daemons) == 2 and ends in ({None}, {b"SIGKILL"}), ends)
            check(f"proctrack/{proctrack}: they do not hold the step", took < 60, f"{took} s")
            if None in ends:
                for life in daemons:
                    os.kill(life.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(spank_plugin, agents_that_fail, daemons_of_ranks)
