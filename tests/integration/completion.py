#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""bash, zsh and fish complete what the program offers, and leave files, users and commands to
themselves. The shells are the real ones; man_completion.py compares the options with --help.
"""

import os
import pathlib
import pty
import select
import shlex
import shutil
import subprocess
import time

from lib import AGENT, ROOT, check, check_equal, folder, main, skip

COMPLETIONS = ROOT / "completions"
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")

# Command lines, and all words that complete the last one.
EXACT = (
    ("", "exec watch report compare send config plugins doctor calibrate help"),
    ("-e exec d", "doctor"),
    ("config ", "regen"),
    ("-v plugins l", "list"),
    ("help cal", "calibrate"),
    ("exec --wait", "--wait-tree"),
    ("exec --summary f", "full"),
    ("exec --summary=f", "--summary=full"),
    ("report --format fo", "folded"),
    ("report --by wal", "wall wall-time"),
    ("report --by LL_READ_M", "LL_READ_MISS"),
    ("exec --by=invol", "--by=involuntary-switches"),
    ("--plugins perf,r", "perf,rapl"),
    ("exec -e cycles,invol", "cycles,involuntary-switches"),
    ("exec -ecycles,invol", "-ecycles,involuntary-switches"),
    ("exec --color=never --prog", "--progress"),
    ("report one", "one-file.csv"),
    ("report -- one", "one-file.csv"),
    ("compare one-file.csv o", "one-file.csv other.csv"),
    ("report --output-file=oth", "--output-file=other.csv"),
    ("exec -o csv:oth", "csv:other.csv"),
    ("exec --summary json:oth", "json:other.csv"),
    ("exec --user nob", "nobody"),
    ("exec --user=nob", "--user=nobody"),
    ("exec --color=auto the-com", "the-command"),
    ("exec -- the-com", "the-command"),
    ("exec the-command oth", "other.csv"),
    ("exec the-command --wait", ""),
    ("watch --comm one-that-r", "one-that-runs"),
)


class Terminal:
    """A shell on a pseudo-terminal, as its line editor completes. Its setup lets the key TAB write
    the matches to a file, and the next key clear the line and make the file "finished".
    """

    def __init__(self, tmp, arguments, setup):
        self.tmp = tmp
        (tmp / "setup").write_text(setup)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(tmp)
            os.environ["TERM"] = "dumb"
            os.execvp(arguments[0], arguments)
        self.send(" . ./setup; echo > finished\n")
        self.wait()

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait(self):
        """Until the file is there; what the shell shows is dropped."""
        deadline = time.monotonic() + 60
        while not (self.tmp / "finished").exists():
            assert time.monotonic() < deadline, f"{self.name}: nothing was completed"
            if select.select([self.terminal], [], [], 0.02)[0]:
                os.read(self.terminal, 65536)
        (self.tmp / "finished").unlink()

    def matches(self, line):
        """The lines that the setup has written."""
        matches = self.tmp / "matches"
        matches.unlink(missing_ok=True)
        self.send(f"alumet-agent {line}\t\x18")
        self.wait()
        return matches.read_text().splitlines() if matches.exists() else []

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Bash(Terminal):
    """more: a file to source, that of bash-completion."""
    SETUP = r"""
        PS1=
        source %(more)s; source %(completion)s
        show() {
            _alumet_agent "$@"
            printf '%%s\n' "${COMP_WORDS[COMP_CWORD]}" "${COMPREPLY[@]}" > matches
        }
        complete -F show alumet-agent
        finish() { echo "$READLINE_LINE" > line; READLINE_LINE=; echo > finished; }
        bind -x '"\C-x": finish'
    """

    def __init__(self, tmp, more):
        self.name = "bash-completion" if more else "bash"
        super().__init__(tmp, ["bash", "--norc", "--noprofile", "-i"], self.SETUP % {
            "more": more or "/dev/null", "completion": COMPLETIONS / "alumet-agent.bash"})

    def complete(self, line):
        replaced, *found = self.matches(line) or [""]
        last = line.split(" ")[-1]
        # Readline does not replace what is before "=" or ":".
        kept = last[:len(last) - len(replaced)] if replaced not in ("=", ":") else last
        # bash-completion may leave files to readline (compopt -o default).
        now = (self.tmp / "line").read_text().split()[-1]
        by_readline = {now} if not any(found) and now != last else set()
        return {kept + word for word in found if word} | by_readline


class Fish:
    name = "fish"

    def __init__(self, tmp):
        self.tmp = tmp

    def complete(self, line):
        script = f"source {COMPLETIONS / 'alumet-agent.fish'}; complete -C $argv[1]"
        result = subprocess.run(["fish", "--no-config", "-c", script, f"alumet-agent {line}"],
                                capture_output=True, text=True, check=True, timeout=60,
                                cwd=self.tmp, env={**os.environ, "HOME": str(self.tmp)})
        return {word.split("\t")[0] for word in result.stdout.splitlines()}

    def close(self):
        pass


class Zsh(Terminal):
    name = "zsh"
    SETUP = r"""
        PS1=; setopt no_beep; LISTMAX=10000
        fpath=(%(folder)s $fpath)
        autoload -Uz compinit && compinit -u -D
        # Every match goes through compadd; with -O, -A or -D nothing is added.
        compadd() {
            if (( ! ${argv[1,(i)(-|--)][(I)-*[OAD]*]} )); then
                local -a hits
                builtin compadd -A hits "$@"
                print -rl -- $IPREFIX${^hits} >> matches
            fi
            builtin compadd "$@"
        }
        finish() { BUFFER=; echo > finished }
        zle -N finish; bindkey '^X' finish; bindkey '^I' complete-word
    """

    def __init__(self, tmp):
        installed = tmp / "zsh"
        installed.mkdir()
        shutil.copy(COMPLETIONS / "alumet-agent.zsh", installed / "_alumet-agent")
        super().__init__(tmp, ["zsh", "-f", "-i"], self.SETUP % {"folder": installed})

    def complete(self, line):
        return {word for word in self.matches(line) if word}


def shells(tmp):
    """Those that are installed, each started."""
    for name, start in (("bash", lambda: Bash(tmp, None)),
                        ("bash-completion", lambda: Bash(tmp, BASH_COMPLETION)),
                        ("fish", lambda: Fish(tmp)), ("zsh", lambda: Zsh(tmp))):
        if BASH_COMPLETION.exists() if name == "bash-completion" else shutil.which(name):
            yield start()
        else:
            skip(f"{name} completes", f"{name} is not installed")


def completed():
    with folder() as tmp:
        programs = tmp / "programs"
        programs.mkdir()
        (programs / "alumet-agent").symlink_to(AGENT)
        for name in ("the-command", "one-that-runs"):
            shutil.copy(shutil.which("sleep"), programs / name)
        work = tmp / "work"
        work.mkdir()
        for name in ("one-file.csv", "other.csv"):
            (work / name).write_text("")
        os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
        running = subprocess.Popen(["one-that-runs", "1000"])
        try:
            for shell in shells(work):
                for line, expected in EXACT:
                    check_equal(f"{shell.name}: {shlex.quote(line)}", shell.complete(line),
                                set(expected.split()))
                check(f"{shell.name}: pids", str(running.pid) in
                      shell.complete("watch "))
                shell.close()
        finally:
            running.kill()
            running.wait()


main(completed)
