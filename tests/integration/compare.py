#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Series of runs, and comparisons of real runs: what is in the file, what is said, with which exit status."""

import contextlib
import csv
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import time

from lib import AGENT, ROOT, check, check_equal, folder, main

NUMBERS = "seq 3000 | sort -n >/dev/null"
MORE_NUMBERS = "seq 30000 | sort -n >/dev/null; ls / >/dev/null"


@contextlib.contextmanager
def inside():
    """A folder of its own, as the working directory."""
    with folder() as path, contextlib.chdir(path):
        yield path


def agent(*arguments, status=0):
    """What it writes to stdout and to stderr."""
    result = subprocess.run([AGENT, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    if result.returncode != status:
        raise AssertionError(f"status {result.returncode}, not {status}: {result.stderr}")
    return result.stdout, result.stderr


def series(path, script, runs=6, *more):
    agent("exec", "-q", "-r", runs, "-o", path, "-e", "page-faults", *more, "sh", "-c", script)
    return path


def rows(path):
    """The rows, each with its late attributes as a dictionary (none of those used here is escaped)."""
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            row["late"] = dict(part.split("=", 1) for part in (row["__late_attributes"] or "").split(",")
                               if "=" in part)
            yield row


def runs_are_told_apart():
    with inside():
        agent("exec", "-q", "-r", 3, "--warmup", 2, "-o", "run.csv", "-e", "page-faults",
              "sh", "-c", "echo x >>times; true | true")
        found = list(rows("run.csv"))
        check_equal("the command was run: 2 to warm up, 3 measured",
                    len(pathlib.Path("times").read_text().split()), 5)
        check_equal("one header", sum(row["metric"] == "metric" for row in found), 0)
        check_equal("each row has its run", {row["late"].get("run") for row in found}, {"1", "2", "3"})
        exits = [row["late"]["run"] for row in found if row["metric"] == "process_exit"]
        check_equal("each run has its own processes", [exits.count(n) for n in "123"], [3, 3, 3])
        agent("exec", "-q", "-o", "one.csv", "true")
        check("a single run has no such attribute", all("run" not in row["late"] for row in rows("one.csv")))


def summary_is_that_of_the_rows():
    with inside():
        _, said = agent("exec", "--summary=json", "-r", 6, "-o", "run.csv", "-e", "page-faults",
                        "sh", "-c", NUMBERS)
        whole = json.loads(said.splitlines()[-1])["lines"][0]
        faults = {}
        for row in rows("run.csv"):
            if row["metric"] == "perf_software_PAGE_FAULTS":
                faults.setdefault(row["late"]["run"], {})[row["consumer_id"]] = float(row["value"])
        sums = [sum(faults[str(run)].values()) for run in range(1, 7)]
        check_equal("values", whole["page-faults"]["values"], sums)
        check("mean and deviation", abs(whole["page-faults"]["mean"] - statistics.mean(sums)) < 1e-9 and
              abs(whole["page-faults"]["sd"] - statistics.stdev(sums)) < 1e-9, whole["page-faults"])
        agent("exec", "--summary=json:said.json", "-r", 2, "-o", "run.csv", "true")
        check_equal("into a file", json.loads(pathlib.Path("said.json").read_text())["runs"], 2)


def first_failure_is_the_status():
    with inside():
        script = "echo x >>times; case $(wc -l <times) in 2) exit 3 ;; 3) exit 4 ;; esac"
        agent("exec", "-q", "-r", 4, "-o", "run.csv", "sh", "-c", script, status=3)
        check_equal("the others were run", len(pathlib.Path("times").read_text().split()), 4)
        agent("exec", "-q", "-r", 4, "-o", "run.csv", "no-such-command-anywhere", status=127)


def interrupt_ends_the_series():
    with inside():
        process = subprocess.Popen([AGENT, "exec", "-q", "-r", "50", "-o", "run.csv", "sh", "-c",
                                    "echo x >>times; exec sleep 0.3"])
        while not os.path.exists("times") or len(pathlib.Path("times").read_text().split()) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        check_equal("status of the interrupted run", process.wait(60), 128 + signal.SIGINT)
        check("what was measured is kept", {"1", "2"} <= {row["late"]["run"] for row in rows("run.csv")})
        check("no further runs", len(pathlib.Path("times").read_text().split()) < 10)


def fifo_has_one_end():
    with inside():
        os.mkfifo("rows")
        reader = subprocess.Popen(["cat", "rows"], stdout=subprocess.PIPE, text=True)
        agent("exec", "-q", "-r", 3, "-o", "rows", "true")
        text = reader.communicate(timeout=60)[0]
        check_equal("all runs to one reader", [f"run={n}" in text for n in (1, 2, 3)], [True] * 3)


def differences_are_found():
    with inside():
        base, new = series("base.csv", NUMBERS), series("new.csv", MORE_NUMBERS)
        found = json.loads(agent("compare", "--format", "json", base, new)[0])
        totals = {test["quantity"]: test["verdict"] for test in found["totals"]}
        check_equal("page faults and processes: more", (totals["page-faults"], totals["processes"]),
                    ("more", "more"))
        check_equal("a command that came", (found["came"], found["went"]), (["sh > ls"], []))
        text = agent("compare", base, new)[0]
        check("text says so", "MORE" in text and "Only in new:\n    sh > ls" in text, text)
        _, said = agent("compare", "--fail-above", "page-faults=5%", base, new, status=1)
        check("--fail-above: status 1, and what broke it", "page-faults: +" in said, said)
        agent("compare", "--fail-above", "page-faults=5%", new, base)
        _, said = agent("compare", "--fail-above", "nonsense=5%", base, new, status=2)
        check("--fail-above: what there is", "page-faults" in said and "wall" in said, said)
        same = json.loads(agent("compare", "--format", "json", base, base)[0])
        check_equal("a file beside itself: nothing",
                    {test["verdict"] for test in same["totals"] + same["commands"]}, {"same"})


def single_runs_say_nothing_of_noise():
    with inside():
        for number in (1, 2, 3, 4, 5):
            series(f"base-{number}.csv", NUMBERS, 1)
            series(f"new-{number}.csv", MORE_NUMBERS, 1)
        text = agent("compare", "base-1.csv", "new-1.csv")[0]
        check("one run each: it says so", "nothing can be said about noise" in text, text)
        found = json.loads(agent("compare", "--format", "json", "base-*.csv", "new-*.csv")[0])
        check_equal("patterns", (found["base_runs"], found["new_runs"]), (5, 5))
        totals = {test["quantity"]: test["verdict"] for test in found["totals"]}
        check_equal("several files of one run", totals["page-faults"], "more")


HEADER = "metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;__late_attributes\n"


def made_series(path, count, scale):
    """Three runs of a shell with so many commands of different, long names that Markdown may obey."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for run in (1, 2, 3):
            time_of = f"2025-11-26T10:0{run}:0"
            for pid in range(1, count + 2):
                cpu = scale * (1_000_000 + pid + run)
                late = f"comm={'c' * 200}<b>|`{pid},cpu-time={cpu},ppid={1 if pid > 1 else 0}," \
                       f"run={run},start={time_of}0.000000000Z"
                for metric in ("process_info", "process_exit"):
                    file.write(f"{metric};{time_of}1.000000000Z;0;local_machine;;process;{pid};{late}\n")


def markdown_fits_a_summary():
    with inside():
        made_series("base.csv", 100_000, 1)
        made_series("new.csv", 100_000, 2)
        text = agent("compare", "--format", "markdown", "base.csv", "new.csv")[0]
        check("100 000 commands: below 1 MiB", len(text.encode()) < 2**20, len(text.encode()))
        check("names mean nothing to Markdown", "<b>" not in text and "&lt;b>\\|\\`" in text, text[:3000])


def snippets_of_docs_run():
    """Every command of docs/ci.md, with sudo and the user left out where it is for a hosted runner."""
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(sh|yaml)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    check_equal("snippets", [kind for kind, _ in blocks], ["sh", "sh", "sh", "yaml", "yaml"])
    with inside() as path:
        for name in ("bench-base", "bench-new"):
            pathlib.Path(name).write_text("#!/bin/sh\nseq 3000 | sort -n >/dev/null\n", encoding="ascii")
            os.chmod(name, 0o755)
        (path / "bin").mkdir()
        (path / "bin" / "alumet-agent").symlink_to(AGENT)
        environment = dict(os.environ, PATH=f"{path}/bin:{os.environ['PATH']}", GITHUB_STEP_SUMMARY="summary.md")
        for kind, block in blocks:
            if kind == "yaml":
                block = "\n".join(re.findall(r"^\s*(?:- )?((?:sudo )?alumet-agent .*)", block, re.MULTILINE))
                block = block.replace('sudo ', '').replace('--user "$USER" ', '')
            # Both are the same program: no limit is exceeded but by chance, and that is none of a snippet's.
            result = subprocess.run(["sh", "-c", block], env=environment, capture_output=True, text=True,
                                    timeout=300)
            check(f"snippet: {block.splitlines()[0]}",
                  result.returncode == 0 or "is above the limit" in result.stderr, result.stderr)
        check("GitHub's summary has the table", "| cpu |" in pathlib.Path("summary.md").read_text())
        check("GitLab's artifact has the table", "| cpu |" in pathlib.Path("cost.md").read_text())


main(runs_are_told_apart, summary_is_that_of_the_rows, first_failure_is_the_status, interrupt_ends_the_series,
     fifo_has_one_end, differences_are_found, single_runs_say_nothing_of_noise, markdown_fits_a_summary,
     snippets_of_docs_run)
