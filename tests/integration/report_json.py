#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports as JSON give everything of a known run back, and keep the schema of docs/. What was lost and
what is estimated is told there, in the text and in Markdown.
"""

import collections
import json
import re

from lib import ROOT, check, check_equal, folder, main
import saved_runs  # tests/ is in the path by lib
from reports import BUILD, CSV, JOULES, by_pid, made, report, witness
from saved_runs import MS, Process


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
    joules = JOULES
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
                    "run": 0, "kind": "note", "text": NOTE}])
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
    check_equal("json: names as they are; bytes that are no UTF-8 in letters",
                [(process["comm"], process["args"])
                 for process in json.loads(made("json", odd))["processes"]],
                [("a\\xff\n\"", "\u202e<script>"), ("b", "b")])
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


if __name__ == "__main__":
    main(json_gives_everything_back, what_was_lost_is_told, estimates_are_marked,
         json_keeps_its_schema)
