# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What the integration tests share: running the agent, reading its CSV into the lives of processes,
and saying `ok`, `not ok` or `skip` for each check.
"""

import collections
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("O", "build")
AGENT = os.environ.get("AGENT") or str(BUILD / "alumet-agent")
HELPERS = BUILD / "tests" / "integration"
READERS = BUILD / "readers" / "bin" / "python"  # has DuckDB, and other projects' readers

sys.path.insert(0, str(ROOT / "tests"))
import read_csv  # noqa: E402  the independent reader of the CSV
from waiting import let_pass, wait_until  # noqa: E402, F401  for the tests

TRACEFS = "/sys/kernel/tracing"
NOBODY = 65534

TASK_CLOCK = "perf_software_TASK_CLOCK"
PAGE_FAULTS = "perf_software_PAGE_FAULTS"
CONTEXT_SWITCHES = "perf_software_CONTEXT_SWITCHES"
CPU_MIGRATIONS = "perf_software_CPU_MIGRATIONS"

# --- saying what was found -----------------------------------------------------------------------

_failed = 0


def ok(name):
    print(f"ok {name}", flush=True)


def not_ok(name, why):
    global _failed
    _failed += 1
    print(f"not ok {name}: " + str(why).replace("\n", "\n    "), flush=True)


def sees_all():
    """Whether this is the machine's pid namespace: process 2 is the parent of kernel threads."""
    return comm_of(2) == "kthreadd"


def skip(name, why):
    print(f"skip {name}: {why}", flush=True)


def check(name, condition, why=""):
    """One check: why is what was found instead (a text, or a function that makes it)."""
    if condition:
        ok(name)
    else:
        not_ok(name, why() if callable(why) else why)
    return bool(condition)


def check_equal(name, found, expected):
    return check(name, found == expected, lambda: f"found {found!r}, expected {expected!r}")


def mount_tracefs():
    """Where it is not mounted: go on in a mount namespace in which it is."""
    if os.path.isdir(TRACEFS + "/events"):
        return True
    if os.geteuid() != 0 or "TRACEFS_MOUNTED" in os.environ or not shutil.which("unshare"):
        return False
    os.environ["TRACEFS_MOUNTED"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "sh", "-c",
                          f'mount -t tracefs tracefs {TRACEFS}; exec "$@"', "sh", sys.executable,
                          *sys.argv])


def is_sanitized():
    """
    Whether the agent was built with sanitizers. They keep freed memory, handle SIGSEGV, and look
    for leaks at the end, which fails if the process may not be traced, or is traced already.
    """
    return b"__asan_init" in pathlib.Path(AGENT).read_bytes()


def main(*tests):
    """Run the tests; those named on the command line, or all. One that raises has failed."""
    wanted = sys.argv[1:]
    if not os.access(AGENT, os.X_OK):
        not_ok("agent", f"{AGENT} is not there; run make")
        sys.exit(1)
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        try:
            test()
        except Exception:
            not_ok(test.__name__, traceback.format_exc())
    sys.exit(1 if _failed else 0)


# --- running -------------------------------------------------------------------------------------

@contextlib.contextmanager
def folder():
    """A temporary folder that anybody may enter, gone afterwards."""
    path = tempfile.mkdtemp(prefix="alumet-test-")
    try:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def agent_args(command, output="out.csv", events="TASK_CLOCK", options=()):
    """The agent's command line for perf rows alone: no RAPL, whose absence would be warned of."""
    args = [AGENT, "--plugins", "perf,csv"]
    if events:
        args += ["-e", events]
    if output:
        args += ["-o", str(output)]
    return args + [*options, "exec", "--", *command]


class Run:
    """A finished run of the agent: status, stdout, stderr, and the text of the CSV file."""

    def __init__(self, status, stdout, stderr, csv):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.csv = csv
        self._rows = None

    @property
    def rows(self):
        if self._rows is None:
            if self.csv is None:
                raise AssertionError(f"no output file; status {self.status}; {self.stderr}")
            self._rows = parse(self.csv)
        return self._rows

    @property
    def lives(self):
        return lives(self.rows)

    def life(self, comm):
        """The only process that ended with this name."""
        found = [life for life in self.lives if life.comm == comm]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} processes are named {comm}: {found}")
        return found[0]


def run(command, events="TASK_CLOCK", options=(), output="out.csv", timeout=120, args=None,
        **popen):
    """Run a command under the agent in a folder of its own, to the end."""
    with folder() as cwd:
        args = args or agent_args(command, output, events, options)
        popen.setdefault("cwd", cwd)
        popen.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(args, stdout=popen.pop("stdout", subprocess.PIPE),
                                   stderr=popen.pop("stderr", subprocess.PIPE), **popen)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            raise AssertionError(f"still running after {timeout} s: {args}; stderr:\n"
                                 + text(stderr))
        path = cwd / output if output else None
        csv = path.read_bytes() if path and path.is_file() else None
        return Run(process.returncode, text(stdout), text(stderr), csv)


def agent(*args, cwd, env=None, agent=AGENT, **popen):
    """Run the agent with its own words, away from the caller's configuration."""
    env = {**os.environ, **(env or {})}
    if "ALUMET_CONFIG" not in (env or {}):
        env.pop("ALUMET_CONFIG", None)
    return subprocess.run([agent, *args], cwd=cwd, env=env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, **popen)


def can_set_capabilities(name):
    """Whether a test can give capabilities to a file; else it is skipped under this name."""
    if os.geteuid() != 0:
        skip(name, "only root can give capabilities to a file")
    elif not shutil.which("setcap"):
        skip(name, "setcap is not installed")
    else:
        return True
    return False


def check_run(name, result, status, *phrases, stream="stderr"):
    told = getattr(result, stream)
    missing = [phrase for phrase in phrases if phrase not in told]
    return check(name, result.returncode == status and not missing,
                 f"status {result.returncode}, expected {status}; not told: {missing}\n"
                 f"{result.stdout}{result.stderr}")


def text(data):
    return (data or b"").decode("utf-8", "surrogateescape")


def become_nobody():
    """For preexec_fn, or a child of the test."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def state_of(pid):
    """The state letter of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b") ")[2][:1].decode()
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid):
    """Pids of the living children of a process."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children_file:
            return [int(child) for child in children_file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    """Pids of the living children of a process, and of theirs."""
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def wait_for_below(pid, comm, timeout=20):
    """Wait until a process that comes of this one executes a program of that name; true if it does.
    """
    return wait_until(lambda: comm in map(comm_of, descendants(pid)), timeout)


def comm_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read().rstrip("\n")
    except (FileNotFoundError, ProcessLookupError):
        return None


def command_of(agent, comm, timeout=20, interval=0.01):
    """The pid of the agent's command as soon as that is what it executes; None if it never does."""
    found = []

    def looks():
        found[:] = [pid for pid in children(agent.pid) if comm_of(pid) == comm]
        return found
    return found[0] if wait_until(looks, timeout, interval) else None


def end(process):
    """Make sure that a process of ours is gone, and let the rest of its group go too."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()


# --- the CSV -------------------------------------------------------------------------------------

Row = collections.namedtuple("Row", "metric time value resource consumer attributes")


def parse(data):
    """Rows of a CSV file's bytes. Attribute values are bytes: they need not be UTF-8."""
    return [Row(row.metric, row.time_ns, row.value, (row.resource_kind, row.resource_id),
                (row.consumer_kind, row.consumer_id),
                {key: value.encode("utf-8", "surrogateescape")
                 for key, value in row.attributes.items()})
            for row in read_csv.rows(data)]


class Life:
    """A process of the CSV: what it was called, and the values of each of its metrics."""

    def __init__(self, pid, number=1):
        self.pid = pid
        self.number = number  # 1: the first process with this pid
        self.infos = []  # attributes of its process_info rows, in order
        self.exits = []  # of its process_exit rows
        self.values = collections.defaultdict(list)
        self.times = collections.defaultdict(list)

    def __repr__(self):
        return f"<{self.pid} {'>'.join(self.comms)}>"

    @property
    def comms(self):
        return [text(info["comm"]) for info in self.infos]

    @property
    def comm(self):
        return self.comms[-1] if self.infos else None

    @property
    def ppid(self):
        return int(self.infos[0]["ppid"])

    @property
    def args(self):
        """Of each exec, in order."""
        return [info["args"] for info in self.infos if "args" in info]

    def total(self, metric):
        return self.values[metric][-1]


def lives(rows):
    """
    The processes of a file, in the order in which they appear. The second process with a pid has
    the attribute life=2 in its rows, and so on.
    """
    found, now = [], {}
    for row in rows:
        kind, pid = row.consumer
        if kind != "process":
            continue
        key = pid, int(row.attributes.get("life", 1))
        if key not in now:
            now[key] = Life(*key)
            found.append(now[key])
        life = now[key]
        if row.metric == "process_info":
            life.infos.append(row.attributes)
        elif row.metric == "process_exit":
            life.exits.append(row.attributes)
            life.status = row.value
        elif row.metric == "process_alive":
            life.alive = row.attributes
        else:
            life.values[row.metric].append(row.value)
            life.times[row.metric].append(row.time)
    return found
