#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""No file of a run, of a report or of a comparison may replace another one that is needed."""

from lib import agent, check_equal, check_run, folder, main


def one_file_for_two():
    """Refused before the command starts, whatever writes or reads the file; nothing is left."""
    series = ["-r", "2"]
    for words, what, before in (
            (["--report=json", "-o", "processes:run.json"], "an output of this run writes", ""),
            (["--report=json", "--summary=json:run.json"], "--summary writes that file", ""),
            ([*series, "--report=json", "--summary=json:./run.json"], "--summary writes", ""),
            ([*series, "--summary=json:run.csv"], "an output of this run writes that file", ""),
            (["--summary=json:run.csv"], "another output of this run writes it", ""),
            (["-o", "processes:./run.csv"], "another output of this run writes it", ""),
            (["--report=json", "--config=run.json"], "the configuration is read from", "run.json"),
            ([*series, "--summary=json:c", "--config=c"], "the configuration is read from", "c")):
        with folder() as tmp:
            if before:
                (tmp / before).write_text("# settings\n", encoding="ascii")
            done = agent("exec", "-o", "run.csv", *words, "touch", "started", cwd=tmp)
            check_run(" ".join(words), done, 125, what)
            check_equal(f"{' '.join(words)}: what is left",
                        {path.name: path.read_text(encoding="ascii") for path in tmp.iterdir()},
                        {before: "# settings\n"} if before else {})
    for link in ("run.html", "other"):
        with folder() as tmp:
            (tmp / link).symlink_to("run.csv")
            done = agent("exec", "-o", "run.csv", "--report=html", "true", cwd=tmp)
            check_equal(f"a link {link} to the rows", done.returncode,
                        125 if link == "run.html" else 0)


def a_saved_run_is_not_replaced_by_what_is_made_of_it():
    with folder() as tmp:
        for name in ("a.csv", "b.csv"):
            agent("exec", "-o", name, "true", cwd=tmp)
        (tmp / "link").symlink_to("b.csv")
        saved = (tmp / "b.csv").read_bytes()
        for words in (["report", "--format=json", "-o", "b.csv", "b.csv"],
                      ["report", "--format=json", "-o", "./b.csv", "?.csv"],
                      ["report", "--format=json", "-o", "link", "b.csv"],
                      ["compare", "-o", "b.csv", "a.csv", "b.csv"],
                      ["compare", "-o", "b.csv", "b.csv", "a.csv"]):
            check_run(" ".join(words), agent(*words, cwd=tmp), 2,
                      "it is the saved run that is read")
        check_equal("the saved run is unchanged", (tmp / "b.csv").read_bytes(), saved)


main(one_file_for_two, a_saved_run_is_not_replaced_by_what_is_made_of_it)
