#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Cgroups of both versions are watched: who is in them, who is moved in, and who is moved out."""

import collections
import os
import signal
import subprocess

from lib import (TASK_CLOCK, check, check_equal, children, end, folder, let_pass, main,
                 wait_until)
from cgroups import FREEZERS, cgroup, move  # tests/ is in the path by lib
from watching import Watch, background, sums, unified

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


def cgroups():
    for mount in unified("cgroup v2"):
        by_cgroup(mount, "cgroup v2")
    for mount in FREEZERS[:1]:  # a machine without it has nothing that could break
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


# For a line that it reads: programs, the first with the line as its argument, so that the ring is
# filled up to a place that depends on its length.
FILL = """read line; /bin/true $line
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do /bin/true; done; echo; read line"""


def has_left_unseen(path, length):
    """Whether one is taken for a member that was moved out while the ring was full."""
    with folder() as tmp, background(["sleep", "60"]) as leaves, \
            background(["sh", "-c", FILL], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as fills:
        move(leaves.pid, path)
        move(fills.pid, path)
        watch = Watch(tmp, "--cgroup", path, options=(
            "--config-override", 'plugins.perf.ring_size="4KiB"'))
        watch.process.send_signal(signal.SIGSTOP)
        fills.stdin.write(b"x" * length + b"\n")
        fills.stdin.flush()
        fills.stdout.readline()
        move(leaves.pid, path.parent)
        watch.process.send_signal(signal.SIGCONT)
        let_pass(0.2, "the agent reads its ring")
        result = watch.stop()
        return not any(row.get("left") == b"true" for life in result.lives
                       if life.pid == leaves.pid for row in life.exits)


def moves_with_a_full_ring():
    """In a ring that is full but for some bytes there is room for the note of a move, or not."""
    for mount in unified("moves with a full ring"):
        with cgroup(mount, f"alumet-{os.getpid()}/in") as path:
            unseen = [length for length in range(0, 128, 8) if has_left_unseen(path, length)]
        check_equal("moves with a full ring: all are seen", unseen, [])


def comes_back_asleep(options=()):
    """One that was moved out and in again in its sleep belongs as soon as it has run."""
    for mount in unified("moved out and in asleep"):
        with folder() as tmp, cgroup(mount, f"alumet-{os.getpid()}/in") as path, \
                background(["sleep", "60"]) as inside, background(
                    ["sh", "-c", "read line; read line; /bin/true; /bin/true; echo; read line"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sleeps:
            move(inside.pid, path)
            move(sleeps.pid, path)
            watch = Watch(tmp, "--cgroup", path, options=options)
            for place in (path.parent, path):
                move(sleeps.pid, place)
                let_pass(0.3, "the agent follows the move")
            sleeps.stdin.write(b"run\n")
            sleeps.stdin.flush()
            let_pass(0.5, "it has run, and belongs again")
            sleeps.stdin.write(b"work\n")
            sleeps.stdin.flush()
            sleeps.stdout.readline()
            result = watch.stop()
        lives = [life.pid for life in result.lives if life.pid == sleeps.pid]
        made = [life for life in result.lives if life.comm == "true"]
        check_equal(f"moved out and in asleep{' without polls' * bool(options)}: its stays, and "
                    "what it made in the second", (len(lives), len(made)), (2, 2))


def comes_back_asleep_without_polls():
    comes_back_asleep(("-I", "0"))


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


if __name__ == "__main__":
    main(cgroups, moves, moves_with_a_full_ring, comes_back_asleep,
         comes_back_asleep_without_polls, containers)
