#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing is lost unsaid: a stopped agent, a ring of one page, a map of 64, 20 000 forks."""

import re
import signal
import subprocess
import sys

from lib import (HELPERS, TASK_CLOCK, agent_args, check, check_equal, children, command_of, folder,
                 is_sanitized, let_pass, lives, main, parse, run, skip, text, wait_until)
from census_runs import CENSUS, census  # tests/ is in the path by lib

EXEC_STORM = str(HELPERS / "exec_storm")
SMALL_RING = ("--config-override", 'plugins.perf.ring_size="4KiB"')
SMALL_MAP = ("--config-override", "plugins.perf.max_tasks=64")


def complete(name, found, n):
    """n processes, each with one birth, one name and a count."""
    check_equal(f"{name}: processes", len(found), n)
    bad = [life for life in found if len(life.infos) != 1 or not life.values[TASK_CLOCK]]
    check(f"{name}: each has its name and its count", not bad, lambda: f"{len(bad)}: {bad[:5]}")


def rows_once(name, found):
    """A final record that is counted twice would be a second row of the same value."""
    twice = [life for life in found
             if len(life.values[TASK_CLOCK]) != len(set(life.values[TASK_CLOCK]))]
    check(f"{name}: no record is there twice", not twice, lambda: f"{len(twice)}: {twice[:5]}")


def stop_in_a_storm(name, n, stop_s, options=()):
    with folder() as tmp:
        agent = subprocess.Popen(agent_args([CENSUS, "storm", str(n)], tmp / "out.csv",
                                            options=options),
                                 cwd=tmp, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        storm = command_of(agent, "census")
        wait_until(lambda: children(storm), 20, 0.0005)
        agent.send_signal(signal.SIGSTOP)
        let_pass(stop_s, "the storm goes on without the agent")
        agent.send_signal(signal.SIGCONT)
        stderr = text(agent.communicate(timeout=120)[1])
        found = lives(parse((tmp / "out.csv").read_bytes()))
    check_equal(f"{name}: status", agent.returncode, 0)
    complete(name, found, n + 1)
    rows_once(name, found)
    check(f"{name}: nothing is reported lost", not re.search(r"\blost\b", stderr), stderr)


def stopped_agent():
    stop_in_a_storm("agent stopped for 2 s in a storm of 10 000 forks", 10000, 2)
    stop_in_a_storm("the same with a ring of one page", 10000, 2, SMALL_RING)


def names_have_room():
    """Ends fill the ring while the agent does not read; names of programs that come later fit."""
    script = ("kill -STOP $PPID; i=0; while [ $i -lt 2000 ]; do (:); i=$((i+1)); done; "
              "i=0; while [ $i -lt 50 ]; do /bin/true $i; i=$((i+1)); done; kill -CONT $PPID")
    result = run(["sh", "-c", script])
    check_equal("ring full of ends: processes", len(result.lives), 2051)
    check_equal("ring full of ends: each later exec has its arguments", sorted(
        b" ".join(life.args) for life in result.lives if life.comm == "true"),
        sorted(b"/bin/true %d" % i for i in range(50)))


def ring_of_one_page():
    for shape, n in (("wide", 300), ("storm", 3000)):
        result, made = census(shape, n, options=SMALL_RING)
        complete(f"ring of one page, {shape}", result.lives, n + 1)
        if made:
            wrong = [life for life in result.lives if life.pid in made
                     and abs(life.total(TASK_CLOCK) - made[life.pid].zombie_ns) > 1000]
            check(f"ring of one page, {shape}: each count is exact", not wrong,
                  lambda: f"{len(wrong)}: {wrong[:5]}")


def notes_are_rows(name, result):
    """What was told at the end is in the file in the same words, a loss as a loss."""
    told = " ".join(result.stderr.split())
    notes = [(text(row.attributes["kind"]), text(row.attributes["text"])) for row in result.rows
             if row.metric == "run_note"]
    check(f"{name}: what is missing is in the file, too", any(
        kind == "loss" and "max_tasks" in line for kind, line in notes), notes)
    check(f"{name}: in the words of the agent", all(
        " ".join(line.split()) in told for _, line in notes), lambda: f"{notes}\n{result.stderr}")


def map_of_64():
    """300 processes at once do not fit: those that do are exact, the others are a number."""
    result, made = census("wide", 300, options=SMALL_MAP)
    found = result.lives
    numbers = [int(number) for line in result.stderr.splitlines()
               for number in re.findall(r"\b\d+\b", line)
               if re.search(r"lost|not tracked|not measured|no room|max_tasks", line)]
    check("map of 64: there is not room for all", len(found) < 301, f"{len(found)} processes")
    check("map of 64: what is missing is told with its number", 301 - len(found) in numbers,
          f"{len(found)} of 301 processes; stderr:\n{result.stderr}")
    notes_are_rows("map of 64", result)
    wrong = [life for life in found if life.pid in made
             and abs(life.total(TASK_CLOCK) - made[life.pid].zombie_ns) > 1000]
    check("map of 64: each process that was tracked is exact", not wrong and len(found) > 30,
          lambda: f"{len(wrong)}: {wrong[:5]}")
    quiet, _ = census("wide", 300, options=[*SMALL_MAP, "-q"])
    check("map of 64: what is missing is told however quiet the agent is",
          "max_tasks" in quiet.stderr, quiet.stderr)
    result, _ = census("storm", 3000, options=SMALL_MAP)
    complete("map of 64, one process at a time", result.lives, 3001)
    check("map of 64, one process at a time: nothing is reported lost",
          not re.search(r"\blost\b", result.stderr), result.stderr)


def both_small():
    result, _ = census("storm", 3000, options=[*SMALL_RING, *SMALL_MAP])
    complete("ring of one page and map of 64", result.lives, 3001)


def twenty_thousand():
    result, _ = census("storm", 20000)
    complete("20 000 forks", result.lives, 20001)
    rows_once("20 000 forks", result.lives)


def two_storms():
    """Two at a time, on two CPUs where there are, in one run."""
    with folder() as tmp:
        script = f"{CENSUS} storm 5000 & {CENSUS} storm 5000 & wait"
        agent = subprocess.run(agent_args(["sh", "-c", script], tmp / "out.csv"), cwd=tmp,
                               capture_output=True, timeout=120)
        found = lives(parse((tmp / "out.csv").read_bytes()))
    check_equal("two storms at once: status, processes", (agent.returncode, len(found)), (0, 10003))


THREADS = """
import os, threading
def times_woken():
    with open(f"/proc/{os.getppid()}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt"))
before = times_woken()
for _ in range(3000):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
print(times_woken() - before)
"""


def threads_of_the_command():
    """The agent sleeps while their records have room: it is not woken for the end of each."""
    result = run([sys.executable, "-S", "-c", THREADS], options=["-I", "0"])
    # Of 400 bytes each, some 300 fill a quarter of the ring, for which it is woken.
    check("3000 threads of the command: the agent sleeps meanwhile",
          int(result.stdout.split()[0]) <= 300, f"woken {result.stdout.split()[0]} times")


LOST_THREADS = """
import os, signal, threading
os.kill(os.getppid(), signal.SIGSTOP)
for _ in range(300):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
os.kill(os.getppid(), signal.SIGCONT)
os._exit(7)
"""


def threads_that_are_lost():
    """
    More threads of the command end while the agent is stopped than there is room for anywhere. It
    is stopped from the start on, and never polls, so that it has no map for what finds no room.
    """
    for _ in range(20):
        result = run([sys.executable, "-S", "-c", LOST_THREADS],
                     options=[*SMALL_RING, *SMALL_MAP, "-I", "0"])
        # On a busy machine the agent reads its first record late, after 50 ms, when it makes the
        # map: then all are there.
        if "missing " in result.stderr or "1, 301 threads" not in result.stderr:
            break
    lost = re.search(r"(\d+) of (\d+) ended threads are missing", result.stderr)
    not_followed = re.search(r"(\d+) of 301 tasks (?:were|was) not followed", result.stderr)
    check("threads that are lost: how many of how many", lost and 0 < int(lost[1]) < int(lost[2])
          and int(lost[2]) + int(not_followed[1] if not_followed else 0) == 301, result.stderr)
    check("threads that are lost: the process that had them is said to be incomplete",
          "1 process lacks records" in result.stderr and "outlived" not in result.stderr,
          result.stderr)
    check_equal("threads that are lost: it has ended, with its status", (result.status, [
        (getattr(life, "status", None), len(life.exits)) for life in result.lives]), (7, [(7, 1)]))


def resident(pid):
    """Resident memory of a process in kB, without what it has mapped of files."""
    try:
        with open(f"/proc/{pid}/status") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
        return int(fields["VmRSS"].split()[0])
    except (FileNotFoundError, ProcessLookupError, KeyError):
        return 0


def memory():
    """The agent's memory is flat however many processes there were."""
    if is_sanitized():
        return skip("100 000 processes: memory", "sanitizers keep what was freed")
    with folder() as tmp:
        agent = subprocess.Popen(agent_args([CENSUS, "storm", "100000"], tmp / "out.csv"), cwd=tmp,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = []

        def ended():
            seen.append(resident(agent.pid))
            return agent.poll() is not None
        wait_until(ended, 300, 0.1)
    seen = [kb for kb in seen if kb]
    check("100 000 processes: less than 10 MB of memory", seen and max(seen) < 10240,
          f"{max(seen or [0])} kB")
    middle = seen[len(seen) // 3] if seen else 0
    check("100 000 processes: the memory is flat", max(seen or [0]) <= middle * 1.3 + 256,
          f"{middle} kB after a third, {max(seen or [0])} kB at most")


def execs_of_true(csv):
    """(path, arguments, whether they are cut) of each exec of /bin/true; the file has 100 MB."""
    for line in csv.split(b"\n"):
        if line.startswith(b"process_info;") and b'args=true ' in line:
            args = re.search(rb"args=(true [0-9a-z]*)", line)[1]
            yield b"exe=/bin/true" in line, args, b"args_cut=true" in line
        elif line.startswith(b"process_info;") and b"comm=true" in line and b"args=" in line:
            yield b"exe=/bin/true" in line, b"", b"args_cut=true" in line


def long_arguments():
    """Thousands of execs with long arguments, four at a time, and the ring as it is by default."""
    for n, size in ((2000, 12000), (1000, 65500)):
        name = f"{n} execs with {size} bytes of arguments"
        result = run([EXEC_STORM, str(n), "4", str(size)])
        check_equal(f"{name}: status", result.status, 0)
        found = list(execs_of_true(result.csv))
        check_equal(f"{name}: each is there", len(found), n)
        check(f"{name}: each has its path", all(path for path, _, _ in found), found[:3])
        whole = [args for _, args, cut in found if not cut]
        check(f"{name}: those that are not marked as cut are whole",
              {len(args) for args in whole} <= {len("true ") + size}
              and len({args[5:13] for args in whole}) == len(whole), {len(a) for a in whole})
        said = re.search(r"(\d+)(?: of \d+)? argument lists? (is|are) cut", result.stderr)
        check_equal(f"{name}: how many are cut is said", int(said[1]) if said else 0,
                    n - len(whole))
        check(f"{name}: no name is lost", "no path" not in result.stderr, result.stderr)


def long_arguments_in_a_small_ring():
    """Arguments that no ring of this size can hold do not take the names with them.

    How many names are lost depends on how busy the machine is; all would be, if they went with the
    arguments.
    """
    n = 200
    result = run([EXEC_STORM, str(n), "2", "12000"], options=SMALL_RING)
    found = list(execs_of_true(result.csv))
    said = re.search(r"(\d+)(?: of \d+)? execs? ha(s|ve) no path", result.stderr)
    check_equal("long arguments, ring of one page: an exec that is not there is said",
                int(said[1]) if said else 0, n - len(found))
    return check("long arguments, ring of one page: others are there, marked as cut",
                 len(found) > n // 10 and all(cut for _, _, cut in found),
                 f"{len(found)}, {found[:3]}")


if __name__ == "__main__":
    main(stopped_agent, names_have_room, ring_of_one_page, map_of_64, both_small, twenty_thousand,
         two_storms, threads_of_the_command, threads_that_are_lost,
         memory, long_arguments, long_arguments_in_a_small_ring)
