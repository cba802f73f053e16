#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Manual page and completion know exactly the options that --help of each sub-command shows, and
the completion what they accept; completion.py has the shells.
"""

import re
import shutil
import subprocess

from lib import AGENT, ROOT, check, check_equal, folder, main, skip

MAN = ROOT / "man" / "alumet-agent.1"
SUB_COMMANDS = ("exec", "watch", "report", "compare", "send", "config regen", "plugins list",
                "doctor", "calibrate")


def options_of_help(sub_command):
    """The options that the sub-command's help lists: {"-e", "--events", ...}."""
    text = subprocess.run([AGENT, *sub_command.split(), "--help"], capture_output=True, text=True,
                          check=True, timeout=60).stdout
    lines = re.findall(r"^  (?:(-\w), |    )(--[a-z-]+)", text, re.MULTILINE)
    return {option for pair in lines for option in pair if option}


def options_of_man():
    """The options that have a paragraph of their own in the manual page."""
    text = MAN.read_text()
    section = text[text.index("\n.SH OPTIONS"):]
    section = section[:section.index("\n.SH ", 1)]
    section = re.sub(r"\\f[A-Z]", " ", section).replace("\\-", "-")
    tags = re.findall(r"^\.TP\n(.*)", section, re.MULTILINE)
    return {option for tag in tags for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*|-I", tag)}


def complete(*words):
    """The candidates that the program prints for the last word, without their descriptions."""
    result = subprocess.run([AGENT, "--complete", *words], capture_output=True, text=True,
                            check=True, timeout=60)
    return {line.split("\t")[0] for line in result.stdout.splitlines() if line[0] != ":"}


def man_page():
    every = set().union(*(options_of_help(name) for name in SUB_COMMANDS))
    check("--help lists options", len(every) > 15, sorted(every))
    check_equal("manual page: the options of --help", options_of_man(), every)
    for name in SUB_COMMANDS:
        check(f"manual page: sub-command {name}",
              re.search(rf"^\.(?:B|BI|BR) {name}", MAN.read_text(), re.MULTILINE))


def man_page_is_well_written():
    if not shutil.which("man"):
        return skip("manual page without warnings", "man is not installed")
    result = subprocess.run(["man", "--warnings", "-l", str(MAN)], capture_output=True, text=True,
                            timeout=60)
    check("manual page without warnings", result.returncode == 0 and not result.stderr,
          result.stderr)


def completed_options():
    for name in SUB_COMMANDS:
        check_equal(f"completion: options of {name}", complete(*name.split(), "-"),
                    options_of_help(name))
    every = set().union(*(options_of_help(name) for name in SUB_COMMANDS))
    check_equal("completion: options before the sub-command", complete("-"), every)
    found = complete("exec", "ls", "--")
    check("completion: not our options after the command", not found, found)


def accepted_values():
    """Each value that is offered is accepted, by a command line that then only lacks a file."""
    for line in ("exec --summary=", "exec --color=", "exec --progress=", "exec --report=",
                 "report --format=", "report --color=", "compare --format="):
        offered = complete(*line.split())
        check(f"completion: {line} has values", len(offered) > 2, offered)
        words = {"exec": ["/nonexistent"], "report": ["/nonexistent"],
                 "compare": ["/nonexistent", "/nonexistent"]}[line.split()[0]]
        for value in offered:
            with folder() as tmp:
                result = subprocess.run([AGENT, line.split()[0], value, *words], cwd=tmp,
                                        capture_output=True, text=True, check=False, timeout=60)
            check(f"completion: {value} is accepted", "/nonexistent" in result.stderr
                  and result.returncode != 2, result)


def completed_plugins():
    text = subprocess.run([AGENT, "--config", "/dev/null", "plugins", "list"], capture_output=True,
                          text=True, check=True, timeout=60).stdout
    names = {line.split()[0] for line in re.findall(r"^.* (?:source|transform|output) .*$", text,
                                                    re.MULTILINE)}
    check_equal("completion: --plugins has those of plugins list",
                complete("--plugins", ""), names)


def documented_values():
    """docs/events.md has every value of processes that the table has, and the completion too."""
    table = (ROOT / "src/sources/perf/fields.c").read_text(encoding="utf-8")
    names = set(re.findall(r'\] = \{"([a-z-]+)"', table))
    documented = set(
        re.findall(r"`([a-z-]+)`", (ROOT / "docs/events.md").read_text(encoding="utf-8")))
    check("docs/events.md: values of processes", names and names <= documented, names - documented)
    for line in ("exec -e", "exec --by", "report --by"):
        listed = complete(*line.split(), "")
        check(f"completion: values of processes for {line}", names <= listed, names - listed)


main(man_page, man_page_is_well_written, completed_options, accepted_values, completed_plugins,
     documented_values)
