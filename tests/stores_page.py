# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What docs/stores.md says to execute, and how DuckDB is asked."""

import collections
import re

from lib import ROOT  # of tests/integration

ASK_DUCKDB = """
import json, sys, duckdb
connection = duckdb.connect()
for statement in json.load(sys.stdin):
    rows = connection.sql(statement)
    print(json.dumps([list(map(str, row)) for row in rows.fetchall()] if rows else []))
"""


class Page:
    """The code blocks of docs/stores.md by their section."""

    def __init__(self):
        self.blocks = collections.defaultdict(list)
        section = ""
        text = (ROOT / "docs" / "stores.md").read_text()
        for title, code in re.findall(r"^## ([^\n]*)$|^```\w+\n(.*?)^```$", text,
                                      re.DOTALL | re.MULTILINE):
            if title:
                section = title
            else:
                self.blocks[section].append(code)

    def codes(self, section):
        return self.blocks[section]


PAGE = Page()
QUESTIONS = PAGE.codes("Five questions")
