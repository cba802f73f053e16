#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What doctor and plugins list say of a machine, and whether that is what exec then does."""

import json
import os
import re
import shutil
import subprocess

from lib import (AGENT, NOBODY, agent, become_nobody, check, check_equal, check_run, folder, main,
                 skip)


def findings(result):
    return {f["subject"]: f for f in json.loads(result.stdout)["findings"]}


def doctor_here():
    """Whatever the doctor says about exec is what exec then does."""
    with folder() as tmp:
        result = agent("doctor", cwd=tmp)
        exec_status = agent("exec", "true", cwd=tmp).returncode
        check_equal("doctor: its status is what exec does", result.returncode,
                    int(exec_status != 0))
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
        expected = {
            "configuration", "kernel", "privileges", "bpf", "events", "rapl", "output", "machine"}
        check("doctor --json: every area", areas >= expected, expected - areas)


def doctor_marks():
    with folder() as tmp:
        for locale, mark in (("C", "  ok "), ("C.UTF-8", "  ✔ ")):
            result = agent("doctor", cwd=tmp, env={"LC_ALL": locale})
            check(f"doctor: marks in locale {locale}", mark in result.stdout, result.stdout[:200])
        result = agent("doctor", cwd=tmp, env={"LC_ALL": "C"})
        check("doctor: ASCII only in locale C", result.stdout.isascii(), result.stdout)
        long = [line for line in result.stdout.splitlines() if len(line) > 80 and AGENT not in line]
        check("doctor: fits a terminal of 80 columns", not long, long)
        check("doctor: names the file that it could write", "csv: alumet-output.csv can be written"
              in result.stdout, result.stdout)
        for events in ("no-such-event-here", "LL_READ_MISS"):
            result = agent("doctor", "-e", events, cwd=tmp)
            check(f"doctor: does not send to the doctor, -e {events}",
                  "alumet-agent doctor" not in result.stdout, result.stdout)


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
        result = agent("doctor", agent=copy, cwd=tmp, preexec_fn=become_nobody)
        check_equal("doctor as nobody: the command that grants stands there once",
                    result.stdout.count("setcap"), 1)

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
                 if re.match(r"[\w-]+ +(source|transform|output) ", line)}
        expected = {"perf": ["source", "on"], "rapl": ["source", "off"], "csv": ["output", "on"],
                    "processes": ["output", "off"], "summary": ["output", "on"],
                    "context": ["transform", "off"], "energy-attribution": ["transform", "auto"]}
        check("plugins list: kinds, on, off and auto", state.items() >= expected.items(), state)
        before = agent("--config", "/dev/null", "plugins", "list", cwd=tmp).stdout
        agent("--config", "written.toml", "config", "regen", cwd=tmp)
        check_equal("plugins list: the default configuration changes nothing",
                    agent("--config", "written.toml", "plugins", "list", cwd=tmp).stdout, before)
        ragged = [line for line in result.stdout.splitlines()
                  if len(line) > 80 or line != line.rstrip()]
        check("plugins list: 80 columns without blanks at the end", not ragged, ragged)
        result = agent("--config", "c.toml", "--plugins", "rapl", "plugins", "list", "--status",
                       cwd=tmp)
        check("plugins list: --plugins decides", re.search(r"^rapl +source +on", result.stdout,
                                                           re.MULTILINE), result.stdout)


main(doctor_here, doctor_marks, doctor_finds_what_would_fail, doctor_as_nobody,
     doctor_in_a_laid_out_root, plugins_list)
