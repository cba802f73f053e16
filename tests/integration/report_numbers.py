#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The same numbers in every format of a report: files that are laid out here, with what is rare in
them (fractions, more than 53 bits, reused pids, shares of energy by other names), are added up
here, too, and compared with what each format has.
"""

import base64
import collections
import gzip
import json
import re
import struct
import subprocess
import zlib

from lib import AGENT, check, check_equal, folder, main
from saved_runs import HEADER, MACHINE, at, of  # tests/ is in the path by lib

BIG = 3 * 10**16  # more than 2^53


def report(csv, form, *arguments, status=0):
    result = subprocess.run([AGENT, "report", "--format", form, *arguments, "-"], input=csv,
                            capture_output=True, timeout=60)
    if result.returncode != status:
        raise AssertionError(f"status {result.returncode}: {result.stderr.decode()}")
    return result.stdout if status == 0 else result.stderr.decode()


# --- what the formats have -----------------------------------------------------------------------

def varint(data, i):
    value = shift = 0
    while True:
        value |= (data[i] & 127) << shift
        shift += 7
        i += 1
        if not data[i - 1] & 128:
            return value, i


def fields(data):
    """(number, value) of the fields of a protocol buffer's message."""
    i = 0
    while i < len(data):
        key, i = varint(data, i)
        if key & 7 == 0:
            value, i = varint(data, i)
        elif key & 7 == 1:
            value, i = struct.unpack("<d", data[i:i + 8])[0], i + 8
        else:
            n, i = varint(data, i)
            value, i = data[i:i + n], i + n
        yield key >> 3, value


def packed(data):
    i, values = 0, []
    while i < len(data):
        value, i = varint(data, i)
        values.append(value)
    return values


def of_json(csv):
    return json.loads(report(csv, "json"))["total"]["values"]


def of_html(csv, *arguments):
    """(head, sums by the name of the field) of the page's data."""
    page = report(csv, "html", *arguments).decode()
    data = zlib.decompress(base64.b64decode(re.search('id="data">([^<]+)', page)[1]))
    length, i = varint(data, 0)
    head = json.loads(data[i:i + length])
    length, i = varint(data, i + length)
    n, i = varint(data, i + length)
    columns = []
    for _ in range(4 + 7 + 3 + len(head["fields"])):
        columns.append([])
        for _ in range(n):
            value, i = varint(data, i)
            columns[-1].append(value)
    sums = {}
    for field, column in zip(head["fields"], columns[14:]):
        values = [(value - 1) * field["scale"] for value in column if value]
        if values:
            sums[field["name"]] = sum(values)
    return head, sums


def of_openmetrics(csv):
    sums = collections.Counter()
    for line in report(csv, "openmetrics").decode().splitlines():
        found = re.match(r'alumet_process_(\w+?)(?:_total)?\{command=.*\} (\S+)$', line)
        if found:
            sums[found[1]] += float(found[2])
    return sums


def of_folded(csv, by):
    lines = report(csv, "folded", "--by", by).decode().splitlines()
    return sum(int(line.rpartition(" ")[2]) for line in lines)


def of_pprof(csv):
    profile = gzip.decompress(report(csv, "pprof"))
    strings = [value.decode() for number, value in fields(profile) if number == 6]
    types = [strings[dict(fields(value))[1]] for number, value in fields(profile) if number == 1]
    sums = collections.Counter()
    for number, value in fields(profile):
        if number == 2:
            for name, one in zip(types, packed(dict(fields(value))[2])):
                sums[name] += one
    return sums


def of_perfetto(csv):
    sums = collections.Counter()
    for _, packet in fields(report(csv, "perfetto")):
        for number, event in fields(packet):
            for key, note in fields(event) if number == 11 else ():
                if key == 4:
                    note = dict(fields(note))
                    sums[note[10].decode()] += note.get(3, note.get(5, 0))
    return sums


def of_firefox(csv):
    thread = json.loads(report(csv, "firefox"))["threads"][0]
    markers = thread["markers"]["data"]
    return (sum(thread["samples"]["weight"]), sum(marker.get("cpu", 0) for marker in markers),
            sum(marker.get("energy", 0) for marker in markers))


def total_line(csv):
    """The totals of the Markdown, whose columns are those of the text, by their names."""
    lines = report(csv, "markdown").decode().splitlines()
    heads, total = (next(line for line in lines if line.startswith(start)).split("|")
                    for start in ("| command", "| **total**"))
    return {head.strip(): cell.strip() for head, cell in zip(heads, total)}


# --- the files -----------------------------------------------------------------------------------

def process_rows(pid, life, cpu, counts, shares, name="job_energy_J"):
    """Two intervals of 1 s: cumulative counts of each event, and differences of each domain."""
    late = f"life={life}" if life > 1 else ""
    who = f"process;{pid};"
    start = 1000 * life
    yield f"process_info;{at(start)};1;local_machine;;{who}args=x {pid},comm=c{pid % 2},ppid=1" + (
        "," + late if late else "")
    for part in (1, 2):
        time = at(start + 400 * part)
        for event, value in counts.items():
            text = repr(value * part / 2) if isinstance(value, float) else value * part // 2
            yield f"perf_{event};{time};{text};local_machine;;{who}{late}"
        for domain, joules in shares.items():
            more = f"domain={domain}" + ("," + late if late else "")
            yield f"{name};{time};{joules / 2!r};cpu_package;0;{who}{more}"
            yield f"carbon_emission_gCO₂;{time};{joules / 2 / 8!r};cpu_package;0;{who}{more}"
    more = f"comm=c{pid % 2},cpu-time={cpu},start={at(start)}" + ("," + late if late else "")
    yield f"process_exit;{at(start + 900)};0;local_machine;;{who}{more}"


def laid_out(name):
    lives = [(pid, life) for pid in (10, 11, 12) for life in (1, 2)]
    rows, truth = [], collections.Counter()
    for i, (pid, life) in enumerate(lives):
        counts = {"software_PAGE_FAULTS": 2 * i, "hardware_CPU_CYCLES": BIG, "part": 0.25 + i}
        shares = {"package": 1.5 + i, "dram": 0.25, "pp0": 1.0}
        rows += process_rows(pid, life, 10**6 * (i + 1), counts, shares, name)
        truth.update({"page-faults": 2 * i, "cpu-cycles": BIG, "part": 0.25 + i,
                      "cpu-time": 10**6 * (i + 1), "energy": 1.75 + i,
                      "carbon-emission-gco₂": (1.75 + i) / 8})
    for part in (1, 2):
        for domain, joules in (("package", 20.0), ("dram", 2.0)):
            time = at(1000 + 900 * part)
            rows.append(f"rapl_consumed_energy_J;{time};{joules / 2};cpu_package;0;local_machine;;"
                        f"domain={domain}")
            rows.append(f"{name};{time};1.0;cpu_package;0;local_machine;;"
                        f"domain={domain},part=other")
    rows.sort(key=lambda row: row.split(";")[1])
    rows.insert(0, f"run_info;{at(900)};1;{MACHINE}args=x,values=cumulative")
    rows.append(f"run_end;{at(3000)};0;{MACHINE}reason=ended,wall-time=2000000000")
    return (HEADER + "\n".join(rows) + "\n").encode(), truth


def near(a, b):
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))


def every_format_has_the_same_sums():
    for name, field in (("attributed_energy_J", "attributed-energy"), ("job_energy_J",
                                                                       "job-energy")):
        csv, truth = laid_out(name)
        truth[field] = truth.pop("energy")

        def compare(form, found, truth=truth, name=name):
            wrong = {key: (found.get(key), value) for key, value in truth.items()
                     if found.get(key) is None or not near(found[key], value)}
            check(f"{name}, {form}: the sums of all rows", not wrong, wrong)

        compare("json", of_json(csv))
        compare("html", of_html(csv)[1])
        found = of_openmetrics(csv)
        for key, value in truth.items():
            word, scale = re.sub(r"[^a-z0-9]", "_", key.encode().decode("latin-1")), 1
            if key == "cpu-time":
                word, scale = "cpu_time_seconds", 1e-9
            if key == field:
                word += "_joules"
            check(f"{name}, openmetrics: {key}", near(found[word], value * scale),
                  (found, value))
        for by, scale in (("cpu", 1e-3), ("energy", 1e6), ("page-faults", 1), ("cpu-cycles", 1)):
            wanted = truth[{"cpu": "cpu-time", "energy": field}.get(by, by)] * scale
            check(f"{name}, folded by {by}", abs(of_folded(csv, by) - wanted) < 4, wanted)
        found = of_pprof(csv)
        check(f"{name}, pprof: CPU time and energy", near(found["cpu"], truth["cpu-time"]) and
              abs(found["energy"] - truth[field] * 1e6) < 4, found)
        found = of_perfetto(csv)
        wrong = [key for key, metric in (("cpu-time", "process_cpu_time"), (field, name),
                                         ("page-faults", "perf_software_PAGE_FAULTS"),
                                         ("cpu-cycles", "perf_hardware_CPU_CYCLES"))
                 if not near(found.get(metric, found.get(metric + "_ns", -1)), truth[key])]
        check(f"{name}, perfetto: each value", not wrong, (wrong, found))
        weight, cpu, energy = of_firefox(csv)
        check(f"{name}, firefox: CPU time and energy", near(weight, truth["cpu-time"] * 1e-6) and
              near(cpu, weight) and near(energy, truth[field]), (weight, cpu, energy))
        total = total_line(csv)
        check_equal(f"{name}, markdown: totals, with their fractions",
                    [total.get(key) for key in ("J", "own J", "page-faults", "cpu-cycles", "part",
                                                "carbon-emission-gco₂")],
                    ["25.50", "25.50", "30", "180P", "16.50", "3.188"])
        text = report(csv, "text").decode()
        check(f"{name}, text: energy of others and of the whole", re.search(
            r"others 4\.00 J +idle 0 J +total 22\.0 J", text.replace("idle 0.000 J", "idle 0 J")),
              text)


def styles_of_names_are_one_event():
    """An event that two files name in different styles is one; of one run, two metrics are two."""
    csv, _ = laid_out("attributed_energy_J")
    flat = csv.replace(b"perf_software_PAGE_FAULTS", b"perf_page_faults")

    def pairs(text):
        return json.loads(text, object_pairs_hook=list)
    with folder() as where:
        (where / "a.csv").write_bytes(csv)
        (where / "b.csv").write_bytes(flat)
        made = [subprocess.run([AGENT, *words], cwd=where, capture_output=True, timeout=60).stdout
                for words in (("report", "--format", "json", "a.csv", "b.csv"),
                              ("report", "--format", "openmetrics", "a.csv", "b.csv"),
                              ("compare", "--format", "json", "a.csv", "b.csv"))]
    values = dict(dict(pairs(made[0]))["total"])["values"]
    check_equal("two styles: one value", [pair for pair in values if "faults" in pair[0]],
                [("page-faults", 60)])
    check_equal("two styles: one family",
                made[1].count(b"# TYPE alumet_process_page_faults counter"), 1)
    check("two styles: compared", any(test["quantity"] == "page-faults"
                                      for test in json.loads(made[2])["totals"]))
    other = csv.decode() + "".join(
        f"requests;{at(2000 + i)};{4 + i};{of(11)}domain=example.org\n"
        for i in (0, 1))
    check_equal("a domain that is no energy counter's: cumulative as the others",
                of_json(other.encode())["requests"], 5)
    both = csv.decode() + "".join(
        f"perf_page_faults;{at(2000)};1000;{of(pid)}\n" for pid in (11, 12))
    values = of_json(both.encode())
    check_equal("two metrics of one run: two values", (
        values["page-faults"], values["perf_page_faults"]), (30, 2000))


def a_cost_that_is_not_there_is_refused():
    csv, _ = laid_out("attributed_energy_J")
    for form in ("text", "markdown", "json", "html", "openmetrics", "folded", "perfetto",
                 "firefox", "pprof"):
        said = report(csv, form, "--by", "none", status=2)
        check(f"{form} --by none: refused, with what there is", "page-faults" in said, said)
    check_equal("a page by an event begins with it",
                [of_html(csv, "--by", by)[0].get("by") for by in ("Page-Faults", "wall", "cpu")],
                ["page-faults", "wall", "cpu-time"])
    without = b"".join(line for line in csv.splitlines(True) if b"attributed" not in line)
    check_equal("a page by nothing begins with energy, or CPU time",
                [of_html(one)[0].get("by") for one in (csv, without)],
                ["attributed-energy", "cpu-time"])


CUT = "the last rows of the run are missing"
LOSS = "3 of 1204 tasks\nwere not followed"


def every_format_tells_what_is_missing():
    """Of a run without run_end, and with a loss that the agent reported."""
    csv, _ = laid_out("attributed_energy_J")
    whole = csv.decode().splitlines()
    cut = "\n".join(whole[:-1] + [f'run_note;{at(3000)};1;{MACHINE}"kind=loss,text={LOSS}"', ""])
    for form in ("text", "markdown", "json"):
        found = " ".join(report(cut.encode(), form).decode().split())
        check(f"{form}: what is missing", CUT in found and "3 of 1204 tasks" in found, found[-900:])
    notes = of_html(cut.encode())[0]
    check("html: what is missing", CUT in notes["notes"][0] and
          notes["notices"][0]["text"].startswith("3 of 1204"), notes["notices"])
    told = []
    for _, packet in fields(report(cut.encode(), "perfetto")):
        event = dict(fields(dict(fields(packet)).get(11, b"")))
        if event.get(9) == 3:
            told.append(event[23].decode())
    check("perfetto: what is missing", len(told) == 2 and CUT in told[0] and
          told[1] == "missing: 3 of 1204 tasks\\nwere not followed", told)
    profile = gzip.decompress(report(cut.encode(), "pprof"))
    strings = [value.decode() for number, value in fields(profile) if number == 6]
    told = [strings[value] for number, value in fields(profile) if number == 13]
    check("pprof: what is missing", len(told) == 2 and CUT in told[0] and "1204" in told[1], told)
    meta = json.loads(report(cut.encode(), "firefox"))["meta"]
    told = [entry["value"] for section in meta["extra"] for entry in section["entries"]]
    check("firefox: what is missing", len(told) == 2 and CUT in told[0] and "1204" in told[1], told)
    metrics = report(cut.encode(), "openmetrics")
    check("openmetrics: how much is missing", b"\nalumet_incomplete_runs 1\n" in metrics and
          b"\nalumet_losses 2\n" in metrics)
    metrics = report(csv, "openmetrics")
    check("openmetrics: nothing is", b"\nalumet_incomplete_runs 0\n" in metrics and
          b"\nalumet_losses 0\n" in metrics)
    check("firefox: nothing is", "extra" not in json.loads(report(csv, "firefox"))["meta"])


def markdown_has_the_head_of_the_text():
    """What the text has above and below its tree, and names that are special in tables."""
    who = of(7)
    csv = (HEADER + f"run_info;{at(0)};1;{MACHINE}args=a | b,values=cumulative\n"
           f"process_info;{at(0)};1;{who}args=a | b,comm=a,ppid=1\n"
           f"process_info;{at(0)};1;{of(8)}comm=c,ppid=7\n"
           f"perf_x|<y>;{at(900)};5;{who}\n"
           f"process_alive;{at(1000)};1;{of(8)}comm=c,cpu-time=1000000\n"
           f"process_exit;{at(1000)};3;{who}comm=a,cpu-time=500000000,runqueue-wait=40000000,"
           "system-time=100000000,user-time=400000000,threads=3\n"
           f"run_end;{at(1000)};3;{MACHINE}reason=ended,wall-time=1000000000\n").encode()
    found = report(csv, "markdown").decode()
    lines = found.splitlines()
    for line in ("### `` a | b `` (exit 3)", "- wall time: 1.00 s",
                 "- CPU time: 501 ms, 0.50 CPUs busy, 400 ms user, 100 ms system",
                 "- processes: 2, 4 threads, 1 failed, 1 still running",
                 "- waited for a CPU: 40.0 ms: `` a | b `` 40.0 ms"):
        check(f"markdown: {line}", line in lines, found)
    head = next(line for line in lines if "command" in line)
    check("markdown: the name of an event is in its cell", r"| x\|\<y> |" in head, head)
    text = report(csv, "text").decode()
    for part in ("501 ms, 0.50 CPUs busy, 400 ms user, 100 ms system",
                 "2, 4 threads, 1 failed, 1 still running"):
        check(f"text: {part}", part in text, text)


def numbers_beyond_64_bits_are_large():
    """What no counter has, but a foreign file may: neither 0 nor another number."""
    who = of(7)
    csv = (HEADER + f"process_info;{at(0)};1;{who}comm=a,ppid=1\n"
           f"perf_x;{at(900)};18446744073709551615;{who}\n" + "".join(
               f"process_info;{at(0)};1;{of(pid)}comm=b,ppid=7\n"
               f"perf_x;{at(900)};18446744073709551615;{of(pid)}\n"
               for pid in (8, 9)) +
           f"process_exit;{at(1000)};0;{who}comm=a,cpu-time=18446744073709551615\n").encode()
    text = report(csv, "text").decode()
    check("text: 2^64 ns of CPU time", "CPU time     5124095h34m" in text, text)
    check("text: three times 2^64", re.search(r"^  total .* 55340P$", text, re.M), text)


def dies_of_one_package_add_up():
    rows = [f"rapl_consumed_energy_J;{at(1000 * i)};{joules};cpu_package;0;local_machine;;"
            f"die={die},domain=package" for i in (1, 2) for die, joules in ((0, 3), (1, 5))]
    csv = (HEADER + f"process_info;{at(0)};1;{of(7)}comm=a,ppid=1\n" +
           "\n".join(rows) + f"\nprocess_exit;{at(2000)};0;{of(7)}comm=a,"
           "cpu-time=5\n").encode()
    watts = []
    for _, packet in fields(report(csv, "perfetto")):
        event = dict(fields(dict(fields(packet)).get(11, b"")))
        if event.get(9) == 4 and event.get(11) == 3:
            watts.append(event[44])
    check_equal("two dies: their watts together", watts, [8, 8, 0])


main(every_format_has_the_same_sums, styles_of_names_are_one_event,
     a_cost_that_is_not_there_is_refused,
     every_format_tells_what_is_missing, markdown_has_the_head_of_the_text,
     numbers_beyond_64_bits_are_large, dies_of_one_package_add_up)
