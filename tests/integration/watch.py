#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What runs already is watched whole, from its adoption on, and what it creates too."""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from lib import (AGENT, CONTEXT_SWITCHES, HELPERS, PAGE_FAULTS, TASK_CLOCK, Run, agent, check,
                 check_equal, check_run, children, comm_of, end, folder, is_sanitized, let_pass,
                 main, sees_all, skip, state_of, text, wait_until)
from proc_stat import TICK_NS, busy_of, machine_stat, stolen_ns  # tests/ is in the path by lib

WATCHED = str(HELPERS / "watched")
Born = collections.namedtuple("Born", "creator ns")


@contextlib.contextmanager
def background(command, **popen):
    popen.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(command, **popen)
    try:
        yield process
    finally:
        end(process)


class Watch:
    """The agent, watching in the background. started: when it said that it has begun."""

    def __init__(self, cwd, *words, events="TASK_CLOCK", options=()):
        self.cwd = cwd
        self.process = subprocess.Popen(
            [AGENT, "--plugins", "perf,csv", "-v", "--summary=none", "-e", events, "-o", "out.csv",
             *options, "watch", *map(str, words)],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = b""
        for line in self.process.stderr:
            self.said += line
            if b"watching " in line:
                break
        self.started_ns = time.monotonic_ns()

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGINT)
        return self.result()

    def result(self, timeout=60):
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            raise AssertionError("the agent still watches: " + text(self.said + stderr))
        path = self.cwd / "out.csv"
        csv = path.read_bytes() if path.is_file() else None
        return Run(self.process.returncode, text(stdout), text(self.said + stderr), csv)


def read_log(path, births=None):
    """births: how often each pid was given out; a busy machine gives out all of them within a
    storm."""
    born, dead = {}, {}
    for line in path.read_text().splitlines():
        kind, pid, *rest = line.split()
        if kind == "born":
            born[int(pid)] = Born(int(rest[0]), int(rest[1]))
            if births is not None:
                births[int(pid)] += 1
        elif kind == "dead":
            dead[int(pid)] = int(rest[0])
    return born, dead


def adopted(result):
    return {life.pid for life in result.lives if life.infos and "adopted" in life.infos[0]}


# --- nobody is lost ------------------------------------------------------------------------------

def storm_once(shape, n, at):
    """A storm that the agent comes into; returns what is wrong, and how many it has seen."""
    with folder() as tmp:
        log = tmp / "log"
        with background([WATCHED, shape, str(log), str(n)]) as root:
            wait_until(lambda: log.exists() and log.stat().st_size > at * 40)
            watch = Watch(tmp, root.pid)
            root.wait(timeout=60)
            result = watch.result()
        births = collections.Counter()
        born, dead = read_log(log, births)
    lives = collections.Counter(life.pid for life in result.lives)
    wrong = [] if result.status == 0 else [f"status {result.status}: {result.stderr}"]
    wrong += [f"{pid} is there {times} times, and was made {births[pid]} times"
              for pid, times in lives.items() if times > births[pid]]
    # Which of its lives is which cannot be known of a pid alone.
    born = {pid: was_born for pid, was_born in born.items() if births[pid] == 1}
    late = 0
    for pid, was_born in born.items():
        after = was_born.ns > watch.started_ns
        late += after
        # With a subreaper who lived then is below the root; else only whose creator is known.
        if shape == "storm" and dead[pid] > watch.started_ns and pid not in lives:
            wrong.append(f"{pid} lived until {dead[pid] - watch.started_ns} ns after the start")
        if after and was_born.creator in lives and births[
                was_born.creator] <= 1 and pid not in lives:
            wrong.append(f"{pid} was created by {was_born.creator}, which is there")
    for life in result.lives:
        if life.pid in born and life.pid != root.pid and life.infos:
            if life.ppid != born[life.pid].creator and "adopted" not in life.infos[0]:
                wrong.append(f"{life.pid} has parent {life.ppid}, not {born[life.pid].creator}")
        if not life.infos or not life.exits:
            wrong.append(f"{life.pid} has no name or no end")
    return wrong, len(lives), late


def storms(shape, times, n):
    for i in range(times):
        # On a busy machine the agent may begin when the storm is almost over, which shows nothing.
        for _ in range(5):
            wrong, seen, late = storm_once(shape, n, 100 + 300 * i)
            if wrong or late > 1000:
                break
        check(f"{shape} {i + 1}: nobody is lost ({seen} seen, {late} born after the start)",
              not wrong and late > 1000,
              lambda wrong=wrong: "\n".join(wrong[:12]) + f"\n({len(wrong)} in all)")


def storm():
    storms("storm", 10, 20000)


def orphans():
    storms("orphans", 3, 24000)


def left_once():
    """Parents that end while tasks are adopted; returns what is wrong, and of how many this could
    be seen."""
    with folder() as tmp, background(["sleep", "120"]) as first, \
            background([WATCHED, "sleepers", str(tmp / "others"), "2000"]):
        # The iterator goes by pids: after the first it takes its time with the others.
        wait_until(lambda: (tmp / "others").exists() and "ready" in (tmp / "others").read_text(),
                   60)
        log = tmp / "log"
        with background([WATCHED, "left", str(log), "3000"]) as root:
            wait_until(lambda: log.exists() and log.stat().st_size > 600 * 40, 60)
            watch = Watch(tmp, first.pid, root.pid)
            from_monotonic = time.time_ns() - time.monotonic_ns()
            root.wait(timeout=60)
            first.kill()
            result = watch.result()
        born, dead = read_log(log)
    lives = {life.pid: life for life in result.lives}
    began = min(row.time for row in result.rows
                if row.metric == "process_info" and "adopted" in row.attributes) - from_monotonic
    # Who had a parent as the first task was adopted, and was there then.
    sure = [pid for pid, was in born.items() if was.creator in dead and was.creator != root.pid
            and dead[was.creator] > began + 100000]
    wrong = [
        f"{pid}, whose parent {born[pid].creator} ended {dead[born[pid].creator] - began} ns after "
        "the start"
        for pid in sure if pid not in lives]
    wrong += [f"{pid} has parent {lives[pid].ppid}, not {born[pid].creator}" for pid in sure
              if pid in lives and lives[pid].ppid != born[pid].creator]
    during = [
        pid for pid in sure if dead[born[pid].creator] < watch.started_ns and born[pid].ns < began]
    return wrong, len(during)


def left_behind():
    """Who loses its parent in these milliseconds is not lost, and its parent is the one that it
    had."""
    for i in range(3):
        for _ in range(5):
            wrong, during = left_once()
            if wrong or during:
                break
        check(f"left behind {i + 1}: nobody is lost ({during} lost their parents meanwhile)",
              not wrong and during,
              lambda wrong=wrong: "\n".join(wrong[:12]) + f"\n({len(wrong)} in all)")


def threads():
    """A process whose threads come and go all the time is one process, ended once."""
    for i in range(5):
        with folder() as tmp:
            log = tmp / "log"
            with background([WATCHED, "threads", str(log), "4000"]) as root:
                let_pass(0.05 * (i + 1), "the watch begins at another moment each time")
                watch = Watch(tmp, root.pid)
                root.wait(timeout=60)
                result = watch.result()
        ends = [(life.pid, len(life.exits)) for life in result.lives]
        check_equal(f"threads {i + 1}: one process, one end", ends, [(root.pid, 1)])


# --- counts --------------------------------------------------------------------------------------

def perf_stat(pids, events):
    """perf stat -p, or -a; it has attached when its control descriptor says so."""
    control, perf_control = os.pipe()
    perf_ack, ack = os.pipe()
    process = subprocess.Popen(
        ["perf", "stat", "-x", ",", "-D", "-1", f"--control=fd:{control},{ack}", "-e", events,
         *(["-p", ",".join(map(str, pids))] if pids else ["-a"])],
        pass_fds=(control, ack), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.close(control)
    os.close(ack)
    os.write(perf_control, b"enable\n")
    os.read(perf_ack, 16)
    return process, (perf_control, perf_ack)


def perf_counts(process, fds):
    _, stderr = process.communicate(timeout=60)
    for fd in fds:
        os.close(fd)
    counts = {}
    for line in stderr.splitlines():
        fields = line.split(",")
        if len(fields) > 3 and re.fullmatch(r"[\d.]+", fields[0]):
            counts[fields[2]] = float(fields[0])
    return counts


def sums(result, metric, pids=None):
    """Who has not run has no value."""
    return sum(life.total(metric) or 0 for life in result.lives
               if life.values[metric] and (pids is None or life.pid in pids))


def estimated(result, metric):
    """By how much the last values may be wrong, as the rows say."""
    last = {}
    for row in result.rows:
        if row.metric == metric:
            last[row.consumer] = int(row.attributes.get("estimated", 0))
    return sum(last.values())


def counts():
    """From adoption on as perf stat -p has them beside it, of tasks that sleep until both are
    there."""
    with folder() as tmp, background([WATCHED, "stopped", str(tmp / "log"), "400"]) as root:
        wait_until(lambda: len(children(root.pid)) == 3
                   and (tmp / "log").read_text().count("born") == 4)
        pids = [root.pid, *children(root.pid)]
        perf, fds = perf_stat(pids, "task-clock,page-faults,context-switches")
        watch = Watch(tmp, root.pid, events="TASK_CLOCK,PAGE_FAULTS,CONTEXT_SWITCHES")
        for pid in reversed(pids):
            os.kill(pid, signal.SIGUSR1)
        root.wait()
        result = watch.result()
        truth = perf_counts(perf, fds)
    check_equal("counts: the four processes were adopted", adopted(result), set(pids))
    switches = sums(result, CONTEXT_SWITCHES)
    clock = sums(result, TASK_CLOCK)
    expected = truth["task-clock"] * 1e6
    # perf leaves out how its own events are switched, some 10 µs each time, and since Linux 6.16
    # how a process is taken down: see tests/vm/guest/counts.sh.
    check(f"counts: task-clock {clock} as perf stat -p has it ({expected:.0f})",
          expected * 0.999 <= clock <= expected * 1.001 + 4 * 250000 + switches * 20000,
          f"{switches} switches")
    faults = sums(result, PAGE_FAULTS)
    check(f"counts: page-faults {faults} as perf stat -p has them ({truth['page-faults']:.0f})",
          abs(faults - truth["page-faults"]) <= estimated(result, PAGE_FAULTS),
          lambda: f"{estimated(result, PAGE_FAULTS)} of them are estimates")
    check(f"counts: context-switches {switches} as perf stat -p has them "
          f"({truth['context-switches']:.0f})", abs(switches - truth["context-switches"]) <= 16)


def running():
    """Of a task that never yields nothing from before its adoption is counted, and all from then
    on."""
    with folder() as tmp, background(["sh", "-c", "while :; do :; done"]) as root:
        wait_until(lambda: cpu_ns(root.pid) > 200e6, 60)
        before, stolen = cpu_ns(root.pid), stolen_ns()
        watch = Watch(tmp, root.pid, events="TASK_CLOCK,cpu-clock")
        adopted_at = cpu_ns(root.pid)
        wait_until(lambda: cpu_ns(root.pid) > adopted_at + 1e9, 60)
        os.kill(root.pid, signal.SIGSTOP)
        wait_until(lambda: state_of(root.pid) == "T")
        used = cpu_ns(root.pid)
        result = watch.stop()
        # In ticks, the last of which is not told yet.
        stolen = stolen_ns() - stolen + TICK_NS
    life = result.lives[0]
    clock, counted = life.total(TASK_CLOCK), life.total("perf_software_CPU_CLOCK")
    # It was adopted between the two readings. What /proc has of a running task is of the last timer
    # tick, 10 ms before at most; so is what the agent begins with.
    check(f"running: CPU time {clock} as /proc has it ({used - adopted_at} to {used - before})",
          used - adopted_at - 10e6 <= clock <= used - before + 10e6)
    # CPU time has no time that was stolen, and none of the tick with which it begins.
    check(f"running: an event of its CPU ({counted}) agrees with it ({stolen} stolen at most)",
          -25e6 < counted - clock < 25e6 + stolen)


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0])


def machine():
    """The sum over all processes of the machine is what /proc/stat has."""
    if not sees_all():
        return skip("machine", "this pid namespace does not see the machine's processes")
    with folder() as tmp:
        watch = Watch(tmp, "--all")
        begin, before = time.monotonic_ns(), busy_of(machine_stat())
        let_pass(1.8, "what is measured")
        used = (busy_of(machine_stat()) - before) / 1e9
        seconds = (time.monotonic_ns() - begin) / 1e9
        result = watch.stop()
    clock = sums(result, TASK_CLOCK) / 1e9
    times = [row.time for row in result.rows]
    # The watch is a little longer at both ends, when every CPU may have been busy; /proc/stat
    # counts by ticks.
    longer = ((max(times) - min(times)) / 1e9 - seconds) * os.cpu_count()
    check(
        f"machine: {clock:.2f} s of CPU time as /proc/stat has them ({used:.2f} and at most "
        f"{longer:.2f})",
        used * 0.9 - 0.1 < clock < used * 1.1 + longer + 0.1)
    names = {life.comm for life in result.lives}
    check("machine: kernel threads are there, too", "kthreadd" in names, names)
    check("machine: and the agent", any(life.pid == watch.process.pid for life in result.lives))


# --- who it is -----------------------------------------------------------------------------------

def names():
    with folder() as tmp, background(["sh", "-c", "sleep 30 & sleep 30"]) as root:
        wait_until(lambda: [comm_of(pid) for pid in children(root.pid)] == ["sleep", "sleep"])
        inside = children(root.pid)
        result = Watch(tmp, root.pid).stop()
        for pid in inside:
            os.kill(pid, signal.SIGKILL)
    by_pid = {life.pid: life for life in result.lives}
    check_equal("names: whom it has", set(by_pid), {root.pid, *inside})
    info = by_pid[root.pid].infos[0]
    check_equal("names: program and arguments of what runs already", (info["comm"], info["args"]),
                (b"sh", b"sh -c 'sleep 30 & sleep 30'"))
    check_equal("names: the path of its program", info["exe"],
                os.path.realpath("/bin/sh").encode())
    check_equal("names: parents inside the set", [by_pid[pid].ppid for pid in inside],
                [root.pid, root.pid])
    check("names: each row says that the process was adopted, and when it was created",
          all(life.infos[0].get("adopted") == b"true" and life.infos[0].get("created")
              for life in result.lives))


def survivors():
    """A report is the summary again, of those too who live on."""
    busy = "while :; do sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'; done"
    with folder() as tmp, background(["sh", "-c", busy]) as root:
        for name, words in (("watch", ["watch", "--for", "0.5", str(root.pid)]),
                            ("exec", ["exec", "sh", "-c", "sleep 2 >/dev/null 2>&1 & exit 3"])):
            said = agent("-o", "out.csv", "--summary=full", *words, cwd=tmp).stderr
            report = agent("report", "--by", "cpu", "out.csv", cwd=tmp)
            summary = said[said.index("\n\n") + 1 if said[0] != "\n" else 0:]
            check_equal(f"survivors of {name}: summary and report", report.stdout, summary)
            found = json.loads(agent("report", "--format", "json", "out.csv", cwd=tmp).stdout)
            check(f"survivors of {name}: each has its CPU time",
                  all("cpu-time" in process["values"] for process in found["processes"]),
                  lambda found=found: str(found["processes"]))


def several():
    """Two trees, one by pid, one by name: the summary has both."""
    with folder() as tmp, background(["sh", "-c", "sleep 30; :"]) as one, \
            background([WATCHED, "sleepers", str(tmp / "log"), "3"]) as other:
        wait_until(lambda: len(children(other.pid)) == 3 and len(children(one.pid)) == 1)
        result = agent("--plugins", "perf,csv", "-e", "TASK_CLOCK", "-o", "out.csv", "watch",
                       "--for", "0.3", "--comm", "watched", str(one.pid), cwd=tmp)
        report = agent("report", "out.csv", cwd=tmp).stdout
        for pid in children(one.pid):
            os.kill(pid, signal.SIGKILL)
    check_run("several: a summary of both", result, 0, "watch: sh (", "watched (", "still running")
    heading = report.strip().splitlines()[0]
    check("several: a report is headed likewise", f"sh ({one.pid}), watched (" in heading
          and f"\n{heading}\n" in result.stderr, heading)
    said = [
        re.search(r"^  processes +(.*)", text, re.MULTILINE)[1] for text in (result.stderr, report)]
    check("several: nothing has ended, and the report counts who lives on, too",
          said[0] == said[1] and "6 still running" in said[0], said)


def until():
    """--for N ends a watch whose processes go on; without it their end does. --report makes a page
    of it."""
    for name, words, seconds in (("--for", ["--for", "0.4"], 0.4), ("its processes' end", [], 0)):
        with folder() as tmp, background(["sleep", "60"]) as root:
            watch = Watch(tmp, *words, "--report=html", root.pid,
                          options=["--summary=json:summary.json"])
            if not seconds:
                root.kill()
            result = watch.result()
            check_equal(f"until {name}: status", result.status, 0)
            summary = json.loads((tmp / "summary.json").read_text())
            check_equal(f"until {name}: whether they go on", summary["detached"], seconds > 0)
            check(f"until {name}: not before", summary["wall_ns"] >= seconds * 1e9,
                  summary["wall_ns"])
            page = tmp / "out.html"
            check(f"until {name}: a page",
                  page.exists() and "</html>" in page.read_text(), result.stderr)


def replacement(pid):
    """A process that has this pid, which was given back; None where another one was faster."""
    for _ in range(100):
        pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
        process = subprocess.Popen(["sleep", "60"])
        if process.pid == pid:
            return process
        end(process)
        if os.path.exists(f"/proc/{pid}"):
            return None
    return None


def reused_once(tmp, syscall):
    """
    The agent is stopped at that system call, and another process gets the pid that it was given.
    Returns what the agent says then, or None where the pid was taken by somebody else.
    """
    log = tmp / "calls"
    with background(["sleep", "60"]) as meant:
        # Times of creation are known in hundredths of a second.
        begin = time.monotonic()
        wait_until(lambda: time.monotonic() > begin + 0.03)
        with background(["strace", "-qq", "-o", log, "-e", f"trace={syscall}", "-e",
                         f"inject={syscall}:signal=SIGSTOP:when=1", AGENT, "--plugins", "perf,csv",
                         "-v", "-e", "TASK_CLOCK", "-o", "out.csv", "watch", "--for", "10",
                         str(meant.pid)], cwd=tmp, stderr=subprocess.PIPE) as tracer:
            wait_until(lambda: log.exists() and "stopped by SIGSTOP" in log.read_text(), 60)
            end(meant)
            other = replacement(meant.pid)
            os.kill(children(tracer.pid)[0], signal.SIGCONT)
            stderr = tracer.communicate(timeout=60)[1]
            if not other:
                return None
            end(other)
            return meant.pid, tracer.returncode, text(stderr)


def reused():
    """A pid that is given away before the adoption: its new owner is not the one meant."""
    if not shutil.which("strace"):
        return skip("a pid that is given away", "there is no strace")
    if is_sanitized():
        return skip("a pid that is given away", "the leak sanitizer cannot run under strace")
    for when, syscall, words in (("as it is looked up", "pidfd_open", "there is no process"),
                                 ("before the adoption", "bpf", "has ended before it could be")):
        for _ in range(5):
            with folder() as tmp:
                found = reused_once(tmp, syscall)
            if found:
                break
        check(f"a pid that is given away {when}: nobody took it meanwhile", found)
        if found:
            pid, status, said = found
            check(f"a pid that is given away {when}: the agent says so, and watches nobody",
                  status == 125 and words in said and str(pid) in said and "watching " not in said,
                  f"{status}: {said}")


# --- by cgroup -----------------------------------------------------------------------------------

UNIFIED = [line.split()[1] for line in open("/proc/mounts") if line.split()[2] == "cgroup2"]
FREEZER = [line.split()[1] for line in open("/proc/mounts")
           if line.split()[2] == "cgroup" and "freezer" in line.split()[3]]


@contextlib.contextmanager
def cgroup(mount, name):
    """A new cgroup; whoever is left in it afterwards is killed."""
    path = pathlib.Path(mount) / name
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        for procs in path.rglob("cgroup.procs"):
            for pid in procs.read_text().split():
                os.kill(int(pid), signal.SIGKILL)
        while path != pathlib.Path(mount):
            wait_until(lambda: remove(path), timeout=2)
            path = path.parent


def remove(path):
    for below in sorted(path.rglob("*/"), reverse=True):
        if below.is_dir():
            below.rmdir()
    try:
        path.rmdir()
    except OSError:
        return False
    return True


def move(pid, path):
    (path / "cgroup.procs").write_text(str(pid))


# A daemon, in no watched cgroup: for each line that it reads, a child moves itself and works.
DAEMON = """while read line; do
    sh -c 'echo $$ > "$1"/cgroup.procs
        i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done; :' worker "$1" </dev/null
done"""


def by_cgroup(mount, version):
    with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}") as path, \
            background(["sleep", "60"]) as inside, \
            background(["sh", "-c", DAEMON, "daemon", str(path)], stdin=subprocess.PIPE) as daemon:
        move(inside.pid, path)
        watch = Watch(tmp, "--cgroup", path)
        for _ in range(5):
            daemon.stdin.write(b"work\n")
        daemon.stdin.close()
        daemon.wait(timeout=30)
        os.kill(inside.pid, signal.SIGKILL)
        inside.wait()
        result = watch.result()
    comms = collections.Counter(life.comm for life in result.lives)
    check_equal(f"{version}: a daemon's workers, and whom they create, and nobody else", comms,
                {"sleep": 1, "sh": 5, "true": 100})
    workers = {life.pid for life in result.lives if life.comm == "sh"}
    check(f"{version}: parents inside the set",
          all(life.ppid in workers for life in result.lives if life.comm == "true"))
    check(f"{version}: each has its end", all(len(life.exits) == 1 for life in result.lives))
    rows = [row for row in result.rows if row.consumer[0] == "cgroup" and row.metric == TASK_CLOCK]
    check_equal(f"{version}: the cgroup's rows have the sum of the processes'",
                (rows[-1].consumer[1], rows[-1].value), ("/" + path.name, sums(result, TASK_CLOCK)))


def unified(name):
    """The mount of cgroup v2 as a list of one, for a loop; of none, with a line, where there is
    none."""
    if not UNIFIED:
        skip(name, "no cgroup v2 is mounted")
    return UNIFIED[:1]


def cgroups():
    for mount in unified("cgroup v2"):
        by_cgroup(mount, "cgroup v2")
    for mount in FREEZER[:1]:  # a machine without it has nothing that could break
        by_cgroup(mount, "cgroup v1")


# Each turn says in which cgroup it begins, without a process of its own for that.
BUSY = """while :; do
    while IFS=: read -r number controllers path; do
        [ "$number" != 0 ] || echo "$path" >> "$1"
    done < /proc/self/cgroup
    /bin/true
    sleep 0.01
done"""


def wait_for_lines(path, n):
    """Wait until the file has n more lines than now."""
    def lines():
        return path.read_bytes().count(b"\n") if path.exists() else 0
    before = lines()
    wait_until(lambda: lines() >= before + n, 30)


def moves():
    """Who is moved in belongs from then on, who is moved out no longer, and may come back."""
    for mount in unified("moves"):
        with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}/in/below") as below, \
                background(["sleep", "60"]) as inside, \
                background(["sh", "-c", BUSY, "busy", tmp / "where"]) as busy:
            out, path = below.parent.parent, below.parent
            move(inside.pid, path)
            move(busy.pid, out)
            watch = Watch(tmp, "--cgroup", path)
            for place in (below, out, path, out):
                wait_for_lines(tmp / "where", 5)
                move(busy.pid, place)
            wait_for_lines(tmp / "where", 5)
            result = watch.stop()
            end(busy)
            turns = sum("/in" in line for line in (tmp / "where").read_text().splitlines())
        stays = [life for life in result.lives if life.pid == busy.pid]
        check_equal("moves: two stays of the one that came twice", len(stays), 2)
        check("moves: each ends where it was moved out, and says so",
              all(stay.exits and stay.exits[0].get("left") == b"true" for stay in stays))
        check("moves: each begins where it was moved in",
              all(stay.infos[0].get("adopted") == b"true" for stay in stays))
        made = [life for life in result.lives if life.comm in ("true", "sleep")]
        # A turn creates two, and each of four moves may come within one.
        check(f"moves: {len(made)} were created in {turns} turns inside, none outside",
              turns > 4 and abs(len(made) - 2 * turns) <= 8)
        check("moves: who stayed has not left", not any(
            life.exits for life in result.lives if life.pid == inside.pid))


def containers():
    """A cgroup as Docker names it, with a process in namespaces of its own."""
    ident = "0123456789abcdef" * 4
    for mount in unified("containers"):
        for name in (f"docker/{ident}", f"alumet.slice/docker-{ident}.scope",
                     f"machine.slice/libpod-{ident}.scope"):
            with folder() as tmp, cgroup(mount, name) as path, \
                    background(["unshare", "-pmf", "--mount-proc", "sh", "-c",
                                "read line; /bin/true; /bin/true; :"],
                               stdin=subprocess.PIPE) as process:
                wait_until(lambda: children(process.pid))
                move(children(process.pid)[0], path)
                watch = Watch(tmp, "--container", ident[:12])
                process.stdin.close()
                result = watch.result()
            check_equal(f"container {name.replace(ident, 'ID')}: its processes",
                        sorted(life.comm for life in result.lives), ["sh", "true", "true"])


def cgroup_storm():
    """Moved in while it creates processes and threads as fast as it can: whoever comes after is
    there."""
    for mount in unified("a storm in a cgroup"):
        with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}") as path, \
                background(["sleep", "60"]) as inside:
            log = tmp / "log"
            move(inside.pid, path)
            watch = Watch(tmp, "--cgroup", path)
            with background(["sh", "-c", 'echo $$ > "$1"/cgroup.procs; exec "$2" storm "$3" 5000',
                             "sh", path, WATCHED, log]) as root:
                root.wait(timeout=60)
            os.kill(inside.pid, signal.SIGKILL)
            inside.wait()
            result = watch.result()
            born, _ = read_log(log)
        seen = {life.pid for life in result.lives}
        check_equal(f"a storm in a cgroup: all {len(born)} are there", set(born) - seen, set())


def as_user():
    """With the capabilities on the program's file users watch their own processes, and no others.
    """
    if not shutil.which("setcap"):
        return skip("a user's own processes", "there is no setcap")
    with folder() as tmp, background(["sleep", "60"]) as other:
        program = tmp / "alumet-agent"
        shutil.copy2(AGENT, program)
        subprocess.run(["setcap", "cap_bpf,cap_perfmon=ep", program], check=True)
        tmp.chmod(0o777)
        script = (
            f"sh -c 'while :; do /bin/true; done' & sleep 0.2; {program} --plugins perf,csv -e "
            f"TASK_CLOCK -o own.csv watch --for 0.5 $!; echo own $?; kill $!; "
            f"{program} watch {other.pid}; echo other $?; {program} watch --all; echo all $?; "
            f"{program} watch --cgroup /; echo cgroup $?")
        result = subprocess.run(["su", "nobody", "-s", "/bin/sh", "-c", script], cwd=tmp, text=True,
                                capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        for phrase in ("own 0", "other 125", "all 125", "cgroup 125"):
            check(f"a user: {phrase}", phrase in result.stdout, result.stdout + result.stderr)
        check("a user: another's process is refused", "you may not observe it" in result.stderr,
              result.stderr)
        rows = (tmp / "own.csv").read_bytes() if (tmp / "own.csv").exists() else b""
        check("a user: the rows of the own ones", rows.count(b"comm=true") > 5, rows[:500])


# --- bad input -----------------------------------------------------------------------------------

def refusals():
    with folder() as tmp:
        def refuse(name, status, words, *phrases):
            result = agent("--plugins", "perf,csv", "-e", "TASK_CLOCK", "watch", *map(str, words),
                           cwd=tmp)
            check_run(f"refused: {name}", result, status, *phrases)
            check(f"refused: {name}: no file is left", not list(tmp.glob("*.csv")))
        with background(["sleep", "0"]) as gone:
            gone.wait()
            refuse("a pid that is gone", 125, [gone.pid], f"there is no process {gone.pid}")
        if sees_all():
            refuse("a kernel thread", 2, [2], "(kthreadd) is a kernel thread", "watch --all")
        else:
            skip("refused: a kernel thread", "this pid namespace has none")
        refuse("an ancestor", 2, [os.getpid()], "an ancestor of this agent")
        refuse("no pid", 2, ["python3"], "is not a pid", "watch --comm python3")
        refuse("nothing", 2, [], "no target is named")
        refuse("0", 2, [0], "no process can have the pid 0")
        refuse("a name of nobody", 125, ["--comm", "nobody-at-all"], "is named 'nobody-at-all'")
        refuse("all and more", 2, ["--all", 1], "--all watches every process")
        refuse("a process and a cgroup", 2, ["--cgroup", "/", 12], "either processes or cgroups")
        refuse("a cgroup that is not there", 125, ["--cgroup", "no/such"], "there is no cgroup")
        refuse("a folder elsewhere", 2, ["--cgroup", "/etc"],
               "not a directory of a cgroup file system")
        refuse("a container that does not run", 125, ["--container", "0123456789ab"],
               "no running container")
        refuse("a container's name without Docker", 125, ["--container", "no-such-name"],
               "Docker has no container of that name")
        for mount in unified("refused: an empty cgroup"):
            with cgroup(mount, f"alumet-{os.getpid()}") as path:
                refuse("an empty cgroup", 125, ["--cgroup", path], "no process is in")
        zombie = subprocess.Popen(["true"])
        wait_until(lambda: state_of(zombie.pid) == "Z")
        refuse("a zombie", 125, [zombie.pid], "(true) has ended")
        zombie.wait()
        with background(["python3", "-c", "import threading, time\n"
                         "thread = threading.Thread(target=time.sleep, args=(30,))\n"
                         "thread.start(); print(thread.native_id, flush=True)"],
                        stdout=subprocess.PIPE) as process:
            tid = int(process.stdout.readline())
            refuse("a thread", 125, [tid], f"is a thread of process {process.pid}")
        free = next(pid for pid in range(20000, 32000) if not os.path.exists(f"/proc/{pid}"))
        script = f"echo {free - 1} > /proc/sys/kernel/ns_last_pid; sleep 30 & wait"
        with background(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                         script]) as process:
            wait_until(lambda: children(process.pid) and children(children(process.pid)[0]))
            outer = children(children(process.pid)[0])[0]
            refuse("a pid of another namespace", 125, [free],
                   f"there is no process {free} here", f"alumet-agent watch {outer}")


if __name__ == "__main__":
    main(storm, orphans, left_behind, threads, counts, running, machine, names, survivors,
         several, until, reused, cgroups, moves, containers, cgroup_storm, as_user, refusals)
