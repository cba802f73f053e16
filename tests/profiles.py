# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Profiles of programs whose functions have known shares: shared by the tests of profiles."""

import collections
import math
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/integration"))
from lib import check, check_equal, run, text  # noqa: E402

SOURCE = ROOT / "tests/integration/functions.c"
# With optimization gcc gives functions that call nothing no frame, whatever it is told.
FRAMES = ["-O0"]
OPTIMIZED = ["-fno-omit-frame-pointer"]
NO_FRAMES = ["-fomit-frame-pointer"]
SHARES = {"alpha": 0.6, "beta": 0.3, "gamma_": 0.1}
HZ = 997
# Some 300 samples on a fast machine: a hundred are asked for.
ROUNDS = 6000


def build(path, *flags, source=SOURCE, compiler=None):
    words = shlex.split(compiler or os.environ.get("CC", "cc"))
    subprocess.run([*words, "-O2", "-o", path, *flags, source], check=True, cwd=path.parent)
    return path


class Profile:
    """The rows of a profile: (pid, names from the outermost to the innermost, samples), by command.
    """

    def __init__(self, rows):
        frames = {}
        self.samples = collections.defaultdict(list)
        self.pids = set()
        self.known = set()
        self.functions = set()
        for row in rows:
            if row.metric == "process_info":
                self.known.add(row.consumer[1])
            if row.metric == "profile_frame":
                caller = frames.get(text(row.attributes.get("parent")), ())
                self.functions.add((text(row.attributes.get("module")),
                                    text(row.attributes["function"])))
                frames[str(int(row.value))] = caller + (text(row.attributes["function"]),)
            if row.metric == "profile_samples":
                stack = frames.get(text(row.attributes.get("stack")), ())
                self.pids.add(row.consumer[1])
                self.samples[text(row.attributes["command"])].append(
                    (row.consumer[1], stack, int(row.value)))
                self.event = text(row.attributes["event"])

    def counts(self, command):
        """Samples of each of the functions, whatever the kernel did in it, and of all."""
        counts = collections.Counter()
        for _, stack, samples in self.samples[command]:
            counts["all"] += samples
            for name in SHARES:
                counts[name] += samples * (name in stack)
        return counts

    def paths(self, command):
        return {";".join(stack) for _, stack, _ in self.samples[command]}


def check_shares(name, counts, least=100):
    """Within four and a half deviations of the binomial distribution, and a sample."""
    n = sum(counts[function] for function in SHARES)
    if not check(f"{name}: there are samples", n >= least, f"{n} of {counts['all']}"):
        return
    for function, share in SHARES.items():
        error = 4.5 * math.sqrt(n * share * (1 - share)) + 1
        check(f"{name}: the share of {function}", abs(counts[function] - n * share) <= error,
              f"{counts[function]} of {n}, expected {n * share:.0f} ± {error:.0f}")


def profile(command, *options, cwd, env=None):
    result = run(command, options=[f"--profile={HZ}", *options], output=str(cwd / "out.csv"),
                 cwd=cwd, env=env)
    check_equal(f"{command[0]}: status", result.status, 0)
    return Profile(result.rows), result
