#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The agent in steps and batch jobs of a Slurm cluster of two nodes, all on this machine, around the
slurmd of a node, and beside a step that runs already.
"""

import os
import pathlib
import shlex
import subprocess

from lib import AGENT, check, check_equal, folder, lives, main, skip, wait_until
import slurm  # tests/ is in the path by lib
from launched import (ENERGY, OPEN_MPI, OUTSIDE_OF_SLURM, PERF, commands, csv_files, energy, joules,
                      ranks_of, rows_of, there)


def srun_without_options(cluster, cwd):
    done = cluster.run("srun", "-N2", "-n4", AGENT, *PERF, "exec", "sleep", "0.2", cwd=cwd)
    check_equal("srun, 4 ranks on 2 nodes: every rank works", done.returncode, 0)
    check("srun: a file for each rank", len(csv_files(cwd)) == 4 and all(
        name.endswith(f".0-{rank}.csv") for rank, name in enumerate(csv_files(cwd))),
        lambda: f"{csv_files(cwd)}")
    check_equal("srun: a summary for each node", done.stderr.count("alumet-output-"), 2)
    for file in csv_files(cwd):
        check_equal(f"srun: {file[-5:]} has its rank's command", commands(cwd / file), ["sleep"])


def srun_energy_once(cluster, cwd):
    with energy() as (options, command):
        done = cluster.run("srun", "-w", "n1", "-N1", "-n4", AGENT, *options, "exec", *command,
                           cwd=cwd)
        check_equal("srun, 4 ranks on a node: status", done.returncode, 0)
        files = csv_files(cwd)
        check_equal("srun: energy of the node, once", [joules(cwd / file) for file in files],
                    [0.0001, 0, 0, 0])
        check_equal("srun: the rows say whose it is",
                    {row.attributes.get("hostname", b"").decode()
                     for row in rows_of(cwd / files[0]) if row.metric == ENERGY},
                    {os.uname().nodename})


def exec_of_srun(cluster, cwd):
    """The work is not in the agent's tree, and the summary says where it is."""
    done = cluster.run(AGENT, *PERF, "exec", "srun", "-n1", "sleep", "0.5", cwd=cwd)
    check_equal("alumet-agent exec srun: status, and what is measured",
                (done.returncode, "sleep" in commands(cwd / "alumet-output.csv")), (0, False))
    check("alumet-agent exec srun: what to do instead is said",
          "srun alumet-agent exec COMMAND" in " ".join(done.stderr.split()), done.stderr)


def steps_of_a_batch_job(cluster, cwd):
    agent = shlex.join([AGENT, *PERF, "-q"])
    out = cluster.batch(f"""\
srun -n2 {agent} exec sleep 0.1
srun -n2 {agent} exec sleep 0.1
srun -n1 {agent} -o same.csv exec sleep 0.1
srun -n1 {agent} -o same.csv exec sh -c 'exit 0'
srun -n2 {agent} -o place-%j-%s-%n-%r.csv exec true
{agent} exec true
""", "-N1", "-w", "n1", "-n4", cwd=cwd)
    names = csv_files(cwd)
    check_equal("two steps: a file for each task of each", sorted(
        name.partition(".")[2] for name in names if name.startswith("alumet-output-")),
        ["0-0.csv", "0-1.csv", "1-0.csv", "1-1.csv"])
    check("two steps with one name: what the first measured is kept",
          commands(cwd / "same.csv.old") == ["sleep"] and commands(cwd / "same.csv") == ["sh"],
          lambda: f"{names} {out}")
    check_equal("job, step, node and rank in a name", [
        name.partition("-")[2].partition("-")[2] for name in names if name.startswith("place-")],
        ["4-n1-0.csv", "4-n1-1.csv"])
    check("the batch script itself is no task", "alumet-output.csv" in names, f"{names} {out}")


def mpirun_in_a_batch_job(cluster, cwd):
    """%r is mpirun's rank, not that of the batch step, which is 0 in each."""
    if not there("mpirun in sbatch", "mpirun.openmpi"):
        return
    # One node: mpirun of a Slurm job takes only hosts that the resolver knows.
    mpirun = shlex.join([
        "env", f"TMPDIR={cwd}", *OPEN_MPI, *OUTSIDE_OF_SLURM, "--oversubscribe", "-n", "4"])
    agent = shlex.join([AGENT, *PERF, "-q"])
    out = cluster.batch(f"{mpirun} {agent} -o r-%h-%r.csv exec true\n"
                        f"{mpirun} {agent} exec true\n", "-N1", "-w", "n1", cwd=cwd)
    host = os.uname().nodename
    check_equal("mpirun in a batch job: %r", [name for name in csv_files(cwd) if name[0] == "r"],
                [f"r-{host}-{rank}.csv" for rank in range(4)])
    names = [name for name in csv_files(cwd) if name.startswith("alumet-output-")]
    check("mpirun in a batch job: default names",
          len(names) == 4 and all(name.endswith(f"-{rank}.csv") and "." not in name[:-4]
                                  for rank, name in enumerate(names)), lambda: f"{names} {out}")


def slurm_cluster():
    why = slurm.missing()
    if why:
        skip("Slurm", why)
        return
    with folder() as state, slurm.cluster(state) as cluster:
        for test in (srun_without_options, srun_energy_once, exec_of_srun, steps_of_a_batch_job,
                     mpirun_in_a_batch_job):
            with folder() as cwd:
                test(cluster, cwd)


def slurmd_under_the_agent():
    """A node's daemon under an agent: whatever runs there is measured, whoever submits it."""
    why = slurm.missing()
    if why:
        skip("slurmd under the agent", why)
        return
    with folder() as state:
        prefix = [AGENT, *PERF, "-q", "-o", f"{state}/node-%p.csv", "exec"]
        with slurm.cluster(state, slurmd_prefix=prefix) as cluster:
            done = cluster.run("srun", "-N2", "--ntasks-per-node=2", "sleep", "0.1")
        check_equal("slurmd under the agent: the job's status", done.returncode, 0)
        check_equal("slurmd under the agent: the ranks of each node",
                    [commands(state / file).count("sleep") for file in csv_files(state)], [2, 2])
        check_equal("slurmd under the agent: which rank each is",
                    sorted(ranks_of(state / file, "sleep") for file in csv_files(state)),
                    [["0", "1"], ["2", "3"]])


# Each rank is two shells, the second for the daemon; they begin when the file is there.
WAITING = ("while ! [ -e \"$1\" ]; do sleep 0.02; done; /bin/true; (setsid ls / >/dev/null &) ; "
           "exit 0")


def watch_of_a_step():
    """A step that runs already, by the cgroup of its tasks, in which slurmstepd is not."""
    for proctrack in ("cgroup/v1", "cgroup/v2"):
        name = f"watch --cgroup of a step, {proctrack}"
        why = slurm.missing() or slurm.untracked(proctrack)
        if why:
            skip(name, why)
            continue
        with folder() as state, slurm.cluster(state, proctrack=proctrack) as cluster:
            step = pathlib.Path(slurm.FREEZER) / "slurm_n1/uid_0/job_1/step_0"
            if cluster.group:
                step = cluster.group / "system.slice/n1_slurmstepd.scope/job_1/step_0/user"
            watch_tasks(name, cluster, state, step)


def watch_tasks(name, cluster, state, tasks):
    step = subprocess.Popen(["srun", "-N1", "-w", "n1", "-n2", "sh", "-c", WAITING, "sh",
                             state / "begin"], env=cluster.env, stdin=subprocess.DEVNULL)
    wait_until(lambda: sum(len(procs.read_text().split())
                           for procs in tasks.rglob("cgroup.procs")) >= 2)
    watch = subprocess.Popen([AGENT, *PERF, "-v", "--summary=none", "-o", "out.csv", "watch",
                              "--cgroup", tasks], cwd=state, stderr=subprocess.PIPE, text=True)
    for line in watch.stderr:
        if "watching " in line:
            break
    (state / "begin").touch()
    check_equal(f"{name}: the step's status", step.wait(60), 0)
    check_equal(f"{name}: it ends with the step", (watch.wait(60), watch.stderr.close()), (0, None))
    rows = rows_of(state / "out.csv")
    found = [life.comm for life in lives(rows)]
    check_equal(f"{name}: the ranks and what they start", {comm: found.count(comm) for comm in
                ("sh", "ls", "true", "slurmstepd")}, {"sh": 4, "ls": 2, "true": 2, "slurmstepd": 0})
    check_equal(f"{name}: the cgroup's own rows", {
        "/job_1/step_0" in row.consumer[1] for row in rows if row.consumer[0] == "cgroup"}, {True})


if __name__ == "__main__":
    main(slurm_cluster, slurmd_under_the_agent, watch_of_a_step)
