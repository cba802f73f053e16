#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""make install, make uninstall and make check do what they say, and nothing else."""

import os
import pathlib
import re
import shutil
import subprocess

from lib import AGENT, BUILD, ROOT, check, check_equal, folder, main, skip


def make(*args):
    """Without building anything: what is built may have been built with other options."""
    env = {key: value for key, value in os.environ.items() if key != "O"}
    return subprocess.run(["make", "-C", ROOT, "-o", "all", f"O={BUILD}", *args], env=env,
                          capture_output=True, text=True, timeout=120, check=False)


def files_below(path):
    return sorted(str(file.relative_to(path)) for file in pathlib.Path(path).rglob("*")
                  if not file.is_dir())


def one_version():
    """The Makefile's is the one that is shown, and that the changes are told of."""
    version = re.search(r"^VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    shown = subprocess.run([AGENT, "--version"], capture_output=True, text=True, check=False).stdout
    check_equal("version: --version shows it", shown.split()[:2], ["alumet-agent", version])
    changes = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]
    check_equal("version: the newest of CHANGELOG.md", changes, version)
    package = re.search(r"^alumet-agent \((\S+)\)", (ROOT / "debian/changelog").read_text())[1]
    check_equal("version: the newest of debian/changelog", package, version)


def installed_and_gone():
    if not shutil.which("make"):
        return skip("make install", "make is not installed")
    with folder() as tmp:
        where = [f"DESTDIR={tmp}", "PREFIX=/opt/alumet"]
        result = make("install", *where)
        check_equal("make install: status", result.returncode, 0)
        check_equal("make install: its files", files_below(tmp), [
            "opt/alumet/bin/alumet-agent",
            "opt/alumet/share/bash-completion/completions/alumet-agent",
            "opt/alumet/share/fish/vendor_completions.d/alumet-agent.fish",
            "opt/alumet/share/man/man1/alumet-agent.1",
            "opt/alumet/share/zsh/site-functions/_alumet-agent"])
        version = subprocess.run([tmp / "opt/alumet/bin/alumet-agent", "--version"],
                                 capture_output=True, text=True, check=False)
        check("make install: the program runs", version.stdout.startswith("alumet-agent "), version)

        other = tmp / "opt/alumet/bin/somebody-elses"
        other.write_text("")
        result = make("uninstall", *where)
        check_equal("make uninstall: status", result.returncode, 0)
        check_equal("make uninstall: what others put there stays, the rest is gone",
                    files_below(tmp), ["opt/alumet/bin/somebody-elses"])
        check_equal("make uninstall: once more does not matter",
                    make("uninstall", *where).returncode, 0)


def installs_nothing():
    """By what make would execute: set-up is what installs packages."""
    if not shutil.which("make"):
        return skip("make check", "make is not installed")
    result = make("-n", "check")
    check("make check: runs the tests", "tests/run.sh" in result.stdout, result.stdout[-2000:])
    check("make check: without set-up", "setup.sh" not in result.stdout, result.stdout[-2000:])
    result = make("-n", "test")
    check("make test: set-up, then the tests", "setup.sh" in result.stdout
          and "tests/run.sh" in result.stdout, result.stdout[-2000:])


if __name__ == "__main__":
    main(one_version, installed_and_gone, installs_nothing)
