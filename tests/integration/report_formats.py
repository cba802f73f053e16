#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports of a known run for other projects' programs: folded stacks, traces of Perfetto, profiles of
Firefox and OpenMetrics, as those programs read them.
"""

import base64
import collections
import json
import os
import re
import subprocess
import sys

from lib import ROOT, check, check_equal, folder, main, skip, wait_until
import saved_runs  # tests/ is in the path by lib
from reports import BUILD, CSV, JOULES, WITNESS, by_pid, made, report, witness
from saved_runs import Process

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from devtools import Browser, find_browser  # noqa: E402

FLAMEGRAPH = "/usr/share/perl5/Devel/NYTProf/flamegraph.pl"


# --- folded ---------------------------------------------------------------------------------------

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


def speedscope_reads_folded():
    release = WITNESS / "node_modules" / "speedscope" / "dist" / "release"
    if not release.exists() or not find_browser():
        return skip("folded: speedscope",
                    "speedscope or Chromium is not there; run tools/setup.sh browser")
    data = base64.b64encode(made("folded")).decode()
    with folder() as where, Browser() as browser:
        script = where / "profile.js"
        script.write_text(f"speedscope.loadFileFromBase64('run.folded', '{data}')")
        browser.call("Page.navigate",
                     url=f"file://{release / 'index.html'}#localProfilePath={script}")
        wait_until(lambda: "run." in (browser.js("document.title") or ""), 60, 0.1)
        check("folded: speedscope opens it",
              browser.js("document.title").startswith("run."), browser.js("document.title"))


# --- perfetto -------------------------------------------------------------------------------------

def read_trace(pb2, data):
    """
    Tracks by their uuid, (first packet, end) of the slice of each track, the (time, value) of each
    counter by its name, and what does not nest.
    """
    from google.protobuf.unknown_fields import UnknownFieldSet
    trace = pb2.Trace.FromString(data)
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
    wrong += [f"the slice of track {uuid} does not end" for uuid in open_slices]
    return tracks, lives, counters, wrong


def notes_of(packet):
    return {note.name: note for note in packet.track_event.debug_annotations}


def integral(points):
    return sum(value * (after - at) for (at, value), (after, _) in zip(points, points[1:])) * 1e-9


def perfetto_nests():
    pb2 = witness("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
    if not pb2:
        return
    tracks, lives, counters, wrong = read_trace(pb2, made("perfetto"))
    check("perfetto: tracks and slices nest", not wrong, wrong[:3])
    truth, bad = by_pid(BUILD), []
    for uuid, (begin, end) in lives.items():
        notes = notes_of(begin)
        process = truth[notes["pid"].uint_value]
        parent = lives.get(tracks[uuid].parent_uuid)
        parent_pid = notes_of(parent[0])["pid"].uint_value if parent else 999
        pairs = [(begin.timestamp, process.begin), (end, process.end),
                 (begin.track_event.name, process.comm), (parent_pid, process.ppid),
                 (notes["args"].string_value, process.args),
                 (notes["process_cpu_time"].uint_value, process.cpu)]
        if parent and not parent[0].timestamp <= begin.timestamp <= end <= parent[1]:
            bad.append((process.pid, "outlives its parent"))
        bad += [(process.pid, pair) for pair in pairs if pair[0] != pair[1]]
    check("perfetto: each process's life, parent and values", not bad and len(lives) == len(BUILD),
          bad[:3])
    joules = integral(counters["package 0 watts"])
    check("perfetto: watts over time are the joules", abs(joules - JOULES) < 1e-6, joules)
    cpu = integral(counters["CPUs busy"])
    true = sum(p.cpu for p in BUILD) * 1e-9
    check("perfetto: CPUs busy over time are the CPU time",
          abs(cpu / true - 1) < 0.001, (cpu, true))


# --- firefox --------------------------------------------------------------------------------------

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
        abs(joules - JOULES) < 1e-6, joules)
    truth = by_pid(BUILD)
    markers = thread["markers"]
    bad = [
        data["pid"]
        for data, start, end in zip(markers["data"], markers["startTime"], markers["endTime"])
        if abs(start - truth[int(data["pid"])].begin * 1e-6) > 1e-6 or
        abs(end - truth[int(data["pid"])].end * 1e-6) > 1e-6]
    check("firefox: lifetimes", not bad, bad[:3])


# --- openmetrics ----------------------------------------------------------------------------------

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
          abs(sum(energy) - JOULES) < 1e-9, energy)
    odd = saved_runs.csv([Process(i, 0, f'c{i}"\\\n', "x", 0, 5, cpu=i) for i in range(1, 150)])
    families = list(parser.text_string_to_metric_families(made("openmetrics", odd).decode()))
    cpu = next(family for family in families if family.name == "alumet_process_cpu_time_seconds")
    check_equal("openmetrics: the commands beyond a hundred are one", len(cpu.samples), 101)
    check("openmetrics: and nothing is left out",
          abs(sum(s.value for s in cpu.samples) - sum(range(1, 150)) * 1e-9) < 1e-15)


if __name__ == "__main__":
    main(folded_adds_up, flamegraph_reads_folded, speedscope_reads_folded, perfetto_nests,
         firefox_keeps_its_format, openmetrics_is_parsed)
