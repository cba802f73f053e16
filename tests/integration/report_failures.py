#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reports, comparisons and summaries of series that cannot be written: the disk is full, a limit on
file sizes, each system call fails once. There is one error, nothing is left, and what was there
before is as it was. And the file of the run before, where names cannot be exchanged.
"""

import contextlib
import errno
import fcntl
import itertools
import os
import resource
import subprocess

from lib import AGENT, HELPERS, agent, check, check_equal, check_run, folder, main, skip

FAIL_NTH = str(HELPERS / "fail_nth")
CANNOT_FILTER = 77
PRECIOUS = "precious"
# A command whose summary in JSON is larger than a page.
SOME_KILOBYTES = "for i in 1 2 3 4 5 6 7 8 9; do sh -c ': '$i; done"


def make_run(path):
    """A run whose JSON has more than 64 KiB."""
    agent("-q", "--plugins", "perf,csv", "-e", "page-faults", "-o", str(path), "exec", "sh", "-c",
          "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done", cwd=path.parent)


@contextlib.contextmanager
def disk(size):
    """A folder on a file system of this size; None if there can be none."""
    with folder() as tmp:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=700,size={size}", "tmpfs", tmp],
                          capture_output=True, check=False).returncode != 0:
            yield None
            return
        try:
            yield tmp
        finally:
            subprocess.run(["umount", tmp], check=True)


def errors(stderr):
    return [line for line in stderr.splitlines() if line.startswith("alumet-agent:")
            and "warning:" not in line]


def full_disk():
    with folder() as cwd, disk("16k") as small:
        if not small:
            return skip("a full disk", "tmpfs cannot be mounted here")
        run = cwd / "run.csv"
        make_run(run)
        for words in (["report"], ["compare", run]):
            for name in ("new.json", "old.json"):
                (small / "old.json").write_text(PRECIOUS)
                (small / "fill").write_bytes(b"x" * 4096 * 3)
                result = agent(*words, run, "--format", "json", "-o", small / name, cwd=cwd)
                check_run(f"{words[0]}: {name}", result, 125, f"{name}': No space left")
                check_equal(f"{words[0]}: {name}: one error", len(errors(result.stderr)), 1)
                check_equal(f"{words[0]}: {name}: nothing is left",
                            sorted(os.listdir(small)), ["fill", "old.json"])
                check_equal(f"{words[0]}: {name}: the old one is there",
                            (small / "old.json").read_text(), PRECIOUS)
        os.link(small / "old.json", small / "two.json")
        check_run("a hard link", agent("report", run, "-o", small / "old.json", cwd=cwd), 125,
                  "old.json': No space left")
        check_equal("a hard link: no half report", (small / "two.json").read_text(), "")
        os.unlink(small / "two.json")
        (small / "old.json").write_text(PRECIOUS)
        result = agent("-q", "-o", "r.csv", "exec", "-r2", f"--summary=json:{small}/new.json",
                       "true", cwd=cwd)
        check_run("the summary of a series", result, 125, "new.json': No space left")
        check_equal("the summary of a series: nothing is left", sorted(os.listdir(small)),
                    ["fill", "old.json"])
        for name in ("new.json", "old.json"):
            result = agent("-q", "-e", "task-clock", "-o", "r.csv", "exec",
                           f"--summary=json:{small}/{name}", "sh", "-c", SOME_KILOBYTES, cwd=cwd)
            check_run(f"a summary: {name}", result, 125, f"{name}': No space left")
            check_equal(f"a summary: {name}: one error", len(errors(result.stderr)), 1)
            check_equal(f"a summary: {name}: nothing is left", sorted(os.listdir(small)),
                        ["fill", "old.json"])
            check_equal(f"a summary: {name}: the old one is there",
                        (small / "old.json").read_text(), PRECIOUS)
        (small / "fill").unlink()
        os.chmod(small / "old.json", 0o604)
        result = agent("-q", "-e", "task-clock", "-o", "r.csv", "exec",
                       f"--summary=json:{small}/old.json", "true", cwd=cwd)
        check_equal("a summary that fits: it replaces the old one, with its mode",
                    (result.returncode, os.listdir(small),
                     (small / "old.json").read_text()[:1], (small / "old.json").stat().st_mode),
                    (0, ["old.json"], "{", 0o100604))


def size_limit():
    """SIGXFSZ does not kill the agent."""
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    with folder() as cwd:
        make_run(cwd / "run.csv")
        (cwd / "old.json").write_text(PRECIOUS)
        for name in ("new.json", "old.json"):
            result = agent("report", "-o", name, "run.csv", cwd=cwd, preexec_fn=prepare)
            check_run(f"a limit on file sizes: {name}", result, 125, "File too large")
        with open(cwd / "stdout", "wb") as out:
            status = subprocess.run([AGENT, "report", "--format", "json", "run.csv"], cwd=cwd,
                                    stdout=out, stderr=subprocess.DEVNULL, preexec_fn=prepare,
                                    check=False).returncode
        check_equal("a limit on file sizes: the standard output", status, 125)
        check_equal("a limit on file sizes: what is there", (
            sorted(os.listdir(cwd)), (cwd / "old.json").read_text()),
            (["old.json", "run.csv", "stdout"], PRECIOUS))
        check_run("a limit on file sizes: config regen", agent(
            "--config", "c.toml", "config", "regen", cwd=cwd, preexec_fn=prepare), 125,
            "File too large")
        check("a limit on file sizes: config regen leaves nothing", not list(cwd.glob("c.toml*")))


def without_rows():
    """A run that could not write its header: its error, and that there is no report."""
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for words in (["--report=json"], ["-r2", "--report=json"], ["-r2", "--summary=json:s.json"]):
        with folder() as cwd:
            (cwd / "run.csv").write_text(PRECIOUS)
            result = agent("--plugins", "perf,csv,summary", "-e", "task-clock", "-o", "run.csv",
                           "exec", *words, "true", cwd=cwd, preexec_fn=prepare)
            name = " ".join(words)
            check_run(f"no rows: {name}", result, 125, "cannot write to 'run.csv'", "no rows")
            check(f"no rows: {name}: no word of a file that is none", "not a saved run" not in
                  result.stderr, result.stderr)
            check_equal(f"no rows: {name}: files", os.listdir(cwd), ["run.csv"])


def what_is_replaced():
    """Mode, owner and links stay; another program's file is not touched."""
    with folder() as cwd:
        make_run(cwd / "run.csv")

        def report(name, status=0, *phrases):
            check_run(f"report -o {name}", agent("report", "-o", name, "run.csv", cwd=cwd), status,
                      *phrases)
        old = os.umask(0o027)
        report("new.json")
        os.umask(old)
        check_equal("a new file: the umask", (cwd / "new.json").stat().st_mode & 0o777, 0o640)
        (cwd / "old.json").write_text(PRECIOUS)
        os.chmod(cwd / "old.json", 0o604)
        if os.geteuid() == 0:
            os.chown(cwd / "old.json", 0, 12)
        before = (cwd / "old.json").stat()
        os.symlink("old.json", cwd / "link.json")
        report("link.json")
        after = (cwd / "old.json").stat()
        check_equal("an existing file: mode, owner, group", (after.st_mode, after.st_uid,
                    after.st_gid), (before.st_mode, before.st_uid, before.st_gid))
        check("a symbolic link stays", (cwd / "link.json").is_symlink() and after.st_size > 65536)
        os.mkfifo(cwd / "fifo.json")
        report("fifo.json", 125, "nobody reads this FIFO")
        os.unlink(cwd / "fifo.json")
        (cwd / "one.json").write_text(PRECIOUS)
        os.link(cwd / "one.json", cwd / "two.json")
        report("one.json")
        check("a hard link stays", os.path.samefile(cwd / "one.json", cwd / "two.json") and
              (cwd / "two.json").stat().st_size > 65536)
        with open(cwd / "one.json", "a") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            size = (cwd / "one.json").stat().st_size
            report("one.json", 125, "another program is writing it")
            check_equal("a file that another program writes", (cwd / "one.json").stat().st_size,
                        size)
        check_equal("nothing else is left", sorted(os.listdir(cwd)), [
            "link.json", "new.json", "old.json", "one.json", "run.csv", "two.json"])
        if os.geteuid() != 0:
            return
        (cwd / "mounted.json").write_text("")
        if subprocess.run(["mount", "--bind", "old.json", "mounted.json"], cwd=cwd,
                          capture_output=True, check=False).returncode != 0:
            return skip("a file that is mounted", "it cannot be mounted here")
        try:
            (cwd / "old.json").write_text(PRECIOUS)
            report("mounted.json")
            check("a file that is mounted is written", (cwd / "old.json").stat().st_size > 65536)
        finally:
            subprocess.run(["umount", cwd / "mounted.json"], check=True)


def the_configuration():
    with folder() as cwd:
        make_run(cwd / "run.csv")
        config = cwd / "alumet-config.toml"
        config.write_text(f"# {PRECIOUS}\n")
        os.symlink("alumet-config.toml", cwd / "link.toml")
        for options in ([], ["--config", "link.toml"], ["--config", "alumet-config.toml"]):
            for output in ("alumet-config.toml", "link.toml"):
                for words in (["report", "run.csv"], ["compare", "run.csv", "run.csv"]):
                    if options and words[0] == "compare":
                        continue  # it has no --config
                    result = agent(*options, *words, "--format", "json", "-o", output, cwd=cwd)
                    check_run(" ".join([*options, *words, output]), result, 2,
                              "the configuration is read from that file")
        check_equal("the configuration is as it was", config.read_text(), f"# {PRECIOUS}\n")


def sweep(name, call, error, words, is_right, prepare=lambda cwd: None, run=None):
    """Fail the first such call, and so on; what is left must be right."""
    for n in itertools.count(1):
        with folder() as cwd:
            if run:
                os.link(run, cwd / "run.csv")
            prepare(cwd)
            result = subprocess.run([FAIL_NTH, call, str(n), str(error), "0", "failed", AGENT,
                                     *words], cwd=cwd, capture_output=True, text=True, timeout=60,
                                    stdin=subprocess.DEVNULL, check=False)
            if result.returncode == CANNOT_FILTER:
                return skip(name, result.stderr.strip())
            if not (cwd / "failed").exists():
                return check(f"{name}: each of {n - 1} {call} fails", n > 1 or call in RARE, n)
            (cwd / "failed").unlink()
            problem = is_right(cwd, result)
        if problem:
            return check(f"{name}: {call} {n} fails with {errno.errorcode[error]}", False,
                         f"{problem}\n{result.returncode}\n{result.stderr}")


# Not made by each way of writing.
RARE = ("renameat", "fchmod", "fchown", "flock", "ftruncate", "linkat")


def each_call():
    """A report is whole, or there is an error, and what was there before."""
    calls = (("openat", errno.EMFILE), ("openat", errno.EOPNOTSUPP), ("write", errno.ENOSPC),
             ("linkat", errno.ENOSPC), ("renameat", errno.EBUSY), ("ftruncate", errno.EIO),
             ("fchmod", errno.EPERM), ("fchown", errno.EPERM), ("flock", errno.ENOLCK))
    with folder() as tmp:
        make_run(tmp / "run.csv")
        whole = agent("report", "--format", "json", "run.csv", cwd=tmp).stdout

        def is_right(cwd, result, before):
            after = (cwd / "r.json").read_text() if (cwd / "r.json").exists() else None
            left = sorted(set(os.listdir(cwd)) - {"r.json", "run.csv"})
            if left:
                return f"left: {left}"
            if result.returncode == 0:
                return None if after == whole else f"the report is {after}"
            if not errors(result.stderr) and "error while loading" not in result.stderr:
                return "no error"
            return None if after == before else f"it was {before}, and is {after}"
        for name, before in (("a new report", None), ("a report that is replaced", PRECIOUS)):
            for call, error in calls:
                sweep(name, call, error, ["report", "-o", "r.json", "run.csv"],
                      lambda cwd, result, before=before: is_right(cwd, result, before),
                      lambda cwd, before=before: before and (cwd / "r.json").write_text(before),
                      tmp / "run.csv")


def the_run_before():
    """Without an exchange of names, as on NFS, it is kept; if not, that is said."""
    def is_right(cwd, result):
        rows = (cwd / "alumet-output.csv").read_text()
        old = cwd / "alumet-output.csv.old"
        left = set(os.listdir(cwd)) - {"alumet-output.csv", "alumet-output.csv.old"}
        if left or result.returncode != 0 or not rows.startswith("metric;"):
            return f"left: {left}, rows: {rows[:20]}"
        if old.exists():
            return None if old.read_text() == PRECIOUS else "it is not the old one"
        return None if "warning: the rows of the run before" in result.stderr else "not said"
    for call, error in (("renameat2", errno.EINVAL), ("renameat", errno.ENOSPC),
                        ("fchown", errno.EPERM), ("fchmod", errno.EPERM)):
        sweep("the run before", call, error, ["--plugins", "csv", "exec", "true"], is_right,
              lambda cwd: (cwd / "alumet-output.csv").write_text(PRECIOUS))
    with folder() as cwd:
        (cwd / "alumet-output.csv").write_text(PRECIOUS)
        subprocess.run([FAIL_NTH, "renameat2", "1", str(errno.EINVAL), "0", "failed", AGENT,
                        "--plugins", "csv", "exec", "true"], cwd=cwd, capture_output=True,
                       check=False)
        if (cwd / "failed").exists():
            check_equal("names that cannot be exchanged: the old one is kept",
                        (cwd / "alumet-output.csv.old").exists(), True)


if __name__ == "__main__":
    main(full_disk, size_limit, without_rows, what_is_replaced, the_configuration, each_call,
         the_run_before)
