#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Sizes and times of docs/stores.md: one real command is measured, and its rows are written again and
again as runs of their own (another run_id, later times, other pids), so that a store gets what
months of such runs would give it. Then the statements of docs/stores.md are run on each store.

    stores.py [--runs N] [--folder FOLDER] [--stores sqlite,duckdb,clickhouse,postgresql] -- CMD...
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration")]
import servers  # noqa: E402
from lib import AGENT, READERS  # noqa: E402
from stores_page import ASK_DUCKDB, PAGE, QUESTIONS  # noqa: E402

REPEATS = 3
TIMES = ("started", "parent_started", "finished")
PIDS = ("pid", "ppid")
DAY_NS = 86400 * 10**9


def measure(command, folder):
    """The rows of the command's processes, and how many rows the output csv has for them."""
    subprocess.run([AGENT, "-q", "--plugins", "perf,csv,processes", "-e", "page-faults",
                    "-o", f"{folder}/long.csv", "-o", f"processes:{folder}/one.csv", "exec", "--",
                    *command], check=True, stdout=subprocess.DEVNULL)
    with open(f"{folder}/one.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    with open(f"{folder}/long.csv", newline="", encoding="utf-8", errors="replace") as file:
        return rows, sum(1 for _ in csv.reader(file, delimiter=";")) - 1


def nanoseconds(stamp):
    seconds, fraction = stamp[:-1].split(".")
    return int(
        datetime.datetime.fromisoformat(seconds + "+00:00").timestamp()) * 10**9 + int(fraction)


def stamp(ns):
    moment = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z"


def multiply(rows, runs, path):
    """The rows as that many runs, a quarter of a day apart."""
    moments = [{key: nanoseconds(row[key]) for key in TIMES if row[key]} for row in rows]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(rows[0])
        for run in range(runs):
            identity = f"{run:032x}"
            shift = run * DAY_NS // 4
            for row, moment in zip(rows, moments):
                made = dict(row, run_id=identity)
                for key, ns in moment.items():
                    made[key] = stamp(ns + shift)
                for key in PIDS:
                    if row[key]:
                        made[key] = (int(row[key]) + run * 7919) % 4194304
                writer.writerow(made.values())


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


def best(action):
    return min(timed(action) for _ in range(REPEATS))


def shell(code, cwd, env=None):
    subprocess.run(["sh", "-ec", code], cwd=cwd, check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, **(env or {})})


def size(*paths):
    return sum(file.stat().st_size for path in paths for file in
               ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def sqlite(folder):
    create, load = PAGE.codes("SQLite")
    shell(create, folder)
    loading = timed(lambda: shell(load, folder))
    return loading, size(folder / "runs.db"), [
        best(lambda q=q: subprocess.run(["sqlite3", "runs.db", q], cwd=folder, check=True,
                                        stdout=subprocess.DEVNULL)) for q in QUESTIONS]


# DuckDB is part of the program that asks: without the start of Python.
TIME_DUCKDB = """
import json, sys, time, duckdb
view, questions, repeats = json.load(sys.stdin)
connection = duckdb.connect()
connection.sql(view)
def timed(question):
    start = time.monotonic()
    connection.sql(question).fetchall()
    return time.monotonic() - start
print(json.dumps([min(timed(question) for _ in range(repeats)) for question in questions]))
"""


def duckdb(folder):
    """Over Parquet: a view on the file that COPY has written."""
    load, keep = PAGE.codes("DuckDB")

    def ask(*statements):
        subprocess.run([READERS, "-c", ASK_DUCKDB], cwd=folder, input=json.dumps(statements),
                       text=True, check=True, stdout=subprocess.DEVNULL)
    # Without the key: what one file has, it has once.
    view = load.replace("INSERT OR IGNORE INTO processes", "CREATE VIEW processes AS")
    loading = timed(lambda: ask(view, keep))
    over = "CREATE VIEW processes AS SELECT * REPLACE (" + ", ".join(
        f"TRY_CAST({column} AS {kind}) AS {column}" for column, kind in NUMBERS.items()
    ) + ") FROM 'processes.parquet'"
    asked = subprocess.run([READERS, "-c", TIME_DUCKDB], cwd=folder, text=True, check=True,
                           input=json.dumps([over, QUESTIONS, REPEATS]), stdout=subprocess.PIPE)
    return loading, size(folder / "processes.parquet"), json.loads(asked.stdout)


NUMBERS = {column: "DOUBLE" if "joules" in column else "BIGINT" for column in
           ("status run cpu_time_ns peak_rss_bytes runqueue_wait_ns block_wait_ns "
            "attributed_energy_joules").split()}


def clickhouse(folder):
    create, load = PAGE.codes("ClickHouse")
    with servers.ClickHouse() as server:
        server.ask(create)
        loading = timed(lambda: shell(load, folder, {"CLICKHOUSE": server.url}))
        times = [best(lambda q=q: server.ask(q)) for q in QUESTIONS]
        # Without the parts from which OPTIMIZE has made one: the server removes them later.
        bytes_ = server.ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active "
                            "AND table = 'processes'")
        return loading, int(bytes_), times


def postgresql(folder):
    create, load = PAGE.codes("PostgreSQL")
    with servers.Postgres() as server:
        shell(create, folder, server.env)
        loading = timed(lambda: shell(load, folder, server.env))
        shell("psql -qc 'VACUUM ANALYZE processes'", folder, server.env)
        bytes_ = int(subprocess.run(
            ["psql", "-tAc", "SELECT pg_total_relation_size('processes')"], check=True, text=True,
            capture_output=True, env={**os.environ, **server.env}).stdout)
        times = [best(lambda q=q: subprocess.run(
            ["psql", "-qc", q], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, **server.env})) for q in QUESTIONS]
        return loading, bytes_, times


STORES = {"sqlite": sqlite, "duckdb": duckdb, "clickhouse": clickhouse, "postgresql": postgresql}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--runs", type=int, default=2583)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--stores", default=",".join(STORES))
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="alumet-stores-"))
    folder.mkdir(exist_ok=True)
    try:
        rows, long_rows = measure(options.command, folder)
        (folder / "processes.sql").write_text(PAGE.codes("The table")[0])
        wide = folder / "run.csv"
        multiply(rows, options.runs, wide)
        print(f"{len(rows)} processes and {long_rows} rows a run; {options.runs} runs: "
              f"{len(rows) * options.runs} processes, {long_rows * options.runs} rows")
        print(f"file of processes: {wide.stat().st_size / 1e6:.0f} MB; rows of the output csv: "
              f"{(folder / 'long.csv').stat().st_size * options.runs / 1e6:.0f} MB", flush=True)
        if shutil.which("zstd"):
            taken = timed(lambda: shell("zstd -qf run.csv -o run.zst", folder))
            print(f"zstd: {(folder / 'run.zst').stat().st_size / 1e6:.0f} MB in {taken:.1f} s")
        for name in options.stores.split(","):
            loading, bytes_, times = STORES[name](folder)
            print(f"{name}: loaded in {loading:.1f} s, {bytes_ / 1e6:.0f} MB, questions "
                  + ", ".join(f"{each:.2f}" for each in times) + " s", flush=True)
    finally:
        if not options.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
