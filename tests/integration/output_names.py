#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""No file of a run, of a report or of a comparison may replace another one that is needed."""

import socket
import subprocess

from lib import AGENT, agent, check, check_equal, check_run, folder, main


def one_file_for_two():
    """Refused before the command starts, whatever writes or reads the file; nothing is left."""
    series = ["-r", "2"]
    for words, what, before in (
            (["--report=json", "-o", "processes:run.json"], "an output of this run writes", ""),
            (["--report=json", "--summary=json:run.json"], "--summary writes that file", ""),
            ([*series, "--report=json", "--summary=json:./run.json"], "--summary writes", ""),
            ([*series, "--summary=json:run.csv"], "an output of this run writes that file", ""),
            (["--summary=json:run.csv"], "another output of this run writes it", ""),
            (["-o", "processes:./run.csv"], "another output of this run writes it", ""),
            (["--report=json", "--config=run.json"], "the configuration is read from", "run.json"),
            ([*series, "--summary=json:c", "--config=c"], "the configuration is read from", "c")):
        with folder() as tmp:
            if before:
                (tmp / before).write_text("# settings\n", encoding="ascii")
            done = agent("exec", "-o", "run.csv", *words, "touch", "started", cwd=tmp)
            check_run(" ".join(words), done, 125, what)
            check_equal(f"{' '.join(words)}: what is left",
                        {path.name: path.read_text(encoding="ascii") for path in tmp.iterdir()},
                        {before: "# settings\n"} if before else {})
    for link in ("run.html", "other"):
        with folder() as tmp:
            (tmp / link).symlink_to("run.csv")
            done = agent("exec", "-o", "run.csv", "--report=html", "true", cwd=tmp)
            check_equal(f"a link {link} to the rows", done.returncode,
                        125 if link == "run.html" else 0)


def a_saved_run_is_not_replaced_by_what_is_made_of_it():
    with folder() as tmp:
        for name in ("a.csv", "b.csv"):
            agent("exec", "-o", name, "true", cwd=tmp)
        (tmp / "link").symlink_to("b.csv")
        saved = (tmp / "b.csv").read_bytes()
        for words in (["report", "--format=json", "-o", "b.csv", "b.csv"],
                      ["report", "--format=json", "-o", "./b.csv", "?.csv"],
                      ["report", "--format=json", "-o", "link", "b.csv"],
                      ["compare", "-o", "b.csv", "a.csv", "b.csv"],
                      ["compare", "-o", "b.csv", "b.csv", "a.csv"]):
            check_run(" ".join(words), agent(*words, cwd=tmp), 2,
                      "it is the saved run that is read")
        check_equal("the saved run is unchanged", (tmp / "b.csv").read_bytes(), saved)


def a_descriptor_is_no_file_to_replace():
    """What stands in the file that the standard output is redirected to stays there."""
    for name, words, what in (
            ("report", ["report", "-o", "/dev/stdout", "a.csv"], "wall time"),
            ("compare", ["compare", "-o", "/dev/fd/1", "a.csv", "b.csv"], "base: 1 run"),
            ("series", ["exec", "-r", "2", "--summary=json:/dev/stdout", "echo", "hi"],
             '"runs":2')):
        with folder() as tmp:
            for saved in ("a.csv", "b.csv"):
                agent("exec", "-o", saved, "true", cwd=tmp)
            (tmp / "log").write_text("before\n", encoding="ascii")
            with open(tmp / "log", "a", encoding="ascii") as log:
                done = subprocess.run([AGENT, *words], cwd=tmp, stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=subprocess.PIPE, text=True, timeout=60)
            told = (tmp / "log").read_text(encoding="utf-8")
            hi = "hi\nhi\n" if name == "series" else ""
            check(f"{name}: added to what the file had", done.returncode == 0
                  and told.startswith(f"before\n{hi}") and what in told, f"{done}\n{told}")
            ends = socket.socketpair()
            with ends[0], ends[1]:
                done = subprocess.run([AGENT, *words], cwd=tmp, stdin=subprocess.DEVNULL,
                                      stdout=ends[0], stderr=subprocess.PIPE, text=True,
                                      timeout=60)
                check(f"{name}: a socket", done.returncode == 0
                      and what in ends[1].recv(1 << 16).decode(), done)
    with folder() as tmp:
        agent("exec", "-o", "a.csv", "true", cwd=tmp)
        check_run("a descriptor that is not open",
                  agent("report", "-o", "/dev/fd/9", "a.csv", cwd=tmp), 125,
                  "cannot write to '/dev/fd/9': no such open descriptor")
        with open("/dev/null", "rb") as null:
            done = subprocess.run([AGENT, "report", "-o", "/dev/fd/0", "a.csv"], cwd=tmp,
                                  stdin=null, capture_output=True, text=True, timeout=60)
        check_run("a descriptor for reading", done, 125,
                  "cannot write to '/dev/fd/0': the descriptor is open for reading only")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([AGENT, "report", "a.csv"], cwd=tmp, stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        check_equal("the standard output is full", (done.returncode, done.stderr), (
            125, "alumet-agent: cannot write to the standard output: No space left on device\n"))


main(one_file_for_two, a_saved_run_is_not_replaced_by_what_is_made_of_it,
     a_descriptor_is_no_file_to_replace)
