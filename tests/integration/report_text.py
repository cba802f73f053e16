#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports of real runs: as a text each is the summary that exec wrote, word for word, and the totals
are the same in every format. Markdown stays small.
"""

import json
import re
import shutil
import subprocess

from lib import AGENT, check, check_equal, folder, main
import saved_runs  # tests/ is in the path by lib
from energy_runs import CPUS, lay_out
from reports import made, report, witness
from saved_runs import MS, Process


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


if __name__ == "__main__":
    main(a_real_run, text_is_the_summary, markdown_is_small)
