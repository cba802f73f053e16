#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Manual page and bash completion know exactly the options that --help of each sub-command shows.
"""

import re
import shutil
import subprocess

from lib import AGENT, ROOT, check, check_equal, main, skip

MAN = ROOT / "man" / "alumet-agent.1"
COMPLETION = ROOT / "completions" / "alumet-agent.bash"
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
    """What bash completes the last word to."""
    script = f"""
        source {COMPLETION}
        compopt() {{ :; }}
        COMP_WORDS=("$@")
        alumet-agent() {{ {AGENT} "$@"; }}
        COMP_CWORD=$(($# - 1))
        _alumet_agent
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True,
                            check=True, timeout=60)
    return set(result.stdout.split())


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
    if not shutil.which("bash"):
        return skip("completion", "bash is not installed")
    for name in SUB_COMMANDS:
        check_equal(f"completion: options of {name}", complete("alumet-agent", *name.split(), "-"),
                    options_of_help(name))
    every = set().union(*(options_of_help(name) for name in SUB_COMMANDS))
    check_equal("completion: options before the sub-command", complete("alumet-agent", "-"), every)


def completed_words():
    if not shutil.which("bash"):
        return
    check_equal(
        "completion: sub-commands", complete("alumet-agent", ""), {
            "exec", "watch", "report", "compare", "send", "config", "plugins", "doctor",
            "calibrate", "help"})
    check_equal("completion: after an option's argument",
                complete("alumet-agent", "-e", "exec", "d"), {"doctor"})
    check("completion: files of report", "Makefile" in complete("alumet-agent", "report", "Mak"))
    check_equal("completion: config", complete("alumet-agent", "config", ""), {"regen"})
    check_equal("completion: plugins", complete("alumet-agent", "-v", "plugins", "l"), {"list"})
    check_equal("completion: plugins list", complete("alumet-agent", "--plugins", "perf,r"),
                {"perf,rapl"})
    check_equal("completion: an event of the last of a list",
                complete("alumet-agent", "-e", "cycles,invol"), {"cycles,involuntary-switches"})
    check_equal("completion: Alumet's names of events",
                complete("alumet-agent", "-e", "LL_READ_M"), {"LL_READ_MISS"})
    check_equal("completion: --summary=", complete("alumet-agent", "exec", "--summary", "=", "f"),
                {"full"})
    check("completion: the command", "bash" in complete("alumet-agent", "exec", "-v", "bas"))
    found = complete("alumet-agent", "exec", "ls", "--")
    check("completion: not our options after the command", not found & options_of_help("exec"),
          found)
    found = complete("alumet-agent", "exec", "--", "bas")
    check("completion: the command after --", "bash" in found, found)


def completed_plugins():
    text = subprocess.run([AGENT, "--config", "/dev/null", "plugins", "list"], capture_output=True,
                          text=True, check=True, timeout=60).stdout
    names = {line.split()[0] for line in re.findall(r"^.* (?:source|transform|output) .*$", text,
                                                    re.MULTILINE)}
    check_equal("completion: --plugins has those of plugins list",
                complete("alumet-agent", "--plugins", ""), names)


def documented_values():
    """docs/events.md has every value of processes that the table has, and the completion too."""
    table = (ROOT / "src/sources/perf/fields.c").read_text(encoding="utf-8")
    names = set(re.findall(r'\] = \{"([a-z-]+)"', table))
    documented = set(
        re.findall(r"`([a-z-]+)`", (ROOT / "docs/events.md").read_text(encoding="utf-8")))
    check("docs/events.md: values of processes", names and names <= documented, names - documented)
    listed = subprocess.run([AGENT, "plugins", "list", "--event-names"], capture_output=True,
                            text=True, check=True, timeout=60).stdout.split()
    check("completion: values of processes", names <= set(listed), names - set(listed))


main(man_page, man_page_is_well_written, completed_options, completed_words, completed_plugins,
     documented_values)
