#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What compare and send make of files that are laid out here, or that are no saved runs."""

import gzip
import os
import re
import struct

from lib import agent, check, check_equal, check_run, folder, main
from saved_runs import HEADER, at, of  # tests/ is in the path by lib
from served import server

INFLUX = "influx+http://localhost:1/write?db=a"
CLICKHOUSE = "clickhouse+http://localhost:1/"


def lay_out(where, name, *rows):
    """A file with rows of a process: metric, value, further attributes."""
    (where / name).write_text(HEADER + "".join(
        f"{metric};{at(1000 + i)};{value};{of(7)}{attributes}\n"
        for i, (metric, value, attributes) in enumerate(rows)), encoding="utf-8")


def end_of(cpu):
    return "process_exit", 0, f"comm=a,cpu-time={cpu}"


def what_is_no_saved_run_is_no_mistake_of_the_command_line():
    with folder() as where:
        lay_out(where, "run.csv", end_of(5))
        (where / "other.csv").write_text("a;b\n1;2\n", encoding="ascii")
        for words in (["report", "other.csv"], ["compare", "run.csv", "other.csv"],
                      ["compare", "other.csv", "run.csv"], ["send", "--to", INFLUX, "other.csv"]):
            check_run(" ".join(words), agent(*words, cwd=where), 125,
                      "'other.csv' is not a saved run")
        check_run("send to ClickHouse", agent("send", "--to", CLICKHOUSE, "run.csv", cwd=where),
                  125, "'run.csv' is not a file of the output processes")


def a_limit_that_no_number_of_runs_decides():
    """Nothing is said of runs where more than a million would be needed."""
    with folder() as where:
        for i, cpu in enumerate((10**9, 3 * 10**9)):
            lay_out(where, f"base-{i}.csv", end_of(cpu))
            lay_out(where, f"near-{i}.csv", end_of(cpu + 10))
            lay_out(where, f"far-{i}.csv", end_of(cpu + 10**8))
        limit = ("compare", "--fail-above", "cpu=0%", "base-?.csv")
        near = agent(*limit, "near-?.csv", cwd=where)
        check("a difference that no number of runs would find", near.returncode == 0 and
              near.stderr.rstrip().endswith("but that may be noise"), near)
        far = agent(*limit, "far-?.csv", cwd=where)
        check("a larger one", far.returncode == 0 and re.search(
            r"may be noise; [1-9]\d+ runs on each side would decide", far.stderr), far)


def a_file_counts_once():
    """For compare, once on each side."""
    with folder() as where:
        lay_out(where, "a.csv", end_of(5))
        os.link(where / "a.csv", where / "b.csv")
        (where / "last.csv").symlink_to("a.csv")
        compared = agent("compare", "*.csv", "?.csv", cwd=where)
        check("compare: a file and its links are one run of each side",
              "base: 1 run, new: 1 run\n" in compared.stdout, compared)
        check_equal("compare: it is said of each link", compared.stderr.count("is named twice"), 3)
        once, all_three = (agent("send", "--dry-run", "--to", INFLUX, name, cwd=where)
                           for name in ("a.csv", "*.csv"))
        check_equal("send: a file and its links are sent once", all_three.stdout, once.stdout)
        check_equal("send: it is said of each link", all_three.stderr.count("is named twice"), 2)


def numbers_that_stores_take():
    """Fractions of grams, which are no counts, and more than any counter has."""
    with folder() as where:
        lay_out(where, "run.csv", ("carbon_emission_gCO₂", 0.25, "domain=package"),
                ("carbon_emission_gCO₂", 0.5, "domain=package"), ("perf_large", 2**64 - 1, ""),
                ("perf_small", 3, ""), end_of(5))
        sent = agent("send", "--dry-run", "--to", INFLUX, "run.csv", cwd=where)
        values = {name: set(re.findall(rf"^{name}\S*,resource_consumer_id.* value=(\S+) ",
                                       sent.stdout, re.M))
                  for name in ("carbon_emission", "perf_small", "perf_large")}
        check_equal("InfluxDB: fractions, and whole numbers", values, {
            "carbon_emission": {"0.75"}, "perf_small": {"3i"}, "perf_large": set()})
        check("InfluxDB: what it has no integer for is said", "perf_large" in sent.stderr, sent)
        with server(lambda number, body: (200, b"")) as store:
            agent("send", "--to", f"otlp+{store.url}/v1/traces", "run.csv", cwd=where)
            spans = gzip.decompress(store.bodies[0])
        # A double is field 4 of eight bytes, an integer field 3.
        for name, value in (("carbon_emission_gCO₂", b"\x21" + struct.pack("<d", 0.75)),
                            ("perf_large", b"\x21" + struct.pack("<d", 2.0**64)),
                            ("perf_small", b"\x18\x03")):
            key = name.encode()
            at_value = spans.find(key) + len(key) + 2  # behind the tag and the length of the value
            check_equal(f"OTLP: {name}", spans[at_value:at_value + len(value)], value)


main(what_is_no_saved_run_is_no_mistake_of_the_command_line,
     a_limit_that_no_number_of_runs_decides, a_file_counts_once, numbers_that_stores_take)
