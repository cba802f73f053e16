#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Command line and configuration, as a user meets them."""

import json
import os
import re
import subprocess

import lib
from lib import AGENT, agent, check, check_equal, check_run, folder, main, parse

# --- the command line ----------------------------------------------------------------------------

def own_options():
    """The command's own options are never taken, wherever ours stand."""
    with folder() as tmp:
        ours = ["--plugins", "perf,csv", "-e", "TASK_CLOCK", "-o", "x.csv", "-q"]
        for name, args in {
                "before exec": [*ours, "exec", "echo", "-e", "-v", "--help", "--"],
                "after exec": ["exec", *ours, "echo", "-e", "-v", "--help", "--"],
                "after --": [*ours, "exec", "--", "echo", "-e", "-v", "--help", "--"],
        }.items():
            result = agent(*args, cwd=tmp)
            check_equal(f"options {name}: the command has its own",
                        (result.returncode, result.stdout), (0, "-v --help --\n"))
            check(f"options {name}: ours are taken", (tmp / "x.csv").exists(), result.stderr)
            (tmp / "x.csv").unlink(missing_ok=True)


def bad_lines():
    """Status 2, a hint, nothing run and nothing written."""
    cases = {
        "no sub-command": ([], "sub-command is missing"),
        "unknown sub-command": (["exce", "touch", "ran"], "did you mean exec?"),
        "command without exec": (["touch", "ran"], "alumet-agent exec touch"),
        "no command": (["exec"], "command is missing"),
        "unknown option": (["--pluginss", "x", "exec", "touch", "ran"], "did you mean --plugins?"),
        "unknown letter": (["exec", "-Z", "touch", "ran"], "unknown option -Z"),
        "help of what is none": (["help", "touch"], "there are exec, watch, doctor, calibrate"),
        "perf's -p": (["exec", "-p", "1", "touch", "ran"], "alumet-agent watch PID"),
        "-r without a number": (["exec", "-r", "0", "touch", "ran"], "a whole number from 1"),
        "--warmup of a letter": (["exec", "--warmup=x", "touch", "ran"], "a whole number from 0"),
        "compare of one": (["compare", "base.csv"], "compare BASE NEW"),
        "--fail-above without a number": (["compare", "--fail-above=cpu", "a", "b"], "cpu=5%"),
        "compare as a page": (["compare", "--format=html", "a", "b"], "markdown or json"),
        "-o -": (["exec", "-o", "-", "touch", "ran"], "/dev/stdout"),
        "--summary=json:-": (["exec", "--summary=json:-", "touch", "ran"], "json:/dev/stdout"),
        "-o twice": (["exec", "-o", "a.csv", "-o", "b.csv", "touch", "ran"], "-o a.csv names it"),
        "-o for the summary": (["exec", "-o", "summary:s", "touch", "ran"], "--summary=short:s"),
        "report --summary": (["report", "--summary=full", "x.csv"], "-v shows all lines"),
        "exec --for": (["exec", "--for=10", "touch", "ran"], "exec timeout 10"),
        "-o=FILE": (["exec", "-o=x.csv", "touch", "ran"], "-o x.csv"),
        "regen with an output": (["config", "regen", "-o", "x"], "it writes the defaults"),
        "missing argument": (["exec", "-e"], "-e needs an argument"),
        "bad interval": (["exec", "-I", "soon", "touch", "ran"], "-I 'soon'"),
        "Alumet's run": (["run"], "exec COMMAND"),
        "-e without perf": (["--plugins", "csv", "exec", "-e", "x", "touch", "ran"], "perf"),
    }
    with folder() as tmp:
        for name, (args, phrase) in cases.items():
            check_run(f"{name}: status 2 and a hint", agent(*args, cwd=tmp), 2, phrase)
        check_equal("bad lines: nothing run, nothing written", os.listdir(tmp), [])


def help_and_version():
    with folder() as tmp:
        for args in (["--help"], ["-h"], ["help"], ["exec", "--help"], ["help", "exec"], [
                "help", "help"], ["config", "regen", "--help"], ["plugins",
                                                                 "--help"], ["doctor", "-h"]):
            result = agent(*args, cwd=tmp)
            check_run(f"{' '.join(args)}: usage and examples", result, 0, "Usage: alumet-agent",
                      "Examples:", stream="stdout")
            long = [line for line in result.stdout.splitlines() if len(line) > 80]
            check(f"{' '.join(args)}: fits a terminal", not long, long)
        result = agent("--version", cwd=tmp)
        check_run("--version: build information", result, 0, "alumet-agent", "revision", "libbpf",
                  stream="stdout")
        for args in (["--help"], ["--version"], ["doctor"], ["doctor", "--json"],
                     ["plugins", "list"]):
            with open("/dev/full", "w") as full:
                result = subprocess.run([AGENT, *args], cwd=tmp, stdout=full, timeout=60,
                                        stderr=subprocess.PIPE, text=True)
            check(f"{' '.join(args)} that cannot be written: said, and status 125",
                  result.returncode == 125 and "cannot write" in result.stderr,
                  f"{result.returncode} {result.stderr}")


def foreign_bytes():
    """What the caller names comes back escaped, whatever prints it: no terminal may obey it."""
    name = "x\x1b[2J\x7f\u009b2J\u202e"
    cases = {
        "a command": ["exec", name],
        "an output": ["-o", f"/nonexistent/{name}", "exec", "true"],
        "an event": ["-e", name, "exec", "true"],
        "a configuration": ["--config", name, "exec", "true"],
        "an option": [f"--{name}", "exec", "true"],
        "a sub-command": [name],
        "the doctor": ["--config", name, "doctor"],
        "the doctor, JSON": ["--config", name, "doctor", "--json"],
        "the summary": ["-e", "task-clock", "exec", "true", name],
    }
    with folder() as tmp:
        for who, args in cases.items():
            result = agent(*args, cwd=tmp, env={"LC_ALL": "C.UTF-8"})
            said = result.stdout + result.stderr
            check(f"foreign bytes: {who}", "2J" in said and not any(
                sign in said for sign in ("\x1b", "\x7f", "\u009b")), repr(said))
            check(f"foreign bytes: {who}, signs that are not seen",
                  "JSON" in who or "\u202e" not in said, repr(said))


def tasks_of_a_job():
    """The tasks of a parallel job that say nothing of files do not get into each other's way."""
    perf = ["--plugins", "perf,csv", "-e", "TASK_CLOCK"]
    with folder() as tmp:
        env = {key: value for key, value in os.environ.items() if key != "ALUMET_CONFIG"}
        tasks = [subprocess.Popen([AGENT, *perf, "exec", "sleep", "0.3"], cwd=tmp,
                                  env={**env, "OMPI_COMM_WORLD_RANK": str(rank),
                                       "SLURM_JOB_ID": "77", "SLURM_PROCID": "0"},
                                  stderr=subprocess.DEVNULL) for rank in range(3)]
        check_equal("tasks of a job: each works", [task.wait(60) for task in tasks], [0, 0, 0])
        check_equal("tasks of a job: a file for each", sorted(os.listdir(tmp)),
                    [f"alumet-output-77-{rank}.csv" for rank in range(3)])
        result = agent(*perf, "-o", "./alumet-output.csv", "exec", "true", cwd=tmp,
                       env={"OMPI_COMM_WORLD_RANK": "1"})
        check("tasks of a job: a name that was chosen is taken as it is",
              (tmp / "alumet-output.csv").exists(), result.stderr)


# --- the configuration ---------------------------------------------------------------------------

# What Alumet 0.9 writes for --plugins perf,rapl,csv; only the interval is shorter.
ALUMET_0_9 = """
[plugins.csv]
append_unit_to_metric_name = true
csv_delimiter = ";"
force_flush = true
output_path = "alumet-output.csv"
use_unit_display_name = true

[plugins.perf]
cache_events = []
flush_interval = "5s"
hardware_events = []
poll_interval = "100ms"
software_events = ["PAGE_FAULTS", "CONTEXT_SWITCHES"]

[plugins.rapl]
flush_interval = "5s"
no_perf_events = false
poll_interval = "1s"
"""

# The single list of its main branch.
ALUMET_MAIN = """
[plugins.perf]
poll_interval = "1s"
flush_interval = "1s"
events = ["PAGE_FAULTS", { event = "CONTEXT_SWITCHES", rename = "ctxsw" }]
"""

FOREIGN = """
[plugins.influxdb]
host = "http://localhost:8086"
token = "${ALUMET_TEST_UNSET}"

[plugins.relay-client.retry]
max_times = 8

[[plugins.procfs.processes.groups]]
exe_regex = ""
"""


def metrics(path):
    """What was measured; run_info and run_end are in every file."""
    return {row.metric for row in parse(path.read_bytes())} - {"run_info", "run_end"}


def alumets_files():
    with folder() as tmp:
        file = tmp / "alumet-config.toml"
        file.write_text(ALUMET_0_9)
        result = agent("--plugins", "perf,csv", "exec", "true", cwd=tmp)
        check_run("Alumet 0.9's file, found in the folder", result, 0)
        check("Alumet 0.9's file: its events", {"perf_software_PAGE_FAULTS",
              "perf_software_CONTEXT_SWITCHES"} <= metrics(tmp / "alumet-output.csv"))

        file.write_text(ALUMET_MAIN)
        result = agent("--plugins", "perf,csv", "--output-file", "new.csv", "exec", "true", cwd=tmp)
        check_run("the file of Alumet's main branch", result, 0)
        found = metrics(tmp / "new.csv")
        check("the file of Alumet's main branch: its events",
              any("ctxsw" in metric for metric in found), found)

        file.write_text(ALUMET_MAIN + FOREIGN)
        result = agent("--plugins", "perf,csv", "exec", "true", cwd=tmp)
        check_run("tables of Alumet's other plugins do not matter where they are off", result, 0)
        check("tables of plugins that are off: not a word", "influxdb" not in result.stderr,
              result.stderr)
        result = agent("exec", "true", cwd=tmp)
        check_run("tables of Alumet's other plugins are named", result, 0,
                  "influxdb is not available", "relay-client is not available",
                  "procfs is not available", "enabled = false")
        result = agent("--plugins", "perf,influxdb,csv", "exec", "touch", "ran", cwd=tmp)
        check_run("an Alumet plugin asked for by name", result, 2, "influxdb is not available")
        check("an Alumet plugin asked for by name: nothing run", not (tmp / "ran").exists())


def precedence():
    """defaults < file < --config-override < options"""
    with folder() as tmp:
        (tmp / "c.toml").write_text('[plugins.csv]\noutput_path = "file.csv"\n'
                                    '[plugins.perf]\nevents = ["PAGE_FAULTS"]\n')
        base = ["--plugins", "perf,csv", "--config", "c.toml", "-q"]
        override = ["--config-override", 'plugins.csv.output_path = "over.csv"']
        for name, options, expected in (("file", [], "file.csv"),
                                        ("override", override, "over.csv"),
                                        ("option", [*override, "-o", "opt.csv"], "opt.csv")):
            before = set(os.listdir(tmp))
            agent(*base, *options, "exec", "true", cwd=tmp)
            check_equal(f"precedence: {name}", set(os.listdir(tmp)) - before, {expected})
        check_equal("precedence: events of the file stay", metrics(tmp / "opt.csv") - {
            "process_info", "process_exit"}, {"perf_software_PAGE_FAULTS"})
        agent(*base, "-e", "CONTEXT_SWITCHES", "-o", "e.csv", "exec", "true", cwd=tmp)
        check_equal("precedence: -e replaces the file's events",
                    metrics(tmp / "e.csv") - {"process_info", "process_exit"},
                    {"perf_software_CONTEXT_SWITCHES"})
        agent(*base, "exec", "true", cwd=tmp, env={"ALUMET_CONFIG": "nowhere.toml"})
        check("precedence: --config over ALUMET_CONFIG", (tmp / "file.csv").exists())


def mistakes():
    """File, line and column; the command is not run; status 125."""
    cases = {
        "unknown key": ("[plugins.perf]\npol_interval = '1s'\n", ":2:1: ", "poll_interval?"),
        "unknown plugin": ("\n[plugins.perff]\n", ":2:10: ", "did you mean perf?"),
        "wrong type": ("[plugins.rapl]\nno_perf_events = 1\n", ":2:18: ", "true or false"),
        "wrong value": ("[plugins.perf]\nvalues = 'detla'\n", ":2:10: ", "delta"),
        "bad duration": ("[plugins.rapl]\npoll_interval = '1x'\n", ":2:17: ", "unit"),
        "bad delimiter": ("[plugins.csv]\ncsv_delimiter = '::'\n", ":2:17: ",
                          'plugins.csv.csv_delimiter = "::": it must be a single character'),
        "line break as delimiter": ('[plugins.csv]\ncsv_late_delimiter = "\\n"\n', ":2:22: ",
                                    'csv_late_delimiter = "\\n": it cannot be'),
        "unknown % in a path": ("[plugins.csv]\noutput_path = '%z'\n", ":2:15: ",
                                'plugins.csv.output_path = "%z": '),
        "no path": ("[plugins.csv]\noutput_path = ''\n", ":2:15: ", "missing"),
        "unknown event": ("[plugins.perf]\nevents = ['NO_SUCH_EVENT']\n", ":2:10: ",
                          "plugins.perf.events"),
        "ring size": ("[plugins.perf]\nring_size = 3000\n", ":2:13: ", "power of two"),
        "number of tasks": ("[plugins.perf]\nmax_tasks = 99999999999\n", ":2:13: ", "4194304"),
        "not TOML": ("[plugins.csv]\noutput_path = x\n", ":2:", ""),
        "variable not set": ("[plugins.csv]\noutput_path = '${ALUMET_TEST_UNSET}'\n", ":2:15: ",
                             "ALUMET_TEST_UNSET is not set"),
    }
    with folder() as tmp:
        for name, (text, place, phrase) in cases.items():
            (tmp / "c.toml").write_text(text)
            result = agent("--config", "c.toml", "exec", "touch", "ran", cwd=tmp)
            check_run(f"{name}: place and advice", result, 125, "c.toml" + place, phrase)
        (tmp / "c.toml").write_text("[plugins.perf]\nevents = ['PAGE_FAULTS']\n")
        result = agent("--config", "c.toml", "exec", "-e", "NO_SUCH_EVENT", "touch", "ran", cwd=tmp)
        check("an unknown event of -e: the file is not named", result.returncode == 125
              and "c.toml" not in result.stderr, result.stderr)
        result = agent("--config", "missing.toml", "exec", "touch", "ran", cwd=tmp)
        check_run("a named file that is missing", result, 125, "missing.toml", "config regen")
        result = agent("--no-default-config", "exec", "touch", "ran", cwd=tmp)
        check_run("--no-default-config without a file", result, 125, "alumet-config.toml")
        result = agent("exec", "touch", "ran", cwd=tmp, env={"ALUMET_CONFIG": "gone.toml"})
        check_run("ALUMET_CONFIG that is missing", result, 125, "gone.toml")
        result = agent("--config-override", "plugins.csv.output_path=x.csv", "exec", "touch",
                       "ran", cwd=tmp)
        check_run("an override that is no TOML", result, 125, "strings in quotes")
        check_equal("mistakes: nothing run, nothing written", sorted(os.listdir(tmp)), ["c.toml"])


def variables():
    with folder() as tmp:
        (tmp / "c.toml").write_text('[plugins.csv]\noutput_path = "${WHERE}/\\\\${x}.csv"\n')
        (tmp / "sub").mkdir()
        result = agent("--plugins", "perf,csv", "--config", "c.toml", "-e", "TASK_CLOCK", "exec",
                       "true", cwd=tmp, env={"WHERE": "sub"})
        check_run("${VAR} in a string", result, 0)
        check_equal("${VAR} in a string: replaced, escaped ones stay", os.listdir(tmp / "sub"),
                    ["${x}.csv"])


def without_sources():
    with folder() as tmp:
        result = agent("--plugins", "csv", "exec", "true", cwd=tmp)
        check_run("a run without sources is warned of", result, 0, "nothing will be measured")


def nothing_is_written_unasked():
    with folder() as tmp:
        agent("--plugins", "perf,csv", "-e", "TASK_CLOCK", "exec", "true", cwd=tmp)
        check_equal("no configuration file is left behind", os.listdir(tmp), ["alumet-output.csv"])


# --- config regen --------------------------------------------------------------------------------

def regenerated():
    with folder() as tmp:
        check_run("config regen", agent("config", "regen", cwd=tmp), 0)
        check_equal("config regen: one file", os.listdir(tmp), ["alumet-config.toml"])
        text = (tmp / "alumet-config.toml").read_text()
        keys = re.findall(r"^#?(\w+) = ", text, re.MULTILINE)
        expected = {
            "poll_interval", "flush_interval", "events", "hardware_events", "values", "naming",
            "process_info", "process_exit", "process_ids", "per_pmu", "multiplexing_auto_scale",
            "max_tasks", "ring_size", "backend", "no_perf_events", "sysroot", "per_die",
            "emit_totals", "output_path", "force_flush", "csv_delimiter", "csv_late_delimiter",
            "append", "attributes_as_columns", "append_unit_to_metric_name",
            "use_unit_display_name", "enabled"}
        check("config regen: every key", expected <= set(keys), expected - set(keys))
        lines = text.splitlines()
        bare = [line for before, line in zip(lines, lines[1:])
                if re.match(r"\w+ = ", line) and not before.startswith("#")]
        check("config regen: each key has its explanation", not bare, bare)

        guide = (lib.ROOT / "docs" / "configuration.md").read_text()
        check_equal("docs/configuration.md: the keys of config regen",
                    set(re.findall(r"^#?(\w+) = ", guide[guide.index("## Keys"):], re.MULTILINE)),
                    set(keys))

        with_file = agent("--config", "alumet-config.toml", "doctor", "--json", cwd=tmp)
        without = agent("--config", "/dev/null", "doctor", "--json", cwd=tmp)
        def events_of(result):
            return [f for f in json.loads(result.stdout)["findings"] if f["area"] == "events"]
        check_equal("config regen: read back it changes no event", events_of(with_file),
                    events_of(without))
        result = agent("--config", "alumet-config.toml", "--plugins", "perf,csv", "-e",
                       "TASK_CLOCK", "exec", "true", cwd=tmp)
        check_run("config regen: read back without a word", result, 0)
        check("config regen: read back without a word: no warning",
              "warning" not in result.stderr and "alumet-config" not in result.stderr,
              result.stderr)

        agent("--config", "p.toml", "--plugins", "csv", "config", "regen", cwd=tmp)
        check_equal("config regen: with --plugins only those",
                    re.findall(r"^\[(.*)\]", (tmp / "p.toml").read_text(), re.MULTILINE),
                    ["plugins.csv"])


def regenerated_whole_or_not_at_all():
    with folder() as tmp:
        (tmp / "old.toml").write_text("old")
        (tmp / "old.toml").chmod(0o640)
        check_run("config regen: an existing file", agent("--config", "old.toml", "config", "regen",
                                                          cwd=tmp), 0)
        check("config regen: an existing file is replaced",
              "[plugins.perf]" in (tmp / "old.toml").read_text())
        check_equal("config regen: its mode is kept", (tmp / "old.toml").stat().st_mode & 0o777,
                    0o640)
        check_equal("config regen: no temporary file stays", sorted(os.listdir(tmp)),
                    ["old.toml", "old.toml.old"])
        check_equal("config regen: what was there is kept", (tmp / "old.toml.old").read_text(),
                    "old")
        for path in ("/dev/null", str(tmp), "/nonexistent/c.toml"):
            result = agent("--config", path, "config", "regen", cwd=tmp)
            check_run(f"config regen: refused for {'a folder' if path == str(tmp) else path}",
                      result, 125, path)


main(own_options, bad_lines, help_and_version, foreign_bytes, tasks_of_a_job, alumets_files,
     precedence, mistakes, variables, without_sources, nothing_is_written_unasked, regenerated,
     regenerated_whole_or_not_at_all)
