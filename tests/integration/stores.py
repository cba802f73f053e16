#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What docs/stores.md says, as it stands there: table, loading and the five questions in SQLite,
PostgreSQL, DuckDB and ClickHouse, each beside the answer that Python finds in the files. Every file
is loaded twice.
"""

import collections
import csv
import glob
import json
import os
import shutil
import subprocess

from lib import AGENT, READERS, agent, check, check_equal, folder, main, skip
import servers  # tests/ is in the path by lib
from stores_page import ASK_DUCKDB, PAGE, QUESTIONS


def make_runs(cwd):
    """Two runs of several processes, and a step of three ranks with different work."""
    script = ("/bin/true 'a;b' \"it's\"; sh -c 'exit 3'; sh -c 'kill -9 $$'; "
              "printf '%s' 'x\ny' | cat >/dev/null")
    options = ["-q", "--plugins", "perf,processes", "-e", "page-faults"]
    for number in (1, 2):
        agent(*options, "-o", f"processes:run{number}.csv", "exec", "sh", "-c", script, cwd=cwd)
    for rank in range(3):
        env = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3",
               "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)}
        burn = f"i=0; while [ $i -lt {5000 * (rank + 1)} ]; do i=$((i+1)); done"
        agent(*options, "-o", "processes:run-%j.%s-%r.csv", "exec", "sh", "-c", burn, cwd=cwd,
              env=env)
    (cwd / "processes.sql").write_text(PAGE.codes("The table")[0])
    return sorted(path.name for path in cwd.glob("run*.csv"))


class Truth:
    """The answers, from the files, by Python."""

    def __init__(self, cwd):
        self.rows = []
        for path in sorted(glob.glob(f"{cwd}/run*.csv")):
            with open(path, newline="", encoding="utf-8") as file:
                self.rows += csv.DictReader(file, delimiter=";")

    def group(self, keys, rows=None):
        groups = collections.defaultdict(list)
        for row in self.rows if rows is None else rows:
            groups[tuple(row[key] for key in keys)].append(row)
        return groups

    @staticmethod
    def total(rows, column):
        return sum(int(row[column] or 0) for row in rows)

    def answers(self):
        comms = self.group(["comm"])
        commands = sorted(([comm, len(rows), self.total(rows, "cpu_time_ns") / 1e9,
                            max(int(row["peak_rss_bytes"]) for row in rows)]
                           for (comm,), rows in comms.items()), key=lambda row: (-row[2], row[0]))
        failed = self.group(["comm", "status", "signal"],
                            [row for row in self.rows if int(row["status"] or 0) > 0])
        failures = sorted(([comm, int(status), signal, len(rows)]
                           for (comm, status, signal), rows in failed.items()),
                          key=lambda row: (-row[3], row[0], row[1]))
        waits = sorted(([comm, self.total(rows, "runqueue_wait_ns") / 1e9,
                         self.total(rows, "block_wait_ns") / 1e9]
                        for (comm,), rows in comms.items()), key=lambda row: (-row[1], row[0]))
        runs = sorted(([*key, min(row["started"] for row in rows), len(rows),
                        self.total(rows, "cpu_time_ns") / 1e9, None,
                        max(int(row["peak_rss_bytes"]) for row in rows)]
                       for key, rows in self.group(["run_id", "run"]).items()),
                      key=lambda row: row[2], reverse=True)
        ranks = [self.total(rows, "cpu_time_ns") / 1e9 for rows in
                 self.group(["rank"], [row for row in self.rows if row["rank"]]).values()]
        steps = [["7", "0", 3, min(ranks), max(ranks), max(ranks) * 3 / sum(ranks)]]
        return [commands[:10], failures[:10], waits[:10], runs[:20], steps]


def same(found, expected):
    if isinstance(expected, str):
        return (found or "") in (expected, "None" if not expected else expected)
    is_empty = found in ("", None, "None", "\\N", "NULL")
    if expected is None:  # no energy was attributed
        return is_empty
    number = 0.0 if is_empty else float(found)
    return abs(number - expected) <= 1e-9 + 1e-6 * abs(expected)


def check_answers(name, answers, truth):
    for number, (found, expected) in enumerate(zip(answers, truth), 1):
        check(f"{name}: question {number}", len(found) == len(expected) and all(
            len(row) == len(right) and all(map(same, row, right))
            for row, right in zip(found, expected)),
            lambda found=found, expected=expected: f"found {found}\nexpected {expected}")
    check_equal(f"{name}: as many answers as questions", len(answers), 5)


def shell(code, cwd, file="run.csv", env=None):
    done = subprocess.run(["sh", "-ec", code.replace("run.csv", file)], cwd=cwd, text=True,
                          capture_output=True, env={**os.environ, **(env or {})}, timeout=120)
    if done.returncode or done.stderr.strip():
        raise AssertionError(f"{code}\nstatus {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def table(text, delimiter):
    return [list(row) for row in csv.reader(text.splitlines(), delimiter=delimiter)]


def check_store(name, create, load, ask, files, truth):
    """Create the table, load each file twice, and ask the questions, each by a function."""
    create()
    for file in files * 2:
        load(file)
    check_answers(name, [ask(question) for question in QUESTIONS], truth)


def sqlite(cwd, files, truth):
    if not shutil.which("sqlite3"):
        return skip("SQLite", "sqlite3 is not installed (tools/setup.sh stores)")
    create, load = PAGE.codes("SQLite")

    def ask(question):
        return table(subprocess.run(["sqlite3", "-csv", "runs.db", question], cwd=cwd, text=True,
                                    capture_output=True, check=True).stdout, ",")

    return check_store("SQLite", lambda: shell(create, cwd), lambda file: shell(load, cwd, file),
                       ask, files, truth)


def postgresql(cwd, files, truth):
    if servers.Postgres.missing():
        return skip("PostgreSQL", servers.Postgres.missing())
    create, load = PAGE.codes("PostgreSQL")
    with servers.Postgres() as server:
        env = {**server.env, "PGOPTIONS": "-c client_min_messages=warning"}

        def ask(question):
            return table(shell(f"psql --csv -t <<'EOF'\n{question};\nEOF", cwd, env=env), ",")
        return check_store("PostgreSQL", lambda: shell(create, cwd, env=env),
                           lambda file: shell(load, cwd, file, env), ask, files, truth)


def duckdb(cwd, truth):
    if not READERS.exists():
        return skip("DuckDB", f"{READERS} is not there: tools/setup.sh test installs it")
    load, keep = PAGE.codes("DuckDB")
    statements = [PAGE.codes("The table")[0], load, load, keep, *QUESTIONS]
    done = subprocess.run([READERS, "-c", ASK_DUCKDB], cwd=cwd, input=json.dumps(statements),
                          capture_output=True, text=True, timeout=120)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if not check_equal("DuckDB: the statements run", (done.returncode, len(answers)),
                       (0, len(statements))):
        return print(done.stderr)
    check_answers("DuckDB", answers[-5:], truth)
    return check("DuckDB: Parquet", (cwd / "processes.parquet").stat().st_size > 0)


def clickhouse(cwd, files, truth):
    if servers.ClickHouse.missing():
        return skip("ClickHouse", servers.ClickHouse.missing())
    create, load = PAGE.codes("ClickHouse")
    # Debian's reads an empty number as 0.
    truth = [[[0 if value is None else value for value in row] for row in rows] for rows in truth]
    with servers.ClickHouse() as server:
        return check_store("ClickHouse", lambda: server.ask(create),
                           lambda file: shell(load, cwd, file, {"CLICKHOUSE": server.url}),
                           lambda question: [line.split("\t") for line in
                                             server.ask(question).splitlines()], files, truth)


def stores():
    check("the program", os.access(AGENT, os.X_OK))
    with folder() as cwd:
        files = make_runs(cwd)
        truth = Truth(cwd).answers()
        check_equal("runs", files, ["run-7.0-0.csv", "run-7.0-1.csv", "run-7.0-2.csv", "run1.csv",
                                    "run2.csv"])
        sqlite(cwd, files, truth)
        postgresql(cwd, files, truth)
        duckdb(cwd, truth)
        clickhouse(cwd, files, truth)


if __name__ == "__main__":
    main(stores)
