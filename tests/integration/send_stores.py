#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send into InfluxDB, VictoriaMetrics and ClickHouse of Debian's packages, and to servers
that take what InfluxDB 2 and OpenTelemetry do. What was sent is read by the stores themselves and
by OpenTelemetry's own message classes.
"""

import gzip
import json
import os
import urllib.parse

from lib import READERS, check, check_equal, check_run, folder, main, skip, wait_until
import servers  # tests/ is in the path by lib
from influxdb_2 import InfluxDB2
from sending import SPAN, TOKEN, TRACE, faults_of_commands, make_run, read_traces, send
from served import server
from stores_page import PAGE


def influxdb():
    if servers.InfluxDB.missing():
        return skip("InfluxDB", servers.InfluxDB.missing())
    with folder() as cwd, servers.InfluxDB() as store:
        expected = faults_of_commands(make_run(cwd))
        store.get("/query?q=CREATE+DATABASE+a", b"")
        for _ in range(2):
            check_run("InfluxDB: sent", send(cwd, f"influx+{store.url}/write?db=a"), 0)
        query = urllib.parse.quote("select value, resource_consumer_id, job_id from "
                                   "perf_software_PAGE_FAULTS where "
                                   "resource_consumer_kind = 'command'")
        answer = json.loads(store.get(f"/query?db=a&epoch=ns&q={query}"))
        found = answer["results"][0]["series"][0]["values"]
        check_equal("InfluxDB: sums of commands, once though sent twice",
                    {row[2]: row[1] for row in found}, expected)
        check_equal("InfluxDB: as many points as commands", len(found), len(expected))
        check_equal("InfluxDB: the job", {row[3] for row in found}, {"job 7,a=b"})
        check_run("InfluxDB: a database that is not there",
                  send(cwd, f"influx+{store.url}/write?db=b"), 1, "database not found", "not all")


def victoria_metrics():
    if servers.VictoriaMetrics.missing():
        return skip("VictoriaMetrics", servers.VictoriaMetrics.missing())
    with folder() as cwd, servers.VictoriaMetrics() as store:
        expected = faults_of_commands(make_run(cwd))
        # It has InfluxDB 2's address, too; the same lines are the same samples.
        check_run(
            "VictoriaMetrics: sent as to InfluxDB 2",
            send(cwd, f"{store.url}/api/v2/write?org=o&bucket=b", env={"ALUMET_TOKEN": TOKEN}), 0)
        match = urllib.parse.quote("{__name__=~'perf_software_PAGE_FAULTS.*',"
                                   "resource_consumer_kind='command'}")
        lines = []

        def has_them():  # a second after it has taken them it shows them
            store.get("/internal/force_flush")
            text = store.get(f"/api/v1/export?match[]={match}&start=0")
            lines[:] = map(json.loads, text.splitlines())
            return len(lines) >= len(expected)
        wait_until(has_them, 30, 0.2)
        for _ in range(2):
            check_run("VictoriaMetrics: sent again", send(cwd, f"{store.url}/write"), 0)
        wait_until(has_them, 30, 0.2)
        check_equal("VictoriaMetrics: sums of commands",
                    {line["metric"]["resource_consumer_id"]: line["values"][-1] for line in lines},
                    expected)
        check_equal("VictoriaMetrics: each once, though sent twice",
                    [len(line["values"]) for line in lines], [1] * len(expected))


def influxdb_2():
    """No package has the server: one of the test that takes what the protocol's reference says, and
    no more."""
    with folder() as cwd:
        rows = make_run(cwd)
        expected = faults_of_commands(rows)
        ends = {row.time for row in rows if row.metric == "process_exit"}
        (cwd / "token").write_text(TOKEN + "\n")
        store = InfluxDB2(TOKEN)
        with server(headed=store) as made:
            url = f"{made.url}/api/v2/write?org=our%20org&bucket=b%2F1"
            for to in (f"influx+{url}", url, f"influx+{made.url}?bucket=b%2F1&org=our%20org",
                       f"influx+{url}&precision=s"):
                check_run(f"InfluxDB 2: {to.split('?')[0]}", send(cwd, to, "--token-file",
                                                                  "token"), 0)
                check_equal("InfluxDB 2: nothing is refused", store.refused, [])
            found = {dict(tags)["resource_consumer_id"]: value for (name, tags, _), value
                     in store.points.items() if name == "perf_software_PAGE_FAULTS"
                     and dict(tags)["resource_consumer_kind"] == "command"}
            check_equal("InfluxDB 2: sums of commands, once though sent four times", found,
                        expected)
            check_equal("InfluxDB 2: the job, with its blank, comma and sign",
                        {dict(tags)["job_id"] for _, tags, _ in store.points}, {"job 7,a=b"})
            check(
                "InfluxDB 2: times are nanoseconds of the run",
                all(
                    min(ends) - 10**10 < time_ns < max(ends) + 10**10
                    for _, _, time_ns in store.points))
            for wrong, options, phrase in ((url, [], "unauthorized"), (url.replace("b%2F1", "b2"), [
                    "--token-file", "token"], "not found"), (url.replace("our%20org", "o"), [
                        "--token-file", "token"], "not found")):
                check_run(f"InfluxDB 2: {phrase}", send(cwd, f"influx+{wrong}", *options), 1,
                          phrase, "not all")


def clickhouse():
    if servers.ClickHouse.missing():
        return skip("ClickHouse", servers.ClickHouse.missing())
    with folder() as cwd, servers.ClickHouse() as store:
        rows = make_run(cwd)
        store.ask(PAGE.codes("ClickHouse")[0])
        for _ in range(2):
            check_run("ClickHouse: sent",
                      send(cwd, f"clickhouse+{store.url}/", files=["p.csv"]), 0)
        found = store.ask("SELECT comm, sum(page_faults) FROM processes FINAL GROUP BY comm")
        check_equal("ClickHouse: rows once, though sent twice",
                    {line.split("\t")[0]: int(line.split("\t")[1])
                     for line in found.splitlines()}, faults_of_commands(rows))
        check_run("ClickHouse: a table that is not there",
                  send(cwd, f"clickhouse+{store.url}/?table=no", files=["p.csv"]), 1,
                  "doesn't exist", "not all")
        check_run("ClickHouse: rows of the output csv",
                  send(cwd, f"clickhouse+{store.url}/"), 125, "output processes")


def trace():
    if not READERS.exists():
        return skip("OTLP", f"{READERS} is not there: tools/setup.sh test installs it")
    with folder() as cwd, server(lambda number, body: (200, b"")) as store:
        rows = make_run(cwd)
        for _ in range(2):
            check_run("OTLP: sent", send(cwd, f"otlp+{store.url}"), 0)
        path, headers, body = store.requests[0]
        check_equal("OTLP: path, type, coding",
                    (path, headers["Content-Type"], headers["Content-Encoding"]),
                    ("/v1/traces", "application/x-protobuf", "gzip"))
        bodies = [gzip.decompress(body) for body in store.bodies]
        check_equal("OTLP: sent again, the same spans", bodies[0], bodies[1])
        (read,) = read_traces(store)
        check_spans(rows, read)


def check_spans(rows, read):
    spans = {span["attributes"]["process.pid"]: span for span in read["spans"]}
    exits = {row.consumer[1]: row for row in rows if row.metric == "process_exit"}
    faults = {row.consumer[1]: row.value for row in rows
              if row.metric == "perf_software_PAGE_FAULTS"}
    parents = {}
    for row in rows:
        if row.metric == "process_info":
            parents.setdefault(row.consumer[1], int(row.attributes["ppid"]))
    check_equal("OTLP: a span for each process", sorted(spans), sorted(exits))
    check_equal("OTLP: one trace, that of TRACEPARENT", {s["trace"] for s in spans.values()},
                {TRACE})
    check_equal("OTLP: ids differ", len({s["id"] for s in spans.values()}), len(spans))
    check_equal("OTLP: who is whose parent",
                {pid: span["parent"] for pid, span in spans.items()},
                {pid: spans[parents[pid]]["id"] if parents[pid] in spans else SPAN
                 for pid in spans})
    check_equal("OTLP: names, ends, exit codes, errors, page faults",
                {pid: (span["name"], span["end"], span["attributes"]["process.exit.code"],
                       span["error"], span["attributes"]["perf_software_PAGE_FAULTS"])
                 for pid, span in spans.items()},
                {pid: (row.attributes["comm"].decode(), row.time, row.value, row.value != 0,
                       faults[pid]) for pid, row in exits.items()})
    check_equal("OTLP: the resource", {key: read["resource"].get(key) for key in
                                       ("service.name", "host.name", "job_id")},
                {"service.name": "alumet-agent", "host.name": os.uname().nodename,
                 "job_id": "job 7,a=b"})


if __name__ == "__main__":
    main(influxdb, influxdb_2, victoria_metrics, clickhouse, trace)
