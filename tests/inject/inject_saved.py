#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
As inject.py, for what is done with saved runs: the n-th allocation or system call of a report, and
of sending to each kind of store, fails.

- A report is whole, or there is an error, and the file that was there before.
- With status 0 the store was asked, and something was taken.
- The exit status is 0, 1 or 125, and each but 0 comes with an error; nothing is said twice.
- Nothing leaked, nothing was touched that should not be (the agent is built with sanitizers).

inject_saved.py AGENT
"""

import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from served import server  # noqa: E402

SANITIZER_STATUS = 99
RUN_SECONDS = 60
PRECIOUS = "precious"
# ExportTraceServiceResponse: two spans are rejected, with a message.
ANSWER = b"\x0a\x0c\x08\x02\x12\x08too late"


def run(agent, options, folder, n):
    environment = dict(
        os.environ, INJECT=str(n), INJECT_LOG="injected", ALUMET_SEND_PAUSE_MS="1",
        UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
        ASAN_OPTIONS=f"exitcode={SANITIZER_STATUS}:detect_leaks=1:allocator_may_return_null=1")
    (folder / "injected").write_text("")
    result = subprocess.run([agent, *options], cwd=folder, env=environment, capture_output=True,
                            text=True, errors="replace", stdin=subprocess.DEVNULL, check=False,
                            timeout=RUN_SECONDS)
    return result, (folder / "injected").read_text().strip()


def problems(result):
    said = [line for line in result.stderr.splitlines() if line.startswith("alumet-agent: ")]
    if "Sanitizer" in result.stderr or "runtime error" in result.stderr:
        yield "a sanitizer complains"
    if result.returncode not in (0, 1, 125):
        yield f"exit status {result.returncode}"
    if result.returncode and not said:
        yield "no error was told"
    if len(set(said)) < len(said):
        yield "something was told twice"


def sweep(agent, name, options, folder, prepare, look):
    """Returns how many runs had a problem."""
    bad = 0
    for n in itertools.count(1):
        prepare()
        result, injected = run(agent, options, folder, n)
        found = [*problems(result), *look(result)]
        if found:
            bad += 1
            print(f"{name} {n}: {injected}: {'; '.join(found)}\n{result.stderr[-2000:]}")
        if not injected:
            print(f"{name}: {n - 1} calls failed, each once; {bad} of those runs had a problem",
                  flush=True)
            return bad + (n == 1)


def report(agent, folder):
    whole = run(agent, ["report", "--format", "json", "run.csv"], folder, 0)[0].stdout
    before = sorted(os.listdir(folder))

    def prepare():
        (folder / "report.json").write_text(PRECIOUS)

    def look(result):
        text = (folder / "report.json").read_text()
        (folder / "report.json").unlink()
        if text != (PRECIOUS if result.returncode else whole):
            yield f"the report: {text[:100]}"
        if sorted(os.listdir(folder)) != before:
            yield f"files: {os.listdir(folder)}"
    return sweep(agent, "report", ["report", "-o", "report.json", "run.csv"], folder, prepare, look)


def send(agent, folder):
    (folder / "token").write_text("s3cret-t0ken\n")
    bad = 0
    for name, file, options in (("influx", "run.csv", []), ("influx", "run.csv", ["--per-process"]),
                                ("clickhouse", "p.csv", []), ("otlp", "run.csv", [])):
        with server(lambda number, body: (200, ANSWER)) as store:
            def look(result, store=store):
                if result.returncode == 0 and not store.requests:
                    yield "nothing was sent"
            address = f"{name}+{store.url.replace('//', '//bob@')}/?a=b&c=d"
            bad += sweep(agent, " ".join(["send", name, *options]), [
                "send", "--token-file", "token", *options, "--to", address, file], folder,
                store.requests.clear, look)
    return bad


def main():
    agent = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="alumet-inject-") as name:
        folder = pathlib.Path(name)
        made, _ = run(agent, ["-q", "--plugins", "context,perf,csv,processes", "-e", "page-faults",
                              "-o", "run.csv", "-o", "processes:p.csv", "exec", "sh", "-c",
                              "/bin/true; /bin/false 'a \"b\"'; exit 0"], folder, 0)
        if made.returncode:
            sys.exit(made.stderr)
        sys.exit(report(agent, folder) + send(agent, folder) > 0)


if __name__ == "__main__":
    main()
