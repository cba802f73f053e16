#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reports of profiles: every format has the samples, and values add up to those of the processes.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys

from lib import BUILD, ROOT, agent, check, check_equal, check_run, folder, main, parse, skip

sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(BUILD / "witness/python"))
import saved_runs  # noqa: E402
from profiles import FRAMES, HZ, ROUNDS, SHARES, Profile, build  # noqa: E402
from saved_runs import MS  # noqa: E402


def check_pprof(tmp):
    """What Go's pprof says of the file, if it is there."""
    go = shutil.which("go") or "/usr/local/go/bin/go"
    made = agent("report", "-o", "out.pb.gz", "out.csv", cwd=tmp)
    check_run("pprof: the report is written", made, 0)
    if not os.path.exists(go):
        skip("pprof reads it", "there is no go")
        return
    top = subprocess.run([
        go, "tool", "pprof", "-sample_index=samples", "-top", "-cum", "out.pb.gz"], cwd=tmp,
                         capture_output=True, text=True)
    found = {line.split()[-1]: int(line.split()[3]) for line in top.stdout.splitlines()
             if re.match(r" +\d+ ", line)}
    total = int(re.search(r"Total samples = (\d+)", top.stdout)[1]) if found else 0
    counts = Profile(parse((tmp / "out.csv").read_bytes())).counts("frames")
    check("pprof: as many samples of each function",
          all(found.get(name) == counts[name]
              for name in SHARES), f"{top.stdout}{top.stderr}{counts}")
    check("pprof: the profile is headed by the command", "File: sh\n" in top.stdout, top.stdout)
    check("pprof: processes are outward of functions", found.get("sh", 0) == total, top.stdout)


def reports_go_on_below_the_process():
    with folder() as tmp:
        build(tmp / "frames", *FRAMES)
        result = agent("exec", f"--profile={HZ}", "-o", "out.csv", "sh", "-c",
                       f"./frames {ROUNDS}; true", cwd=tmp)
        check_run("the summary names the hottest functions", result, 0, "hottest", "% alpha",
                  "% beta")
        folded = agent("report", "--format", "folded", "--by", "cpu", "out.csv", cwd=tmp)
        totals, whole = collections.Counter(), 0
        for line in folded.stdout.splitlines():
            stack, value = line.rsplit(" ", 1)
            whole += int(value)
            for name in SHARES:
                totals[name] += int(value) * (name in stack.split(";"))
        check("folded: functions below their processes",
              re.search(r"^sh;frames;.*main;work;alpha \d+$", folded.stdout, re.M), folded.stdout)
        without = re.sub(r"^[^\n]*;profile_\w+;[^\n]*\n|^profile_[^\n]*\n", "",
                         (tmp / "out.csv").read_text(), flags=re.M)
        (tmp / "without.csv").write_text(without)
        plain = agent("report", "--format", "folded", "--by", "cpu", "without.csv", cwd=tmp)
        expected = sum(int(line.rsplit(" ", 1)[1]) for line in plain.stdout.splitlines())
        lines = len(folded.stdout.splitlines())
        check("folded: the functions add up to the processes", abs(whole - expected) <= lines,
              f"{whole}, without the profile {expected}")
        check_pprof(tmp)
        shown = agent("report", "out.csv", cwd=tmp)
        check_run("the report names them, too", shown, 0, "hottest", "% alpha", stream="stdout")
        data = agent("exec", f"--profile={HZ}", "--summary=json", "-o", "out.csv", "./frames",
                     str(ROUNDS), cwd=tmp)
        hottest = json.loads(data.stderr[data.stderr.index("{"):])["hottest"][0]
        check_equal("summary as JSON: the hottest", hottest["functions"][0]["function"], "alpha")


def firefox_times(path):
    """CPU time in ms of each stack, those of none left out."""
    thread = json.loads(path.read_text())["threads"][0]
    stacks, times = thread["stackTable"], collections.Counter()
    for stack, weight in zip(thread["samples"]["stack"], thread["samples"]["weight"]):
        names = []
        while stack is not None:
            names.insert(0, thread["stringArray"][stacks["frame"][stack]])
            stack = stacks["prefix"][stack]
        times[";".join(names)] += weight
    return {stack: round(ms, 3) for stack, ms in times.items() if round(ms, 3)}


def joules_of_functions():
    """Processes of known energy, and samples of known weight: each function has its part, the sum
    is the same."""
    def row(metric, value, consumer, **attributes):
        return (1000 * MS,
                f"{metric};{saved_runs.timestamp(1000 * MS)};{value};local_machine;;{consumer};" +
                saved_runs.late(**attributes))

    def samples(pid, number, count, weight):
        return row("profile_samples", count, f"process;{pid}", command="cc1", event="cycles",
                   stack=number, weight=weight)

    rows = [
        row("profile_frame", 1, "local_machine;", function="main", module="cc1"),
        row("profile_frame", 2, "local_machine;", function="parse", module="cc1", parent=1),
        row("profile_frame", 3, "local_machine;", function="exc_page_fault", module="[kernel]",
            parent=2),
        samples(102, 2, 1, 3000),
        samples(102, 3, 9, 1000),
        samples(103, 1, 1, 5),
        samples(103, None, 1, 15)]
    with folder() as tmp:
        (tmp / "run.csv").write_bytes(saved_runs.csv(saved_runs.small(), rows))
        folded = agent("report", "--format", "folded", "--by", "energy", "run.csv", cwd=tmp)
        check_run("firefox: written", agent("report", "-o", "run.firefox.json", "run.csv", cwd=tmp),
                  0)
        check_equal(
            "firefox: CPU time of functions", firefox_times(tmp / "run.firefox.json"), {
                "make": 100, "make;sh": 10, "make;sh;cc1;main;parse": 225,
                "make;sh;cc1;main;parse;exc_page_fault": 75, "make;cc1": 150, "make;cc1;main": 50,
                "make;ld": 400})
        # 102 has 4 J, 3000 to 1000; 103 has 3 J, of which no sample tells where three quarters
        # went.
        check_equal(
            "joules of functions", sorted(folded.stdout.splitlines()),
            sorted([
                "make 1000000", "make;sh 500000", "make;sh;cc1;main;parse 3000000",
                "make;sh;cc1;main;parse;exc_page_fault_[k] 1000000", "make;cc1 2250000",
                "make;cc1;main 750000", "make;ld 6000000"]))


def energy_is_shared_out_by_its_price():
    """Two functions with as many samples, one of them when energy was three times as dear."""
    def samples(number, **attributes):
        attributes = {
            "command": "cc1", "event": "cycles", "stack": number, "weight": 1000, **attributes}
        return (500 * MS,
                f"profile_samples;{saved_runs.timestamp(500 * MS)};1;{saved_runs.of(102)}" +
                saved_runs.late(**attributes))

    def frame(number, function):
        return (0,
                f"profile_frame;{saved_runs.timestamp(0)};{number};{saved_runs.MACHINE}" +
                saved_runs.late(function=function, module="cc1"))

    rows = [
        frame(1, "cheap"),
        frame(2, "dear"),
        samples(1, priced="0.25"),
        samples(2, priced="0.75")]
    with folder() as tmp:
        (tmp / "run.csv").write_bytes(saved_runs.csv(saved_runs.small(), rows))
        for by, cheap, dear in ("energy", 1000000, 3000000), ("cpu", 150000, 150000):
            folded = agent("report", "--format", "folded", "--by", by, "run.csv",
                           cwd=tmp).stdout.splitlines()
            check(f"by {by}: the functions' parts",
                  {f"make;sh;cc1;cheap {cheap}", f"make;sh;cc1;dear {dear}"} <= set(folded), folded)


def a_process_of_samples_alone_lives_at_their_time():
    """Its other rows were lost."""
    row = (400 * MS,
           f"profile_samples;{saved_runs.timestamp(400 * MS)};1;{saved_runs.of(4242)}" +
           saved_runs.late(command="lost", event="cycles", weight=1))
    with folder() as tmp:
        (tmp / "run.csv").write_bytes(saved_runs.csv(saved_runs.small(), [row]))
        (tmp / "without.csv").write_bytes(saved_runs.csv(saved_runs.small(), []))
        walls = [
            re.search(r"wall time +(.*)",
                      agent("report", name, cwd=tmp).stdout)[1]
            for name in ("run.csv", "without.csv")]
        check_equal("the run is as long as without it", walls[0], walls[1])


def perfetto_has_the_samples():
    """Read with Perfetto's own message classes: who was found where, when, with every reference in
    place."""
    try:
        from google.protobuf.unknown_fields import UnknownFieldSet
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2
    except ImportError:
        skip("perfetto: samples", "its message classes are not there; run tools/setup.sh browser")
        return
    with folder() as tmp:
        build(tmp / "frames", *FRAMES)
        agent("exec", f"--profile={HZ}", "-o", "out.csv", "sh", "-c",
              f"./frames {ROUNDS}; ./frames {ROUNDS // 4}", cwd=tmp)
        check_run("perfetto: written", agent("report", "-o", "out.pftrace", "out.csv", cwd=tmp), 0)
        truth = Profile(parse((tmp / "out.csv").read_bytes()))
        trace = perfetto_trace_pb2.Trace.FromString((tmp / "out.pftrace").read_bytes())
    functions, frames, stacks, mappings, names = {}, {}, {}, {}, {}
    found, wrong = collections.Counter(), []
    times, end = collections.defaultdict(list), 0
    for packet in trace.packet:
        if len(UnknownFieldSet(packet)):
            wrong.append("fields that are not known")
        end = max(end, packet.timestamp)
        data = packet.interned_data
        functions.update((item.iid, item.str.decode()) for item in data.function_names)
        paths = {item.iid: item.str.decode() for item in data.mapping_paths}
        mappings.update((item.iid, [paths[path] for path in item.path_string_ids])
                        for item in data.mappings)
        frames.update((item.iid, (functions[item.function_name_id], mappings[item.mapping_id]))
                      for item in data.frames)
        stacks.update((item.iid, tuple(frames[frame][0] for frame in item.frame_ids))
                      for item in data.callstacks)
        names.update((item.pid, item.cmdline[0]) for item in packet.process_tree.processes)
        if packet.HasField("perf_sample"):
            sample = packet.perf_sample
            found[sample.pid, stacks[sample.callstack_iid] if sample.callstack_iid else ()] += 1
            times[sample.pid].append(packet.timestamp)
            if not packet.sequence_flags & packet.SEQ_NEEDS_INCREMENTAL_STATE:
                wrong.append("a sample that needs nothing")
    expected = collections.Counter()
    for samples in truth.samples.values():
        for pid, stack, n in samples:
            expected[pid, stack] += n
    check("perfetto: nothing is wrong", not wrong, wrong[:3])
    check("perfetto: each process has its samples with their stacks", found == expected and
          len(found) > 4, (len(found), found - expected, expected - found))
    check(
        "perfetto: processes have names",
        all(name in names[pid] for name, samples in truth.samples.items()
            for pid, _, _ in samples), names)
    spread = {pid: max(at) - min(at) for pid, at in times.items() if len(at) > 100}
    check(
        "perfetto: samples stand at their times", spread and
        all(span >= 0.8 * len(times[pid]) / HZ * 1e9 and max(times[pid]) <= end
            for pid, span in spread.items()), spread)


main(reports_go_on_below_the_process, joules_of_functions, energy_is_shared_out_by_its_price,
     a_process_of_samples_alone_lives_at_their_time, perfetto_has_the_samples)
