#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
report over the files of all ranks of a job: who used least and most, and each node's energy once.
The files are made by the agent in the environment of a launcher, and by hand, where a number must
be known.
"""

import json
import re
import statistics

from lib import agent, check, check_equal, folder, main, parse
from saved_runs import HEADER, MACHINE, of  # tests/ is in the path by lib


def rank_file(path, rank, host, cpu_ns, joules=None, step="0", seconds=1, boot="b", processes=1):
    """
    The rows of one rank: processes of so much CPU time each, one after the other, with the node's
    energy if the file has it. Wait, memory and energy of a process follow from its CPU time.
    """
    where = f"boot_id={boot},hostname={host},job_id=42,rank={rank},step={step}"
    start = "2026-11-26T10:00:00.000000000Z"
    end = f"2026-11-26T10:00:{seconds:02}.000000000Z"
    rows = [f"run_info;{start};1;{MACHINE}{where}"]
    if joules is not None:
        rows.append(f"rapl_consumed_energy_J;{end};{joules};cpu_package;0;local_machine;;"
                    f"domain=package,{where}")
        # What of it no process has: part of the same energy.
        rows.append(f"attributed_energy_J;{end};{joules / 2};cpu_package;0;local_machine;;"
                    f"domain=package,part=idle,{where}")
    for pid in range(7, 7 + processes):
        rows += [f"process_info;{start};1;{of(pid)}comm=solver,{where}",
                 f"attributed_energy_J;{end};{cpu_ns / 1e9};cpu_package;0;process;{pid};"
                 f"domain=package,{where}",
                 f"process_exit;{end};0;{of(pid)}"
                 f"comm=solver,cpu-time={cpu_ns},runqueue-wait={2 * cpu_ns},peak-rss={cpu_ns},"
                 f"start={start},wall-time={seconds}000000000,{where}"]
    path.write_text(HEADER + "\n".join(rows) + "\n")


def known_numbers():
    with folder() as cwd:
        for rank, (host, cpu, joules) in enumerate([("a", 400, 10), ("a", 300, None),
                                                    ("b", 900, 30), ("b", 400, 30)]):
            rank_file(cwd / f"r{rank}.csv", rank, host, cpu * 10**6, joules)
        rank_file(cwd / "r4.csv", 0, "a", 10**6, step="1")
        result = agent("report", "r*.csv", cwd=cwd)
        text = result.stdout
        check_equal("ranks: status", result.returncode, 0)
        check("ranks: which job, how many", "job 42, step 0: 4 ranks on 2 hosts" in text, text)
        check("ranks: least, most, most by the mean of CPU time", re.search(
            r"CPU time +300\S* ms \(rank 1\), +900\S* ms \(rank 2\), 1\.80", text), text)
        for name, least, most in (("waited for CPU", "0.600 s", "1.800 s"),
                                  ("peak memory", "286.1 MiB", "858.3 MiB"),
                                  ("energy", "300.0 mJ", "900.0 mJ")):
            check(f"ranks: least and most of {name}", re.search(
                rf"{name} +{least} \(rank 1\), +{most} \(rank 2\), 1\.80", text), text)
        check("ranks: the energy of a node once", "a 10 J, b 30 J; together 40 J" in text, text)
        check_equal("ranks: a step of one rank is not compared", text.count("ranks on"), 1)
        markdown = agent("report", "--format=markdown", "r*.csv", cwd=cwd).stdout
        check(
            "ranks: Markdown", "### job 42, step 0: 4 ranks on 2 hosts" in markdown and
            re.search(r"\| CPU time \| 300\S* ms \(rank 1\) \| 900\S* ms \(rank 2\) \| 1.80 \|",
                      markdown), markdown)


def tree_of(text):
    """(depth, label, CPU in s) of each line of the tree."""
    lines = text[text.index("  command "):].splitlines()
    column = lines[0].split("CPU s")[0]
    found = []
    for line in lines[1:]:
        if line.startswith("  total"):
            return found
        branch = re.match(r"  [│├└─ ]*", line)[0]
        found.append(((len(branch) - 2) // 3, line[len(branch):].split("  ")[0],
                      float(line[:len(column) + 5].split()[-1])))
    return found


def one_tree():
    """The runs of a job are one tree over its hosts and ranks, whose sums are theirs; the rest is a
    run of its own."""
    with folder() as cwd:
        for rank, (host, cpu, joules) in enumerate([("a", 1400, 10), ("b", 1300, 30),
                                                    ("a", 1900, 10), ("b", 1500, None)]):
            rank_file(cwd / f"r{rank}.csv", rank, host, cpu * 10**6, joules, seconds=3 + rank)
        rank_file(cwd / "other.csv", 0, "a", 10**9, step="1")
        text = agent("report", "r*.csv", "other.csv", cwd=cwd).stdout
        job, alone = text[text.index("\nsolver\n"):].split("other.csv")[0].split("rows in")[0], text
        check_equal("one tree: hosts, ranks, processes, by cost", tree_of(job), [
            (0, "a", 3.3), (1, "rank 2", 1.9), (2, "solver (fork)", 1.9), (1, "rank 0", 1.4),
            (2, "solver (fork)", 1.4), (0, "b", 2.8), (1, "rank 3", 1.5), (2, "solver (fork)", 1.5),
            (1, "rank 1", 1.3), (2, "solver (fork)", 1.3)])
        check(
            "one tree: a job's processes, wall time and energy",
            re.search(r"processes +4\n", job) and "wall time    6.00 s" in job and
            re.search(r"energy +package-0 40.0 J\n", job), job)
        check("one tree: a host has used nothing itself",
              re.search(r"\n  a +3\.300 +54\.1 {9}3\.300 ", job), job)
        check_equal("one tree: no tree for each rank beside it", alone.count("wall time   "), 3)
        found = json.loads(agent("report", "--format=json", "r*.csv", "other.csv", cwd=cwd).stdout)
        check_equal("json: one job, of these runs", [job["runs"]
                                                     for job in found["jobs"]], [[0, 1, 2, 3]])
        job = found["jobs"][0]
        check_equal("json: hosts, with their energy once",
                    [(host["hostname"], host["joules"], host["energy_run"])
                     for host in job["hosts"]], [("a", 10, 2), ("b", 30, 1)])
        check_equal("json: the job's energy", job["joules"], 40)
        check_equal("json: ranks", [
            (rank["rank"], job["hosts"][rank["host"]]["hostname"], rank["values"]["cpu-time"])
            for rank in job["ranks"]], [("0", "a", 1.4e9), ("1", "b", 1.3e9), ("2", "a", 1.9e9),
                                        ("3", "b", 1.5e9)])
        cpu = next(one for one in job["balance"] if one["name"] == "cpu-time")
        check_equal("json: least, most, mean",
                    [cpu[key] for key in ("least", "least_rank", "most", "most_rank", "mean")],
                    [1.3e9, "1", 1.9e9, "2", 6.1e9 / 4])
        metrics = agent("report", "--format=openmetrics", "r*.csv", cwd=cwd).stdout
        joules = [float(line.split()[-1]) for line in metrics.splitlines()
                  if line.startswith("alumet_energy_joules_total{") and 'part="all"' in line]
        check_equal("openmetrics: each node's energy once", sorted(joules), [10, 30])
        check("json: imbalance", abs(cpu["imbalance"] - 1.9 * 4 / 6.1) < 1e-12, cpu)


def node_files():
    """In the file of a node's agent each process says its rank; daemons have none, and are the
    host's."""
    start, end = "2026-11-26T10:00:00.000000000Z", "2026-11-26T10:00:09.000000000Z"
    with folder() as cwd:
        for host, ranks in (("n1", (0, 1)), ("n2", (2, 10))):
            where = f"boot_id=b,hostname={host},job_id=7,step=0"
            rows = [
                f"run_info;{start};1;{MACHINE}{where}",
                f"rapl_consumed_energy_J;{end};{50 + ranks[0]};cpu_package;0;local_machine;;"
                f"domain=package,{where}"]
            for pid, ppid, comm, cpu, rank in [(5, 1, "orted", 1, None)] + [
                (10 + 2 * rank + k, (5, 10 + 2 * rank)[k],
                 ("sh", "solver")[k], 100 * (rank + 1), rank) for rank in ranks for k in (0, 1)]:
                more = where + (f",rank={rank}" if rank is not None else "")
                rows += [
                    f"process_info;{start};1;{of(pid)}"
                    f"args={comm},comm={comm},ppid={ppid},{more}",
                    f"process_exit;{end};0;{of(pid)}"
                    f"comm={comm},execs=1,cpu-time={cpu}000000,start={start},{more}"]
            (cwd / f"{host}.csv").write_text(HEADER + "\n".join(rows) + "\n")
        text = agent("report", "n1.csv", "n2.csv", cwd=cwd).stdout
        check(
            "node files: ranks on hosts", "job 7, step 0: 4 ranks on 2 hosts" in text and
            re.search(r"CPU time +0.200 s \(rank 0\), +2.200 s \(rank 10\), 2.59", text), text)
        check("node files: each node's energy", "n1 50 J, n2 52 J; together 102 J" in text, text)
        check_equal("node files: daemons are the host's, ranks are not theirs",
                    tree_of(text)[:7], [(0, "n2", 2.801), (1, "rank 10", 2.2), (2, "sh", 2.2),
                                        (3, "solver", 1.1), (1, "rank 2", 0.6), (2, "sh", 0.6),
                                        (3, "solver", 0.3)])
        check("node files: a daemon has a line below its host", (1, "orted", 0.001)
              in tree_of(text), tree_of(text))
        (cwd / "plain.csv").write_text((cwd / "n1.csv").read_text().replace(",job_id=7,step=0", ""))
        plain = agent("report", "plain.csv", cwd=cwd).stdout
        check(
            "node files: without a job the command has its ranks",
            plain.startswith("2 ranks on 1 host\n") and "\norted\n  wall time " in plain and
            "rows in      plain.csv" in plain, plain)
        one = agent("report", "n1.csv", cwd=cwd).stdout
        check("node files: the ranks of one node", "job 7, step 0: 2 ranks on 1 host" in one, one)
        ranks = [process.get("rank") for process in json.loads(
            agent("report", "--format=json", "n2.csv", cwd=cwd).stdout)["processes"]]
        check_equal("node files: json has the rank of each process", sorted(map(str, ranks)),
                    ["10", "10", "2", "2", "None"])


def jobs_are_compared():
    """The ranks of a job are no repeats: its files are one run, with their sum and each node's
    energy once."""
    with folder() as cwd:
        truth = {"base": [], "new": []}
        for name, scale in (("base", 1.0), ("new", 1.1)):
            for step in range(5):
                cpus = [int((400 + 10 * rank + step) * scale * 10**6) for rank in range(4)]
                for rank, cpu in enumerate(cpus):
                    rank_file(cwd / f"{name}-{step}-{rank}.csv", rank, "ab"[rank % 2], cpu, 10,
                              step=str(step) if name == "base" else f"x{step}")
                truth[name].append(sum(cpus))
        found = json.loads(
            agent("compare", "--format=json", "base-*.csv", "new-*.csv", cwd=cwd).stdout)
        check_equal("compare: jobs, not ranks, are runs", (found["base_runs"], found["new_runs"]),
                    (5, 5))
        totals = {one["quantity"]: one for one in found["totals"]}
        means = [sum(truth[name]) / 5 for name in ("base", "new")]
        check(
            "compare: the CPU time of all ranks",
            abs(totals["cpu"]["base"]["mean"] / means[0] - 1) < 1e-9 and
            abs(totals["cpu"]["new"]["mean"] / means[1] - 1) < 1e-9, totals["cpu"])
        check_equal("compare: 10 % more are found", totals["cpu"]["verdict"], "more")
        check_equal("compare: processes of a job", totals["processes"]["base"]["mean"], 4)


def write_jobs(cwd, name, jobs, step):
    """A file for each rank of each job; jobs: of each the CPU time of its ranks in ms. Returns
    (least, most, imbalance) of it in ns."""
    figures = []
    for job, cpus in enumerate(jobs):
        for rank, cpu in enumerate(cpus):
            rank_file(cwd / f"{name}-{job}-{rank}.csv", rank, "ab"[rank % 2], cpu * 10**6, 10,
                      step=step.format(job), seconds=1 + rank)
        figures.append((min(cpus) * 1e6, max(cpus) * 1e6, max(cpus) / statistics.mean(cpus)))
    return figures


def balance_is_compared():
    """Least, most and imbalance of each job's ranks; a job whose sum is the same can be less even.
    """
    even = [[400 + job, 410, 420 - job, 400] for job in range(6)]
    uneven = [[130 + job, 410, 420 - job, 670] for job in range(6)]  # the same sums
    with folder() as cwd:
        figures = [write_jobs(cwd, "even", even, "{}"), write_jobs(cwd, "uneven", uneven, "x{}")]
        found = json.loads(
            agent("compare", "--format=json", "even-*.csv", "uneven-*.csv", cwd=cwd).stdout)
        tests = {test["quantity"]: test for test in found["ranks"]}
        check_equal("balance: quantities, each with its figures", sorted(tests), sorted(
            f"{name}-{figure}" for name in ("cpu", "energy", "peak-rss", "wait", "wall")
            for figure in ("least", "most", "imbalance")))
        for name, scale in (("cpu", 1), ("wait", 2), ("peak-rss", 1), ("energy", 1e-9)):
            for i, figure in enumerate(("least", "most", "imbalance")):
                test = tests[f"{name}-{figure}"]
                for side, side_figures in zip(("base", "new"), figures):
                    values = [
                        job[i] * (1 if figure == "imbalance" else scale) for job in side_figures]
                    check(
                        f"balance: {name}-{figure} of {side}", test[side]["runs"] == 6 and all(
                            abs(got - expected) <= 1e-9 * max(values)
                            for got, expected in ((test[side]["mean"], statistics.mean(values)),
                                                  (test[side]["sd"], statistics.stdev(values)),
                                                  (test[side]["min"], min(values)),
                                                  (test[side]["max"], max(values)))),
                        f"{test[side]}, not {values}")
        check_equal("balance: verdicts", {
            figure: tests[f"cpu-{figure}"]["verdict"]
            for figure in ("least", "most", "imbalance")},
                    {"least": "less", "most": "more", "imbalance": "more"})
        check_equal("balance: wall time, 1 to 4 s in all of them",
                    [(tests[f"wall-{figure}"]["new"]["mean"], tests[f"wall-{figure}"]["verdict"])
                     for figure in ("least", "most", "imbalance")], [(1e9, "same"), (4e9, "same"),
                                                                     (1.6, "same")])
        check_equal("balance: the sum is none of it",
                    next(test["verdict"] for test in found["totals"]
                         if test["quantity"] == "cpu"), "same")
        text = agent("compare", "even-*.csv", "uneven-*.csv", cwd=cwd).stdout
        check(
            "balance: text",
            re.search(r"^cpu-imbalance +1\.02\d ±\S+ % +1\.6\d\d ±\S+ % +\+\S+ % \S+ +MORE", text,
                      re.MULTILINE), text)
        markdown = agent("compare", "--format=markdown", "even-*.csv", "uneven-*.csv",
                         cwd=cwd).stdout
        check("balance: Markdown", re.search(r"^\| cpu-imbalance \| 1\.02.* \*\*MORE\*\*", markdown,
                                             re.MULTILINE), markdown)
        limit = agent("compare", "--fail-above", "cpu-imbalance=10%", "even-*.csv", "uneven-*.csv",
                      cwd=cwd)
        check("balance: a limit of it", limit.returncode == 1 and
              "cpu-imbalance: +" in limit.stderr, limit.stderr)
        limit = agent("compare", "--fail-above", "cpu-imbalance=10%", "uneven-*.csv", "even-*.csv",
                      cwd=cwd)
        check_equal("balance: a limit that is kept", limit.returncode, 0)


def balance_of_parts():
    """Two commands of one step are two sides; an interrupted rank leaves its job out; one rank has
    no balance."""
    with folder() as cwd:
        write_jobs(cwd, "base", [[100, 300]], "0")
        write_jobs(cwd, "new", [[100, 100]], "0")
        found = json.loads(
            agent("compare", "--format=json", "base-*.csv", "new-*.csv", cwd=cwd).stdout)
        imbalance = next(test for test in found["ranks"] if test["quantity"] == "cpu-imbalance")
        check_equal("balance: each side has its own ranks",
                    (imbalance["base"]["mean"], imbalance["new"]["mean"]), (1.5, 1))
        write_jobs(cwd, "new", [[100, 100], [100, 900]], "n{}")
        path = cwd / "new-1-1.csv"
        path.write_text(path.read_text().replace("comm=solver,cpu-time",
                                                 "signal=SIGKILL,comm=solver,cpu-time"))
        found = json.loads(
            agent("compare", "--format=json", "base-*.csv", "new-*.csv", cwd=cwd).stdout)
        imbalance = next(test for test in found["ranks"] if test["quantity"] == "cpu-imbalance")
        check_equal("balance: a job with an interrupted rank does not count",
                    (found["interrupted_runs"], imbalance["new"]["runs"], imbalance["new"]["mean"]),
                    (1, 1, 1))
        rank_file(cwd / "one-a.csv", 0, "a", 10**8, step="5")
        rank_file(cwd / "one-b.csv", 0, "a", 10**8, step="6")
        found = json.loads(
            agent("compare", "--format=json", "one-a.csv", "one-b.csv", cwd=cwd).stdout)
        text = agent("compare", "one-a.csv", "one-b.csv", cwd=cwd).stdout
        check("balance: none of one rank", found["ranks"] == [] and "ranks" not in text, text)


def several_processes():
    """Of the processes of a rank times add up, and memory does not: they were not there together.
    """
    with folder() as cwd:
        rank_file(cwd / "r0.csv", 0, "a", 300 * 10**6, processes=3)
        rank_file(cwd / "r1.csv", 1, "a", 600 * 10**6)
        text = agent("report", "r*.csv", cwd=cwd).stdout
        check("ranks: CPU time of all processes", re.search(
            r"CPU time +600\S* ms \(rank 1\), +900\S* ms \(rank 0\)", text), text)
        check("ranks: peak memory of the largest process", re.search(
            r"peak memory +286.1 MiB \(rank 0\), +572.2 MiB \(rank 1\)", text), text)


def nodes():
    """Each node has the energy of its longest file; a machine booted again is another; many are
    cut."""
    with folder() as cwd:
        rank_file(cwd / "r0.csv", 0, "a", 10**8, 10, seconds=2)
        rank_file(cwd / "r1.csv", 1, "a", 10**8, 20, seconds=4)
        rank_file(cwd / "r2.csv", 2, "a", 10**8, 15, seconds=3)
        rank_file(cwd / "r3.csv", 3, "a", 10**8, 7, boot="c")
        text = agent("report", "r*.csv", cwd=cwd).stdout
        check("nodes: longest measurement, each boot", "a 20 J, a 7 J; together 27 J" in text, text)
        for rank in range(18):
            rank_file(cwd / f"r{rank}.csv", rank, f"n{rank}", 10**8, 1)
        text = agent("report", "r*.csv", cwd=cwd).stdout
        check("nodes: of 18 the first 16, and the sum of all",
              "n15 1 J, 2 more; together 18 J" in text and "n16 1 J" not in text, text)


def measured():
    with folder() as cwd:
        for rank in range(3):
            env = {"SLURM_JOB_ID": "9", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3",
                   "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)}
            burn = f"i=0; while [ $i -lt {20000 * (rank + 1)} ]; do i=$((i+1)); done"
            agent("-q", "--plugins", "context,perf,csv", "-e", "task-clock", "exec", "sh", "-c",
                  burn, cwd=cwd, env=env)
        files = sorted(path.name for path in cwd.glob("*.csv"))
        clocks = [max(row.value for row in parse((cwd / file).read_bytes())
                      if row.metric == "perf_software_TASK_CLOCK") for file in files]
        text = agent("report", *files, cwd=cwd).stdout
        found = re.search(r"CPU time .*\(rank (\d)\), .*\(rank (\d)\), (\d\.\d\d)", text)
        check("measured ranks", found and found.groups() == (
            str(clocks.index(min(clocks))), str(clocks.index(max(clocks))),
            f"{max(clocks) * 3 / sum(clocks):.2f}"), lambda: f"{clocks}\n{text}")
        one = agent("report", files[0], cwd=cwd).stdout
        check("one rank alone is not compared", "ranks on" not in one, one)
        check_equal("the host is this one", text.count("on 1 host"), 1)


if __name__ == "__main__":
    main(known_numbers, one_tree, node_files, jobs_are_compared, balance_is_compared,
         balance_of_parts, several_processes, nodes, measured)
