#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Profiles: which file was mapped where, by processes that were forked and files that were
replaced, and stacks that are deeper than the kernel's limit."""

import collections
import sys

from lib import ROOT, check, check_equal, folder, main

sys.path.insert(0, str(ROOT / "tests"))
from profiles import FRAMES, build, profile  # noqa: E402

FUNCTION = """
#ifndef TURNS
#define TURNS 150000000
#endif
static volatile unsigned long sum;
void NAME(void)
{
	for (unsigned long i = 0; i < TURNS; i++)
		sum += i;
}
"""

# Each child loads a library and calls its function: both at the same address.
FORKS = """
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>
int main(int n, char **arguments)
{
	while (clock() < CLOCKS_PER_SEC / 5)
		;
	for (int i = 2; i + 1 < n; i += 2) {
		if (fork() == 0) {
			void *library = dlopen(arguments[i], RTLD_NOW);
			((void (*)(void))dlsym(library, arguments[i + 1]))();
			_exit(0);
		}
	}
	while (atoi(arguments[1]) && wait(NULL) > 0)
		;
	return 0;
}
"""


def inner_functions(found, command):
    """Samples by pid and innermost function."""
    counts = collections.defaultdict(collections.Counter)
    for pid, stack, samples in found.samples[command]:
        counts[pid][stack[-1] if stack else ""] += samples
    return counts


def build_library(tmp, name, *flags):
    (tmp / f"{name}.c").write_text(FUNCTION.replace("NAME", name), encoding="utf-8")
    build(tmp / f"{name}.so", *FRAMES, "-shared", "-fPIC", *flags, source=tmp / f"{name}.c")


def children_have_libraries_of_their_own():
    for build_id in "sha1", "none":
        for waits in "1", "0":
            with folder() as tmp:
                (tmp / "forks.c").write_text(FORKS, encoding="utf-8")
                build(tmp / "forks", *FRAMES, source=tmp / "forks.c")
                for name in "left", "right":
                    build_library(tmp, name, f"-Wl,--build-id={build_id}")
                script = (f"./forks {waits} ./left.so left ./right.so right; "
                          "while pgrep -s0 forks >/dev/null; do sleep 0.1; done")
                found, _ = profile(["setsid", "-w", "sh", "-c", script], cwd=tmp)
                mostly = {counts.most_common(1)[0][0]
                          for counts in inner_functions(found, "forks").values()}
                check(f"build id {build_id}, the creator {'waits' if waits == '1' else 'ends'}: "
                      "the libraries of its children", {"left", "right"} <= mostly, mostly)


def a_replaced_program_has_nobody_elses_names():
    """Without build ids only the files themselves tell that there were three programs."""
    with folder() as tmp:
        for name, padding in ("first", 0), ("second", 0), ("third", 40):
            source = FUNCTION.replace("NAME", name) + "".join(
                f"int padding{i}(int n) {{ return n * {i} + n; }}\n" for i in range(padding))
            (tmp / f"{name}.c").write_text(
                source + f"int main(void) {{ {name}(); return 0; }}\n", encoding="utf-8")
            build(tmp / name, *FRAMES, "-Wl,--build-id=none", source=tmp / f"{name}.c")
        # A file that is replaced was kept open; one that is written again is lost.
        for put, expected in (("cp $i new && mv new program", ["first", "second", "third"]),
                              ("cat $i >program", ["none", "none", "third"])):
            script = ("touch program; chmod 755 program; "
                      f"for i in first second third; do {put}; ./program; done")
            found, _ = profile(["sh", "-c", script], cwd=tmp)
            names = [counts.most_common(1)[0][0] for _, counts in
                     sorted(inner_functions(found, "program").items())]
            check_equal(f"{put}: the names of each",
                        ["none" if name.startswith("[program+0x") else name for name in names],
                        expected)


LIBRARIES = 80

# It has the libraries mapped alone, and calls each in turn.
LOADS = """
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	void (*functions[LIBRARIES])(void);
	for (int i = 0; i < LIBRARIES; i++) {
		char path[64], name[64];
		snprintf(path, sizeof(path), "./called%d.so", i);
		snprintf(name, sizeof(name), "called%d", i);
		functions[i] = dlsym(dlopen(path, RTLD_NOW), name);
		unlink(path);
	}
	for (int n = 0; n < 4; n++)
		for (int i = 0; i < LIBRARIES; i++)
			functions[i]();
	return 0;
}
"""


def many_deleted_libraries_have_their_names():
    """As in a container, where the path of no library leads to it."""
    for build_id in "sha1", "none":
        with folder() as tmp:
            (tmp / "loads.c").write_text(LOADS, encoding="utf-8")
            build(tmp / "loads", *FRAMES, f"-DLIBRARIES={LIBRARIES}", source=tmp / "loads.c")
            for i in range(LIBRARIES):
                build_library(tmp, f"called{i}", "-DTURNS=4000000", f"-Wl,--build-id={build_id}")
            found, _ = profile(["./loads"], cwd=tmp)
            names = {stack[-1] for _, stack, _ in found.samples["loads"] if stack}
            called = {name for name in names if name.startswith("called")}
            check_equal(f"{LIBRARIES} deleted libraries, build id {build_id}: named",
                        called, {f"called{i}" for i in range(LIBRARIES)})


DEEP = """
static volatile unsigned long sum;
__attribute__((noinline)) static void turn(void)
{
	for (unsigned long i = 0; i < 300000000; i++)
		sum += i;
}
__attribute__((noinline)) static void deeper(int n)
{
	if (n)
		deeper(n - 1);
	else
		turn();
	sum++;
}
int main(void)
{
	deeper(300);
	return 0;
}
"""


def deep_stacks_are_said():
    with folder() as tmp:
        (tmp / "deep.c").write_text(DEEP, encoding="utf-8")
        build(tmp / "deep", *FRAMES, source=tmp / "deep.c")
        found, result = profile(["./deep"], "--summary=short", cwd=tmp)
        with open("/proc/sys/kernel/perf_event_max_stack", encoding="ascii") as file:
            limit = min(int(file.read()), 127)
        stacks = [stack for _, stack, _ in found.samples["deep"] if "turn" in stack]
        check_equal("deep stacks: as many functions as the kernel takes",
                    {sum(name in ("turn", "deeper") for name in stack) for stack in stacks},
                    {limit})
        said = " ".join(result.stderr.split())
        check("deep stacks: why callers are missing is said",
              f"deeper than the {limit} functions" in said, result.stderr)
        check("deep stacks: frame pointers are not to blame", "frame pointers" not in said,
              result.stderr)


main(children_have_libraries_of_their_own, a_replaced_program_has_nobody_elses_names,
     many_deleted_libraries_have_their_names, deep_stacks_are_said)
