#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The summary: on terminals of several sizes, in a log, as JSON and Markdown, against the file."""

import json
import os
import re
import subprocess
import sys

from lib import (AGENT, ROOT, TASK_CLOCK, agent, agent_args, check, check_equal, folder, lives,
                 main, parse, run, skip)
from terminals import Terminal  # tests/ is in the path by lib

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

# Nine programs, each run by itself and by a shell of its own.
JOBS = ("for i in 1 2 3 4 5 6 7 8 9; do cp /bin/true ./job-$i-of-a-long-name; "
        "./job-$i-of-a-long-name; sh -c './job-'$i'-of-a-long-name; exit '$((i % 3)); done; "
        "echo rea''dy")


def cells(line):
    """Of a line without wide letters: what is shown of it, escapes taken off."""
    return len(ESCAPE.sub("", line))


def on_a_terminal(command, rows, columns, options=(), env=None):
    """The lines that the agent writes after the command's "ready", and its status."""
    with folder() as tmp:
        args = agent_args(command, tmp / "out.csv", options=options,
                          events="TASK_CLOCK,PAGE_FAULTS,CONTEXT_SWITCHES")
        env = {"LC_ALL": "C.UTF-8", "NO_COLOR": "", **(env or {})}
        term = Terminal(args, tmp, rows=rows, columns=columns, env=env)
        try:
            status = term.status()
        finally:
            term.close()
        shown = term.output.decode(errors="replace").split("ready\r\n")[-1]
        return status, shown.split("\r\n")


def fits_the_terminal():
    for rows, columns in (24, 80), (50, 200), (20, 60), (24, 40):
        name = f"{columns} x {rows}"
        for _ in range(20):  # without the kernel's note of several lines on unseen slices
            status, lines = on_a_terminal(["sh", "-c", JOBS], rows, columns)
            text = "\n".join(lines)
            if not re.search(r"unseen|note +\d+ more", text):
                break
        check_equal(f"{name}: status", status, 0)
        wide = [line for line in lines if cells(line) > columns]
        check(f"{name}: no line is wider than the terminal", not wide, "\n".join(wide))
        check(f"{name}: at most a screenful", 5 < len(lines) <= rows, f"{len(lines)} lines\n{text}")
        check(f"{name}: what failed", re.search(r"failed +.*exit 2", ESCAPE.sub("", text)), text)
        check(f"{name}: where the rows are", re.search(r"rows in +\S*out.csv",
                                                       ESCAPE.sub("", text)), text)
        left = re.search(r"(\d+) more lines? with [\d.]+ %", text)
        check(f"{name}: lines left out are counted", left or rows > 40, text)


def columns_left_out_are_named():
    events = ["TASK_CLOCK", "PAGE_FAULTS", "CONTEXT_SWITCHES"]
    _, lines = on_a_terminal(["sh", "-c", JOBS], 24, 60)
    text = ESCAPE.sub("", "\n".join(lines))
    check("a narrow terminal: columns without room are named",
          re.search(r"no room for columns: .*context-switches|no room for columns: .*more", text),
          text)
    check("a column that repeats another is named, not shown",
          "task-clock (same as" in text, text)
    _, lines = on_a_terminal(["sh", "-c", JOBS], 24, 200)
    text = ESCAPE.sub("", "\n".join(lines))
    check("a wide terminal: all columns", "no room" not in text
          and all(event.lower().replace("_", "-") in text for event in events), text)


def colours():
    cases = [
        ("terminal", (), {}, True),
        ("NO_COLOR", (), {"NO_COLOR": "1"}, False),
        ("TERM=dumb", (), {"TERM": "dumb"}, False),
        ("--color=never", ["--color=never"], {}, False),
        ("--color=always beats NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True),
    ]
    for name, options, env, coloured in cases:
        _, lines = on_a_terminal(["sh", "-c", "echo ready; exit 3"], 24, 80, options, env)
        text = "\n".join(lines)
        check_equal(f"colour: {name}", "\x1b[" in text, coloured)
        check(f"colour: {name}: the same words", "(exit 3)" in ESCAPE.sub("", text), text)
    result = run(["sh", "-c", "exit 3"])
    check("no colour in a log", "\x1b" not in result.stderr, result.stderr)
    result = run(["sh", "-c", "exit 3"], options=["--color=always"])
    check("colour in a log with --color=always", "\x1b[31m(exit 3)" in result.stderr, result.stderr)


def colours_of_a_report():
    cases = [
        ("terminal", (), {}, True),
        ("NO_COLOR", (), {"NO_COLOR": "1"}, False),
        ("--color=never", ["--color=never"], {}, False),
        ("--color=always beats NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True),
    ]
    with folder() as tmp:
        subprocess.run(agent_args(["sh", "-c", "exit 3"], tmp / "out.csv"), cwd=tmp,
                       stderr=subprocess.DEVNULL)
        for name, options, env, coloured in cases:
            term = Terminal([AGENT, "report", *options, "out.csv"], tmp,
                            env={"LC_ALL": "C.UTF-8", "NO_COLOR": "", **env})
            try:
                term.status()
            finally:
                term.close()
            check_equal(f"colour of a report: {name}", b"\x1b[" in term.output, coloured)
        for options, coloured in ((), False), (("--color=always",), True):
            piped = subprocess.run([AGENT, "report", *options, "out.csv"], cwd=tmp,
                                   capture_output=True)
            check_equal(f"colour of a report in a pipe {' '.join(options)}",
                        b"\x1b[31m  (exit 3)" in piped.stdout, coloured)


def read_json(command, options=(), **kwargs):
    result = run(command, options=["--summary=json", *options], **kwargs)
    return result, json.loads(result.stderr)


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(node["children"])


def json_says_what_the_file_says():
    script = (
        "exec 2>/dev/null; for i in 1 2 3 4 5; do /bin/true $i; done; "
        "seq 20000 | sort -r >/dev/null; sh -c 'kill -9 $$'; sh -c 'exit 7'; :")
    result, summary = read_json(["sh", "-c", script])
    check_equal("JSON: format", (summary["format"], summary["version"]),
                ("alumet-agent summary", 1))
    check_equal("JSON: the command", summary["command"], ["sh", "-c", script])
    check_equal("JSON: how it ended", summary["exit"], {"status": 0})
    found = lives(parse(result.csv))
    nodes = list(walk(summary["tree"]))
    check_equal("JSON: every process", (summary["processes"], sum(n["processes"] for n in nodes)),
                (len(found), len(found)))
    clock = sum(int(row.value) for row in last_rows(result) if row.metric == TASK_CLOCK)
    check_equal("JSON: the total is the file's", summary["totals"]["task-clock"], clock)
    check_equal("JSON: own values add up to it", sum(n["own"]["task-clock"] for n in nodes), clock)
    wrong = [n for n in nodes if n["inclusive"]["task-clock"] != n["own"]["task-clock"]
             + sum(child["inclusive"]["task-clock"] for child in n["children"])]
    check("JSON: inclusive is own and the children's inclusive", not wrong, wrong)
    unsorted = [n for n in nodes if [c["inclusive"]["cpu-time"] for c in n["children"]]
                != sorted((c["inclusive"]["cpu-time"] for c in n["children"]), reverse=True)]
    check("JSON: siblings are sorted", not unsorted, unsorted)
    failed = {(f["name"], *f["exit"].values()) for f in summary["failed"]}
    check("JSON: what failed", {("sh", 7), ("sh", 9, False, False)} <= failed, failed)
    check_equal("JSON: where the rows are", [os.path.basename(f)
                                             for f in summary["files"]], ["out.csv"])
    costs = [p["values"]["cpu-time"] for p in summary["costliest"]]
    per_process = sorted((int(row.value) for row in last_rows(result) if row.metric == TASK_CLOCK),
                         reverse=True)
    check_equal("JSON: the costliest are the file's", costs, per_process[:10])


def last_rows(result):
    """The last row of each process and metric: pids do not repeat in so short a run."""
    last = {}
    for row in result.rows:
        if row.consumer[0] == "process":
            last[row.metric, row.consumer] = row
    return last.values()


def json_keeps_to_its_schema():
    try:
        import jsonschema
    except ImportError:
        return skip("JSON: the schema", "python3-jsonschema is not installed")
    schema = json.loads((ROOT / "docs" / "summary.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for script in ("exit 3", "sleep 5 >/dev/null 2>&1 & kill -9 $$",
                   "exec 2>&-; for i in 1 2; do sh -c 'exit '$i; done"):
        _, summary = read_json(["sh", "-c", script])
        wrong = list(jsonschema.Draft202012Validator(schema).iter_errors(summary))
        check(f"JSON: keeps to its schema: {script}", not wrong, wrong[:1])


def any_bytes_are_valid_json():
    script = "import os; os.execv('/bin/true', [b'\\xff\\xfe', b'\\x1b[2J\"\\\\', 'é\\n\\x9b'])"
    result, _ = read_json([sys.executable, "-c", script])
    check("JSON: bytes that are not UTF-8 and control characters are escaped",
          not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", result.stderr),
          result.stderr)


def sorted_by():
    # The first child waits, without a CPU, until the second has ended, which computes.
    script = ("import os\n"
              "r, w = os.pipe()\n"
              "if os.fork() == 0:\n    os.close(w); os.read(r, 1); os._exit(0)\n"
              "if os.fork() == 0:\n    os.execvp('sh', ['sh', '-c', 'i=0; "
              "while [ $i -lt 40000 ]; do i=$((i+1)); done'])\n"
              "os.wait(); os.close(w); os.wait()")
    for by, first in ("cpu", "sh"), ("wall", "python"):
        _, summary = read_json([sys.executable, "-c", script], options=[f"--by={by}"])
        children = summary["tree"][0]["children"]
        check(f"--by={by}: {first} first", children[0]["name"].startswith(first),
              [c["name"] for c in children])
    with folder() as tmp:
        result = agent("--plugins", "perf,csv", "-e", "page-faults", "exec", "--by=cycles", "true",
                       cwd=tmp)
        check("--by: what is not measured is refused, and what is, is named",
              result.returncode == 125 and "page-faults" in result.stderr
              and not (tmp / "alumet-output.csv").exists(), result.stderr)


def markdown_has_tables():
    result = run(["sh", "-c", "/bin/true 'a|b`c'; exit 3"], options=["--summary=markdown"])
    tables = re.findall(r"(?:^\|.*\n)+", result.stderr, re.MULTILINE)
    for table in tables:
        # A bar that ends a cell is not escaped.
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        check("Markdown: a table's rows have as many cells each", len(widths) == 1, table)
    check("Markdown: tables of the tree and of the costliest", len(tables) == 2, result.stderr)
    check("Markdown: what failed", "exit 3" in result.stderr, result.stderr)


def written_to_a_file():
    command = ["sh", "-c", "echo to stderr >&2; exit 3"]
    for mode, begin in ("json", "{"), ("markdown", "### "), ("short", "sh -c"), ("full", "sh -c"):
        with folder() as tmp:
            file = tmp / "summary"
            result = run(command, options=[f"--summary={mode}:{file}", "--color=auto"])
            name = f"--summary={mode}:FILE"
            check_equal(f"{name}: status, stderr", (result.status, result.stderr),
                        (3, "to stderr\n"))
            text = file.read_text()
            check(f"{name}: the whole summary",
                  text.lstrip().startswith(begin) and text.endswith("\n") and "\x1b" not in text,
                  text)
            if mode == "json":
                check_equal(f"{name}: JSON", json.loads(text)["exit"], {"status": 3})
    with folder() as tmp:
        file = tmp / "out.csv"
        result = run(["true"], output="out.csv", options=["--summary=json:out.csv"], cwd=tmp)
        check("the file of the rows as well: refused", result.status == 125 and
              "out.csv" in result.stderr, result.stderr)
        result = run(["true"], options=["--summary=json:/nowhere/x"])
        check("a folder that is not there: nothing is run", result.status == 125 and
              "/nowhere/x" in result.stderr, result.stderr)
        real = tmp / "real"
        real.write_text("kept")
        result = run(["/nowhere/command"], options=[f"--summary=json:{real}"])
        check_equal("the command could not be started: the file is as it was", real.read_text(),
                    "kept")


def quiet():
    result = run(["true"], options=["--summary=none"])
    check_equal("--summary=none says nothing", result.stderr, "")
    result = run(["true"], options=["-q"])
    check_equal("-q says nothing", result.stderr, "")


if __name__ == "__main__":
    main(fits_the_terminal, columns_left_out_are_named, colours, colours_of_a_report,
         json_says_what_the_file_says, json_keeps_to_its_schema, any_bytes_are_valid_json,
         sorted_by, markdown_has_tables, written_to_a_file, quiet)
