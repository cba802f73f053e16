#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Command line, configuration, doctor and list of plugins, as a user meets them."""

import json
import os
import re
import shutil
import subprocess

import lib
from lib import AGENT, check, check_equal, folder, main, parse, skip

NOBODY = 65534


def agent(*args, cwd, env=None, agent=AGENT, **popen):
    """Run the agent with its own words, away from the caller's configuration."""
    env = {**os.environ, **(env or {})}
    if "ALUMET_CONFIG" not in (env or {}):
        env.pop("ALUMET_CONFIG", None)
    return subprocess.run([agent, *args], cwd=cwd, env=env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, **popen)


def check_run(name, result, status, *phrases, stream="stderr"):
    text = getattr(result, stream)
    missing = [phrase for phrase in phrases if phrase not in text]
    return check(name, result.returncode == status and not missing,
                 f"status {result.returncode}, expected {status}; not told: {missing}\n"
                 f"{result.stdout}{result.stderr}")


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
        "help of what is none": (["help", "touch"], "there are exec, config regen"),
        "perf's -p": (["exec", "-p", "1", "touch", "ran"], "it follows the command"),
        "perf's --repeat": (["exec", "--repeat=3", "touch", "ran"], "in a loop"),
        "-o -": (["exec", "-o", "-", "touch", "ran"], "/dev/stdout"),
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
        for args in (["--help"], ["-h"], ["help"], ["exec", "--help"], ["help", "exec"],
                     ["help", "help"], ["config", "regen", "--help"], ["plugins", "--help"], ["doctor", "-h"]):
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
    return {row.metric for row in parse(path.read_bytes())}


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
        check_run("an Alumet plugin asked for by name", result, 125, "influxdb is not available")
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
            "process_info"}, {"perf_software_PAGE_FAULTS"})
        agent(*base, "-e", "CONTEXT_SWITCHES", "-o", "e.csv", "exec", "true", cwd=tmp)
        check_equal("precedence: -e replaces the file's events",
                    metrics(tmp / "e.csv") - {"process_info"}, {"perf_software_CONTEXT_SWITCHES"})
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
        expected = {"poll_interval", "flush_interval", "events", "hardware_events", "values",
                    "naming", "process_info", "per_pmu", "multiplexing_auto_scale", "max_tasks",
                    "ring_size", "backend", "no_perf_events", "sysroot", "per_die", "emit_totals", "output_path",
                    "force_flush", "csv_delimiter", "csv_late_delimiter", "append",
                    "attributes_as_columns", "append_unit_to_metric_name",
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
        check_equal("config regen: no temporary file stays", os.listdir(tmp), ["old.toml"])
        for path in ("/dev/null", str(tmp), "/nonexistent/c.toml"):
            result = agent("--config", path, "config", "regen", cwd=tmp)
            check_run(f"config regen: refused for {'a folder' if path == str(tmp) else path}",
                      result, 125, path)


# --- doctor and plugins list ---------------------------------------------------------------------

def findings(result):
    return {f["subject"]: f for f in json.loads(result.stdout)["findings"]}


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def doctor_here():
    """Whatever the doctor says about exec is what exec then does."""
    with folder() as tmp:
        result = agent("doctor", cwd=tmp)
        exec_status = agent("exec", "true", cwd=tmp).returncode
        check_equal("doctor: its status is what exec does", result.returncode, int(exec_status != 0))
        bad = [line for before, line in zip(result.stdout.splitlines(),
                                            result.stdout.splitlines()[1:])
               if re.match(r"  (✔|ok|✘|NO) ", line) and not line.split(":", 1)[1:]]
        check("doctor: a line for each finding", result.stdout.count(": ") > 15 and not bad,
              result.stdout)
        data = json.loads(agent("doctor", "--json", cwd=tmp).stdout)
        check_equal("doctor --json: works", data["works"], result.returncode == 0)
        check("doctor --json: behind all that is lacking a remedy",
              all(f["remedy"] for f in data["findings"] if f["verdict"] != "good"),
              [f for f in data["findings"] if f["verdict"] != "good" and not f["remedy"]])
        areas = {f["area"] for f in data["findings"]}
        check_equal("doctor --json: every area", areas,
                    {"configuration", "kernel", "privileges", "bpf", "events", "rapl", "output",
                     "machine"})


def doctor_marks():
    with folder() as tmp:
        for locale, mark in (("C", "  ok "), ("C.UTF-8", "  ✔ ")):
            result = agent("doctor", cwd=tmp, env={"LC_ALL": locale})
            check(f"doctor: marks in locale {locale}", mark in result.stdout, result.stdout[:200])
        result = agent("doctor", cwd=tmp, env={"LC_ALL": "C"})
        check("doctor: ASCII only in locale C", result.stdout.isascii(), result.stdout)


def doctor_finds_what_would_fail():
    with folder() as tmp:
        cases = {
            "an event that is not known": ["-e", "NO_SUCH_EVENT_HERE"],
            "an output that cannot be written": ["-o", "/nonexistent/x.csv"],
            "a key that is not known": ["--config-override", "plugins.perf.x = 1"],
        }
        for name, options in cases.items():
            result = agent("doctor", *options, cwd=tmp)
            check_run(f"doctor: {name}", result, 1, "exec does not work here", stream="stdout")
        check_equal("doctor: leaves nothing behind", os.listdir(tmp), [])


def doctor_as_nobody():
    if os.geteuid() != 0:
        return skip("doctor as nobody", "only root can become another user")
    with folder() as tmp:
        shutil.copy(AGENT, tmp / "agent")
        os.chown(tmp, NOBODY, NOBODY)
        copy = str(tmp / "agent")

        result = agent("doctor", "--json", agent=copy, cwd=tmp, preexec_fn=become_nobody)
        found = findings(result)
        check_equal("doctor as nobody: status", result.returncode, 1)
        for name in ("CAP_BPF", "CAP_PERFMON"):
            check(f"doctor as nobody: {name} and the command that grants it",
                  found[name]["verdict"] == "fatal"
                  and f"setcap cap_bpf,cap_perfmon=ep {tmp}/agent" in found[name]["remedy"],
                  found[name])
        check_equal("doctor as nobody: programs", found["programs"]["verdict"], "fatal")

        result = agent("--plugins", "csv", "doctor", agent=copy, cwd=tmp, preexec_fn=become_nobody)
        check_run("doctor as nobody: no obstacle where perf is off", result, 0, stream="stdout")

        if not shutil.which("setcap"):
            return skip("doctor as nobody with capabilities", "setcap is not installed")
        subprocess.run(["setcap", "cap_bpf,cap_perfmon=ep", copy], check=True)
        result = agent("doctor", "--json", agent=copy, cwd=tmp, preexec_fn=become_nobody)
        found = findings(result)
        check_equal("doctor as nobody with capabilities: status", result.returncode, 0)
        check_equal("doctor as nobody with capabilities: programs", found["programs"]["verdict"],
                    "good")


def laid_out(tmp, files):
    for path, text in files.items():
        file = tmp / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def doctor_in_a_laid_out_root():
    """Another machine below a folder: an old kernel in a container, with energy counters."""
    with folder() as tmp:
        zone = "sys/class/powercap/intel-rapl:0/"
        laid_out(tmp, {
            "proc/sys/kernel/osrelease": "5.4.0-old\n",
            "proc/cpuinfo": "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
                            "model\t\t: 85\nflags\t\t: fpu\n",
            "run/.containerenv": "",
            zone + "name": "package-0\n",
            zone + "energy_uj": "1500000\n",
            zone + "max_energy_range_uj": "262143328850\n",
        })
        result = agent("--config-override", f"plugins.rapl.sysroot = '{tmp}'", "doctor", "--json",
                       cwd=tmp)
        found = findings(result)
        check_equal("doctor in a laid-out root: status", result.returncode, 1)
        for subject, verdict, phrase in (("version", "fatal", "5.4.0-old is too old"),
                                         ("BTF", "fatal", "no /sys/kernel/btf/vmlinux"),
                                         ("container", "good", "Podman"),
                                         ("virtual machine", "good", "none"),
                                         ("backend powercap", "good", "1 counter"),
                                         ("powercap, package 0", "good", "reads 1.500 J")):
            check(f"doctor in a laid-out root: {subject}",
                  found[subject]["verdict"] == verdict and phrase in found[subject]["detail"],
                  found[subject])


def plugins_list():
    with folder() as tmp:
        (tmp / "c.toml").write_text("[plugins.rapl]\nenabled = false\n")
        result = agent("--config", "c.toml", "plugins", "list", cwd=tmp)
        state = {line.split()[0]: line.split()[1:3] for line in result.stdout.splitlines()[1:]
                 if re.match(r"\w+ +(source|output) ", line)}
        check_equal("plugins list: kinds, on and off", state,
                    {"perf": ["source", "on"], "rapl": ["source", "off"], "csv": ["output", "on"]})
        result = agent("--config", "c.toml", "--plugins", "rapl", "plugins", "list", "--status",
                       cwd=tmp)
        check("plugins list: --plugins decides", re.search(r"^rapl +source +on", result.stdout,
                                                           re.MULTILINE), result.stdout)


main(own_options, bad_lines, help_and_version, alumets_files, precedence, mistakes, variables,
     nothing_is_written_unasked, regenerated, regenerated_whole_or_not_at_all, doctor_here,
     doctor_marks, doctor_finds_what_would_fail, doctor_as_nobody, doctor_in_a_laid_out_root,
     plugins_list)
