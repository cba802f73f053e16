# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
A Slurm cluster of two nodes on this machine, for tests: munged, slurmctld and two slurmd of their
own, on loopback, below a temporary folder. Needs root, as slurmd does.
"""

import contextlib
import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import cgroups
from cgroups import UNIFIED
from waiting import wait_until

DAEMONS = ("munged", "slurmctld", "slurmd", "srun", "sbatch")
NODES = ("n1", "n2")
START_TIMEOUT = 30


def missing():
    """Why there can be no cluster here; None if there can."""
    if os.geteuid() != 0:
        return "slurmd needs root"
    gone = [name for name in DAEMONS if not shutil.which(name, path=_path())]
    return f"not installed: {' '.join(gone)} (tools/setup.sh launchers)" if gone else None


def _path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def _free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


FREEZER = "/sys/fs/cgroup/freezer"  # where slurmstepd makes cgroups of v1

# How slurmstepd can follow the processes of a step.
PROCTRACKS = ("linuxproc", "cgroup/v1", "cgroup/v2")


def untracked(proctrack):
    """Why there is no such way here; None if there is."""
    if proctrack == "cgroup/v1" and not os.path.isdir(FREEZER):
        return "no freezer of cgroup v1 is mounted"
    if proctrack == "cgroup/v2":
        if not UNIFIED:
            return "no cgroup v2 is mounted"
        if not os.access(UNIFIED[0], os.W_OK):
            return f"{UNIFIED[0]} is read-only"
        if not any(glob.glob(f"/usr/{libraries}/slurm*/cgroup_v2.so")
                   for libraries in ("lib*", "lib/*")):
            return "this Slurm has no plugin cgroup/v2"
        if _is_hybrid() and not shutil.which("cc"):
            return "cgroup v1 is mounted, too, and cc, to hide it from slurmd, is not installed"
    return None


def _is_hybrid():
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        return any(not line.startswith("0::") for line in file)


# slurmd with a cgroup ($1) and namespaces of its own, in which that cgroup is the root of cgroup v2
# and /sys/fs/cgroup has no other hierarchy. $2: a library to preload, or empty.
IN_CGROUP = """echo $$ >"$1"/cgroup.procs && exec unshare --mount --cgroup sh -c '
mount -t cgroup2 none /sys/fs/cgroup && library=$2 && shift 2 &&
LD_PRELOAD=$library exec "$@"' sh "$@"
"""


def _configuration(folder, ports, proctrack):
    nodes = "".join(f"NodeName={name} NodeAddr=127.0.0.1 Port={port} CPUs=4 State=UNKNOWN\n"
                    for name, port in zip(NODES, ports[1:]))
    return f"""\
ClusterName=test
SlurmctldHost={os.uname().nodename}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/{proctrack.partition("/")[0]}
TaskPlugin=task/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdLogFile={folder}/slurmd.%n.log
SlurmctldLogFile={folder}/slurmctld.log
PlugStackConfig={folder}/plugstack.conf
{nodes}PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """The daemons; env is the environment that srun and sbatch need."""

    def __init__(self, folder, plugstack="", proctrack="linuxproc"):
        self.folder = folder
        self.daemons = []
        self.env = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf", "PATH": _path()}
        self.env.pop("ALUMET_CONFIG", None)
        (folder / "slurm.conf").write_text(_configuration(
            folder, _free_ports(1 + len(NODES)), proctrack))
        if proctrack != "linuxproc":
            (folder / "cgroup.conf").write_text(
                f"CgroupPlugin={proctrack}\nCgroupMountpoint=/sys/fs/cgroup\n"
                "CgroupAutomount=no\nIgnoreSystemd=yes\n")
        self.group = None  # the root of slurmd's cgroups of v2
        if proctrack == "cgroup/v2":
            self.group = pathlib.Path(UNIFIED[0]) / f"alumet-slurm-{os.getpid()}"
        (folder / "plugstack.conf").write_text(plugstack)
        (folder / "state").mkdir()
        key = folder / "munge.key"
        key.touch(mode=0o400)
        key.write_bytes(os.urandom(1024))

    def _start(self, name, *args, prefix=()):
        with open(self.folder / f"{name}.out", "ab") as out:
            self.daemons.append(subprocess.Popen(
                [*prefix, name, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=self.env, cwd=self.folder))

    def start(self, slurmd_prefix=()):
        self._start("munged", "--foreground", "--force", *(
            f"--{key}={self.folder}/munge.{ending}" for key, ending in
            [("socket", "socket"), ("key-file", "key"), ("pid-file", "pid"), ("log-file", "log"),
             ("seed-file", "seed")]))
        self._start("slurmctld", "-D", "-c")
        if self.group:
            slurmd_prefix = ["sh", "-c", IN_CGROUP, "sh", str(self.group), self._hide_v1()]
            (self.group / "system.slice").mkdir(parents=True)
        for node in NODES:
            self._start("slurmd", "-D", "-N", node, prefix=slurmd_prefix)
        if not wait_until(self.is_up, START_TIMEOUT, 0.1):
            raise AssertionError("the nodes do not come up: " + self.log())

    def _hide_v1(self):
        """The library without which slurmd refuses v2 here; none where v2 is alone."""
        if not _is_hybrid():
            return ""
        library = self.folder / "hide_v1.so"
        source = pathlib.Path(__file__).with_name("hide_v1.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"],
                       check=True)
        return str(library)

    def is_up(self):
        idle = self.run("sinfo", "-h", "-t", "idle", "-o", "%D")
        return idle.stdout.strip() == str(len(NODES))

    def log(self):
        files = [*self.folder.glob("*.log"), *self.folder.glob("*.out")]
        return "\n".join(f"{file.name}: " + file.read_text(errors="replace")[-2000:]
                         for file in files)

    def run(self, *command, timeout=60, env=None, **popen):
        return subprocess.run(command, env={**self.env, **(env or {})}, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=timeout, **popen)

    def batch(self, script, *options, cwd):
        """Run the lines as a batch job, to its end. Returns what the job wrote."""
        file = cwd / "job.sh"
        file.write_text("#!/bin/sh\n" + script)
        self.run("sbatch", "-W", "-o", "job.out", *options, str(file), cwd=cwd)
        return (cwd / "job.out").read_text() if (cwd / "job.out").exists() else ""

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons = []
        roots = [f"{FREEZER}/slurm_{node}" for node in NODES]
        for root in roots + ([self.group] if self.group else []):
            cgroups.remove(root)


@contextlib.contextmanager
def cluster(folder, plugstack="", slurmd_prefix=(), proctrack="linuxproc"):
    """A cluster that is up, below the folder, and gone afterwards."""
    made = Cluster(folder, plugstack, proctrack)
    try:
        made.start(slurmd_prefix)
        yield made
    finally:
        made.stop()
