#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send of a node's file, whose processes are of several ranks of a job: in every store,
each rank has its own.
"""

import collections
import json
import re
import urllib.parse

from lib import READERS, agent, check, check_equal, check_run, folder, main, parse, skip
import servers  # tests/ is in the path by lib
from influxdb_2 import InfluxDB2
from sending import TOKEN, read_traces, send
from served import server
from stores_page import PAGE

# What each rank executes names it; the shell above them, and what it starts last, is of none.
NODE = (
    "for r in 0 1 17; do SLURM_PROCID=$r sh -c '/bin/true \"$1\"; ls / >/dev/null' sh rank-$r; "
    "done; /bin/true; :"
)


class Node:
    """A run of a node's agent, whose processes are of several ranks: what each has by its
    arguments."""

    def __init__(self, cwd):
        result = agent("-q", "--plugins", "context,perf,csv,processes", "-e", "page-faults",
                       "--config-override", 'plugins.perf.ranks="on"', "-o", "run.csv", "-o",
                       "processes:p.csv", "exec", "sh", "-c", NODE, cwd=cwd, env={
                           "ALUMET_JOB_ID": "7"})
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        rows = parse((cwd / "run.csv").read_bytes())
        self.ranks, self.faults, comms, parents = {}, {}, {}, {}
        for row in rows:
            if row.metric == "process_info":
                parents.setdefault(row.consumer[1], int(row.attributes["ppid"]))
                args = row.attributes.get("args", b"").decode()
                if found := re.search(r"rank-(\d+)$", args):
                    self.ranks[row.consumer[1]] = found.group(1)
            elif row.metric == "process_exit":
                comms[row.consumer[1]] = row.attributes["comm"].decode()
            elif row.metric == "perf_software_PAGE_FAULTS":
                self.faults[row.consumer[1]] = row.value
        for pid in sorted(comms):  # ls, which has no argument that says it, is of the shell's rank
            self.ranks.setdefault(pid, self.ranks.get(parents[pid], ""))
        self.commands, self.sums = collections.Counter(), collections.Counter()
        for pid, faults in self.faults.items():
            self.commands[self.ranks[pid], comms[pid]] += faults
            self.sums[self.ranks[pid]] += faults


def ranks_of_a_node():
    with folder() as cwd:
        node = Node(cwd)
        check_equal("ranks: those of the script", sorted(set(node.ranks.values())),
                    ["", "0", "1", "17"])
        store = InfluxDB2(TOKEN)
        with server(headed=store) as made:
            for options in ([], ["--per-process"]):
                check_run(
                    "ranks: sent",
                    send(cwd, f"influx+{made.url}?bucket=b%2F1&org=our%20org", *options,
                         env={"ALUMET_TOKEN": TOKEN}), 0)
        found = {"command": {}, "job": {}, "process": {}}
        for (name, tags, _), value in store.points.items():
            tags = dict(tags)
            if name == "perf_software_PAGE_FAULTS":
                found[tags["resource_consumer_kind"]][tags.get("rank", ""),
                                                      tags["resource_consumer_id"]] = value
        check_equal("ranks, by lines: commands of each", found["command"], dict(node.commands))
        check_equal("ranks, by lines: the job of each", found["job"],
                    {(rank, "7"): sum_
                     for rank, sum_ in node.sums.items()})
        check_equal("ranks, by lines: each process", found["process"],
                    {(node.ranks[pid], str(pid)): faults for pid, faults in node.faults.items()})
        ranks_in_influxdb(cwd, node)
        ranks_in_clickhouse(cwd, node)
        ranks_of_spans(cwd, node)


def ranks_in_influxdb(cwd, node):
    if servers.InfluxDB.missing():
        return skip("ranks in InfluxDB", servers.InfluxDB.missing())
    with servers.InfluxDB() as store:
        store.get("/query?q=CREATE+DATABASE+a", b"")
        check_run("ranks in InfluxDB: sent", send(cwd, f"influx+{store.url}/write?db=a"), 0)
        query = urllib.parse.quote("select sum(value) from perf_software_PAGE_FAULTS where "
                                   "resource_consumer_kind = 'command' group by rank")
        series = json.loads(store.get(f"/query?db=a&q={query}"))["results"][0]["series"]
        check_equal("ranks in InfluxDB: sums of each",
                    {each["tags"]["rank"]: each["values"][0][1]
                     for each in series}, dict(node.sums))


def ranks_in_clickhouse(cwd, node):
    if servers.ClickHouse.missing():
        return skip("ranks in ClickHouse", servers.ClickHouse.missing())
    with servers.ClickHouse() as store:
        store.ask(PAGE.codes("ClickHouse")[0])
        check_run("ranks in ClickHouse: sent",
                  send(cwd, f"clickhouse+{store.url}/", files=["p.csv"]), 0)
        found = store.ask("SELECT rank, sum(page_faults) FROM processes FINAL GROUP BY rank")
        check_equal("ranks in ClickHouse: sums of each",
                    {line.split("\t")[0]: int(line.split("\t")[1])
                     for line in found.splitlines()}, dict(node.sums))


def ranks_of_spans(cwd, node):
    if not READERS.exists():
        return skip("ranks of spans", f"{READERS} is not there: tools/setup.sh test installs it")
    with server(lambda number, body: (200, b"")) as store:
        check_run("ranks of spans: sent", send(cwd, f"otlp+{store.url}"), 0)
    (read,) = read_traces(store)
    check_equal("ranks of spans: each has its own", {span["attributes"]["process.pid"]:
                span["attributes"].get("rank", "") for span in read["spans"]}, node.ranks)
    check("ranks of spans: the resource is the node", "rank" not in read["resource"],
          read["resource"])


if __name__ == "__main__":
    main(ranks_of_a_node)
