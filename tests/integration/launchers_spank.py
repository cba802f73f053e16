#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
srun --alumet: the SPANK plugin starts an agent on each node of a step, in a Slurm cluster of two
nodes, all on this machine.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

from lib import AGENT, BUILD, check, check_equal, folder, lives, main, skip, wait_until
import slurm  # tests/ is in the path by lib
from launched import commands, csv_files, ranks_of, rows_of

PLUGIN = BUILD / "spank" / "alumet.so"


@contextlib.contextmanager
def plugin_cluster(agent=AGENT, proctrack="linuxproc", before=""):
    """A cluster with the plugin, after the lines of others, and the folder of its files."""
    with folder() as state:
        line = f"{before}optional {PLUGIN} agent={agent} directory={state}/files\n"
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


def batch_jobs():
    """The option of sbatch is that of the script and of each step of the job."""
    if missing():
        return  # spank_plugin() has said it
    with folder() as cwd, plugin_cluster() as (cluster, files):
        for job, option in enumerate(["--alumet", "--alumet=task-clock,interval=20ms"], 1):
            out = cluster.batch("/bin/true; srun -n2 sleep 0.1\n", option, "-N1", "-w", "n1", "-n2",
                                cwd=cwd)
            check_equal(f"sbatch {option}: the job's output", out, "")
            check_equal(f"sbatch {option}: a file for the script, and for the step", [
                (name, "true" in commands(files / name), commands(files / name).count("sleep"))
                for name in csv_files(files) if name.startswith(f"alumet-{job}.")],
                [(f"alumet-{job}.0-n1.csv", False, 2), (f"alumet-{job}.batch-n1.csv", True, 0)])


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


# Another plugin, which leaves files open in slurmstepd, one of them with a high number.
LEAK = """
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <slurm/spank.h>
SPANK_PLUGIN(leak, 1)
int slurm_spank_init(spank_t spank, int ac, char **av)
{
	struct rlimit limit = {4096, 4096};
	int fd;
	if (spank_remote(spank) != 1)
		return 0;
	fd = open(av[0], O_WRONLY | O_CREAT, 0600);
	setrlimit(RLIMIT_NOFILE, &limit);
	return fd < 0 || dup2(fd, 3000) != 3000;
}
"""

# It has a lot to say before it watches, and shows what is open.
TALKS = """#!/bin/sh
ls -l /proc/$$/fd >{0}/agent.fds
env >{0}/agent.env
i=0; while [ $i -lt 500 ]; do echo 'alumet-agent: warning: a line of many' >&2; i=$((i + 1)); done
exec {1} "$@"
"""


def descriptors_of(listing):
    """Number and kind of file of each descriptor in the output of ls -l, without those of ls."""
    found = re.findall(r" (\d+) -> (\S+)", listing)
    return sorted((int(fd), re.sub(r"\d+", "N", path)) for fd, path in found)


def descriptors_stay_where_they_are():
    """The agent has none of slurmstepd's, and the tasks none of the agent's; nor do they have other
    variables."""
    if missing():
        return  # spank_plugin() has said it
    if not shutil.which("cc"):
        skip("descriptors of slurmstepd", "cc is not installed")
        return
    with folder() as cwd:
        (cwd / "leak.c").write_text(LEAK)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", "leak.so", "leak.c"], cwd=cwd, check=True)
        (cwd / "agent").write_text(TALKS.format(cwd, AGENT))
        (cwd / "agent").chmod(0o755)
        leak = f"required {cwd}/leak.so {cwd}/leaked\n"
        with plugin_cluster(cwd / "agent", before=leak) as (cluster, files):
            shown = [cluster.run("srun", *options, "-N1", "-w", "n1", "sh", "-c",
                                 "ls -l /proc/self/fd; env | grep -v ^SLURM_ | sort")
                     for options in ([], ["--alumet"])]
            check_equal("an agent with much to say: the step is measured",
                        [commands(files / file)[:1] for file in csv_files(files)], [["env"]])
        check_equal("an agent with much to say: nothing of it is shown", shown[1].stderr, "")
        agent = (cwd / "agent.fds").read_text()
        check("the agent has nothing open that slurmstepd has",
              "leaked" not in agent and "-> pipe:" in agent, agent)
        check("slurmstepd had it open", "3000 -> " in shown[0].stdout, shown[0].stdout)
        check_equal("srun --alumet: the task's descriptors are as without",
                    descriptors_of(shown[1].stdout), descriptors_of(shown[0].stdout))
        variables = [[line for line in each.stdout.splitlines() if "=" in line] for each in shown]
        check_equal("srun --alumet: the task's variables are as without", variables[1],
                    variables[0])


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
    main(spank_plugin, batch_jobs, agents_that_fail, descriptors_stay_where_they_are,
         daemons_of_ranks)
