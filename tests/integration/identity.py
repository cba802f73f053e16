#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The transform context and the output processes: which run, host and job a row is of, and one row for
each process, beside what the CSV rows say of the same run.
"""

import csv
import datetime
import os
import pathlib
import re

from lib import agent, check, check_equal, folder, main, parse, text

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
ALL = ["-q", "--plugins", "context,perf,csv,processes", "-e", "task-clock,page-faults"]
JOB = {"TRACEPARENT": f"00-{TRACE}-{SPAN}-01", "SLURM_JOB_ID": "42", "SLURM_STEP_ID": "3",
       "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "5", "SLURM_LOCALID": "0"}
WHERE = {"run_id": TRACE, "hostname": os.uname().nodename, "job_id": "42", "step": "3",
         "rank": "5", "task": "0",
         "boot_id": pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()}
SCRIPT = "/bin/true 'a;b' \"it's\"; sh -c 'kill -9 $$'; /bin/false; exit 3"


def nanoseconds(stamp):
    seconds, fraction = stamp[:-1].split(".")
    moment = datetime.datetime.fromisoformat(seconds + "+00:00")
    return int(moment.timestamp()) * 10**9 + int(fraction)


def processes(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def every_row_says_where():
    with folder() as cwd:
        result = agent(*ALL, "-o", "out.csv", "-o", "processes:p.csv", "exec", "sh", "-c", SCRIPT,
                       cwd=cwd, env=JOB)
        check_equal("context: the command's status", result.returncode, 3)
        rows = parse((cwd / "out.csv").read_bytes())
        lacking = [row for row in rows
                   if any(text(row.attributes.get(key)) != value for key, value in WHERE.items())]
        check("context: every row says run, host, boot, job, step, rank and task",
              rows and not lacking, lambda: str(lacking[:3]))
        first = rows[0]
        check_equal("run_info is the first row", (first.metric, first.value,
                    [row.metric for row in rows].count("run_info")), ("run_info", 1, 1))
        info = {key: text(value) for key, value in first.attributes.items()}
        check_equal("run_info: kernel, CPUs, user, span of the caller",
                    [info.get(key) for key in ("kernel", "cpus", "uid", "parent_span")], [
                        os.uname().release,
                        str(os.sysconf("SC_NPROCESSORS_ONLN")),
                        str(os.getuid()), SPAN])
        check("run_info: what the kernel says of its clock",
              info.get("clock_synchronized") in ("true", "false")
              and info.get("clock_max_error_us", "").isdigit(), str(info))
        check_equal("run_info: how values follow each other", info.get("values"), "cumulative")
        check("run_info: the command", info["args"].startswith("sh -c '/bin/true"), info["args"])
        compare(rows, processes(cwd / "p.csv"))


def compare(rows, wide):
    """The output processes beside the rows, whose reader is another one."""
    exits = {row.consumer[1]: row for row in rows if row.metric == "process_exit"}
    check_equal("processes: one row for each", sorted(int(row["pid"]) for row in wide),
                sorted(exits))
    faults = {row.consumer[1]: row.value for row in rows
              if row.metric == "perf_software_PAGE_FAULTS"}
    clock = {row.consumer[1]: row.value for row in rows
             if row.metric == "perf_software_TASK_CLOCK"}
    for row in wide:
        end = exits[int(row["pid"])]
        attributes = {key: text(value) for key, value in end.attributes.items()}
        found = {
            "status": int(row["status"]), "signal": row["signal"] or None, "comm": row["comm"],
            "wall": row["wall_time_ns"], "end": nanoseconds(row["finished"]),
            "rss": row["peak_rss_bytes"], "faults": int(row["page_faults"]), "clock": int(
                row["task_clock"]), "threads": row["threads"], "where": {
                    key: row[key]
                    for key in WHERE}}
        expected = {"status": end.value, "signal": attributes.get("signal"),
                    "comm": attributes["comm"], "wall": attributes["wall-time"], "end": end.time,
                    "rss": attributes["peak-rss"], "faults": faults[int(row["pid"])],
                    "clock": clock[int(row["pid"])], "threads": attributes["threads"],
                    "where": WHERE}
        check_equal(f"processes: {row['args'][:20]}", found, expected)
    root = next(row for row in wide if row["root"] == "1")
    check("processes: a parent is found by pid and start", all(
        (row["ppid"], row["parent_started"]) == (root["pid"], root["started"])
        for row in wide if row is not root) and root["ppid"] == "", str(wide))
    check_equal("processes: arguments keep their boundaries",
                [row["args"] for row in wide if row["comm"] == "true"],
                ["/bin/true a;b 'it'\\''s'"])


def columns():
    with folder() as cwd:
        agent(*ALL, "-o", "out.csv", "--config-override", "plugins.csv.attributes_as_columns=true",
              "exec", "true", cwd=cwd, env=JOB)
        lines = (cwd / "out.csv").read_text().splitlines()
        rows = list(csv.DictReader(lines, delimiter=";"))
        check("context: columns", rows and all(
            {key: row[key] for key in WHERE} == WHERE for row in rows), lines[0])


def off_by_default():
    with folder() as cwd:
        agent("-q", "exec", "true", cwd=cwd, env={"TRACEPARENT": JOB["TRACEPARENT"]})
        data = (cwd / "alumet-output.csv").read_text()
        first, *rows = parse(data.encode())
        check("without context only the first row says where", TRACE not in data and rows and
              not any(set(WHERE) & set(row.attributes) for row in rows), data)
        info = {key: text(value) for key, value in first.attributes.items()}
        check_equal("without context: the first row is about the run", [first.metric] +
                    [info.get(key) for key in ("args", "hostname", "kernel", "cpus")], [
                        "run_info", "true",
                        os.uname().nodename,
                        os.uname().release,
                        str(os.sysconf("SC_NPROCESSORS_ONLN"))])
        model = re.search(r"^model name\s*: (.*)$",
                          pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        check_equal("run_info: the CPU's name", info.get("cpu"), model and model[1].strip())
        check_equal("run_info: the memory", int(info.get("memory", 0)) // 1024, int(re.search(
            r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]))
        check_equal("no file of processes", sorted(os.listdir(cwd)), ["alumet-output.csv"])
        env = {key: JOB["TRACEPARENT"] for key in ["TRACEPARENT"]}
        result = agent(*ALL, "exec", "env", cwd=cwd, env=env)
        check("the command's environment is left alone",
              f"TRACEPARENT={JOB['TRACEPARENT']}" in result.stdout.splitlines(), result.stdout)


def runs_of_a_series():
    with folder() as cwd:
        agent(*ALL, "-r", "3", "-o", "processes:p.csv", "exec", "true", cwd=cwd)
        rows = processes(cwd / "p.csv")
        check_equal("a series: its runs", [row["run"] for row in rows], ["1", "2", "3"])
        check_equal("a series: each run has an id of its own",
                    len({row["run_id"] for row in rows}), 3)
        agent(*ALL, "--config-override", "plugins.processes.append=true", "-o", "processes:p.csv",
              "exec", "true", cwd=cwd)
        check_equal("append adds rows under one header", len(processes(cwd / "p.csv")), 4)
        before = (cwd / "p.csv").read_bytes()
        result = agent(*ALL, "--config-override", "plugins.processes.append=true",
                       "-e", "context-switches", "-o", "processes:p.csv", "exec", "true", cwd=cwd)
        check("append refuses other columns",
              result.returncode == 125 and "header" in result.stderr, result.stderr)
        check_equal("and leaves the file as it was", (cwd / "p.csv").read_bytes(), before)


def odd_names():
    """Stores want UTF-8; a name may be any bytes."""
    with folder() as cwd:
        name = os.fsencode(str(cwd)) + b"/a\xff\"\n;b"
        os.symlink("/bin/true", name)
        agent(*ALL, "-o", "processes:p.csv", "exec", os.fsdecode(name), cwd=cwd)
        row = processes(cwd / "p.csv")[0]
        check_equal("a name of odd bytes", row["comm"], 'a\ufffd"\n;b')


if __name__ == "__main__":
    main(every_row_says_where, columns, off_by_default, runs_of_a_series, odd_names)
