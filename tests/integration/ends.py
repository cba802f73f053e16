#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How processes ended and what they used, against what wait4() and /proc told their parents."""

import collections
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile

from lib import HELPERS, ROOT, check, check_equal, folder, main, run, skip, text

ENDS = str(HELPERS / "ends")
FIELDS = ("cpu-time,user-time,system-time,wall-time,runqueue-wait,peak-rss,read-bytes,write-bytes,"
          "read-chars,write-chars,voluntary-switches,involuntary-switches")
DELAYACCT = "/proc/sys/kernel/task_delayacct"
TICK_NS = 10_000_000  # the longest that there is: HZ=100

Truth = collections.namedtuple(
    "Truth", "status maxrss_kb user_us system_us inblock oublock nvcsw "
    "nivcsw rchar wchar read_bytes write_bytes run_delay now_ns")


def by_life(pairs):
    """By pid, and by (pid, 2) and so on where it was given out again; pairs in time order."""
    found, times = {}, collections.Counter()
    for pid, thing in pairs:
        times[pid] += 1
        found[pid if times[pid] == 1 else (pid, times[pid])] = thing
    return found


def ends(shape, number=0, events=FIELDS, **options):
    """Run a shape. Returns the run, its lives and what the helper knows, both as by_life() has it.
    """
    with folder() as tmp:
        env = dict(os.environ, CENSUS_LOG=str(tmp / "log"))
        result = run([ENDS, shape, str(number)], events=events, env=env, timeout=600,
                     **options)
        log = (tmp / "log").read_text() if (tmp / "log").exists() else ""
        told = (line.replace(" |", "").split() for line in log.splitlines())
        truth = by_life((int(pid), Truth(*map(int, numbers))) for _, pid, *numbers in told)
        if result.status != 0 or not truth:
            raise AssertionError(f"{shape}: status {result.status}, {len(truth)} children; "
                                 f"{result.stderr}")
        return result, by_life((life.pid, life) for life in result.lives), truth


def value(life, name, unit=""):
    return life.total(f"process_{name.replace('-', '_')}{'_' + unit if unit else ''}")


def compare(name, found, truth, wrong):
    """wrong(life, told) is None, or what is wrong with the process."""
    problems = [f"{pid}: there is no process_exit row" for pid in truth
                if pid not in found or len(found[pid].exits) != 1]
    if not problems:
        problems = [f"{pid}: {problem}" for pid, told in truth.items()
                    if (problem := wrong(found[pid], told))]
    check(f"{name}: {len(truth)} processes", not problems,
          lambda: "\n".join(problems[:10]) + f"\n({len(problems)} in all)")


def expect(*pairs):
    """The first of (what, found, expected) that differs, or None."""
    return next((f"{what} {found}, expected {expected}" for what, found, expected in pairs
                 if found != expected), None)


# --- exit statuses -------------------------------------------------------------------------------

def signal_name(number):
    known = {s.value: s.name for s in signal.Signals}
    in_range = f"SIGRTMIN+{number - signal.SIGRTMIN}"
    return in_range if signal.SIGRTMIN < number < signal.SIGRTMAX else known.get(number, in_range)


def status_is_wrong(life, told):
    attributes = {key: text(value) for key, value in life.exits[0].items()}
    killed = os.WIFSIGNALED(told.status)
    expected = 128 + os.WTERMSIG(told.status) if killed else os.WEXITSTATUS(told.status)
    name = signal_name(os.WTERMSIG(told.status)) if killed else None
    if name == "SIGRTMAX":
        name = f"SIGRTMIN+{signal.SIGRTMAX - signal.SIGRTMIN}"
    if name == "SIGRTMIN":
        name = "SIGRTMIN+0"
    return expect(("status", life.status, expected), ("signal", attributes.get("signal"), name),
                  ("core", attributes.get("core"),
                   "true" if killed and os.WCOREDUMP(told.status) else None))


def statuses():
    number = int(os.environ.get("ENDS_MANY", "20000"))
    result, found, truth = ends("many", number, events="cpu-time")
    check_equal("exit statuses: as many as were made", len(truth), number)
    compare("exit statuses", found, truth, status_is_wrong)
    check_equal("exit statuses: one row of each, and of the root",
                sum(row.metric == "process_exit" for row in result.rows), number + 1)


def cores():
    with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as pattern:
        pattern = pattern.read().strip()
    result, found, truth = ends("core", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
    compare("core dumps", found, truth, status_is_wrong)
    dumped = [life for life in found.values() if life.exits[0].get("core") == b"true"]
    if not any(os.WCOREDUMP(told.status) for told in truth.values()):
        return skip("core dumps: some", f"none was written here (core_pattern is {pattern})")
    check_equal("core dumps: of SIGABRT and SIGSEGV, not of SIGTERM",
                sorted(life.status for life in dumped), [134, 139])
    return None


# --- memory --------------------------------------------------------------------------------------

def peak_is_wrong(life, told):
    return expect(("peak", value(life, "peak-rss", "B"), told.maxrss_kb * 1024),
                  ("peak in process_exit", int(life.exits[0]["peak-rss"]), told.maxrss_kb * 1024))


def peak_memory():
    _, found, truth = ends("memory", 12)
    compare("peak memory is ru_maxrss", found, truth, peak_is_wrong)
    peaks = sorted(value(found[pid], "peak-rss", "B") for pid in truth)
    check("peak memory: as much as was touched, also before an exec", peaks[-1] > 77 << 20
          and sum(peak > 40 << 20 for peak in peaks) >= 7, str(peaks))


@contextlib.contextmanager
def memory_cgroup(limit):
    """A memory cgroup of either version with that limit: the path of its list of processes."""
    with contextlib.ExitStack() as stack:
        root, version = find_memory_cgroups(stack)
        path = os.path.join(root, f"alumet-test-{os.getpid()}")
        os.mkdir(path)
        stack.callback(os.rmdir, path)
        files = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
                 2: ("memory.max", "memory.swap.max")}[version]
        for name, content in zip(files, (str(limit), str(limit if version == 1 else 0))):
            with contextlib.suppress(FileNotFoundError, OSError):
                with open(os.path.join(path, name), "w", encoding="ascii") as file:
                    file.write(content)
        yield os.path.join(path, "cgroup.procs")


def find_memory_cgroups(stack):
    """The root of the hierarchy that has the memory controller, and its version."""
    if os.path.exists("/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        return "/sys/fs/cgroup/memory", 1
    root = "/sys/fs/cgroup"
    if not os.path.exists(f"{root}/cgroup.controllers"):
        root = stack.enter_context(tempfile.TemporaryDirectory())
        subprocess.run(["mount", "-t", "cgroup2", "none", root], check=True)
        stack.callback(subprocess.run, ["umount", root], check=True)
    with open(f"{root}/cgroup.subtree_control", "w", encoding="ascii") as control:
        control.write("+memory")
    return root, 2


def out_of_memory():
    try:
        with memory_cgroup(20 << 20) as procs:
            script = f"echo $$ >{procs}; exec {ENDS} oom"
            with folder() as tmp:
                result = run(["sh", "-c", f"sh -c '{script}'; true"], events="cpu-time",
                             env=dict(os.environ, CENSUS_LOG=str(tmp / "log")))
    except (OSError, subprocess.CalledProcessError) as err:
        return skip("killed for memory", f"no memory cgroup can be made here: {err}")
    killed = [(life.status, text(life.exits[0].get("signal")), text(life.exits[0].get("oom")))
              for life in result.lives if "signal" in life.exits[0]]
    check_equal("killed for memory", killed, [(137, "SIGKILL", "true")])
    ended = run(["sh", "-c", "sh -c 'kill -9 $$'; true"], events="cpu-time").lives
    check_equal("killed, but not for memory", [life.exits[0].get("oom") for life in ended
                                               if life.status == 137], [None])
    return None


# --- input and output ----------------------------------------------------------------------------

def io_is_wrong(life, told):
    return expect(
        ("read-chars", value(life, "read-chars", "B"), told.rchar),
        ("write-chars", value(life, "write-chars", "B"), told.wchar),
        ("read-bytes", value(life, "read-bytes", "B"), told.read_bytes),
        ("write-bytes", value(life, "write-bytes", "B"), told.write_bytes),
        ("read-bytes in blocks", value(life, "read-bytes", "B") >> 9, told.inblock),
        ("write-bytes in blocks", value(life, "write-bytes", "B") >> 9, told.oublock))


def input_and_output():
    _, found, truth = ends("io", 20)
    compare("input and output are /proc/PID/io and getrusage()", found, truth, io_is_wrong)
    check("input and output: something was written and read",
          sum(told.wchar for told in truth.values()) > 10 << 20
          and sum(told.rchar for told in truth.values()) > 10 << 20, str(truth))


# --- time ----------------------------------------------------------------------------------------

def tail_ns(life, told):
    """The CPU time that wait4() did not see: the way to the last switch-out."""
    return value(life, "cpu-time", "ns") - (told.user_us + told.system_us) * 1000


def time_is_wrong(life, told):
    """
    wait4() cuts each to microseconds, and may have come before the last switch-out. The ticks that
    divide the time may be one more by then.
    """
    user, system = value(life, "user-time", "ns"), value(life, "system-time", "ns")
    tail = tail_ns(life, told)
    if user + system != value(life, "cpu-time", "ns"):
        return f"user {user} and system {system} are not the CPU time"
    if tail < 0:
        return f"{-tail} ns less than wait4() has"
    if abs(user - told.user_us * 1000) > tail + TICK_NS:
        return f"user {user}, wait4() has {told.user_us} us; system {system}, {told.system_us} us"
    return None


def switches_are_wrong(life, told):
    """Theirs may have the last switch, which ends the process, ours not; ours may have later ones.
    """
    ours = value(life, "voluntary-switches"), value(life, "involuntary-switches")
    if told.nvcsw - ours[0] not in (0, 1) or ours[1] < told.nivcsw:
        return f"switches {ours}, wait4() has {told.nvcsw}, {told.nivcsw}"
    return None


def times():
    _, found, truth = ends("times", 400)
    long = {pid: told for pid, told in truth.items() if told.user_us + told.system_us > 50000}
    compare("user and system time are wait4()'s, long lives", found, long, time_is_wrong)
    short = [(found[pid], told) for pid, told in truth.items() if pid not in long]
    same = [life for life, told in short
            if abs(value(life, "user-time", "ns") - told.user_us * 1000)
            <= tail_ns(life, told) + 1000]
    # Where a tick falls between the end and the last switch-out, all of a short life may move.
    check(f"user and system time are wait4()'s: {len(short)} short lives", len(short) > 300
          and len(same) >= 0.9 * len(short), f"{len(same)} only")
    compare("context switches are wait4()'s", found, truth, switches_are_wrong)


def waiting():
    result, found, truth = ends("delay", 20)
    ended = {row.consumer[1]: row.time for row in result.rows if row.metric == "process_exit"}

    def wrong(life, told):
        ours = value(life, "runqueue-wait", "ns")
        latest = told.run_delay + ended[life.pid] - told.now_ns
        if not told.run_delay <= ours <= latest:
            return f"waited {ours}, /proc says {told.run_delay}, and at most {latest} at the end"
        return None
    compare("waiting for a CPU is /proc/PID/schedstat's", found, truth, wrong)
    check("waiting for a CPU: they did", sum(told.run_delay for told in truth.values()) > 10 ** 7,
          str(truth))


def block_wait_is_taskstats():
    """Of processes that read past the page cache, and ask the kernel's taskstats as their last
    deed."""
    with folder() as tmp:
        with open(tmp / "data", "wb") as file:
            for _ in range(32):
                file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
        try:
            os.close(os.open(tmp / "data", os.O_RDONLY | os.O_DIRECT))
        except OSError as error:
            return skip("waiting for block devices is taskstats'", f"no O_DIRECT in {tmp}: {error}")
        reader = f"{sys.executable} {ROOT}/tests/tools/block_reader.py {tmp}/data"
        result = run(["sh", "-c", f"for n in 10 40 160; do {reader} $n & done; wait"],
                     events="block-wait")
    told = [tuple(map(int, line.split())) for line in result.stdout.splitlines()]
    ours = {life.pid: life.values["process_block_wait_ns"][-1] for life in result.lives}
    check("waiting for block devices: they waited", len(told) == 3
          and all(delay_ns > 10 ** 5 and count > 5 for _, delay_ns, count in told),
          f"{told} {result.stderr}")
    return check_equal(
        "waiting for block devices is taskstats'",
        {pid: ours.get(pid)
         for pid, _, _ in told},
        # Linux 6.18 now and then has hours there, which no process waits.
        {pid: delay_ns if delay_ns < 10**11 else None
         for pid, delay_ns, _ in told})


def block_wait():
    """Kept where the kernel is told to, no value elsewhere."""
    if not os.path.exists(DELAYACCT):
        return skip("waiting for block devices", "this kernel has no switch for it")
    with open(DELAYACCT, encoding="ascii") as file:
        before = file.read().strip()
    try:
        for setting in ("0", "1"):
            with open(DELAYACCT, "w", encoding="ascii") as file:
                file.write(setting)
            result = run(["sh", "-c", "/bin/true; true"], events="block-wait")
            if setting == "0":
                check("waiting for block devices, not kept: said with the remedy",
                      result.status == 125 and "kernel.task_delayacct=1" in result.stderr,
                      result.stderr)
                result = run(["sh", "-c", "/bin/true; true"])
                check_equal("waiting for block devices, not kept: no value",
                            [life.exits[0].get("block-wait") for life in result.lives], [None] * 2)
            else:
                check("waiting for block devices, kept", all(
                    life.total("process_block_wait_ns") >= 0 for life in result.lives),
                      result.stderr)
                block_wait_is_taskstats()
    finally:
        with open(DELAYACCT, "w", encoding="ascii") as file:
            file.write(before)
    return None


# --- threads -------------------------------------------------------------------------------------

def threads():
    """Whatever order they end in: the numbers of all, of the process's one status."""
    _, found, truth = ends("threads", 30)
    together = {pid: told for pid, told in truth.items()
                if int(found[pid].exits[0]["threads"]) >= 64}
    check_equal("threads that end at once: processes", len(together), 30)

    def wrong(life, told):
        return (status_is_wrong(life, told) or peak_is_wrong(life, told) or expect(
            ("write-chars", value(life, "write-chars", "B"),
             100 * int(life.exits[0]["threads"]))))
    compare("threads that end at once", found, together, wrong)
    first, execed = [(found[pid], truth[pid]) for pid in truth if pid not in together]
    check_equal("a leader that ends first", (
        status_is_wrong(*first) or peak_is_wrong(*first), first[0].status,
        value(first[0], "write-chars", "B"), first[0].exits[0]["threads"]), (None, 7, 300, b"2"))
    check_equal("an exec in a thread", (
        status_is_wrong(*execed) or peak_is_wrong(*execed), execed[0].status,
        value(execed[0], "write-chars", "B"), execed[0].exits[0]["threads"],
        execed[0].exits[0]["execs"]), (None, 9, 1200, b"2", b"1"))


# --- names, and what still lives -----------------------------------------------------------------

def names():
    _, found, truth = ends("names")
    renamed = found[next(iter(truth))]
    check_equal("a process that renames itself: its last name is in the file, once",
                (renamed.comms, text(renamed.exits[0]["comm"])), (["ends", "last-name"],
                                                                  "last-name"))
    alive = [life for life in found.values() if life.comms == ["ends", "stays"]]
    check_equal("one that still lives: its name", len(alive), 1)
    if len(alive) != 1:
        return
    try:
        with open(f"/proc/{alive[0].pid}/status", encoding="utf-8") as status:
            peak = next(int(line.split()[1]) * 1024 for line in status if line[:5] == "VmHWM")
    finally:
        os.kill(alive[0].pid, signal.SIGKILL)
    check_equal("one that still lives: no end, its peak memory so far",
                (alive[0].exits, value(alive[0], "peak-rss", "B")), ([], peak))
    check("one that still lives: its other values", value(alive[0], "user-time", "ns")
          + value(alive[0], "system-time", "ns") == value(alive[0], "cpu-time", "ns")
          and value(alive[0], "wall-time", "ns") > 0, str(alive[0].values))


TURNS = """
import os, time
zero = os.open("/dev/zero", os.O_RDONLY)
for child in range(8):
    if os.fork() == 0:
        while time.process_time() < 0.1:
            for _ in range(20000):
                pass
            os.read(zero, 8 << 20)
        os._exit(0)
for child in range(8):
    os.wait()
"""


def times_of_the_living():
    """Rows of a process that is now in user mode, now in the kernel: none is lower than before."""
    command = [sys.executable, "-S", "-c", TURNS]
    events = "cpu-time,user-time,system-time"
    found = run(command, events=events, options=["-I", "5"]).lives
    metrics = ["process_user_time_ns", "process_system_time_ns"]
    rows = [life.values[metric] for life in found for metric in metrics]
    lower = [values for values in rows if values != sorted(values)]
    check("user and system time in rows of the living: never lower than before",
          not lower and max(map(len, rows)) > 3, lambda: f"{len(lower)}: {lower[:3]}")
    check("user and system time: both together are the CPU time in each row", all(
        sum(row) == cpu for life in found for *row, cpu in zip(
            *(life.values[metric] for metric in metrics), life.values["process_cpu_time_ns"])))
    delta = run(command, events=events, options=[
        "-I", "5", "--config-override", 'plugins.perf.values="delta"']).lives
    wrong = [str(life) for life in delta
             if sum(life.values[metrics[0]]) != int(life.exits[0]["user-time"])
             or sum(life.values[metrics[1]]) != int(life.exits[0]["system-time"])]
    check("user and system time: differences add up to what the process has at its end",
          not wrong and len(delta) == 9, wrong)


def of_the_root():
    """What the agent did before the command's exec is not the command's."""
    life = run(["/bin/true"], events=FIELDS).lives[0]
    check("the command: its own I/O and time alone", value(life, "write-chars", "B") == 0
          and value(life, "voluntary-switches") < 20
          and value(life, "runqueue-wait", "ns") <= value(life, "wall-time", "ns")
          and life.exits[0]["execs"] == b"1", str(life.values))


main(statuses, cores, peak_memory, out_of_memory, input_and_output, times, waiting, block_wait,
     threads, names, times_of_the_living,
     of_the_root)
