#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
With capabilities on the agent's file: of a program that the user may not observe nothing is counted
or told from its exec on, and the tree is followed all the same. Root sees everything.
"""

import contextlib
import os
import re
import shutil
import subprocess

import lib
from lib import CONTEXT_SWITCHES, PAGE_FAULTS, TASK_CLOCK, check, check_equal, folder, main, skip

USER = 65534  # nobody
PROGRAM = lib.HELPERS / "credentials"
EVENTS = "PAGE_FAULTS,TASK_CLOCK,CONTEXT_SWITCHES"

# Pages of each kind of program; a program has some 100 faults beside those that it is told to have.
SEEN, HIDDEN, LATER = 1000, 5000, 300
OTHERS = 400


@contextlib.contextmanager
def programs():
    """The agent with capabilities, and the program in the kinds that are told apart."""
    with folder() as tmp:
        for name in ("agent", "plain", "suid", "sgid", "caps", "unreadable"):
            shutil.copy(lib.AGENT if name == "agent" else PROGRAM, tmp / name)
            (tmp / name).chmod(0o755)
        (tmp / "suid").chmod(0o4755)
        (tmp / "sgid").chmod(0o2755)
        (tmp / "unreadable").chmod(0o711)
        subprocess.run(["setcap", "cap_bpf,cap_perfmon=ep", tmp / "agent"], check=True)
        subprocess.run(["setcap", "cap_chown=ep", tmp / "caps"], check=True)
        os.mkdir(tmp / "out")
        os.chown(tmp / "out", USER, USER)
        yield tmp


def run(tmp, *command, user=True, events=EVENTS, options=()):
    """The run, and the faults that each program says it had, by its pages."""
    become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if user else []
    command = [str(tmp / word) if (tmp / word).is_file() else word for word in map(str, command)]
    args = [*become, str(tmp / "agent"), "--plugins", "perf,csv", "-e", events, "-o", "out.csv",
            *options, "exec", "--", *command]
    result = lib.run(None, args=args, cwd=tmp / "out", output=None)
    file = tmp / "out" / "out.csv"
    found = lib.Run(result.status, result.stdout, result.stderr,
                    file.read_bytes() if file.exists() else None)
    said = {int(line.split()[1]): [int(word) for word in line.split()]
            for line in result.stdout.splitlines()}
    check_equal(f"{' '.join(map(os.path.basename, command))}: status", (found.status,
                result.stderr if found.status else ""), (0, ""))
    return found, said


def possible():
    if os.geteuid() != 0:
        skip("credentials", "only root can give capabilities to a file")
    elif not shutil.which("setcap") or not shutil.which("setpriv"):
        skip("credentials", "setcap or setpriv is not installed")
    else:
        return True
    return False


def life_of(found, pid):
    return [life for life in found.lives if life.pid == pid][-1]


def each_kind_is_hidden():
    if not possible():
        return
    with programs() as tmp:
        for kind in ("suid", "sgid", "caps", "unreadable"):
            found, said = run(tmp, "plain", SEEN, 0, kind, HIDDEN, 300, "plain", LATER, 0)
            seen, hidden, later = (life_of(found, said[pages][0])
                                   for pages in (SEEN, HIDDEN, LATER))
            check(f"{kind}: before it everything is counted",
                  SEEN <= seen.total(PAGE_FAULTS) <= SEEN + OTHERS, seen.values)
            check(f"{kind}: its work is not counted", hidden.total(PAGE_FAULTS) < OTHERS and
                  hidden.total(TASK_CLOCK) < 100e6, hidden.values)
            check_equal(f"{kind}: its exec is told as hidden, with its name and no arguments",
                        [(hidden.comm, hidden.args, info.get("hidden"))
                         for info in hidden.infos[-1:]], [(kind, [b""], b"true")])
            check_equal(f"{kind}: whose child is it", (hidden.ppid, later.ppid),
                        (seen.pid, hidden.pid))
            check_equal(f"{kind}: the number is said",
                        re.findall(r"(\d+) programs? that this user may not observe", found.stderr),
                        ["1"])
            check_equal(f"{kind}: ends that the summary does not know: those of programs whose "
                        "parent is hidden, too",
                        re.findall(r"(\d+) with unknown exit status", found.stderr),
                        ["1"] if kind in ("suid", "sgid") else [])
            if kind in ("suid", "sgid"):
                check_equal(f"{kind}: nor is its child, which has its privileges",
                            (later.values[PAGE_FAULTS], later.values[TASK_CLOCK],
                             later.values[CONTEXT_SWITCHES], later.comm, later.args),
                            ([None], [None], [None], kind, []))
            else:
                check(f"{kind}: its child, which has no more privileges, is",
                      LATER <= later.total(PAGE_FAULTS) <= said[LATER][2] and
                      later.comm == "plain", later.values)


def counted_again():
    """After giving the privileges up and another exec; in the same process too."""
    if not possible():
        return
    with programs() as tmp:
        found, said = run(tmp, "plain", SEEN, 0, "suid", HIDDEN, 300, "drop", "plain", LATER, 0)
        later = life_of(found, said[LATER][0])
        check("a child that has given the privileges up is counted from its exec on",
              LATER <= later.total(PAGE_FAULTS) <= said[LATER][2], later.values)
        check("and its arguments are told", later.args[-1].endswith(b"plain 300 0"), later.args)

        found, said = run(tmp, "plain", SEEN, 0, "replace", "suid", HIDDEN, 300, "drop", "replace",
                          "plain", LATER, 50)
        life = found.lives[0]
        check_equal("one process all the while", len(found.lives), 1)
        check("a process that is hidden for a while: its faults before and after",
              SEEN + LATER <= life.total(PAGE_FAULTS) <= SEEN + LATER + 2 * OTHERS, life.values)
        check("a process that is hidden for a while: its CPU time before and after",
              45e6 <= life.total(TASK_CLOCK) <= 200e6, life.values)
        check_equal("a process that is hidden for a while: its names", life.comms,
                    ["plain", "suid", "plain"])


def threads_and_polls():
    """A look at the running task does not count it either."""
    if not possible():
        return
    with programs() as tmp:
        found, said = run(tmp, "plain", SEEN, 0, "suid", HIDDEN, 300, options=("-I", "20ms"))
        hidden = life_of(found, said[HIDDEN][0])
        check("polled while it runs: nothing", max(hidden.values[TASK_CLOCK]) < 100e6 and
              max(hidden.values[PAGE_FAULTS]) < OTHERS, hidden.values)


def in_a_namespace_of_the_user():
    """There the user has every capability, and may observe what runs."""
    if not possible():
        return
    unshare = [shutil.which("unshare"), "--user", "--map-root-user"]
    if subprocess.run(["setpriv", f"--reuid={USER}", "--clear-groups", *unshare, "true"],
                      capture_output=True).returncode != 0:
        return skip("in the user's own namespace", "users cannot make user namespaces here")
    with programs() as tmp:
        found, said = run(tmp, *unshare, "--fork", "plain", SEEN, 0)
        life = life_of(found, said[SEEN][0])
        check("in a user namespace of the user's own everything is counted",
              SEEN <= life.total(PAGE_FAULTS) <= SEEN + OTHERS and b"1000 0" in life.args[-1],
              life.values)


def root_sees_all():
    if not possible():
        return
    with programs() as tmp:
        found, said = run(tmp, "setpriv", f"--reuid={USER}", "--clear-groups", "plain", SEEN, 0,
                          "suid", HIDDEN, 0, "plain", LATER, 0, user=False)
        for pages, name in ((SEEN, "plain"), (HIDDEN, "suid"), (LATER, "plain")):
            life = life_of(found, said[pages][0])
            check(f"root: {name} with {pages} pages is counted, its arguments told",
                  pages <= life.total(PAGE_FAULTS) <= pages + 2 * OTHERS and
                  str(pages).encode() in life.args[-1] and "hidden" not in life.infos[-1],
                  life.values)


if __name__ == "__main__":
    main(each_kind_is_hidden, counted_again, threads_and_polls, in_a_namespace_of_the_user,
         root_sees_all)
