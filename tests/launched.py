# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs that launchers of parallel jobs have started: Open MPI's options, and what is in the files of
nodes and ranks.
"""

import contextlib
import re
import shlex
import shutil
import subprocess

from lib import lives, parse, skip  # of tests/integration
from rapl_machine import METRIC as ENERGY
from rapl_machine import machine

PERF = ["--plugins", "perf,csv", "-e", "TASK_CLOCK"]


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


# --- the files of a run ---------------------------------------------------------------------------

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


# --- energy ---------------------------------------------------------------------------------------

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
