# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What InfluxDB 2's reference says of its server, which no package of Debian has."""

import json
import re
import urllib.parse

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
