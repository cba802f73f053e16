#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports of saved runs of which everything is known: every format gives it back, as other projects'
programs read it. build/witness has those (tools/witnesses.sh).
"""

import base64
import collections
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from lib import AGENT, ROOT, check, check_equal, folder, is_sanitized, main, skip, wait_until

WITNESS = ROOT / "build" / "witness"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser"), str(WITNESS / "python")]

import saved_runs  # noqa: E402
from energy_runs import CPUS, lay_out  # noqa: E402
from saved_runs import MS, Process  # noqa: E402

FLAMEGRAPH = "/usr/share/perl5/Devel/NYTProf/flamegraph.pl"
BUILD = saved_runs.build(400)
ENERGY = saved_runs.energy_rows("package", [(100 * MS * i, 0.1 + i / 7) for i in range(1, 12)])
CSV = saved_runs.csv(BUILD, ENERGY)


def report(*arguments, stdin=None, status=0):
    """What report writes to the standard output, and its messages."""
    result = subprocess.run([AGENT, "report", *map(str, arguments)], input=stdin,
                            capture_output=True, timeout=120)
    if result.returncode != status:
        raise AssertionError(f"status {result.returncode}: {result.stderr.decode()}")
    return result.stdout, result.stderr.decode()


def made(form, csv=CSV, *arguments):
    """The report of a CSV in a format."""
    return report("--format", form, *arguments, "-", stdin=csv)[0]


def witness(name):
    """A package of PyPI, or None after a skip."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError:
        skip(name, "the package is not there; run tools/setup.sh browser")
        return None


def by_pid(processes):
    return {process.pid: process for process in processes}


def run_end():
    return max([p.end for p in BUILD] + [1100 * MS])


# --- json ----------------------------------------------------------------------------------------

def json_gives_everything_back():
    found = json.loads(made("json"))
    truth = by_pid(BUILD)
    check_equal("json: processes", len(found["processes"]), len(BUILD))
    wrong = []
    for process in found["processes"]:
        true = truth[process["pid"]]
        parent = found["processes"][process["parent"]]["pid"] if "parent" in process else 999
        values = process["values"]
        pairs = [(parent, true.ppid), (process["comm"], true.comm), (process["args"], true.args),
                 (process["start"], saved_runs.timestamp(true.begin)),
                 (process["end"], saved_runs.timestamp(true.end)),
                 (process["wall_ns"], true.end - true.begin), (process.get("signal",
                                                                           0), true.signal),
                 (process.get("exit_status", 0), true.status), (values["cpu-time"], true.cpu),
                 (values["peak-rss"], true.rss), (values["page-faults"], true.faults),
                 (values.get("attributed-energy", 0), true.joules)]
        wrong += [(true.pid, pair) for pair in pairs if pair[0] != pair[1]]
    check("json: each process as it was", not wrong, wrong[:5])
    check_equal("json: total CPU time", found["total"]["values"]["cpu-time"],
                sum(p.cpu for p in BUILD))
    check_equal("json: the largest memory", found["total"]["values"]["peak-rss"],
                max(p.rss for p in BUILD))
    check_equal("json: failed", found["total"]["failed"], sum(p.failed for p in BUILD))
    count = collections.Counter(p.comm for p in BUILD)
    check_equal("json: commands", {c["command"]: c["processes"]
                                   for c in found["commands"]}, dict(count))
    joules = sum(0.1 + i / 7 for i in range(1, 12))
    check("json: joules", abs(found["energy"][0]["joules"] - joules) < 1e-9, found["energy"])


def note(kind, text, at=1000 * MS, **more):
    """The row of something that the agent reported at the end of a run."""
    return at, (f"run_note;{saved_runs.timestamp(at)};1;{saved_runs.MACHINE}" +
                saved_runs.late(kind=kind, text=text, **more))


LOSS = "3 of 1204 tasks were not followed: perf.max_tasks, was full"
NOTE = "at most 0.4 % <estimated> | a=b\nand so on"


def what_was_lost_is_told():
    """What exec said at a run's end is told by every report for people, and by json, of the run
    that it is of."""
    csv = saved_runs.csv(saved_runs.small(), [note("loss", LOSS), note("note", NOTE)])
    text = made("text", csv).decode()
    check(
        "text: what is missing, and what is noted",
        re.search(r"^  missing +3 of 1204 tasks were not followed: perf.max_tasks, was full$", text,
                  re.MULTILINE) and
        re.search(r"^  note +at most 0.4 % <estimated> | a=b", text, re.MULTILINE), text)
    markdown = made("markdown", csv).decode()
    check("markdown: both", LOSS in markdown.replace("\\", "") and "0.4 %" in markdown, markdown)
    check_equal("json: both, in the order of the file",
                json.loads(made("json", csv))["notices"],
                [{"run": 0, "kind": "loss", "text": LOSS}, {
                    "run": 0, "kind": "note", "text": NOTE.replace("\n", "\\n")}])
    with folder() as where:
        (where / "one.csv").write_bytes(csv)
        (where / "two.csv").write_bytes(saved_runs.csv(saved_runs.small()))
        both = report("--format", "text", where / "two.csv", where / "one.csv")[0].decode()
        check("text: of the run that it is of", LOSS not in both.split("two.csv")[0] and
              both.count(LOSS) == 1, both)
        check_equal("json: of the run that it is of", [
            notice["run"] for notice in json.loads(
                report("--format", "json", where / "two.csv", where / "one.csv")[0])["notices"]],
                    [1, 1])


def estimates_are_marked():
    """A count that is estimated in part looks otherwise than one that is not."""
    rows = saved_runs.csv(saved_runs.small()).decode().splitlines()
    bounds = {"4000": "estimated=7000", "3000": "estimated=12"}
    rows = [row + bounds.get(row.split(";")[2], "") * ("PAGE_FAULTS" in row) for row in rows]
    csv = "\n".join(rows + [""]).encode()
    text = made("text", csv).decode()
    faults = dict(re.findall(r"^\W*(cc1|ld|total)\b.*?(~?[\d.]+k?)$", text, re.MULTILINE))
    check("text: estimates are marked", faults.get("ld") == "900" and "~4000" in text and
          re.search(r" 3000$", text, re.MULTILINE) and faults.get("total", "").startswith("~"),
          text)
    check("markdown: estimates are marked", "~4000 |" in made("markdown", csv).decode())
    bounds = {process["pid"]: process.get("estimated")
              for process in json.loads(made("json", csv))["processes"]}
    check_equal("json: by how much they may be wrong", (bounds[102], bounds[103], bounds[104]),
                ({"page-faults": 7000}, {"page-faults": 12}, None))


def json_keeps_its_schema():
    jsonschema = witness("jsonschema")
    if not jsonschema:
        return
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    odd = saved_runs.csv([Process(1, 0, "a\udcff\n\"", "\u202e<script>", 0, 5, life=1),
                          Process(1, 7, "b", "b", 6, 9, life=2, signal=9)])
    told = saved_runs.csv(saved_runs.small(), [
        note("loss", LOSS),
        (0, f"run_info;{saved_runs.timestamp(0)};1;{saved_runs.MACHINE}"
         "args=a\\=b,cpus=2,hostname=n1")])
    check_equal("json: what run_info says",
                json.loads(made("json", told))["runs"][0]["info"],
                {"args": "a=b", "cpus": "2", "hostname": "n1"})
    job = told.replace(b"args=a", b"hostname=n2,job_id=7,step=1,args=a").replace(
        b"comm=cc1,exe", b"comm=cc1,rank=3,exe").replace(b"comm=ld,exe", b"comm=ld,rank=12,exe")
    check_equal("json: the ranks of a job",
                [rank["rank"]
                 for rank in json.loads(made("json", job))["jobs"][0]["ranks"]], ["3", "12"])
    for name, csv in (("a build", CSV), ("a parallel job", job), ("a run that says more of itself",
                                                                  told), ("odd names", odd),
                      ("nothing", saved_runs.HEADER.encode())):
        errors = list(
            jsonschema.Draft202012Validator(schema).iter_errors(json.loads(made("json", csv))))
        check(f"json: {name} keeps the schema", not errors, lambda: errors[0].message)
    broken = json.loads(made("json"))
    broken["processes"][0]["pid"] = "1"
    check("json: the schema notices", not jsonschema.Draft202012Validator(schema).is_valid(broken))


# --- folded --------------------------------------------------------------------------------------

def folded_truth(value):
    """{stack: sum}, by the known processes."""
    truth, sums = by_pid(BUILD), collections.Counter()
    for process in BUILD:
        stack, at = [], process
        while at:
            stack.insert(0, at.comm)
            at = truth.get(at.ppid)
        sums[";".join(stack)] += value(process)
    return sums


def folded_adds_up():
    for by, value, scale in (("cpu", lambda p: p.cpu, 1000), ("energy", lambda p: p.joules, 1e-6),
                             ("page-faults", lambda p: p.faults,
                              1), ("wall", lambda p: p.end - p.begin, 1000)):
        lines = made("folded", CSV, "--by", by).decode().splitlines()
        found = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in lines}
        wrong = {
            stack: (found.get(stack, 0), total / scale)
            for stack, total in folded_truth(value).items()
            if abs(found.get(stack, 0) - total / scale) > 0.51}
        check(f"folded by {by}: each stack's sum", not wrong and len(found) <= 6, wrong)
    _, message = report("--format", "folded", "--by", "cycles", "-", stdin=CSV, status=2)
    check("folded: a measure that the file lacks is refused, with those it has", "page-faults"
          in message, message)


def flamegraph_reads_folded():
    if not os.path.exists(FLAMEGRAPH):
        return skip("flamegraph.pl",
                    "libdevel-nytprof-perl is not installed; run tools/setup.sh browser")
    folded = made("folded")
    svg = subprocess.run(["perl", FLAMEGRAPH, "--countname", "us"], input=folded,
                         capture_output=True, timeout=60)
    total = sum(int(line.rpartition(b" ")[2]) for line in folded.splitlines())
    shown = re.search(r"all \(([\d,]+) us, 100%\)", svg.stdout.decode())
    check_equal("folded: flamegraph.pl shows the sum", shown and int(shown[1].replace(",", "")),
                total)


def speedscope_reads(form):
    from devtools import Browser, find_browser
    release = WITNESS / "node_modules" / "speedscope" / "dist" / "release"
    if not release.exists() or not find_browser():
        return skip(f"{form}: speedscope",
                    "speedscope or Chromium is not there; run tools/setup.sh browser")
    data = base64.b64encode(made(form)).decode()
    with folder() as where, Browser() as browser:
        script = where / "profile.js"
        script.write_text(f"speedscope.loadFileFromBase64('run.{form}', '{data}')")
        browser.call("Page.navigate",
                     url=f"file://{release / 'index.html'}#localProfilePath={script}")
        wait_until(lambda: "run." in (browser.js("document.title") or ""), 60, 0.1)
        check(f"{form}: speedscope opens it",
              browser.js("document.title").startswith("run."), browser.js("document.title"))


def speedscope_reads_folded():
    speedscope_reads("folded")


# --- perfetto ------------------------------------------------------------------------------------

def perfetto_nests():
    pb2 = witness("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
    if not pb2:
        return
    from google.protobuf.unknown_fields import UnknownFieldSet
    trace = pb2.Trace()
    trace.ParseFromString(made("perfetto"))
    tracks, open_slices, lives, counters, wrong = {}, {}, {}, collections.defaultdict(list), []
    for packet in trace.packet:
        if packet.trusted_packet_sequence_id == 0 or len(UnknownFieldSet(packet)):
            wrong.append("a packet without a sequence, or with fields that are not known")
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            if track.parent_uuid and track.parent_uuid not in tracks:
                wrong.append(f"track {track.uuid} comes before its parent")
            if track.uuid in tracks or track.uuid == 0:
                wrong.append(f"track {track.uuid} is there already")
            tracks[track.uuid] = track
            continue
        event = packet.track_event
        if event.track_uuid not in tracks:
            wrong.append(f"an event of track {event.track_uuid}, which is not there")
        elif event.type == event.TYPE_SLICE_BEGIN:
            if event.track_uuid in open_slices or event.track_uuid in lives:
                wrong.append("a slice in a slice")
            open_slices[event.track_uuid] = packet
        elif event.type == event.TYPE_SLICE_END:
            begin = open_slices.pop(event.track_uuid)
            lives[event.track_uuid] = (begin, packet.timestamp)
        elif event.type == event.TYPE_COUNTER:
            if not tracks[event.track_uuid].HasField("counter"):
                wrong.append("a count of what is no counter")
            counters[tracks[event.track_uuid].name].append(
                (packet.timestamp, event.double_counter_value))
    check("perfetto: tracks and slices nest", not wrong and not open_slices, wrong[:3])
    truth, bad = by_pid(BUILD), []
    for uuid, (begin, end) in lives.items():
        notes = {note.name: note for note in begin.track_event.debug_annotations}
        process = truth[notes["pid"].uint_value]
        parent = lives.get(tracks[uuid].parent_uuid)
        parent_pid = {note.name: note
                      for note in parent[0].track_event.debug_annotations
                      }["pid"].uint_value if parent else 999
        pairs = [(begin.timestamp, process.begin), (end, process.end),
                 (begin.track_event.name, process.comm), (parent_pid, process.ppid),
                 (notes["args"].string_value, process.args),
                 (notes["process_cpu_time"].uint_value, process.cpu)]
        if parent and not parent[0].timestamp <= begin.timestamp <= end <= parent[1]:
            bad.append((process.pid, "outlives its parent"))
        bad += [(process.pid, pair) for pair in pairs if pair[0] != pair[1]]
    check("perfetto: each process's life, parent and values", not bad and len(lives) == len(BUILD),
          bad[:3])
    def integral(points):
        return sum(value * (after - at)
                   for (at, value), (after, _) in zip(points, points[1:])) * 1e-9
    joules = integral(counters["package 0 watts"])
    check("perfetto: watts over time are the joules",
          abs(joules - sum(0.1 + i / 7 for i in range(1, 12))) < 1e-6, joules)
    cpu = integral(counters["CPUs busy"])
    true = sum(p.cpu for p in BUILD) * 1e-9
    check("perfetto: CPUs busy over time are the CPU time",
          abs(cpu / true - 1) < 0.001, (cpu, true))


# --- firefox -------------------------------------------------------------------------------------

def firefox_keeps_its_format():
    profile = json.loads(made("firefox"))
    thread, wrong = profile["threads"][0], []
    for name in ("samples", "markers", "stackTable", "frameTable", "funcTable", "resourceTable",
                 "nativeSymbols"):
        table = thread[name]
        wrong += [(name, key) for key, column in table.items()
                  if isinstance(column, list) and len(column) != table["length"]]
    n_strings, stacks = len(thread["stringArray"]), thread["stackTable"]
    checks = [(thread["markers"]["name"], n_strings), (thread["funcTable"]["name"], n_strings),
              (thread["frameTable"]["func"], thread["funcTable"]["length"]),
              (stacks["frame"], thread["frameTable"]["length"]),
              (thread["samples"]["stack"], stacks["length"]),
              (thread["markers"]["category"], len(profile["meta"]["categories"]))]
    wrong += [column[:3] for column, limit in checks if any(not 0 <= i < limit for i in column)]
    wrong += [
        i for i, prefix in enumerate(stacks["prefix"])
        if prefix is not None and not 0 <= prefix < i]
    check("firefox: columns are as long as they say, indices exist, prefixes come before",
          not wrong, wrong[:3])
    check_equal("firefox: version", profile["meta"]["preprocessedProfileVersion"], 48)
    schema = {
        entry["name"]: {item["key"]
                        for item in entry["data"]}
        for entry in profile["meta"]["markerSchema"]}
    check("firefox: markers have what their schema has",
          all(set(data) - {"type"} <= schema[data["type"]] for data in thread["markers"]["data"]))
    total = sum(thread["samples"]["weight"])
    check("firefox: weights are the CPU time",
          abs(total - sum(p.cpu for p in BUILD) * 1e-6) < 1e-6 * total, total)
    counter = profile["counters"][0]
    joules = sum(counter["samples"]["count"]) * 3600e-12
    check(
        "firefox: the power counter counts picowatt hours", counter["category"] == "power" and
        abs(joules - sum(0.1 + i / 7 for i in range(1, 12))) < 1e-6, joules)
    truth = by_pid(BUILD)
    markers = thread["markers"]
    bad = [
        data["pid"]
        for data, start, end in zip(markers["data"], markers["startTime"], markers["endTime"])
        if abs(start - truth[int(data["pid"])].begin * 1e-6) > 1e-6 or
        abs(end - truth[int(data["pid"])].end * 1e-6) > 1e-6]
    check("firefox: lifetimes", not bad, bad[:3])


# --- openmetrics ---------------------------------------------------------------------------------

def openmetrics_is_parsed():
    parser = witness("prometheus_client.openmetrics.parser")
    if not parser:
        return
    samples = {}
    for family in parser.text_string_to_metric_families(made("openmetrics").decode()):
        for sample in family.samples:
            samples[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    sums = collections.Counter()
    for process in BUILD:
        sums[process.comm] += process.cpu
    wrong = {
        comm: cpu
        for comm, cpu in sums.items() if abs(samples["alumet_process_cpu_time_seconds_total",
                                                     (("command", comm),)] - cpu * 1e-9) > 1e-9}
    check("openmetrics: CPU time of each command", not wrong, wrong)
    energy = [value for (name, _), value in samples.items() if name == "alumet_energy_joules_total"]
    check("openmetrics: joules",
          abs(sum(energy) - sum(0.1 + i / 7 for i in range(1, 12))) < 1e-9, energy)
    odd = saved_runs.csv([Process(i, 0, f'c{i}"\\\n', "x", 0, 5, cpu=i) for i in range(1, 150)])
    families = list(parser.text_string_to_metric_families(made("openmetrics", odd).decode()))
    cpu = next(family for family in families if family.name == "alumet_process_cpu_time_seconds")
    check_equal("openmetrics: the commands beyond a hundred are one", len(cpu.samples), 101)
    check("openmetrics: and nothing is left out",
          abs(sum(s.value for s in cpu.samples) - sum(range(1, 150)) * 1e-9) < 1e-15)


# --- files ---------------------------------------------------------------------------------------

def compressed_files_are_the_same():
    with folder() as where:
        plain = where / "run.csv"
        # zstd has blocks of 128 KiB: half of a file has to hold some.
        build = saved_runs.build(6000)
        plain.write_bytes(saved_runs.csv(build))
        (where / "run.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        zstd = shutil.which("zstd")
        if zstd:
            subprocess.run([zstd, "-q", str(plain)], check=True)
        else:
            skip("zstd", "zstd is not installed; run tools/setup.sh test")
        expected = report("--format", "folded", plain)[0]
        for name in ("run.csv.gz", "run.csv.zst") if zstd else ("run.csv.gz",):
            check_equal(f"{name}: the same report", report("--format", "folded", where / name),
                        (expected, ""))
            cut = (where / name).read_bytes()
            (where / f"cut-{name}").write_bytes(cut[:len(cut) // 2])
            out, message = report("--format", "json", where / f"cut-{name}")
            n = len(json.loads(out)["processes"])
            check(f"{name}, cut: read as far as it goes, and said", 0 < n < len(build) and
                  "end early" in message, (n, message))


def every_cut_is_read():
    """A file cut anywhere is a report of the rows before."""
    csv = saved_runs.csv(saved_runs.small(), saved_runs.SMALL_ENERGY)
    first = csv.index(b"\n") + 1
    before, wrong = -1, []
    for at in range(first, len(csv), 37):
        out, message = report("--format", "json", "-", stdin=csv[:at])
        n = len(json.loads(out)["processes"])
        if n < before or ("unfinished" in message) != (csv[at - 1:at] != b"\n"):
            wrong.append((at, n, message))
        before = n
    check("a file cut anywhere is read as far as it goes", not wrong, wrong[:2])


def several_files():
    with folder() as where:
        for i in range(3):
            (where / f"run-{i}.csv").write_bytes(saved_runs.csv(saved_runs.small()))
        found = json.loads(report("--format", "json", where / "run-?.csv")[0])
        check_equal("a pattern names several files",
                    [pathlib.Path(run["file"]).name
                     for run in found["runs"]], ["run-0.csv", "run-1.csv", "run-2.csv"])
        check_equal("their processes are told apart", [p["run"] for p in found["processes"]],
                    [0] * 5 + [1] * 5 + [2] * 5)
        _, message = report("--format", "json", where / "none.csv", status=125)
        check("a file that is not there is an error", "none.csv" in message, message)
        _, message = report("--format", "json", ROOT / "README.md", status=125)
        check("what is no saved run is refused", "not a saved run" in message, message)


def without_a_name():
    """Without a file it is the one that exec writes when none is named."""
    with folder() as where:
        result = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        check("no default file: what to do is said", result.returncode == 125 and
              "exec --report=html" in result.stderr, result.stderr)
        result = subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "page-faults", "exec", "--report=html", "--",
            "sh", "-c", "exit 3"], cwd=where, capture_output=True, text=True, timeout=60)
        check_equal("exec --report: the command's status", result.returncode, 3)
        check("exec --report: where it is is said", "alumet-output.html" in result.stderr,
              result.stderr)
        check("exec --report: the page",
              (where / "alumet-output.html").read_bytes().startswith(b"<!DOCTYPE html>"))
        result = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        (where / "alumet-config.toml").write_text('[plugins.csv]\noutput_path = "run-%p-%t.csv"\n')
        for status in (4, 5):
            subprocess.run([
                AGENT, "--plugins", "perf,csv", "exec", "--", "sh", "-c", f"exit {status}"],
                           cwd=where, capture_output=True, timeout=60)
            # The newest counts, to the last nanosecond of the file's time.
            for path in where.glob("run-*.csv"):
                os.utime(path, ns=(0, path.stat().st_mtime_ns - 10 ** 9))
        last = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                              timeout=60)
        check("report alone: the newest of the configuration's files", last.returncode == 0 and
              "exit 5" in last.stdout, last.stderr + last.stdout)
        configuration = where / "alumet-config.toml"
        configuration.write_text('[plugins.csv]\noutput_path = "elsewhere-%h.csv"\n')
        last = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                              timeout=60)
        check("report alone: the configuration's file is not there", last.returncode == 125 and
              "elsewhere-%h.csv" in last.stderr, last.stderr)
        (where / "alumet-config.toml").unlink()
        check("report alone: the last run", result.returncode == 0 and "exit 3" in result.stdout,
              result.stderr + result.stdout)
        result = subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "page-faults", "-o", "/dev/stdout", "exec",
            "--report=html", "--", "touch", "ran"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        check("exec --report of what cannot be read again: refused before the command runs",
              result.returncode == 125 and "no rows to read" in result.stderr and
              not (where / "ran").exists(), result.stderr)


def format_by_name():
    with folder() as where:
        (where / "run.csv").write_bytes(CSV)
        for name, begin in (("a.html", b"<!DOCTYPE html>"), ("a.json", b'{"version":1'),
                            ("a.folded", b"make "), ("a.firefox.json", b'{"meta"')):
            report("-o", where / name, where / "run.csv")
            found = (where / name).read_bytes()[:len(begin)]
            check_equal(f"-o {name}", found, begin)
        report("-o", where / "a.b", "--format", "text", where / "run.csv")
        report("-o", where / "plain", where / "run.csv")
        check("-o without a suffix: text", b"processes" in (where / "plain").read_bytes())
        _, message = report("-o", where / "a.pdf", where / "run.csv", status=2)
        check("-o a.pdf: which formats there are", "'.pdf'" in message and "markdown" in message
              and not (where / "a.pdf").exists(), message)
        _, message = report("-", stdin=b"", status=125)
        check("an empty file: it says so", "is empty" in message, message)
        _, message = report("-o", "/dev/full", "--format", "json", where / "run.csv", status=125)
        check("a full disk is an error", "No space left" in message, message)


# --- the same totals everywhere, of a real run ----------------------------------------------------

def a_real_run():
    script = ("for i in 1 2 3 4 5; do seq 20000 | sort | md5sum >/dev/null; done; sh -c 'exit 3'; "
              "sh -c 'kill -9 $$'; true")
    with folder() as where:
        csv = where / "run.csv"
        subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "task-clock,page-faults", "-o",
            str(csv), "exec", "--", "sh", "-c", script], check=True, capture_output=True,
                       timeout=60)
        found = json.loads(report("--format", "json", csv)[0])
        total = found["total"]["values"]
        check(
            "every process has a name and a parent",
            all(p["comm"] and ("parent" in p or i == 0)
                for i, p in enumerate(found["processes"])), found)
        folded = sum(
            int(line.rpartition(b" ")[2])
            for line in report("--format", "folded", "--by", "page-faults", csv)[0].splitlines())
        check_equal("folded: the same page faults", folded, total["page-faults"])
        duckdb = witness("duckdb")
        if duckdb:
            rows = duckdb.sql(f"""select metric, sum(value) from (
                select metric, consumer_id, max(value) as value
                from read_csv('{csv}', delim=';', header=true, all_varchar=false)
                where consumer_kind = 'process' group by all) group by all""").fetchall()
            sums = {metric: value for metric, value in rows}
            check_equal("DuckDB: the same page faults", sums["perf_software_PAGE_FAULTS"],
                        total["page-faults"])
            check_equal("DuckDB: the same task clock", sums["perf_software_TASK_CLOCK"],
                        total["task-clock"])


WORK = """for i in 1 2 3; do seq 9000 | sort >/dev/null; done
(sleep 0.02; :)
sh -c 'exit 3'
sh -c 'echo "a b" >/dev/null; kill -9 $$' "x y" ''
"""


def text_is_the_summary():
    """What the summary of a run said, the report of its file says, word for word."""
    with folder() as where:
        csv = where / "run.csv"
        machine = lay_out(where / "machine", [0] * CPUS, scale="2e-8")
        (where / "work.sh").write_text(WORK)
        sysroots = [word for plugin in ("rapl", "energy-attribution")
                    for word in ("--config-override", f"plugins.{plugin}.sysroot='{machine.path}'")]
        for name, more in (("processes", ["--plugins", "perf,csv", "-e", "page-faults"]),
                           ("default events", ["--plugins", "perf,csv"]), ("energy", [
                               *sysroots, "-e", "page-faults"])):
            run = subprocess.run([
                AGENT, *more, "-o",
                str(csv), "--summary=full", "exec", "--", "sh", "work.sh", "a b", ""], cwd=where,
                                 capture_output=True, text=True, timeout=60)
            # What the agent and the shell told before it; the file before, which is kept, is no
            # matter of the run.
            said = [
                line for line in run.stderr[run.stderr.index("\nsh work.sh"):].splitlines()
                if line and "are kept in" not in line]
            found = [line for line in report(csv)[0].decode().splitlines() if line]
            check(f"text: the summary, {name}",
                  len(said) > 20 and said == found,
                  lambda s=said, f=found: "\n".join(s + ["--"] + f))
        by = report("--by", "page-faults", csv)[0].decode()
        check("text: sorted by what was asked for",
              re.search(r"^  command +page-faults", by, re.MULTILINE), by)
        shutil.copy(csv, where / "copy.csv")
        two = report(csv, where / "copy.csv")[0].decode()
        check_equal("text: a summary of each run", two.count("\n  wall time "), 2)


def markdown_is_small():
    wide = saved_runs.csv([Process(1, 0, "a", "a", 0, 5 * MS)] + [
        Process(10 + i, 1, f"c{i}", f"c{i} " + "x" * 90, i, 5 * MS, cpu=1000)
        for i in range(30000)])
    text = made("markdown", wide).decode()
    check("markdown: below 1 MiB", 1000 < len(text.encode()) <= 1 << 20, len(text))
    odd = saved_runs.csv([Process(1, 0, "a|b`c<script>*_", "a|b`c<script>*_\n# x", 0, 5, cpu=5)])
    text = made("markdown", odd).decode()
    check("markdown: a name cannot leave its line", "\n# x" not in text and
          not any("a|b" in line for line in text.splitlines() if line.startswith("|")), text)


def no_library_for_reports():
    """What reports need costs no start of exec anything: libzstd and zlib are in the program, libm
    is not needed."""
    needed = re.findall(
        r"NEEDED.*\[(lib(?:m|z|zstd)\..*)\]",
        subprocess.run(["readelf", "-d", AGENT], capture_output=True, text=True, check=True).stdout)
    if os.environ.get("O", "build") != "build":
        return skip("no library for reports", "not the usual build")
    check_equal("no library is loaded for reports alone", needed, [])


def large_file():
    """100 000 processes: below 200 MB in every format."""
    if is_sanitized():
        return skip("a large file", "sanitizers need memory themselves")
    with folder() as where:
        csv = where / "run.csv"
        with csv.open("wb") as file:
            subprocess.run([sys.executable, ROOT / "tests" / "saved_runs.py", "100000"],
                           stdout=file, check=True)
        for form in ("text", "html", "markdown", "json", "folded", "perfetto", "openmetrics",
                     "firefox"):
            began = time.monotonic()
            child = subprocess.Popen([
                AGENT, "report", "--format", form, "-o",
                str(where / "out"),
                str(csv)])
            _, status, usage = os.wait4(child.pid, 0)
            print(
                f"# {form}: {csv.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.2f} s, "
                f"CPU {usage.ru_utime + usage.ru_stime:.2f} s, "
                f"{usage.ru_maxrss / 1000:.0f} MB")
            check(f"{form} of 100 000 processes below 200 MB", status == 0 and
                  usage.ru_maxrss < 200_000, usage.ru_maxrss)


main(json_gives_everything_back, what_was_lost_is_told, estimates_are_marked, json_keeps_its_schema,
     folded_adds_up, flamegraph_reads_folded, speedscope_reads_folded, perfetto_nests,
     firefox_keeps_its_format, openmetrics_is_parsed, compressed_files_are_the_same,
     every_cut_is_read, several_files, without_a_name, format_by_name, a_real_run,
     text_is_the_summary, markdown_is_small, no_library_for_reports, large_file)
