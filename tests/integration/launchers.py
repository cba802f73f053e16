#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The agent under Open MPI's mpirun and MPICH's Hydra, all on this machine: a node of theirs is one by
a stand-in for ssh.
"""

import os
import shlex
import subprocess

from lib import AGENT, check, check_equal, folder, main
from launched import (  # tests/ is in the path by lib
    OPEN_MPI, OPEN_MPI_5, PERF, commands, csv_files, energy, joules, ranks_of, there)

# ssh HOST COMMAND, but here. Hydra has options before the host. Daemons of Open MPI make folders of
# the same name in the temporary folder, and fail where another one has just done so.
REMOTE_SHELL = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
mkdir -p "${0%/*}/$1"
export TMPDIR="${0%/*}/$1"
shift
exec sh -c "$*"
"""


def clean_environment():
    return {key: value for key, value in os.environ.items()
            if not key.startswith(("SLURM_", "OMPI_", "PMI_", "PMIX_", "ALUMET_"))}


def launch(command, cwd, **env):
    # Open MPI 5 fails where a run before, whose pid has come again, has left its folder.
    own = {**clean_environment(), "TMPDIR": str(cwd)}
    return subprocess.run(command, cwd=cwd, env={**own, **env}, timeout=60,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)


def remote_shell(cwd):
    path = cwd / "remote-shell"
    path.write_text(REMOTE_SHELL)
    path.chmod(0o755)
    return str(path)


LAUNCHERS = {
    "Open MPI": [*OPEN_MPI, "--oversubscribe", "-n", "3"],
    "Hydra": ["mpiexec.hydra", "-n", "3"],
}


def mpi_without_options():
    for name, launcher in LAUNCHERS.items():
        if not there(name, launcher[0]):
            continue
        with folder() as cwd:
            done = launch([*launcher, AGENT, *PERF, "exec", "sleep", "0.2"], cwd)
            check_equal(f"{name}: every rank works", done.returncode, 0)
            check_equal(f"{name}: a file for each rank", csv_files(cwd),
                        [f"alumet-output-{rank}.csv" for rank in range(3)])
            for file in csv_files(cwd):
                check_equal(f"{name}: {file} has its rank's command", commands(cwd / file),
                            ["sleep"])
            check_equal(f"{name}: one summary", done.stderr.count("alumet-output-"), 1)


NAMED = {"Open MPI": ["-x", "ALUMET_JOB_ID=trial"], "Hydra": ["-genv", "ALUMET_JOB_ID", "trial"]}


def mpi_job_by_name():
    """A name of the user's own makes the files of mpirun's ranks one run."""
    for name, launcher in LAUNCHERS.items():
        if not there(name, launcher[0]):
            continue
        with folder() as cwd:
            done = launch([launcher[0], *NAMED[name], *launcher[1:], AGENT, "-q", "--plugins",
                           "context,perf,csv", "exec", "true"], cwd)
            check_equal(f"{name}, a job of a name: status", done.returncode, 0)
            report = launch([AGENT, "report", "alumet-output-trial-*.csv"], cwd)
            check(f"{name}, a job of a name: one run",
                  report.stdout.startswith("job trial: 3 ranks on 1 host\n"),
                  report.stdout + report.stderr)


def mpi_energy_once():
    for name, launcher in LAUNCHERS.items():
        if not there(name, launcher[0]):
            continue
        with folder() as cwd, energy() as (options, command):
            done = launch([*launcher, AGENT, *options, "exec", *command], cwd)
            check_equal(f"{name}: energy of the node: status", done.returncode, 0)
            check_equal(f"{name}: energy of the node, once",
                        [joules(cwd / file) for file in csv_files(cwd)], [0.0001, 0, 0])


def mpi_on_one_node():
    """The launcher itself under the agent: its own processes, and those of all ranks."""
    for name, launcher in LAUNCHERS.items():
        if not there(name, launcher[0]):
            continue
        with folder() as cwd:
            done = launch([AGENT, *PERF, "-q", "-o", "node.csv", "exec", *launcher, "sleep", "0.1"],
                          cwd)
            check_equal(f"{name} under the agent: status", done.returncode, 0)
            check_equal(f"{name} under the agent: the ranks' processes",
                        ranks_of(cwd / "node.csv", "sleep"), ["0", "1", "2"])
            names = [launcher[0][:15], "prterun"]  # which Open MPI 5's mpirun executes
            check("the launcher is there",
                  sum(comm in names for comm in commands(cwd / "node.csv")) == 1,
                  commands(cwd / "node.csv"))


def mpi_agent_per_node():
    """The launcher starts its own daemon under an agent on each node."""
    node_agent = [AGENT, *PERF, "-q", "-o"]
    if there("Open MPI", "mpirun.openmpi"):
        with folder() as cwd:
            daemon = "prted" if OPEN_MPI_5 else "orted"
            agent = shlex.join([*node_agent, f"{cwd}/node-%p.csv", "exec", daemon])
            if OPEN_MPI_5:
                by_agent = [
                    "--prtemca", "plm", "ssh", "--prtemca", "plm_ssh_agent",
                    remote_shell(cwd), "--prtemca", "prte_launch_agent", agent]
            else:
                by_agent = ["--mca", "plm", "rsh", "--mca", "plm_rsh_agent", remote_shell(cwd),
                            "--mca", "orte_launch_agent", agent]
            done = launch([*OPEN_MPI, *by_agent, "--host", "n1:2,n2:2", "-n", "4", "sleep", "0.1"],
                          cwd)
            check_nodes("Open MPI", done, cwd, daemon)
    if there("Hydra", "mpiexec.hydra"):
        with folder() as cwd:
            wrapper = cwd / "launcher"
            agent = shlex.join([*node_agent, f"{cwd}/node-%p.csv", "exec"])
            wrapper.write_text('#!/bin/sh\n# -x HOST COMMAND...\nhost=$2; shift 2\n'
                               f'exec {remote_shell(cwd)} "$host" {agent} "$@"\n')
            wrapper.chmod(0o755)
            done = launch(["mpiexec.hydra", "-launcher", "ssh", "-launcher-exec", str(wrapper),
                           "-hosts", "n1:2,n2:2", "-n", "4", "sleep", "0.1"], cwd)
            check_nodes("Hydra", done, cwd, "hydra_pmi_proxy")


def check_nodes(name, done, cwd, daemon):
    files = csv_files(cwd)
    check_equal(f"{name}, an agent per node: status", done.returncode, 0)
    check_equal(f"{name}, an agent per node: files", len(files), 2)
    check_equal(f"{name}, an agent per node: the ranks of each",
                [(daemon[:15] in commands(cwd / file), commands(cwd / file).count("sleep"))
                 for file in files], [(True, 2)] * 2)
    check_equal(f"{name}, an agent per node: each rank's rows say which it is",
                sorted(ranks_of(cwd / file, "sleep") for file in files), [["0", "1"], ["2", "3"]])


if __name__ == "__main__":
    main(mpi_without_options, mpi_job_by_name, mpi_energy_once, mpi_on_one_node, mpi_agent_per_node)
