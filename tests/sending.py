# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs that alumet-agent send sends, and OpenTelemetry's own classes, which read its spans."""

import collections
import gzip
import json
import subprocess

from lib import READERS, agent, check, parse  # of tests/integration

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
