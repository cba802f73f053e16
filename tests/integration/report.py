#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What report reads and where it writes: files that are compressed, cut, several, or not named; the
format by the name of the output; 100 000 processes.
"""

import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from lib import AGENT, ROOT, check, check_equal, folder, is_sanitized, main, skip
import saved_runs  # tests/ is in the path by lib
from reports import CSV, report


def compressed_files_are_the_same():
    with folder() as where:
        plain = where / "run.csv"
        # zstd has blocks of 128 KiB: half of a file has to hold some.
        build = saved_runs.build(6000)
        plain.write_bytes(saved_runs.csv(build))
        (where / "run.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
        zstd = shutil.which("zstd")
        if zstd:
            subprocess.run([zstd, "-q", str(plain)], check=True)
        else:
            skip("zstd", "zstd is not installed; run tools/setup.sh test")
        expected = report("--format", "folded", plain)[0]
        for name in ("run.csv.gz", "run.csv.zst") if zstd else ("run.csv.gz",):
            check_equal(f"{name}: the same report", report("--format", "folded", where / name),
                        (expected, ""))
            cut = (where / name).read_bytes()
            (where / f"cut-{name}").write_bytes(cut[:len(cut) // 2])
            out, message = report("--format", "json", where / f"cut-{name}")
            n = len(json.loads(out)["processes"])
            check(f"{name}, cut: read as far as it goes, and said", 0 < n < len(build) and
                  "end early" in message, (n, message))


def every_cut_is_read():
    """A file cut anywhere is a report of the rows before."""
    csv = saved_runs.csv(saved_runs.small(), saved_runs.SMALL_ENERGY)
    first = csv.index(b"\n") + 1
    before, wrong = -1, []
    for at in range(first, len(csv), 37):
        out, message = report("--format", "json", "-", stdin=csv[:at])
        n = len(json.loads(out)["processes"])
        if n < before or ("unfinished" in message) != (csv[at - 1:at] != b"\n"):
            wrong.append((at, n, message))
        before = n
    check("a file cut anywhere is read as far as it goes", not wrong, wrong[:2])


def several_files():
    with folder() as where:
        for i in range(3):
            (where / f"run-{i}.csv").write_bytes(saved_runs.csv(saved_runs.small()))
        found = json.loads(report("--format", "json", where / "run-?.csv")[0])
        check_equal("a pattern names several files",
                    [pathlib.Path(run["file"]).name
                     for run in found["runs"]], ["run-0.csv", "run-1.csv", "run-2.csv"])
        check_equal("their processes are told apart", [p["run"] for p in found["processes"]],
                    [0] * 5 + [1] * 5 + [2] * 5)
        _, message = report("--format", "json", where / "none.csv", status=125)
        check("a file that is not there is an error", "none.csv" in message, message)
        _, message = report("--format", "json", ROOT / "README.md", status=125)
        check("what is no saved run is refused", "not a saved run" in message, message)


def without_a_name():
    """Without a file it is the one that exec writes when none is named."""
    with folder() as where:
        result = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        check("no default file: what to do is said", result.returncode == 125 and
              "exec --report=html" in result.stderr, result.stderr)
        result = subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "page-faults", "exec", "--report=html", "--",
            "sh", "-c", "exit 3"], cwd=where, capture_output=True, text=True, timeout=60)
        check_equal("exec --report: the command's status", result.returncode, 3)
        check("exec --report: where it is is said", "alumet-output.html" in result.stderr,
              result.stderr)
        check("exec --report: the page",
              (where / "alumet-output.html").read_bytes().startswith(b"<!DOCTYPE html>"))
        result = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        (where / "alumet-config.toml").write_text('[plugins.csv]\noutput_path = "run-%p-%t.csv"\n')
        for status in (4, 5):
            subprocess.run([
                AGENT, "--plugins", "perf,csv", "exec", "--", "sh", "-c", f"exit {status}"],
                           cwd=where, capture_output=True, timeout=60)
            # The newest counts, to the last nanosecond of the file's time.
            for path in where.glob("run-*.csv"):
                os.utime(path, ns=(0, path.stat().st_mtime_ns - 10 ** 9))
        last = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                              timeout=60)
        check("report alone: the newest of the configuration's files", last.returncode == 0 and
              "exit 5" in last.stdout, last.stderr + last.stdout)
        configuration = where / "alumet-config.toml"
        configuration.write_text('[plugins.csv]\noutput_path = "elsewhere-%h.csv"\n')
        last = subprocess.run([AGENT, "report"], cwd=where, capture_output=True, text=True,
                              timeout=60)
        check("report alone: the configuration's file is not there", last.returncode == 125 and
              "elsewhere-%h.csv" in last.stderr, last.stderr)
        (where / "alumet-config.toml").unlink()
        check("report alone: the last run", result.returncode == 0 and "exit 3" in result.stdout,
              result.stderr + result.stdout)
        result = subprocess.run([
            AGENT, "--plugins", "perf,csv", "-e", "page-faults", "-o", "/dev/stdout", "exec",
            "--report=html", "--", "touch", "ran"], cwd=where, capture_output=True, text=True,
                                timeout=60)
        check("exec --report of what cannot be read again: refused before the command runs",
              result.returncode == 125 and "no rows to read" in result.stderr and
              not (where / "ran").exists(), result.stderr)


def format_by_name():
    with folder() as where:
        (where / "run.csv").write_bytes(CSV)
        for name, begin in (("a.html", b"<!DOCTYPE html>"), ("a.json", b'{"version":1'),
                            ("a.folded", b"make "), ("a.firefox.json", b'{"meta"'),
                            ("a.pftrace", b"\x0a"), ("a.perfetto-trace", b"\x0a")):
            report("-o", where / name, where / "run.csv")
            found = (where / name).read_bytes()[:len(begin)]
            check_equal(f"-o {name}", found, begin)
        report("-o", where / "a.b", "--format", "text", where / "run.csv")
        report("-o", where / "plain", where / "run.csv")
        check("-o without a suffix: text", b"processes" in (where / "plain").read_bytes())
        _, message = report("-o", where / "a.pdf", where / "run.csv", status=2)
        check("-o a.pdf: which formats there are", "'.pdf'" in message and "markdown" in message
              and not (where / "a.pdf").exists(), message)
        _, message = report("-", stdin=b"", status=125)
        check("an empty file: it says so", "is empty" in message, message)
        _, message = report("-o", "/dev/full", "--format", "json", where / "run.csv", status=125)
        check("a full disk is an error", "No space left" in message, message)


def no_library_for_reports():
    """What reports need costs no start of exec anything: libzstd and zlib are in the program, libm
    is not needed."""
    needed = re.findall(
        r"NEEDED.*\[(lib(?:m|z|zstd)\..*)\]",
        subprocess.run(["readelf", "-d", AGENT], capture_output=True, text=True, check=True).stdout)
    if os.environ.get("O", "build") != "build":
        return skip("no library for reports", "not the usual build")
    check_equal("no library is loaded for reports alone", needed, [])


def large_file():
    """100 000 processes: below 200 MB in every format."""
    if is_sanitized():
        return skip("a large file", "sanitizers need memory themselves")
    with folder() as where:
        csv = where / "run.csv"
        with csv.open("wb") as file:
            subprocess.run([sys.executable, ROOT / "tests" / "saved_runs.py", "100000"],
                           stdout=file, check=True)
        for form in ("text", "html", "markdown", "json", "folded", "perfetto", "openmetrics",
                     "firefox"):
            began = time.monotonic()
            child = subprocess.Popen([
                AGENT, "report", "--format", form, "-o",
                str(where / "out"),
                str(csv)])
            _, status, usage = os.wait4(child.pid, 0)
            print(
                f"# {form}: {csv.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.2f} s, "
                f"CPU {usage.ru_utime + usage.ru_stime:.2f} s, "
                f"{usage.ru_maxrss / 1000:.0f} MB")
            check(f"{form} of 100 000 processes below 200 MB", status == 0 and
                  usage.ru_maxrss < 200_000, usage.ru_maxrss)


if __name__ == "__main__":
    main(compressed_files_are_the_same, every_cut_is_read, several_files, without_a_name,
         format_by_name, no_library_for_reports, large_file)
