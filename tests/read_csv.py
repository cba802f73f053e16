#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Read and check a CSV file of alumet-agent, with Python's own csv module as an independent reader.

As a program:

    read_csv.py FILE [--delimiter C] [--late-delimiter C] [--count] [--no-order]

prints one JSON object per row and exits 0; or says on stderr what is wrong, with the row's number,
and exits 1. FILE may be "-". As a module:

    for row in read_csv.rows("out.csv"): row.metric, row.value, row.attributes["comm"], ...

Bytes that are not UTF-8 come out as lone surrogates (Python's "surrogateescape").
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone

FIXED = [
    "metric", "timestamp", "value", "resource_kind", "resource_id", "consumer_kind", "consumer_id"]
LATE = "__late_attributes"
RESOURCES = {"local_machine", "cpu_package", "dram", "cpu_core"}
CONSUMERS = {"local_machine", "process", "cgroup"}
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z")
VALUE = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
ID = re.compile(r"0|[1-9]\d*")


class Invalid(Exception):
    """What is wrong with the file; the text says where."""


@dataclass
class Row:
    metric: str
    time_ns: int  # since the epoch
    value: int | float | None
    resource_kind: str
    resource_id: int | None
    consumer_kind: str
    consumer_id: int | str | None  # a cgroup's is its path
    attributes: dict = field(default_factory=dict)  # those with a column and late ones

    @property
    def series(self):
        """What a row is the next reading of."""
        telling = tuple((k, self.attributes[k]) for k in ("domain", "die", "pmu", "life")
                        if k in self.attributes)
        return (self.metric, self.resource_kind, self.resource_id, self.consumer_kind,
                self.consumer_id, telling)


def require(condition, text):
    if not condition:
        raise Invalid(text)


def parse_time(text):
    match = TIMESTAMP.fullmatch(text)
    require(match, f"timestamp {text!r} is not RFC 3339 in UTC with nine digits")
    try:
        second = datetime.fromisoformat(match[1]).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Invalid(f"timestamp {text!r}: {error}") from error
    return int(second.timestamp()) * 1_000_000_000 + int(match[2])


def parse_value(text):
    if text == "":
        return None
    if text in ("NaN", "inf", "-inf"):
        return float(text)
    require(VALUE.fullmatch(text), f"value {text!r} is not a plain decimal number")
    if "." not in text:
        return int(text)
    value = float(text)
    require(math.isfinite(value), f"value {text!r} is no double")
    shortest = len(re.sub(r"e.*|[-.]", "", repr(value)).strip("0"))
    require(
        len(re.sub(r"[-.]", "", text).strip("0")) == shortest,
        f"value {text!r} is longer than {value!r}")
    return value


def parse_id(kind, text, kinds, column):
    require(kind in kinds, f"{column}_kind {kind!r} is unknown")
    if kind == "local_machine":
        require(text == "", f"{column}_id {text!r} of the local machine")
        return None
    if kind == "cgroup":
        return text
    require(ID.fullmatch(text), f"{column}_id {text!r} is not a number")
    return int(text)


def parse_late(text, delimiter):
    """The attributes of the last cell, in a dict; their keys must be sorted."""
    attributes = {}
    position = 0
    while position < len(text):
        parts = ["", ""]
        in_value = 0
        while position < len(text) and text[position] != delimiter:
            if text[position] == "=":
                require(not in_value, f"late attributes {text!r}: a second '=' that is not escaped")
                in_value = 1
                position += 1
                continue
            if text[position] == "\\":
                position += 1
                require(position < len(text), f"late attributes {text!r}: '\\' at the end")
            parts[in_value] += text[position]
            position += 1
        require(in_value, f"late attributes {text!r}: no '=' after {parts[0]!r}")
        require(not attributes or parts[0] > max(attributes),
                f"late attributes {text!r}: keys are not sorted")
        attributes[parts[0]] = parts[1]
        if position < len(text):
            position += 1
            require(position < len(text), f"late attributes {text!r}: a delimiter at the end")
    return attributes


def check_header(header):
    require(header[: len(FIXED)] == FIXED and header[-1:] == [LATE], f"the header is {header}")
    columns = header[len(FIXED) : -1]
    require(columns == sorted(set(columns)), f"attribute columns {columns} are not sorted")
    return columns


def parse_row(cells, columns, late_delimiter):
    require(len(cells) == len(FIXED) + len(columns) + 1, f"{len(cells)} cells")
    metric, time, value, resource, resource_id, consumer, consumer_id = cells[: len(FIXED)]
    require(metric, "no metric")
    attributes = {k: v for k, v in zip(columns, cells[len(FIXED) : -1]) if v != ""}
    late = parse_late(cells[-1], late_delimiter)
    require(not set(late) & set(columns), f"late attributes {sorted(late)} have a column")
    return Row(
        metric,
        parse_time(time),
        parse_value(value),
        resource,
        parse_id(resource, resource_id, RESOURCES, "resource"),
        consumer,
        parse_id(consumer, consumer_id, CONSUMERS, "consumer"),
        attributes | late,
    )


def decode(data):
    require(data == b"" or data.endswith(b"\n"), "the last row is unfinished")
    return data.decode("utf-8", "surrogateescape")


def rows(path, delimiter=";", late_delimiter=",", order=True):
    """Yield each Row of the file (a path, "-", or bytes); raise Invalid at the first thing wrong.

    order: within a series (the same metric, resource, consumer) time never goes back. Across series
    it may: rows are sorted within one flush, not over the file.
    """
    if isinstance(path, bytes):
        text = decode(path)
    elif path == "-":
        text = decode(sys.stdin.buffer.read())
    else:
        with open(path, "rb") as file:
            text = decode(file.read())
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = {}
    number = 0
    try:
        columns = check_header(next(reader, []))
        for number, cells in enumerate(reader, 1):
            row = parse_row(cells, columns, late_delimiter)
            if order:
                require(last.get(row.series, 0) <= row.time_ns, f"time goes back in {row.series}")
                last[row.series] = row.time_ns
            yield row
    except (Invalid, csv.Error) as error:
        raise Invalid(f"row {number}: {error}") from error


def main():
    parser = argparse.ArgumentParser(
        description="Check a CSV file of alumet-agent; print its rows as JSON lines.")
    parser.add_argument("file")
    parser.add_argument("--delimiter", default=";")
    parser.add_argument("--late-delimiter", default=",")
    parser.add_argument("--count", action="store_true", help="print only how many rows there are")
    parser.add_argument("--no-order", action="store_true",
                        help="do not check that time never goes back")
    options = parser.parse_args()
    n = 0
    try:
        for row in rows(options.file, options.delimiter, options.late_delimiter,
                        not options.no_order):
            n += 1
            if not options.count:
                print(json.dumps(row.__dict__))
    except (Invalid, OSError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 1
    if options.count:
        print(n)
    return 0


if __name__ == "__main__":
    sys.exit(main())
