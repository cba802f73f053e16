#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Nothing is lost unsaid: a stopped agent, a ring of one page, a map of 64, 20 000 forks."""

import re
import signal
import subprocess
import time

from lib import (AGENT, CENSUS, HELPERS, TASK_CLOCK, agent_args, census, check, check_equal, folder,
                 lives, main, parse, run, skip, text, wait_until)

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
        wait_until(lambda: (tmp / "out.csv").exists(), 20)
        time.sleep(0.1)
        agent.send_signal(signal.SIGSTOP)
        time.sleep(stop_s)
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


def ring_of_one_page():
    for shape, n in (("wide", 300), ("storm", 3000)):
        result, made = census(shape, n, options=SMALL_RING)
        complete(f"ring of one page, {shape}", result.lives, n + 1)
        if made:
            wrong = [life for life in result.lives if life.pid in made
                     and abs(life.total(TASK_CLOCK) - made[life.pid].zombie_ns) > 1000]
            check(f"ring of one page, {shape}: each count is exact", not wrong,
                  lambda: f"{len(wrong)}: {wrong[:5]}")


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
    with open(AGENT, "rb") as program:
        if b"__asan_init" in program.read():
            return skip("100 000 processes: memory", "sanitizers keep what was freed")
    with folder() as tmp:
        agent = subprocess.Popen(agent_args([CENSUS, "storm", "100000"], tmp / "out.csv"), cwd=tmp,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = []
        while agent.poll() is None:
            seen.append(resident(agent.pid))
            time.sleep(0.1)
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
        said = re.search(r"(\d+) argument lists? (is|are) cut", result.stderr)
        check_equal(f"{name}: how many are cut is said", int(said[1]) if said else 0,
                    n - len(whole))
        check(f"{name}: no name is lost", "no path" not in result.stderr, result.stderr)


def long_arguments_in_a_small_ring():
    """Arguments that no ring of this size can hold do not take the names with them."""
    n = 200
    result = run([EXEC_STORM, str(n), "2", "12000"], options=SMALL_RING)
    found = list(execs_of_true(result.csv))
    said = re.search(r"(\d+) execs? ha(s|ve) no path", result.stderr)
    check_equal("long arguments, ring of one page: an exec that is not there is said",
                int(said[1]) if said else 0, n - len(found))
    return check("long arguments, ring of one page: most are there, marked as cut",
                 len(found) > n * 0.8 and all(cut for _, _, cut in found),
                 f"{len(found)}, {found[:3]}")


if __name__ == "__main__":
    main(stopped_agent, ring_of_one_page, map_of_64, both_small, twenty_thousand, two_storms,
         memory, long_arguments, long_arguments_in_a_small_ring)
