#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Nobody is lost of processes and threads that are created and end while the agent adopts them, or is
moved into a watched cgroup.
"""

import collections
import os
import signal
import time

from lib import check, check_equal, folder, let_pass, main, wait_until
from cgroups import cgroup, move  # tests/ is in the path by lib
from watching import WATCHED, Watch, adopted, background, read_log, unified


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
        elif not int(life.exits[0]["wall-time"]):
            wrong.append(f"{life.pid} has used {life.exits[0]['cpu-time']} ns in no time")
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
        check_equal(f"threads {i + 1}: it was adopted", adopted(result), {root.pid})


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


if __name__ == "__main__":
    main(storm, orphans, left_behind, threads, cgroup_storm)
