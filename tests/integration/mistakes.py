#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Mistakes on the command line: each is refused before the command starts, with the exit status of
the manual page, with what is wrong and what to do.
"""

import os
import pathlib
import pwd
import subprocess

from lib import AGENT, check, check_equal, folder, main, skip

MSR = pathlib.Path("/sys/bus/event_source/devices/msr/events/tsc")

# The words, the exit status, and what the message says. "started" would be made by the command.
REFUSED = (
    # An empty argument, as of a variable that is not set.
    ("exec --by= touch started", 2, "--by '': the argument is empty; write --by=COST"),
    ("exec --profile= touch started", 2, "--profile '': the argument is empty"),
    ("exec --config-override= touch started", 2, "--config-override '': the argument is empty"),
    ("exec --summary= touch started", 2, "--summary=''"),
    ("exec --color= touch started", 2, "--color=''"),
    ("exec --progress= touch started", 2, "--progress=''"),
    ("exec --report= touch started", 2, "--report=''"),
    ("exec --events= touch started", 2, "-e ''"),
    ("exec --output-file= touch started", 2, "-o ''"),
    ("exec --interval= touch started", 2, "-I ''"),
    ("exec --repeat= touch started", 2, "-r ''"),
    ("exec --warmup= touch started", 2, "--warmup ''"),
    ("exec --user= touch started", 2, "--user ''"),
    ("exec --plugins= touch started", 2, "--plugins ''"),
    ("exec --config= touch started", 2, "--config ''"),
    ("report --by= run.csv", 2, "--by '': the argument is empty"),
    ("report --format= run.csv", 2, "--format=''"),
    ("compare --fail-above= run.csv run.csv", 2, "--fail-above ''"),
    ("send --to= run.csv", 2, "--to '': the argument is empty; write --to=URL"),
    ("send --to=otlp+http://h/ --token-file= run.csv", 2, "--token-file '': the argument is empty"),
    ("watch --comm=", 2, "--comm"),
    ("watch --cgroup=", 2, "--cgroup '': the argument is empty; write --cgroup=PATH"),
    ("watch --container=", 2, "--container '': the argument is empty"),
    ("watch --for= 1", 2, "--for ''"),
    # An argument of another kind.
    ("exec -e page-faults,,cpu-clock touch started", 2,
     '"page-faults,,cpu-clock": an event is missing'),
    ("exec --profile 99 touch started", 2, "write --profile=99"),
    ("exec --profile=-5 touch started", 2, "--profile '-5': it is how many samples a second"),
    ("exec --profile=99hz touch started", 2, "--profile '99hz': it is how many"),
    ("exec --profile=5@5 touch started", 2, "--profile '5@5': it is how many"),
    ("exec -I 10x touch started", 2, "the unit is not known"),
    ("exec -r 1000000 touch started", 2, "from 1 to 100000"),
    ("exec -e sched:nope touch started", 125, "ls /sys/kernel/tracing/events/sched lists"),
    ("report no-*.csv", 125, "'no-*.csv': no file matches this pattern"),
    ("report directory", 125, "'directory': it is a directory\n"),
)

# Every option that names a file to write.
WRITERS = ("exec -o {} touch started", "exec -o processes:{} touch started",
           "exec --summary=json:{} touch started", "report -o {} run.csv",
           "compare -o {} run.csv run.csv", "--config {} config regen")


def run(words, tmp, **more):
    return subprocess.run([AGENT, *words], cwd=tmp, capture_output=True, text=True, check=False,
                          timeout=60, **more)


def measured(tmp):
    run(["exec", "-o", "run.csv", "true"], tmp)
    (tmp / "directory").mkdir()


def refused():
    with folder() as tmp:
        measured(tmp)
        for line, status, phrase in REFUSED:
            result = run(line.split(), tmp)
            check_equal(f"{line}: status", result.returncode, status)
            check(f"{line}: message", phrase in result.stderr, result.stderr)
        check("no command was started", not (tmp / "started").exists())
        if not MSR.exists():
            return skip("an event of a PMU with a value", "there is no PMU msr")
        result = run(["exec", "-e", "msr/tsc=1/", "true"], tmp)
        check("an event of a PMU with a value", result.returncode == 125 and
              "tsc is an event of the PMU msr, and takes no value" in result.stderr, result)


def refused_files():
    with folder() as tmp:
        measured(tmp)
        for line in WRITERS:
            for name, why, remedy in (
                    ("directory", "it is a directory", "choose another file"),
                    ("missing/file.html", "its directory does not exist", "mkdir -p 'missing'"),
                    ("/proc/file.html", "No such file or directory", "choose another file")):
                result = run(line.format(name).split(), tmp)
                check(f"{line.format(name)}: message", result.returncode == 125
                      and f"cannot write to '{name}': {why}" in result.stderr.replace("\n", " ")
                      and remedy in result.stderr, result)
        check("no command was started with a file that cannot be written",
              not (tmp / "started").exists())


def file_of_root():
    """A run by sudo has left its file: a user who may remove it is told so."""
    if os.geteuid() != 0:
        return skip("a file of root", "it needs root")
    with folder() as tmp:
        run(["exec", "true"], tmp)
        nobody = pwd.getpwnam("nobody")
        for owner, removable in ((nobody.pw_uid, True), (0, False)):
            os.chown(tmp, owner, -1)
            os.chmod(tmp, 0o755)
            result = run(["exec", "--user", "nobody", "touch", "started"], tmp)
            check("a file of root is refused", result.returncode == 125 and
                  "'alumet-output.csv': no permission to write: it belongs to root" in
                  result.stderr, result)
            check_equal("it is to be removed by whom the directory belongs to",
                        "remove it (rm -f), or" in result.stderr, removable)
        check("no command was started over a file of root", not (tmp / "started").exists())
    return None


def removed_directory():
    with folder() as tmp:
        for line in ("exec touch started", "config regen"):
            (tmp / "gone").mkdir()
            result = subprocess.run(f"cd gone && rmdir ../gone && exec {AGENT} {line}", cwd=tmp,
                                    shell=True, capture_output=True, text=True, check=False,
                                    timeout=60)
            check(f"{line} in a removed directory", result.returncode == 125
                  and "the current directory was removed" in result.stderr, result)


def report_of_a_descriptor():
    """Its rows cannot be read again: the command may write there, too."""
    with folder() as tmp:
        with open(tmp / "out", "w", encoding="utf-8") as out:
            result = subprocess.run([AGENT, "exec", "--report=html", "-o", "/dev/stdout", "touch",
                                     "started"], cwd=tmp, stdout=out, stderr=subprocess.PIPE,
                                    text=True, check=False, timeout=60)
        check("a report of a descriptor's rows is refused before the command",
              result.returncode == 125 and "is not a file of its own" in result.stderr
              and not (tmp / "started").exists(), result)


def standard_output():
    """The cause is named, however early in the output it was."""
    with folder() as tmp:
        measured(tmp)
        for line in ("--help", "exec --help", "--version", "doctor", "plugins list", "config regen",
                     "report run.csv", "send --dry-run --to influx+http://h/write?db=x run.csv"):
            with open("/dev/full", "w", encoding="utf-8") as full:
                result = subprocess.run([AGENT, *line.split()], cwd=tmp, stdout=full, text=True,
                                        stderr=subprocess.PIPE, check=False, timeout=60)
            check(f"{line}: the standard output is full", result.returncode == 125
                  and "No space left on device" in result.stderr, result)


def short_interval():
    """It is no mistake, but costs more than most want."""
    with folder() as tmp:
        result = run(["exec", "-I", "1us", "true"], tmp)
        check("a short interval is measured, with a warning", result.returncode == 0
              and "warning: a poll interval of 1000 ns" in result.stderr, result)
        result = run(["exec", "-I", "1ms", "true"], tmp)
        check("no warning of 1 ms", "poll interval" not in result.stderr, result)


main(refused, refused_files, file_of_root, removed_directory, report_of_a_descriptor,
     standard_output, short_interval)
