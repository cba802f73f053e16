#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Profiles: functions of known shares, in programs of every kind, beside perf record in the same
run."""

import collections
import math
import re
import shutil
import subprocess
import sys

from lib import (ROOT, TASK_CLOCK, agent, agent_args, check, check_equal, check_run, end,
                 folder, main, mount_tracefs, parse, run, skip)

sys.path.insert(0, str(ROOT / "tests"))
from profiles import (FRAMES, HZ, NO_FRAMES, OPTIMIZED, ROUNDS, SHARES, Profile,  # noqa: E402
                      build, check_shares, profile)


def functions_have_their_shares():
    for name, flags in {
            "frames": FRAMES, "no-frames": NO_FRAMES, "optimized": OPTIMIZED,
            "static": [*FRAMES, "-static"], "no-pie": [*FRAMES, "-no-pie"], "no-id": [
                *FRAMES, "-Wl,--build-id=none"]}.items():
        with folder() as tmp:
            build(tmp / name, *flags)
            found, _ = profile([f"./{name}", str(ROUNDS)], cwd=tmp)
            check_shares(name, found.counts(name))
            check(f"{name}: nobody but the tree is in it", found.pids <= found.known,
                  f"{found.pids - found.known}")
            if name not in ("no-frames", "optimized"):
                check(f"{name}: callers are there",
                      any("main;work;alpha" in path for path in found.paths(name)),
                      found.paths(name))


EXECUTES = """
#include <pthread.h>
#include <time.h>
#include <unistd.h>
static void *execute(void *arguments)
{
	execv(((char **)arguments)[0], arguments);
	return NULL;
}
int main(int n, char **arguments)
{
	pthread_t thread;
	while (clock() < CLOCKS_PER_SEC / 5)
		;
	pthread_create(&thread, NULL, execute, arguments + 1);
	pthread_join(thread, NULL);
	return 1;
}
"""


def a_thread_that_is_not_the_leader_executes():
    """Both programs are at the same addresses, and are told apart by what is mapped there alone."""
    flags = [*FRAMES, "-no-pie", "-Wl,--build-id=none", "-pthread"]
    with folder() as tmp:
        (tmp / "executes.c").write_text(EXECUTES, encoding="utf-8")
        build(tmp / "executes", *flags, source=tmp / "executes.c")
        build(tmp / "no-id", *flags)
        found, _ = profile(["./executes", "./no-id", str(ROUNDS)], cwd=tmp)
        check_shares("exec of a thread", found.counts("no-id"))


def missing_frame_pointers_are_said():
    with folder() as tmp:
        build(tmp / "no-frames", *NO_FRAMES)
        build(tmp / "frames", *FRAMES)
        _, without = profile(["./no-frames", str(ROUNDS)], "--summary=short", cwd=tmp)
        _, with_them = profile(["./frames", str(ROUNDS)], "--summary=short", cwd=tmp)
        check("a binary without frame pointers is named, and what helps",
              re.search(r"no-frames: \d+ % of its samples lack callers.*-fno-omit-frame-pointer",
                        " ".join(without.stderr.split())), without.stderr)
        check("one with them is not", "lack callers" not in with_them.stderr, with_them.stderr)


def stripped_programs_have_their_separate_symbols():
    for how in "beside", "nothing":
        with folder() as tmp:
            build(tmp / "stripped", *FRAMES, "-g")
            if how == "beside":
                subprocess.run(["objcopy", "--only-keep-debug", "stripped", "stripped.debug"],
                               cwd=tmp, check=True)
            subprocess.run(["strip", "stripped"], cwd=tmp, check=True)
            if how == "beside":
                subprocess.run(["objcopy", "--add-gnu-debuglink=stripped.debug", "stripped"],
                               cwd=tmp, check=True)
            found, _ = profile(["./stripped", str(ROUNDS)], cwd=tmp)
            if how == "beside":
                check_shares("stripped", found.counts("stripped"))
            else:
                paths = found.paths("stripped")
                check("what has no name is told by file and offset",
                      any(re.search(r"\[stripped\+0x[0-9a-f]+\]", path) for path in paths), paths)


def a_deleted_program_has_its_names():
    with folder() as tmp:
        build(tmp / "deleted", *FRAMES)
        found, _ = profile(["./deleted", str(ROUNDS), "deleted"], cwd=tmp)
        check("the program deleted itself", not (tmp / "deleted").exists())
        check_shares("deleted", found.counts("deleted"))
    # As configure does with the programs that it tries: names are looked up later.
    for name, flags in (("a build id", []), ("no build id", ["-Wl,--build-id=none"])):
        with folder() as tmp:
            build(tmp / "tried", *FRAMES, *flags)
            found, _ = profile(["sh", "-c", f"./tried {ROUNDS}; rm tried; true"], cwd=tmp)
            check_shares(f"deleted after its end, {name}", found.counts("tried"))


def processes_of_milliseconds_are_in_it():
    with folder() as tmp:
        build(tmp / "short", *FRAMES)
        command = ["sh", "-c", "i=0; while [ $i -lt 500 ]; do ./short 14; i=$((i+1)); done"]
        found, _ = profile(command, cwd=tmp)
        counts = found.counts("short")
        named = sum(counts[function] for function in SHARES)
        check_shares("500 processes of 5 ms", counts)
        pids = {pid for pid, _, _ in found.samples["short"]}
        check("500 processes of 5 ms: most were found", len(pids) > 350, f"{len(pids)}")
        check("500 processes of 5 ms: nobody but the tree is in it", found.pids <= found.known)
        # Starting costs time, too: the loader, the kernel's exec and exit.
        check("500 processes of 5 ms: functions are named", named > 0.5 * counts["all"],
              f"{named} of {counts['all']}")


def samples_of_others_are_not_taken():
    with folder() as tmp:
        build(tmp / "frames", *FRAMES)
        shutil.copy(tmp / "frames", tmp / "stranger")
        strangers = [subprocess.Popen([tmp / "stranger", "100000000"]) for _ in range(2)]
        try:
            result = run(["sh", "-c", "./frames 1000; sleep 0.5"], cwd=tmp,
                         options=[f"--profile={HZ}"], output=str(tmp / "out.csv"))
        finally:
            for stranger in strangers:
                end(stranger)
        found = Profile(result.rows)
        check("two strangers that keep the CPUs busy: no sample of theirs",
              set(found.samples) <= {"frames", "sh", "sleep"}, set(found.samples))
        expected = result.life("frames").total(TASK_CLOCK) / 1e9 * HZ
        samples = found.counts("frames")["all"]
        check("and the tree's are there, by its CPU time",
              abs(samples - expected) < 0.05 * expected + 5,
              f"{samples} samples, expected {expected:.0f}")


def perf_record_finds_the_same():
    if not shutil.which("perf"):
        skip("perf record in the same run", "perf is not installed")
        return
    with folder() as tmp:
        build(tmp / "frames", *FRAMES)
        args = [
            "perf", "record", "-q", "-g", "-F",
            str(HZ), "-e", "cpu-clock", "-o", "perf.data", "--",
            *agent_args(["./frames", str(2 * ROUNDS)], options=[f"--profile={HZ}"])]
        result = run([], args=args, cwd=tmp)
        found = Profile(parse((tmp / "out.csv").read_bytes())).counts("frames")
        script = subprocess.run(["perf", "script", "-i", "perf.data", "-F", "comm,ip,sym"], cwd=tmp,
                                capture_output=True, text=True, check=True).stdout
        perfs = collections.Counter()
        for block in script.split("\n\n"):
            lines = block.strip().split("\n")
            if lines[0].strip() != "frames":
                continue
            names = {line.split(None, 1)[1] for line in lines[1:] if " " in line.strip()}
            perfs["all"] += 1
            for name in SHARES:
                perfs[name] += name in names
        check_equal("perf record: status", result.status, 0)
        check("perf record: as many samples", abs(found["all"] - perfs["all"]) <=
              0.05 * perfs["all"] + 3, f"{found['all']}, perf has {perfs['all']}")
        for name, share in SHARES.items():
            difference = found[name] / found["all"] - perfs[name] / perfs["all"]
            error = 4.5 * math.sqrt(2 * share * (1 - share) / perfs["all"])
            check(f"perf record: the share of {name}", abs(difference) <= error,
                  f"{difference:+.3f} ± {error:.3f}")


def functions_of_the_kernel_are_named():
    """By the names of /proc/kallsyms, which is not what the agent reads; and as often as perf finds
    them."""
    def plain(name):
        return re.sub(r"\.(isra|part|constprop|cold|lto_priv|llvm)\b.*", "", name)

    with folder() as tmp:
        args = [
            "perf", "record", "-q", "-g", "-F",
            str(HZ), "-e", "cpu-clock", "-o", "perf.data", "--",
            *agent_args(["timeout", "0.5", "dd", "if=/dev/zero", "of=/dev/null", "bs=1M"], options=[
                f"--profile={HZ}"])]
        found = Profile(parse((run([], args=args, cwd=tmp), (tmp / "out.csv").read_bytes())[1]))
        known = {plain(line.split()[2]) for line in open("/proc/kallsyms", encoding="ascii")}
        named = {function for module, function in found.functions if module == "[kernel]"}
        check("kernel: the names are its own", named and named <= known, named - known)
        inner, perfs = collections.Counter(), collections.Counter()
        for _, stack, samples in found.samples["dd"]:
            inner[stack[-1] if stack else ""] += samples
        script = subprocess.run(["perf", "script", "-i", "perf.data", "-F", "comm,ip,sym"], cwd=tmp,
                                capture_output=True, text=True, check=True).stdout
        for block in script.split("\n\n"):
            lines = block.strip().split("\n")
            if lines[0].strip() == "dd" and len(lines) > 1:
                perfs[plain(lines[1].split()[1])] += 1
        name, count = perfs.most_common(1)[0]
        check("kernel: the function that perf finds most, as often", count > 100 and
              abs(inner[name] - count) < 0.1 * count + 10,
              f"{inner.most_common(3)}, perf {perfs.most_common(3)}")


def an_event_can_be_the_measure():
    with folder() as tmp:
        # One fault in ten: bounds the number of samples.
        result = run(["sh", "-c", "i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i+1)); done"],
                     options=["--profile=page-faults@10"], events="PAGE_FAULTS", cwd=tmp,
                     output=str(tmp / "out.csv"))
        faults = sum(int(float(row.value)) for row in result.rows
                     if row.metric == "perf_software_PAGE_FAULTS")
        found = Profile(result.rows)
        samples = sum(n for counts in found.samples.values() for _, _, n in counts)
        check_equal("page faults: the event", found.event, "page-faults")
        # Each CPU counts the faults of others, too, and each may have nine that make no sample.
        check("page faults: one sample of ten",
              abs(samples - faults / 10) <= 0.1 * faults / 10 + 20,
              f"{samples} samples, {faults} faults")


def switches_can_be_sampled():
    """Each time it sleeps it is found in what it sleeps in; the kernel itself counts how often."""
    with folder() as tmp:
        result = run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.01; done"],
                     events="CONTEXT_SWITCHES", cwd=tmp, options=["--profile=context-switches@1"
                                                                  ], output=str(tmp / "out.csv"))
        found = Profile(result.rows)
        switches = sum(
            int(float(row.value)) for row in result.rows
            if row.metric == "perf_software_CONTEXT_SWITCHES")
        samples = sum(n for counts in found.samples.values() for _, _, n in counts)
        asleep = sum(n for _, stack, n in found.samples["sleep"]
                     if any("nanosleep" in function for function in stack))
        # A task's last switch is none for the kernel's counter, nor is one before the command was
        # followed.
        check("context switches: one sample each",
              abs(samples - switches) <= 0.1 * switches + 25,
              f"{samples} samples, {switches} switches")
        check("context switches: those who sleep are found asleep", asleep >= 10,
              found.paths("sleep"))


def mistakes_are_explained():
    with folder() as tmp:
        for value, status, *phrases in [
            ("0", 2, "samples a second"), ("@10", 2, "samples a second"),
            ("page-faults@", 2, "samples a second"), ("no-such-event", 125, "no-such-event"),
            ("999999999", 125, "perf_event_max_sample_rate"),
            ("sched:sched_switch", 125, "no samples can be taken by it", "context-switches")]:
            result = agent("exec", f"--profile={value}", "true", cwd=tmp)
            check_run(f"--profile={value}", result, status, *phrases)


def nothing_is_there_without_it():
    result = run(["true"])
    check("without --profile no row is of a profile",
          not any(row.metric.startswith("profile") for row in result.rows))


mount_tracefs()  # for the refusal of a tracepoint
main(functions_have_their_shares, a_thread_that_is_not_the_leader_executes,
     missing_frame_pointers_are_said, stripped_programs_have_their_separate_symbols,
     a_deleted_program_has_its_names, processes_of_milliseconds_are_in_it,
     samples_of_others_are_not_taken, perf_record_finds_the_same,
     functions_of_the_kernel_are_named, an_event_can_be_the_measure, switches_can_be_sampled,
     mistakes_are_explained, nothing_is_there_without_it)
