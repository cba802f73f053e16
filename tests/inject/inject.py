#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Runs an agent whose n-th allocation or system call fails (inject.c), for n = 1 and so on until
nothing fails any more, and looks at what came of it:

- the exit status is the agent's own for its failures, 125, or the command's;
- 125 comes with an error in words; the command was not started, or ran to its end, once;
- the command's status comes with a whole CSV file of all processes, or with words that say why not;
- nothing leaked, nothing was touched that should not be (the agent is built with sanitizers).

inject.py AGENT [--scenario NAME] [--from N] [--to N] [--verbose]
"""

import argparse
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import read_csv  # noqa: E402

AGENT_FAILED = 125
COMMAND_STATUS = 3
SANITIZER_STATUS = 99
RUN_SECONDS = 30

# Two processes and a shell's built-ins; long enough for a poll, a flush and a look at the tree.
COMMAND = ["/bin/sh", "-c",
           "echo begin >>ran; /bin/true; (sleep 0.15; :); echo end >>ran; exit 3"]

CONFIG = """
[plugins.perf]
poll_interval = "40ms"
flush_interval = "60ms"
[plugins.csv]
output_path = "${CSV_NAME}"
"""

RAPL = {
    "proc/cpuinfo": "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n\n",
    "sys/devices/system/cpu/online": "0\n",
    "sys/devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
    "sys/class/powercap/intel-rapl:0/name": "package-0\n",
    "sys/class/powercap/intel-rapl:0/energy_uj": "1234567\n",
    "sys/class/powercap/intel-rapl:0/max_energy_range_uj": "262143328850\n",
}

SCENARIOS = {
    # The configuration file, counters that need perf events, the summary.
    "perf": ["--config=c.toml", "--plugins", "perf,csv", "--summary=full",
             "-e", "page-faults,task-clock,{cpu-clock,alignment-faults}"],
    # What the kernel counts by itself, and options in the place of the file.
    "bare": ["--plugins", "perf,csv", "-e", "context-switches", "-o", "out.csv",
             "--summary=none", "--wait-tree"],
    # Samples, and the names of functions.
    "profile": ["--plugins", "perf,csv", "-e", "context-switches", "-o", "out.csv",
                "--summary=short", "--profile=997"],
    # Energy of a machine laid out in a folder.
    "rapl": ["--plugins", "rapl,csv", "-o", "out.csv", "--config-override",
             "plugins.rapl={sysroot='root', poll_interval='40ms', backend='powercap'}"],
    # That energy, distributed to the processes.
    "energy": ["--plugins", "perf,rapl,energy-attribution,context,csv", "-o", "out.csv",
               "-e", "page-faults,user-time", "--summary=json", "--config-override",
               "plugins.rapl={sysroot='root', poll_interval='40ms', backend='powercap'}",
               "--config-override", "plugins.energy-attribution.sysroot='root'"],
}


class Outcome:
    """What one run left behind."""

    def __init__(self, agent, options, n):
        self.n = n
        folder = tempfile.mkdtemp(prefix="alumet-inject-")
        try:
            self._run(agent, options, pathlib.Path(folder))
        finally:
            shutil.rmtree(folder)

    def _run(self, agent, options, folder):
        (folder / "c.toml").write_text(CONFIG)
        for path, content in RAPL.items():
            (folder / "root" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "root" / path).write_text(content)
        environment = dict(
            os.environ, INJECT=str(self.n), INJECT_LOG=str(folder / "injected"),
            CSV_NAME="out.csv", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
            ASAN_OPTIONS=f"exitcode={SANITIZER_STATUS}:detect_leaks=1:allocator_may_return_null=1")
        process = subprocess.Popen([agent, *options, "exec", "--", *COMMAND], cwd=folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, env=environment)
        try:
            stderr = process.communicate(timeout=RUN_SECONDS)[1]
            self.status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            stderr = process.communicate()[1]
            self.status = f"none: still running after {RUN_SECONDS} s"
        self.stderr = stderr.decode("utf-8", "replace")
        self.injected = self._read(folder / "injected").strip()
        self.ran = self._read(folder / "ran").split()
        self.shape, self.csv_problem = self._read_csv(folder / "out.csv")
        self.left_over = sorted(path.name for path in folder.iterdir()
                                if path.name not in ("c.toml", "root", "injected", "ran",
                                                     "out.csv"))

    @staticmethod
    def _read(path):
        return path.read_text() if path.exists() else ""

    @staticmethod
    def _read_csv(path):
        """How many rows there are of each metric that every run has as many of; what is wrong."""
        try:
            rows = list(read_csv.rows(path))
        except (read_csv.Invalid, OSError) as error:
            return {}, str(error)
        return collections.Counter(row.metric for row in rows if row.metric == "process_info"), None

    @property
    def words(self):
        """Lines in which the agent says something itself."""
        return [line for line in self.stderr.splitlines() if line.startswith("alumet-agent: ")]

    def problems(self, expected_shape):
        found = []
        allowed = (AGENT_FAILED, COMMAND_STATUS)
        if "Sanitizer" in self.stderr or "runtime error" in self.stderr:
            found.append("a sanitizer complains")
        if self.status not in allowed:
            found.append(f"exit status {self.status}")
        if self.ran not in ([], ["begin", "end"]):
            found.append(f"the command was harmed: {self.ran}")
        if self.status == COMMAND_STATUS and not self.ran:
            found.append("the command's status without the command")
        if self.status == AGENT_FAILED and not [
                line for line in self.words if not line.startswith("alumet-agent: warning: ")]:
            found.append("no error was told")
        if len(set(self.words)) != len(self.words):
            found.append("something was told twice")
        if self.left_over:
            found.append(f"left behind: {self.left_over}")
        if self.status == COMMAND_STATUS and not self.words:
            if self.csv_problem:
                found.append(f"the CSV file: {self.csv_problem}")
            elif self.shape != expected_shape:
                found.append(f"rows are missing, and nothing was said: {dict(self.shape)}")
        return found


def run_scenario(agent, name, first, last, verbose):
    """Returns how many calls were failed, and how many of those runs had a problem."""
    options = SCENARIOS[name]
    expected = Outcome(agent, options, 0)
    if expected.problems(expected.shape) or expected.status != COMMAND_STATUS:
        print(
            f"{name}: without any failure: {expected.status} {expected.problems(expected.shape)}\n"
            f"{expected.stderr}")
        return 0, 1
    n, bad = first, 0
    while n <= last:
        outcome = Outcome(agent, options, n)
        problems = outcome.problems(expected.shape)
        if problems:
            bad += 1
            print(f"{name} {n}: {outcome.injected}: {'; '.join(problems)}")
            print("    " + "\n    ".join(outcome.stderr.splitlines()[-12:]))
        elif verbose:
            print(f"{name} {n}: {outcome.injected}: {outcome.status} "
                  f"{'; '.join(outcome.words) or 'nothing said'}")
        sys.stdout.flush()
        if not outcome.injected:
            break
        n += 1
    return n - first, bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("agent", type=os.path.abspath)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--to", type=int, default=sys.maxsize, dest="last")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    failed = False
    for name in arguments.scenario or SCENARIOS:
        n, bad = run_scenario(arguments.agent, name, arguments.first, arguments.last,
                              arguments.verbose)
        print(f"{name}: {n} calls failed, each once; {bad} of those runs had a problem")
        failed |= bad > 0 or n == 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
