#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Series of runs, and comparisons of real runs: what is in the file, what is said, with which exit
status."""

import base64
import contextlib
import csv
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import zlib

from lib import AGENT, ROOT, check, check_equal, folder, main, skip, wait_until
from saved_runs import HEADER, of  # tests/ is in the path by lib

NUMBERS = "seq 3000 | sort -n >/dev/null"
MORE_NUMBERS = "seq 30000 | sort -n >/dev/null; ls / >/dev/null"


@contextlib.contextmanager
def inside():
    """A folder of its own, as the working directory."""
    with folder() as path, contextlib.chdir(path):
        yield path


def agent(*arguments, status=0):
    """What it writes to stdout and to stderr."""
    result = subprocess.run([AGENT, *map(str, arguments)], capture_output=True, text=True,
                            timeout=120)
    if result.returncode != status:
        raise AssertionError(f"status {result.returncode}, not {status}: {result.stderr}")
    return result.stdout, result.stderr


def series(path, script, runs=6, *more):
    agent("exec", "-q", "-r", runs, "-o", path, "-e", "page-faults", *more, "sh", "-c", script)
    return pathlib.Path(path)


def rows(path):
    """The rows, each with its late attributes as a dictionary (none of those used here is escaped).
    """
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            row["late"] = dict(
                part.split("=", 1) for part in (row["__late_attributes"] or "").split(",")
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
        check_equal("each row has its run", {row["late"].get("run")
                                             for row in found}, {"1", "2", "3"})
        exits = [row["late"]["run"] for row in found if row["metric"] == "process_exit"]
        check_equal("each run has its own processes", [exits.count(n) for n in "123"], [3, 3, 3])
        agent("exec", "-q", "-o", "one.csv", "true")
        check("a single run has no such attribute",
              all("run" not in row["late"] for row in rows("one.csv")))


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
        check(
            "mean and deviation",
            abs(whole["page-faults"]["mean"] - statistics.mean(sums)) < 1e-9 and
            abs(whole["page-faults"]["sd"] - statistics.stdev(sums)) < 1e-9, whole["page-faults"])
        agent("exec", "--summary=json:said.json", "-r", 2, "-o", "run.csv", "true")
        check_equal("into a file", json.loads(pathlib.Path("said.json").read_text())["runs"], 2)


def added_runs_go_on_counting():
    """With append = true each run of the file has a number of its own, and a summary is of its
    series."""
    with inside():
        options = ("-o", "run.csv", "-e", "page-faults", "--config-override",
                   "plugins.csv.append=true")
        agent("exec", "-q", *options, "true")
        agent("exec", "-q", "-r", 2, *options, "true")
        agent("exec", "-q", *options, "true")
        _, said = agent("exec", "--summary=json", "-r", 3, *options, "sh", "-c",
                        "true; true | true")
        found = list(rows("run.csv"))
        numbers = [row["late"].get("run") for row in found if row["metric"] == "process_exit"]
        check_equal("runs that are added: numbers", numbers,
                    [None, "2", "3", "4"] + [n for n in "567" for _ in range(3)])
        check_equal("runs that are added: the summary is of the last",
                    json.loads(said.splitlines()[-1])["lines"][0]["processes"]["values"], [3, 3, 3])
        report = json.loads(agent("report", "--format", "json", "run.csv")[0])
        check_equal("runs that are added: the report tells them apart",
                    [run.get("id") for run in report["runs"]], [None, "2", "3", "4", "5", "6", "7"])
        check_equal("runs that are added: each has its processes",
                    [sum(process["run"] == i for process in report["processes"])
                     for i in range(7)], [1, 1, 1, 1, 3, 3, 3])


def configured_summary():
    """[plugins.summary] counts for a series too, and an option beats it."""
    with inside():
        pathlib.Path("alumet-config.toml").write_text(
            '[plugins.summary]\nmode = "json"\noutput_path = "said.json"\n')
        _, said = agent("exec", "-r", 2, "-o", "run.csv", "true")
        check_equal("mode and output_path: the file",
                    json.loads(pathlib.Path("said.json").read_text())["runs"], 2)
        check("mode and output_path: nothing else", "2 runs" not in said, said)
        pathlib.Path("alumet-config.toml").write_text('[plugins.summary]\nmode = "none"\n')
        _, said = agent("exec", "-r", 2, "-o", "run.csv", "true")
        check("mode = \"none\"", "runs" not in said, said)
        _, said = agent("exec", "--summary=short", "-r", 2, "-o", "run.csv", "true")
        check("an option beats it", "2 runs" in said, said)


def first_failure_is_the_status():
    with inside():
        script = "echo x >>times; case $(wc -l <times) in 2) exit 3 ;; 3) exit 4 ;; esac"
        agent("exec", "-q", "-r", 4, "-o", "run.csv", "sh", "-c", script, status=3)
        check_equal("the others were run", len(pathlib.Path("times").read_text().split()), 4)
        agent("exec", "-q", "-r", 4, "-o", "run.csv", "no-such-command-anywhere", status=127)


def failed_runs_are_named():
    with inside():
        script = "echo x >>times; case $(wc -l <times) in 2) exit 3 ;; 3) exit 4 ;; esac"
        _, said = agent("exec", "-r", 4, "-o", "run.csv", "sh", "-c", script, status=3)
        check("a series is headed by its command", f"\nsh -c {script}\n4 runs\n" in said, said)
        check("a series: which runs failed",
              "\n2 of 4 runs failed: run 2 (exit 3), run 3 (exit 4)\n" in said, said)
        check("a series: where its rows are", said.endswith("\nrows in run.csv\n"), said)
        pathlib.Path("times").unlink()
        _, said = agent("exec", "--summary=json", "-r", 4, "-o", "run.csv", "sh", "-c", script,
                        status=3)
        found = json.loads(said.splitlines()[-1])
        failed = [("2", "exit 3"), ("3", "exit 4")]
        check_equal("a series as JSON", (
            found["command_line"], [(run["run"], run["outcome"]) for run in found["failed"]],
            found["files"]), (f"sh -c {script}", failed, ["run.csv"]))
        series("good.csv", "true", 2)
        text = agent("compare", "good.csv", "run.csv")[0]
        line = "2 of 4 runs of new failed: run.csv run 2 (exit 3), run.csv run 3 (exit 4)"
        check("compare: which runs failed", line in text and "of base failed" not in text, text)
        text = agent("compare", "--format", "markdown", "run.csv", "good.csv")[0]
        check("compare: which runs failed, as Markdown", line.replace("new", "base") in text, text)
        found = json.loads(agent("compare", "--format", "json", "good.csv", "run.csv")[0])
        check_equal("compare: which runs failed, as JSON",
                    [(run["side"], run["file"], run["run"], run["outcome"])
                     for run in found["failed_runs"]],
                    [("new", "run.csv", *run) for run in failed])


def interrupt_ends_the_series():
    with inside():
        process = subprocess.Popen([AGENT, "exec", "-q", "-r", "50", "-o", "run.csv", "sh", "-c",
                                    "echo x >>times; exec sleep 0.3"])
        times = pathlib.Path("times")
        wait_until(lambda: times.exists() and len(times.read_text().split()) >= 3, 60)
        process.send_signal(signal.SIGINT)
        check_equal("status of the interrupted run", process.wait(60), 128 + signal.SIGINT)
        check("what was measured is kept", {"1", "2"}
              <= {row["late"]["run"]
                  for row in rows("run.csv")})
        check("no further runs", len(pathlib.Path("times").read_text().split()) < 10)


def fifo_has_one_end():
    with inside():
        os.mkfifo("rows")
        reader = subprocess.Popen(["cat", "rows"], stdout=subprocess.PIPE, text=True)
        agent("exec", "-q", "-r", 3, "-o", "rows", "true")
        text = reader.communicate(timeout=60)[0]
        check_equal("all runs to one reader", [f"run={n}" in text for n in (1, 2, 3)], [True] * 3)


def differences_are_found():
    """Of processes: what is counted may be an estimate, see estimates_are_no_differences()."""
    with inside():
        base, new = series("base.csv", NUMBERS), series("new.csv", MORE_NUMBERS)
        found = json.loads(agent("compare", "--format", "json", base, new)[0])
        totals = {test["quantity"]: test["verdict"] for test in found["totals"]}
        check_equal("processes: more", totals["processes"], "more")
        check_equal("a command that came", (found["came"], found["went"]), (["sh > ls"], []))
        text = agent("compare", base, new)[0]
        check("text says so", "MORE" in text and "Only in new:\n    sh > ls" in text, text)
        _, said = agent("compare", "--fail-above", "processes=5%", base, new, status=1)
        check("--fail-above: status 1, and what broke it", "processes: +" in said, said)
        agent("compare", "--fail-above", "processes=5%", new, base)
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
        check("one run each: it says so", "noise cannot be estimated" in text, text)
        found = json.loads(agent("compare", "--format", "json", "base-*.csv", "new-*.csv")[0])
        check_equal("patterns", (found["base_runs"], found["new_runs"]), (5, 5))
        totals = {test["quantity"]: test["verdict"] for test in found["totals"]}
        check_equal("several files of one run", totals["processes"], "more")


def what_is_not_whole_is_left_out():
    """Rows are missing at the end, as when the agent was killed: such a run is a cheap one."""
    with inside():
        whole = series("whole.csv", NUMBERS, 3).read_text(encoding="utf-8")
        lines = whole.splitlines(keepends=True)
        check("a run ends with run_end", lines[-1].startswith("run_end;") and
              sum(line.startswith("run_end;") for line in lines) == 3, lines[-1])
        pathlib.Path("cut.csv").write_text("".join(lines[:-1]), encoding="utf-8")
        found, said = agent("compare", "--format", "json", "whole.csv", "cut.csv")
        check_equal("two of three are left", [json.loads(found)[key] for key in (
            "base_runs", "new_runs", "interrupted_runs")], [3, 2, 1])
        check("it is said which", "the last rows of run 3 are missing" in said, said)
        one = [line for line in lines if "run=1," in line or "run=1\n" in line]
        pathlib.Path("head.csv").write_text("".join([lines[0], *one[:-2]]), encoding="utf-8")
        agent("compare", "--fail-above", "wall=5%", "whole.csv", "head.csv", status=125)
        text, said = agent("report", "head.csv")
        check("report says so", "last rows of run 1 are missing" in " ".join(text.split())
              and "last rows of run 1 are missing" in said, text)
        page = agent("report", "--format", "html", "head.csv")[0]
        data = zlib.decompress(base64.b64decode(re.search('id="data">([^<]+)', page)[1]))
        check("the page says so", b"last rows of run 1 are missing" in data, data[:2000])
        found = json.loads(agent("report", "--format", "json", "head.csv")[0])
        check_equal("json says so", (len(found["notes"]), found["runs"][0]["complete"]),
                    (1, False))


def estimated(path, faults, bound):
    """One process, whose page faults may be wrong by bound."""
    who = of(7)
    pathlib.Path(path).write_text(
        HEADER + f"process_info;2025-11-26T10:00:00.0Z;1;{who}comm=a,ppid=1\n"
        f"perf_software_PAGE_FAULTS;2025-11-26T10:00:01.0Z;{faults};{who}estimated={bound}\n"
        f"process_exit;2025-11-26T10:00:01.0Z;0;{who}comm=a,cpu-time=5\n", encoding="ascii")
    return path


def estimates_are_no_differences():
    with inside():
        base = estimated("base.csv", 800, 400)
        near, far = estimated("near.csv", 1200, 12), estimated("far.csv", 4000, 2000)
        text, said = agent("compare", "--fail-above", "page-faults=5%", base, near)
        check("a difference within estimates: no limit is exceeded",
              "within what is estimated" in said, said)
        check("a difference within estimates: it is said", "~800 " in text and
              re.search(r"^page-faults .* 1200 .*within what is estimated", text, re.MULTILINE),
              text)
        agent("compare", "--fail-above", "page-faults=5%", base, far, status=1)
        found = [{test["quantity"]: test for test in json.loads(
            agent("compare", "--format", "json", base, new)[0])["totals"]}["page-faults"]
                 for new in (near, far)]
        check_equal("estimates as JSON", [test.get("within_estimates") for test in found] +
                    [found[0]["base"]["estimated"]], [True, None, 400])


def peaks(path, command, child):
    """The command's peak memory may be all the agent's; that of its child is exact."""
    rows = "".join(
        f"process_info;2025-11-26T10:00:00.0Z;1;{of(pid)}comm={comm},ppid={pid - 1}\n"
        f"process_exit;2025-11-26T10:00:0{9 - pid}.0Z;0;{of(pid)}comm={comm},cpu-time=5,{peak}\n"
        for pid, comm, peak in ((8, "b", f"peak-rss={child}"), (
            7, "a", f"peak-rss={command},peak-rss-estimated={command}")))
    pathlib.Path(path).write_text(HEADER + rows, encoding="ascii")
    return path


def the_largest_peak_may_be_exact():
    with inside():
        base = peaks("base.csv", 5000, 6000)
        for name, new, within in (("more of the child", peaks("child.csv", 5000, 7000), None),
                                  ("of the command", peaks("command.csv", 9000, 6000), True)):
            found = {test["quantity"]: test for test in json.loads(
                agent("compare", "--format", "json", base, new)[0])["totals"]}["peak-rss"]
            check_equal(f"peaks: {name}", found.get("within_estimates"), within)


def made_series(path, count, scale):
    """Three runs of a shell with so many commands of different, long names that Markdown may obey.
    """
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for run in (1, 2, 3):
            time_of = f"2025-11-26T10:0{run}:0"
            for pid in range(1, count + 2):
                cpu = scale * (1_000_000 + pid + run)
                late = f"comm={'c' * 200}<b>|`{pid},cpu-time={cpu},ppid={1 if pid > 1 else 0}," \
                       f"run={run},start={time_of}0.000000000Z"
                for metric in ("process_info", "process_exit"):
                    file.write(
                        f"{metric};{time_of}1.000000000Z;0;{of(pid)}{late}\n")


def files_of_others_are_written_if_told_to():
    """--trust-others holds for the report and the summary of a series, too."""
    with inside() as path:
        if os.geteuid() != 0:
            return skip("others' files", "only root can make them")
        os.chmod(path, 0o1777)
        for name in ("run.csv", "run.json", "said.json"):
            pathlib.Path(name).touch()
            os.chown(name, 65534, -1)
        command = ("exec", "-r", 2, "--report=json", "--summary=json:said.json", "-o", "run.csv")
        said = agent(*command, "true", status=125)[1]
        check("others' files are refused", "belongs to somebody else" in said, said)
        agent("--trust-others", *command, "true")
        check("others' files are written with --trust-others",
              all(json.loads(pathlib.Path(name).read_text())
                  for name in ("run.json", "said.json")))


def what_was_asked_for_is_compared():
    """Values that the kernel keeps are events of -e, too, and have limits."""
    with inside():
        agent("exec", "-q", "-e", "write-chars,user-time", "-o", "a.csv", "echo", "a")
        agent("exec", "-q", "-e", "write-chars,user-time", "-o", "b.csv", "echo", "ab")
        text = agent("compare", "a.csv", "b.csv")[0]
        check("values of the kernel are compared", re.search(
            r"^write-chars +2 B +3 B +\+50", text, re.MULTILINE) and "user-time" in text, text)
        said = agent("compare", "--fail-above", "write-chars=5%", "a.csv", "b.csv", status=1)[1]
        check("and have limits", "write-chars: +50.0 %" in said, said)


def wall_time_is_that_of_the_summary():
    with inside():
        agent("exec", "-q", "--wait-tree", "-r", 2, "-o", "tree.csv", "sh", "-c", "sleep 0.3 &")
        found = json.loads(agent("compare", "--format", "json", "tree.csv", "tree.csv")[0])
        runs = json.loads(agent("report", "--format", "json", "tree.csv")[0])["runs"]
        wall = next(test for test in found["totals"] if test["quantity"] == "wall")["base"]["mean"]
        check("with --wait-tree: until the last process has ended",
              abs(wall - statistics.mean(run["wall_ns"] for run in runs)) < 1 and wall > 3e8, wall)


def watches_are_compared():
    """What is watched usually lives on: the watch has come to its end nevertheless."""
    with inside(), subprocess.Popen(["sleep", "60"]) as sleeper:
        for name in ("a.csv", "b.csv"):
            agent("watch", "-q", "--for", "0.1s", "-o", name, sleeper.pid)
        text = agent("compare", "a.csv", "b.csv")[0]
        check("watches are compared", "base: 1 run, new: 1 run\n" in text, text)
        sleeper.kill()


def markdown_fits_a_summary():
    with inside():
        made_series("base.csv", 100_000, 1)
        made_series("new.csv", 100_000, 2)
        text = agent("compare", "--format", "markdown", "base.csv", "new.csv")[0]
        check("100 000 commands: below 1 MiB", len(text.encode()) < 2**20, len(text.encode()))
        check("names mean nothing to Markdown", "<b>" not in text and "&lt;b>\\|\\`" in text,
              text[:3000])


def snippets_of_docs_run():
    """The commands of docs/ci.md; its jobs are run by ci.py."""
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    check_equal("snippets", len(blocks), 3)
    with inside() as path:
        pathlib.Path("base").mkdir()
        for name in ("base/bench", "bench"):
            pathlib.Path(name).write_text("#!/bin/sh\nseq 3000 | sort -n >/dev/null\n",
                                          encoding="ascii")
            os.chmod(name, 0o755)
        (path / "bin").mkdir()
        (path / "bin" / "alumet-agent").symlink_to(AGENT)
        environment = dict(os.environ, PATH=f"{path}/bin:{os.environ['PATH']}")
        for block in blocks:
            # Both are the same program: no limit is exceeded but by chance, and that is none of a
            # snippet's.
            result = subprocess.run(["sh", "-c", block], env=environment, capture_output=True,
                                    text=True, timeout=300)
            check(f"snippet: {block.splitlines()[0]}",
                  result.returncode == 0 or "is above the limit" in result.stderr, result.stderr)


main(runs_are_told_apart, summary_is_that_of_the_rows, added_runs_go_on_counting,
     configured_summary, first_failure_is_the_status, failed_runs_are_named,
     interrupt_ends_the_series, fifo_has_one_end,
     differences_are_found, what_is_not_whole_is_left_out, single_runs_say_nothing_of_noise,
     estimates_are_no_differences, the_largest_peak_may_be_exact,
     files_of_others_are_written_if_told_to,
     what_was_asked_for_is_compared, wall_time_is_that_of_the_summary, watches_are_compared,
     markdown_fits_a_summary,
     snippets_of_docs_run)
