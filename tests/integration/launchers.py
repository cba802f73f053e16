#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The agent under the launchers of parallel jobs: Open MPI's mpirun, MPICH's Hydra, and srun and
sbatch of a Slurm cluster of two nodes, all on this machine. A node of mpirun's is one by a stand-in
for ssh.
"""

import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from lib import AGENT, BUILD, ROOT, check, check_equal, folder, lives, main, parse, skip, wait_until

sys.path.insert(0, str(ROOT / "tests"))
import slurm  # noqa: E402
from rapl_machine import machine  # noqa: E402

PERF = ["--plugins", "perf,csv", "-e", "TASK_CLOCK"]
ENERGY = "rapl_consumed_energy_J"

# ssh HOST COMMAND, but here. Hydra has options before the host. Daemons of Open MPI make folders of
# the same name in the temporary folder, and fail where another one has just done so.
REMOTE_SHELL = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
mkdir -p "${0%/*}/$1"
export TMPDIR="${0%/*}/$1"
shift
exec sh -c "$*"
"""

def is_open_mpi_5():
    """Whose launcher is PRRTE, with options of its own."""
    if not shutil.which("mpirun.openmpi"):
        return False
    version = subprocess.run(["mpirun.openmpi", "--version"], capture_output=True, text=True).stdout
    return int(re.search(r"\) (\d+)\.", version).group(1)) >= 5


OPEN_MPI_5 = is_open_mpi_5()
if OPEN_MPI_5:
    OPEN_MPI = ["mpirun.openmpi", "--allow-run-as-root"]
    OUTSIDE_OF_SLURM = ["--prtemca", "ras", "^slurm", "--prtemca", "plm", "^slurm"]
else:
    OPEN_MPI = ["mpirun.openmpi", "--allow-run-as-root", "--mca", "btl", "self,tcp",
                "--mca", "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo"]
    OUTSIDE_OF_SLURM = ["--mca", "ras", "^slurm", "--mca", "plm", "isolated"]


def there(name, program):
    if shutil.which(program):
        return True
    skip(name, f"{program} is not installed (tools/setup.sh launchers)")
    return False


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


def csv_files(cwd):
    return sorted(path.name for path in cwd.glob("*.csv"))


def rows_of(path):
    return parse(path.read_bytes())


def commands(path):
    """The names of the processes that ended, by their own last one."""
    return sorted(life.comm for life in lives(rows_of(path)) if life.exits)


def ranks_of(path, comm):
    """The rank of each process of this name: of the program, and of its end."""
    found = [(life.infos[-1].get("rank", b"none").decode(), life.exits[-1].get("rank",
                                                                               b"none").decode())
             for life in lives(rows_of(path)) if life.comm == comm]
    return sorted(rank if rank == at_end else f"{rank}, then {at_end}" for rank, at_end in found)


def joules(path):
    return round(sum(float(row.value) for row in rows_of(path) if row.metric == ENERGY), 6)


@contextlib.contextmanager
def energy():
    """
    A machine with one counter, which moves by 100 µJ when the command of the first task of the node
    says so: after the base reading of that task's agent. Yields options and command.
    """
    with machine() as laid_out:
        laid_out.zone("intel-rapl:0", "package-0", 1)
        options = ["--plugins", "rapl,csv",
                   "--config-override", f"plugins.rapl.sysroot='{laid_out.path}'",
                   "--config-override", "plugins.rapl.backend='powercap'"]
        counter = shlex.quote(str(laid_out.energy("intel-rapl:0")))
        script = ("local=${OMPI_COMM_WORLD_LOCAL_RANK:-${MPI_LOCALRANKID:-$SLURM_LOCALID}}; "
                  f"[ $local = 0 ] && echo 101 1<> {counter}; exec sleep 0.2")  # never empty
        yield options, ["sh", "-c", script]


# --- MPI -----------------------------------------------------------------------------------------

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


# --- Slurm ---------------------------------------------------------------------------------------

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


# --- the SPANK plugin ----------------------------------------------------------------------------

PLUGIN = BUILD / "spank" / "alumet.so"


@contextlib.contextmanager
def plugin_cluster(agent=AGENT, proctrack="linuxproc"):
    """A cluster with the plugin, and the folder of its files."""
    with folder() as state:
        line = f"optional {PLUGIN} agent={agent} directory={state}/files\n"
        with slurm.cluster(state, plugstack=line, proctrack=proctrack) as cluster:
            yield cluster, state / "files"


def spank_plugin():
    why = slurm.missing() or (None if PLUGIN.exists() else
                              f"{PLUGIN} is not built: libslurm-dev is not installed "
                              "(tools/setup.sh launchers)")
    if why:
        skip("srun --alumet", why)
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
    agents_that_fail()


# A daemon as they are made: a session of its own, no parent. It outlives the rank.
DAEMON = ("setsid sh -c '(/bin/true; exec sleep 300) & exit 0' <&- >&- 2>&-; sleep 0.3; exit "
          "$SLURM_PROCID")


def daemons_of_ranks():
    """
    What a rank starts is followed by its creation: no matter whether slurmd knows of it, which ends
    it with the step where it follows cgroups, and leaves it where it goes by the parents.
    """
    if slurm.missing() or not PLUGIN.exists():
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


def agents_that_fail():
    """Whatever the agent does, the job's status and output are the job's."""
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


if __name__ == "__main__":
    main(mpi_without_options, mpi_job_by_name, mpi_energy_once, mpi_on_one_node,
         mpi_agent_per_node, slurm_cluster,
         slurmd_under_the_agent, spank_plugin, daemons_of_ranks, watch_of_a_step)
