#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Joules of functions: by the price of the intervals in which their samples were taken, the
process's in all."""

import collections
import os
import subprocess
import sys
import threading
import time

from lib import AGENT, ROOT, Run, agent, check, check_run, folder, main, text

sys.path.insert(0, str(ROOT / "tests"))
from energy_runs import CPUS, SHARE, with_cpus  # noqa: E402
from profiles import HZ  # noqa: E402
from waiting import let_pass  # noqa: E402

CHEAP, DEAR = 10, 50  # watts

# alpha() for a second of CPU time, then beta(), before which the file "mark" is there.
SOURCE = """
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sum;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define SPIN(seconds) \
	for (double end = now() + (seconds); now() < end;) \
		for (unsigned long i = 0; i < 100000; i++) \
			sum += i;

__attribute__((noinline, noclone, no_icf)) static void alpha(void) { SPIN(1) sum++; }
__attribute__((noinline, noclone, no_icf)) static void beta(void) { SPIN(1) sum++; }

int main(void)
{
	alpha();
	close(open("mark", O_CREAT | O_WRONLY, 0600));
	beta();
	return 0;
}
"""


class Writer(threading.Thread):
    """A counter in microjoules that goes on with so many watts, until the mark is there, and with
    more from then on."""

    def __init__(self, path, mark):
        super().__init__(daemon=True)
        self.path, self.mark, self.over, self.marked = path, mark, False, None

    def run(self):
        energy, before = 0.0, time.monotonic()
        file = os.open(self.path, os.O_WRONLY)
        while not self.over:
            now = time.monotonic()
            energy += 1e6 * (now - before) * (DEAR if self.marked else CHEAP)
            before = now
            os.pwrite(file, b"%d\n" % energy, 0)
            if not self.marked and self.mark.exists():
                self.marked = time.time_ns()
            let_pass(0.002, "the counter goes on")
        os.close(file)


def energy_has_the_price_of_its_time():
    with folder() as tmp:
        m = with_cpus(tmp / "root", [0] * CPUS)
        m.zone("intel-rapl:0", "package-0", 1)
        (tmp / "phases.c").write_text(SOURCE)
        subprocess.run(["cc", "-O2", "-fno-omit-frame-pointer", "-o", "phases", "phases.c"],
                       cwd=tmp, check=True)
        writer = Writer(m.energy("intel-rapl:0"), tmp / "mark")
        writer.start()
        done = subprocess.run([
            AGENT, "--config-override", f"plugins.rapl.sysroot='{m.path}'", "--config-override",
            f"plugins.energy-attribution.sysroot='{m.path}'", "--config-override",
            "plugins.energy-attribution.idle='none'", "-I", "100", "-o", "out.csv", "exec",
            f"--profile={HZ}", "./phases"], cwd=tmp, stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, timeout=120)
        writer.over = True
        writer.join()
        result = Run(done.returncode, text(done.stdout), text(done.stderr),
                     (tmp / "out.csv").read_bytes())
        check(
            "energy: the run ends well, and there are prices", result.status == 0 and
            any("priced" in row.attributes
                for row in result.rows if row.metric == "profile_samples"), result.stderr)
        joules = collections.Counter()
        for row in result.rows:
            if row.metric == SHARE and row.consumer[0] == "process":
                joules["all"] += float(row.value)
                joules["alpha" if row.time <= writer.marked else "beta"] += float(row.value)
        folded = agent("report", "--format", "folded", "--by", "energy", "out.csv", cwd=tmp)
        check_run("energy: the report is written", folded, 0)
        found = collections.Counter()
        for line in folded.stdout.splitlines():
            stack, value = line.rsplit(" ", 1)
            found["all"] += int(value) / 1e6
            for name in "alpha", "beta":
                found[name] += int(value) / 1e6 * (name in stack.split(";"))
        lines = len(folded.stdout.splitlines())
        check("energy: the functions have what the process has, but for rounding",
              abs(found["all"] - joules["all"]) <= 1e-6 * lines, f"{found}, rows {joules}")
        # By CPU time alone each would have half.
        check("energy: what was dear costs more", found["beta"] > 2 * found["alpha"] > 0,
              f"{found}, rows {joules}")
        for name in "alpha", "beta":
            check(f"energy: {name} has what its time has cost",
                  abs(found[name] - joules[name]) < 0.08 * joules["all"], f"{found}, rows {joules}")


main(energy_has_the_price_of_its_time)
