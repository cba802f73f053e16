#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send: into InfluxDB, VictoriaMetrics and ClickHouse of Debian's packages, and to a
server of the test that is away, slow, full, refuses or is not who it says. What was sent is read by
the stores themselves and by OpenTelemetry's own message classes.
"""

import collections
import gzip
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse

from lib import (BUILD, ROOT, agent, check, check_equal, folder, let_pass, main, parse, skip,
                 wait_until)

import servers  # noqa: E402  tests/ is in the path by lib
from served import server  # noqa: E402

READERS = BUILD / "readers" / "bin" / "python"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
TOKEN = "s3cret-t0ken"
SCRIPT = "for i in 1 2 3; do /bin/true; sh -c 'exit 3'; done; exit 0"
QUICK = {"ALUMET_SEND_PAUSE_MS": "10"}


def make_run(cwd, script=SCRIPT):
    env = {"ALUMET_JOB_ID": "job 7,a=b", "TRACEPARENT": f"00-{TRACE}-{SPAN}-01"}
    result = agent("-q", "--plugins", "context,perf,csv,processes", "-e", "page-faults", "-o",
                   "run.csv", "-o", "processes:p.csv", "exec", "sh", "-c", script, cwd=cwd, env=env)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return parse((cwd / "run.csv").read_bytes())


def faults_of_commands(rows):
    names, faults = {}, collections.Counter()
    for row in rows:
        if row.metric == "process_exit":
            names[row.consumer[1]] = row.attributes["comm"].decode()
    for row in rows:
        if row.metric == "perf_software_PAGE_FAULTS":
            faults[names[row.consumer[1]]] += row.value
    return dict(faults)


def send(cwd, url, *options, env=None, files=("run.csv",)):
    return agent("send", *options, "--to", url, *files, cwd=cwd, env={**QUICK, **(env or {})})


def check_send(name, result, status, *phrases):
    missing = [phrase for phrase in phrases if phrase not in result.stderr]
    check(name, result.returncode == status and not missing,
          f"status {result.returncode}; not said: {missing}; {result.stdout}{result.stderr}")


# --- the stores ----------------------------------------------------------------------------------

def influxdb():
    if servers.InfluxDB.missing():
        return skip("InfluxDB", servers.InfluxDB.missing())
    with folder() as cwd, servers.InfluxDB() as store:
        expected = faults_of_commands(make_run(cwd))
        store.get("/query?q=CREATE+DATABASE+a", b"")
        for _ in range(2):
            check_send("InfluxDB: sent", send(cwd, f"influx+{store.url}/write?db=a"), 0)
        query = urllib.parse.quote("select value, resource_consumer_id, job_id from "
                                   "perf_software_PAGE_FAULTS where "
                                   "resource_consumer_kind = 'command'")
        answer = json.loads(store.get(f"/query?db=a&epoch=ns&q={query}"))
        found = answer["results"][0]["series"][0]["values"]
        check_equal("InfluxDB: sums of commands, once though sent twice",
                    {row[2]: row[1] for row in found}, expected)
        check_equal("InfluxDB: as many points as commands", len(found), len(expected))
        check_equal("InfluxDB: the job", {row[3] for row in found}, {"job 7,a=b"})
        check_send("InfluxDB: a database that is not there",
                   send(cwd, f"influx+{store.url}/write?db=b"), 1, "database not found", "not all")


def victoria_metrics():
    if servers.VictoriaMetrics.missing():
        return skip("VictoriaMetrics", servers.VictoriaMetrics.missing())
    with folder() as cwd, servers.VictoriaMetrics() as store:
        expected = faults_of_commands(make_run(cwd))
        # It has InfluxDB 2's address, too; the same lines are the same samples.
        check_send(
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
            check_send("VictoriaMetrics: sent again", send(cwd, f"{store.url}/write"), 0)
        wait_until(has_them, 30, 0.2)
        check_equal("VictoriaMetrics: sums of commands",
                    {line["metric"]["resource_consumer_id"]: line["values"][-1] for line in lines},
                    expected)
        check_equal("VictoriaMetrics: each once, though sent twice",
                    [len(line["values"]) for line in lines], [1] * len(expected))


# docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol: names end at a sign that no '\\'
# is before.
NAME = r"(?:[^,= \\]|\\[,= \\])+"
LINE = re.compile(
    rf"((?:[^, \\]|\\[, \\])+)((?:,{NAME}={NAME})*) ({NAME})=(-?\d+i|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r" (\d{19})")


class InfluxDB2:
    """
    POST /api/v2/write as InfluxDB 2's reference has it: what it asks for, and what it answers to
    the rest. points: what it keeps, one value for each series and moment.
    """

    def __init__(self, token, org="our org", bucket="b/1"):
        self.points, self.refused = {}, []
        self.token, self.query = token, {"org": [org], "bucket": [bucket], "precision": ["ns"]}

    def refuse(self, status, code, message):
        self.refused.append(message)
        return status, json.dumps({"code": code, "message": message}).encode(), (
            "Content-Type", "application/json; charset=utf-8")

    def __call__(self, path, headers, body):
        url = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True, strict_parsing=True)
        if url.path != "/api/v2/write":
            return self.refuse(404, "not found", "path not found")
        if headers.get("Authorization") != f"Token {self.token}":
            return self.refuse(401, "unauthorized", "unauthorized access")
        if query != self.query:
            return self.refuse(404, "not found", f'bucket "{query.get("bucket")}" not found')
        if headers.get(
                "Content-Type") != "text/plain; charset=utf-8" or "Content-Encoding" in headers:
            return self.refuse(400, "invalid", f"content type {headers.get('Content-Type')}")
        return self.take(body.decode("utf-8", "strict"))

    def take(self, body):
        taken = {}
        for line in body.removesuffix("\n").split("\n"):
            found = LINE.fullmatch(line)
            if not found:
                return self.refuse(400, "invalid", f"unable to parse '{line}'")
            measurement, tags, field, value, time_ns = found.groups()
            pairs = re.findall(rf",({NAME})=({NAME})", tags)
            if len(dict(pairs)) != len(pairs) or field != "value":
                return self.refuse(400, "invalid", f"a tag twice, or another field: '{line}'")
            plain = [(key, re.sub(r"\\(.)", r"\1", text)) for key, text in pairs]
            number = int(value[:-1]) if value[-1] == "i" else float(value)
            taken[measurement, tuple(plain), int(time_ns)] = number
        self.points.update(taken)
        return 204, b""


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
                check_send(f"InfluxDB 2: {to.split('?')[0]}", send(cwd, to, "--token-file",
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
                check_send(f"InfluxDB 2: {phrase}", send(cwd, f"influx+{wrong}", *options), 1,
                           phrase, "not all")


def clickhouse():
    if servers.ClickHouse.missing():
        return skip("ClickHouse", servers.ClickHouse.missing())
    section = (ROOT / "docs" / "stores.md").read_text().split("## ClickHouse")[1]
    with folder() as cwd, servers.ClickHouse() as store:
        rows = make_run(cwd)
        store.ask(re.search(r"```sql\n(.*?)```", section, re.DOTALL).group(1))
        for _ in range(2):
            check_send("ClickHouse: sent",
                       send(cwd, f"clickhouse+{store.url}/", files=["p.csv"]), 0)
        found = store.ask("SELECT comm, sum(page_faults) FROM processes FINAL GROUP BY comm")
        check_equal("ClickHouse: rows once, though sent twice",
                    {line.split("\t")[0]: int(line.split("\t")[1])
                     for line in found.splitlines()}, faults_of_commands(rows))
        check_send("ClickHouse: a table that is not there",
                   send(cwd, f"clickhouse+{store.url}/?table=no", files=["p.csv"]), 1,
                   "doesn't exist", "not all")
        check_send("ClickHouse: rows of the output csv",
                   send(cwd, f"clickhouse+{store.url}/"), 125, "output processes")


# --- ranks of one file ---------------------------------------------------------------------------

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


def runs_of_a_file():
    """Each run of a series has its own sums, at its own time, however many are in the file."""
    with folder() as cwd:
        agent("-q", "-e", "page-faults", "-o", "run.csv", "exec", "-r", "3", "sh", "-c",
              "true | true", cwd=cwd)
        truth = collections.Counter()
        for row in parse((cwd / "run.csv").read_bytes()):
            if row.metric == "perf_software_PAGE_FAULTS":
                truth[row.attributes["run"]] += row.value
        lines = agent("send", "--dry-run", "--to", "influx+http://localhost:1/write?db=a",
                      "run.csv", cwd=cwd).stdout
        found = re.findall(r"^perf_software_PAGE_FAULTS,.*consumer_kind=job.* value=(\d+)i (\d+)$",
                           lines, re.M)
        check_equal("three runs: the sums of each", [int(value) for value, _ in found],
                    [truth[run] for run in sorted(truth)])
        check("three runs: each at its time", len({time for _, time in found}) == 3, found)


def ranks_of_a_node():
    with folder() as cwd:
        node = Node(cwd)
        check_equal("ranks: those of the script", sorted(set(node.ranks.values())),
                    ["", "0", "1", "17"])
        store = InfluxDB2(TOKEN)
        with server(headed=store) as made:
            for options in ([], ["--per-process"]):
                check_send(
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
        check_send("ranks in InfluxDB: sent", send(cwd, f"influx+{store.url}/write?db=a"), 0)
        query = urllib.parse.quote("select sum(value) from perf_software_PAGE_FAULTS where "
                                   "resource_consumer_kind = 'command' group by rank")
        series = json.loads(store.get(f"/query?db=a&q={query}"))["results"][0]["series"]
        check_equal("ranks in InfluxDB: sums of each",
                    {each["tags"]["rank"]: each["values"][0][1]
                     for each in series}, dict(node.sums))


def ranks_in_clickhouse(cwd, node):
    if servers.ClickHouse.missing():
        return skip("ranks in ClickHouse", servers.ClickHouse.missing())
    section = (ROOT / "docs" / "stores.md").read_text().split("## ClickHouse")[1]
    with servers.ClickHouse() as store:
        store.ask(re.search(r"```sql\n(.*?)```", section, re.DOTALL).group(1))
        check_send("ranks in ClickHouse: sent",
                   send(cwd, f"clickhouse+{store.url}/", files=["p.csv"]), 0)
        found = store.ask("SELECT rank, sum(page_faults) FROM processes FINAL GROUP BY rank")
        check_equal("ranks in ClickHouse: sums of each",
                    {line.split("\t")[0]: int(line.split("\t")[1])
                     for line in found.splitlines()}, dict(node.sums))


def ranks_of_spans(cwd, node):
    if not READERS.exists():
        return skip("ranks of spans", f"{READERS} is not there: tools/setup.sh test installs it")
    with server(lambda number, body: (200, b"")) as store:
        check_send("ranks of spans: sent", send(cwd, f"otlp+{store.url}"), 0)
    (read,) = read_traces(store)
    check_equal("ranks of spans: each has its own", {span["attributes"]["process.pid"]:
                span["attributes"].get("rank", "") for span in read["spans"]}, node.ranks)
    check("ranks of spans: the resource is the node", "rank" not in read["resource"],
          read["resource"])


# --- stores that are away, slow, or refuse -------------------------------------------------------

def away():
    with folder() as cwd:
        make_run(cwd)
        before = (cwd / "run.csv").read_bytes()
        url = f"influx+http://127.0.0.1:{servers.free_port()}/write?db=a"
        check_send("nobody listens", send(cwd, url), 1, "does not take it", "not all")
        with server(lambda number, body: (503, b"full") if number < 3 else (204, b"")) as full:
            check_send("full for a while: tried again", send(cwd, f"influx+{full.url}/write?db=a"),
                       0)
            check_equal("full for a while: the same each time", len(set(full.bodies)), 1)
            check_equal("full for a while: tries", len(full.requests), 3)
        with server(lambda number, body: (503, b"disk full")) as full:
            result = send(cwd, f"influx+{full.url}/write?db=a", "-v")
            check_send("full for ever", result, 1, "status 503: disk full", "not all")
            tries = len(full.requests)
            check_equal("full for ever: each pause is twice the last one",
                        re.findall(r"next try is in (\d+) ms", result.stderr),
                        [str(10 * 2**i) for i in range(tries - 1)])
        for status, expected in ((408, tries), (429, tries), (500, tries), (404, 1), (400, 1)):
            with server(lambda number, body, status=status: (status, b"no")) as store:
                check_send(f"status {status}", send(cwd, f"influx+{store.url}/write?db=a"), 1,
                           f"status {status}: no")
                check_equal(f"status {status}: tries", len(store.requests), expected)
        with server(lambda number, body: (let_pass(1, "a slow store"), (204, b""))[1]) as slow:
            check_send("slow", send(cwd, f"influx+{slow.url}/write?db=a"), 0)
        asked = {"at": []}

        def later(number, body):
            asked["at"].append(time.monotonic())
            return (429, b"", ("Retry-After", "1")) if number == 1 else (204, b"")
        with server(later) as busy:
            check_send("Retry-After", send(cwd, f"influx+{busy.url}/write?db=a"), 0)
            check("Retry-After is waited for", asked["at"][1] - asked["at"][0] >= 0.99)
        check_equal("the file stays as it is", (cwd / "run.csv").read_bytes(), before)


def hangs():
    """It takes the request and does not answer in time: sent again, it is the same, and there once.
    """
    with folder() as cwd:
        make_run(cwd)
        quick = {"ALUMET_SEND_TIMEOUT_MS": "300"}
        release = threading.Event()
        with server(lambda number, body: (number < 3 and release.wait(20), (204, b""))[1]) as store:
            check_send("no answer at first", send(cwd, f"influx+{store.url}/write", env=quick), 0)
            check_equal("no answer at first: the same three times",
                        (len(store.requests), len(set(store.bodies))), (3, 1))
            release.set()
        release.clear()
        with server(lambda number, body: (release.wait(20), (204, b""))[1]) as store:
            check_send("never an answer", send(cwd, f"influx+{store.url}/write", env=quick), 1,
                       "does not take it", "not all")
            release.set()


def breaks_off():
    """Connections that end before the answer, and an answer that is none of HTTP's."""
    with folder() as cwd, socket.create_server(("127.0.0.1", 0)) as listener:
        make_run(cwd)
        answers = [
            None, b"", b"HTTP/1.1 20", b"HELLO\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
            b"HTTP/1.1 204 No Content\r\n\r\n"]

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    if answer is None:  # a reset: what was sent to it is not read
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                              struct.pack("ii", 1, 0))
                        continue
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += connection.recv(65536)
                    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
                    rest = length - len(head.split(b"\r\n\r\n", 1)[1])
                    while rest > 0:
                        rest -= len(connection.recv(rest))
                    connection.sendall(answer)
        thread = threading.Thread(target=serve)
        thread.start()
        result = send(cwd, f"influx+http://127.0.0.1:{listener.getsockname()[1]}/write", "-v")
        check_send("connections that break off", result, 0, "has taken")
        check_equal("connections that break off: tried again each time",
                    result.stderr.count("next try is in"),
                    len(answers) - 1)
        thread.join(30)


def refuses_half():
    """What is refused is counted, the rest is taken; sent again, it is the same."""
    with folder() as cwd:
        make_run(cwd, "i=0; while [ $i -lt 2500 ]; do /bin/true; i=$((i+1)); done")
        with server(lambda number, body: (400, b"bad line") if number == 2 else (204, b"")) as odd:
            result = send(cwd, f"influx+{odd.url}/write?db=a", "--per-process")
            check_send("half refused", result, 1, "bad line", "not all")
            lines = [body.count(b"\n") for body in odd.bodies]
            check("half refused: the others are sent", len(lines) > 2, f"{lines}")
            taken = int(re.search(r"taken (\d+) lines", result.stderr).group(1))
            check_equal("half refused: what was taken is counted", taken, sum(lines) - lines[1])
            first = list(odd.bodies)
        with server() as good:
            check_send("sent again", send(cwd, f"influx+{good.url}/write?db=a", "--per-process"), 0)
            check_equal("sent again: the same lines, so that nothing is there twice", good.bodies,
                        first)
        shown = send(cwd, "influx+http://127.0.0.1:9/write", "--per-process", "--dry-run")
        check_equal("--dry-run shows what would be sent", shown.stdout.encode(), b"".join(first))


def too_large():
    """What a store, or a proxy before it, does not take at once goes in parts; a row that is too
    large by itself not."""
    with folder() as cwd:
        # A row of processes whose cell has line ends and quotes; one that is longer than what is
        # taken.
        make_run(cwd,
                 "i=0; while [ $i -lt 300 ]; do /bin/true '\n\"a\n\"' \"$i\"; i=$((i+1)); done")
        whole = {}
        for name, options, file in (("influx", ["--per-process"], "run.csv"), ("clickhouse", [],
                                                                               "p.csv")):
            with server() as store:
                check_send(f"{name}: whole",
                           send(cwd, f"{name}+{store.url}/", *options, files=[file]), 0)
                whole[name] = b"".join(store.bodies)
            for most in (len(whole[name]) - 1, 20000):
                taken = []

                def answer(number, body, taken=taken, most=most):
                    if len(body) > most:
                        return 413, b"too large"
                    taken.append(body)
                    return 204, b""
                with server(answer) as store:
                    check_send(f"{name}: {most} bytes at most",
                               send(cwd, f"{name}+{store.url}/", *options, files=[file]), 0)
                    tries = len(store.requests)
                header = whole[name].split(b"\n")[0] + b"\n" if name == "clickhouse" else b""
                check(f"{name}: each part begins with the header", all(
                    body.startswith(header) and len(body) > len(header) for body in taken))
                check_equal(f"{name}: {most} bytes at most: everything, once and in order",
                            header + b"".join(body.removeprefix(header)
                                              for body in taken), whole[name])
                check(f"{name}: what was too large once is not tried again and again",
                      tries <= len(taken) + 12, f"{tries} requests, {len(taken)} taken")
        with server(lambda number, body: (413, b"too large")) as store:
            result = send(cwd, f"influx+{store.url}/write", "--per-process")
            check_send("a store for which everything is too large", result, 1, "too large",
                       "taken 0 lines, not all")
            check("a store for which everything is too large: it is not asked for each row",
                  len(store.requests) < 30, len(store.requests))
        make_run(cwd, "i=0; while [ $i -lt 100 ]; do /bin/true $i; i=$((i+1)); done; "
                      f"/bin/true {'x' * 30000}; /bin/true last")
        with server(lambda number, body: (204, b"")
                    if len(body) < 20000 else (413, b"too large")) as store:
            result = send(cwd, f"clickhouse+{store.url}/", files=["p.csv"])
            check_send("a row that is too large by itself is refused", result, 1, "refuses 1 item",
                       "too large", "has taken 101 rows, not all")
            check("a row that is too large by itself: those behind it are sent", b"true last"
                  in b"".join(body for body in store.bodies if len(body) < 20000))


def tokens():
    with folder() as cwd:
        make_run(cwd)
        (cwd / "token").write_text(TOKEN + "\n")
        said = ""

        def refuse(number, body):
            return 401, f"bad token {TOKEN}".encode()
        with server(refuse) as store:
            for options, env in ((["--token-file", "token"], {}), ([], {"ALUMET_TOKEN": TOKEN})):
                result = send(cwd, f"influx+{store.url}/write?db=a", "-vv", *options, env=env)
                check_send("a token that is refused", result, 1, "status 401")
                said += result.stderr + result.stdout
            check_equal("the token, from a file and from the environment",
                        [headers.get("Authorization") for _, headers, _ in store.requests],
                        [f"Token {TOKEN}"] * 2)
            send(cwd, f"otlp+{store.url}", env={"ALUMET_TOKEN": TOKEN})
            send(cwd, f"clickhouse+{store.url.replace('//', '//bob@')}/",
                 env={"ALUMET_TOKEN": TOKEN}, files=["p.csv"])
            check_equal("OTLP's token", store.requests[2][1].get("Authorization"),
                        f"Bearer {TOKEN}")
            check_equal("ClickHouse's user and password",
                        [store.requests[3][1].get(f"X-ClickHouse-{key}") for key in
                         ("User", "Key")], ["bob", TOKEN])
        with server(lambda number, body: (400, b"x" * 390 + TOKEN.encode())) as store:
            result = send(cwd, f"influx+{store.url}/write", env={"ALUMET_TOKEN": TOKEN})
            check("no part of the token is shown", "status 400" in result.stderr and
                  TOKEN[:4] not in result.stderr, result.stderr)
        result = send(cwd, f"influx+http://bob:{TOKEN}@localhost/write")
        check_send("a password in the address", result, 2, "--token-file")
        said += result.stderr
        check_send("a token file that is not there",
                   send(cwd, "influx+http://localhost/write", "--token-file", "no"), 125, "'no'")
        check("no message shows the token", TOKEN not in said, said)


def rejected_spans():
    """partial_success of ExportTraceServiceResponse: the status is 200, and yet not all was taken.
    """
    with folder() as cwd:
        make_run(cwd)
        for answer, status, phrases in (
                (b"\x0a\x0c\x08\x02\x12\x08too late", 1, ["rejects 2 of ", "too late", "not all"]),
                (b"\x0a\x0a\x12\x08be quick", 0, ["has taken", "be quick"]),
                (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0, []),
                (b"\x0a\x7f\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 1, ["rejects"]),
                (b"{}", 0, [])):
            with server(lambda number, body, answer=answer: (200, answer)) as store:
                check_send(f"OTLP: the answer {answer}", send(cwd, f"otlp+{store.url}"), status,
                           *phrases)


def certificates():
    with folder() as cwd:
        make_run(cwd)
        for name in ("good", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                            "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost", "-keyout", f"{name}.key", "-out",
                            f"{name}.pem"], cwd=cwd, check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cwd / "good.pem", cwd / "good.key")
        with server(tls=tls) as store:
            url = f"influx+{store.url}/write?db=a"
            env = {"ALUMET_TOKEN": TOKEN}
            result = send(cwd, url, "-v", env=env)
            check_send("a certificate that nobody vouches for", result, 1, "certificate")
            check("a certificate that nobody vouches for: one try", "next try" not in result.stderr,
                  result.stderr)
            check_send("another authority",
                       send(cwd, url, env={**env, "SSL_CERT_FILE": str(cwd / "other.pem")}), 1,
                       "certificate")
            check_equal("nothing was sent to it", store.requests, [])
            check_send("SSL_CERT_FILE",
                       send(cwd, url, env={**env, "SSL_CERT_FILE": str(cwd / "good.pem")}), 0)
            check_equal("sent", len(store.requests), 1)


def what_a_store_cannot_hold():
    """Another agent's numbers and names: left out, and said."""
    with folder() as cwd:
        make_run(cwd)
        rows = (cwd / "run.csv").read_text()
        row = next(line for line in rows.splitlines() if line.startswith("perf_software"))
        name, time, _, rest = row.split(";", 3)
        odd = [f"{name}_HUGE;{time};1e26;{rest}", f"#comment;{time};5;{rest}"]
        (cwd / "run.csv").write_text(rows + "\n".join(odd) + "\n")
        shown = send(cwd, "influx+http://127.0.0.1:9/write", "--per-process", "--dry-run")
        check_send("values that InfluxDB cannot hold", shown, 0, "not sent")
        check("neither a wrong number nor a comment",
              "_HUGE" not in shown.stdout and "\n#" not in shown.stdout, shown.stdout[-500:])


def redirections():
    with folder() as cwd:
        make_run(cwd)
        with server() as other:
            def elsewhere(number, body):
                return 307, b"", ("Location", f"{other.url}/write")
            with server(elsewhere) as store:
                check_send("a redirection is not followed",
                           send(cwd, f"influx+{store.url}/write?db=a",
                                env={"ALUMET_TOKEN": TOKEN}), 1, "status 307")
            check_equal("nothing went elsewhere", other.requests, [])


READ_TRACE = """
import json, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as R
request = R.FromString(sys.stdin.buffer.read())
def value(v):
    return getattr(v, v.WhichOneof("value"))
print(json.dumps([{
    "resource": {a.key: value(a.value) for a in r.resource.attributes},
    "spans": [{"trace": s.trace_id.hex(), "id": s.span_id.hex(), "parent": s.parent_span_id.hex(),
               "name": s.name, "start": s.start_time_unix_nano, "end": s.end_time_unix_nano,
               "error": s.status.code == 2, "message": s.status.message,
               "attributes": {a.key: value(a.value) for a in s.attributes}}
              for scope in r.scope_spans for s in scope.spans]}
    for r in request.resource_spans]))
"""


def read_traces(store):
    """What OpenTelemetry's own classes find in the first request."""
    done = subprocess.run([READERS, "-c", READ_TRACE], input=gzip.decompress(store.bodies[0]),
                          capture_output=True)
    check("OTLP: its own reader reads it", done.returncode == 0, done.stderr.decode())
    return json.loads(done.stdout)


def trace():
    if not READERS.exists():
        return skip("OTLP", f"{READERS} is not there: tools/setup.sh test installs it")
    with folder() as cwd, server(lambda number, body: (200, b"")) as store:
        rows = make_run(cwd)
        for _ in range(2):
            check_send("OTLP: sent", send(cwd, f"otlp+{store.url}"), 0)
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


def command_line():
    with folder() as cwd:
        make_run(cwd)
        check_send("no address", agent("send", "run.csv", cwd=cwd), 2, "--to")
        check_send("no file", agent("send", "--to", "influx+http://x/write", cwd=cwd), 2, "files")
        for url in ("ftp://x/write", "http://x/y", "influx+x", "influx+http://",
                    "clickhouse+http://x/?table=a;drop"):
            check_send(f"address {url}", send(cwd, url), 2, "send:")
        (cwd / "endless.csv").write_bytes(b'run_id;"' + b"x" * (17 << 20))
        check_send("a row without an end", send(cwd, "clickhouse+http://127.0.0.1:9/",
                                                files=["endless.csv"]), 125, "row of more than")
        check_send("a file that is not there", send(cwd, "influx+http://127.0.0.1:9/write",
                                                    files=["no.csv"]), 125, "no.csv")


def not_in_exec():
    """exec loads no library for it: the start must not get slower."""
    with folder() as cwd:
        result = agent("-q", "--plugins", "perf,csv", "exec", "sh", "-c",
                       "cat /proc/$PPID/maps", cwd=cwd)
        check("exec has no libcurl", "libelf" in result.stdout or "libc.so" in result.stdout)
        check("exec has no libcurl in its memory", "libcurl" not in result.stdout)


if __name__ == "__main__":
    main(influxdb, influxdb_2, victoria_metrics, clickhouse, runs_of_a_file, ranks_of_a_node, away,
         hangs, breaks_off, refuses_half, too_large, tokens, certificates, what_a_store_cannot_hold,
         redirections, rejected_spans, trace, command_line, not_in_exec)
