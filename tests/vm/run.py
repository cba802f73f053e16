#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Boots virtual machines with the agent in their initramfs and counts what the checks in them say.

A machine that hangs is ended and reported with the last lines of its console; a kernel's panic, oops
or warning is a failure. The last line is "N passed, N failed, N skipped"; exit 1 if any failed.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import platform
import re
import select
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Kernels by the name of their folder: the Debian release that has them, and the architecture.
KERNELS = {
    "5.10": ("bullseye", "amd64"),
    "6.1": ("bookworm", "amd64"),
    "6.12": ("trixie", "amd64"),
    "newest": ("sid", "amd64"),
    "6.1-arm64": ("bookworm", "arm64"),
    "newest-arm64": ("sid", "arm64"),
}

Machine = collections.namedtuple("Machine", "kernel cpu checks options append")

TREE = "load,status,tree,counts,pressure,privileges,rapl"

# Emulated CPUs have their time stamp counters in step, whatever a kernel finds between two of its
# readings on a busy host; without tsc=reliable its clocks stand still for milliseconds.
PC = "console=ttyS0 tsc=reliable"

# Each instruction takes a nanosecond of the machine's time: counts and clocks are deterministic.
# Pointer authentication by QARMA would cost more to emulate than all the rest.
ICOUNT = ["-icount", "shift=0,sleep=off"]


def pc(kernel, cpu="qemu64", checks=TREE):
    # With -cpu max QEMU 7.2 fails in Linux 6.12's slab allocator.
    return Machine(kernel, cpu, checks, ["-M", "q35"], PC)


def arm64(kernel):
    return Machine(kernel, "max,pauth-impdef=on", "load,pmu,status,tree,counts,pressure",
                   ["-M", "virt", *ICOUNT], "console=ttyAMA0 EXACT_CLOCK=2000")


MACHINES = {
    "5.10": pc("5.10"),
    "6.1": pc("6.1"),
    "6.12": pc("6.12"),
    "newest": pc("newest"),
    # CPUs whose RAPL the kernel's modules know, and QEMU does not emulate; they do not know qemu64.
    "rapl-intel": pc("6.1", "Skylake-Client", "rapl"),
    "rapl-amd": pc("6.1", "EPYC", "rapl"),
    "arm64": arm64("6.1-arm64"),
    "arm64-newest": arm64("newest-arm64"),
}

# What a kernel says when something is wrong with it.
ALARM = re.compile(r"Kernel panic|Oops|BUG:|kernel BUG|general protection fault|soft lockup"
                   r"|rcu.*stall|Unable to handle kernel|Out of memory")
RESULT = re.compile(r"(ok|not ok|skip) ")
END = re.compile(r"vm: end of (\d+) results")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1bc|[\x00-\x08\x0b-\x1f]")


def qemu_arch(arch):
    return {"amd64": "x86_64", "arm64": "aarch64"}[arch]


def own_arch(arch):
    """As the Makefile calls it."""
    return {"amd64": "x86_64", "arm64": "arm64"}[arch]


def fetch_kernel(out, name):
    folder = out / "kernel" / name
    if not (folder / "release").exists():
        suite, arch = KERNELS[name]
        subprocess.run([HERE / "fetch-kernel.sh", suite, arch, folder], check=True)


def make_initramfs(out, name, kernel, arch):
    """Made anew each time: it takes less than a second, and is always what was built last."""
    path = out / f"{name}.cpio"
    native = own_arch(arch) == {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    build = ROOT / "build" / ("static" if native else f"{own_arch(arch)}-static")
    busybox = "/bin/busybox" if native else ROOT / "build/sysroot" / own_arch(arch) / "bin/busybox"
    subprocess.run([HERE / "initramfs.sh", path, build / "alumet-agent", busybox,
                    out / "bin" / own_arch(arch), kernel / "modules"], check=True)
    return path


def qemu(out, name, checks):
    machine = MACHINES[name]
    _, arch = KERNELS[machine.kernel]
    kernel = out / "kernel" / machine.kernel
    initramfs = make_initramfs(out, name, kernel, arch)
    append = f"{machine.append} loglevel=5 panic=-1 softlockup_panic=1 CHECKS={checks or machine.checks}"
    # One thread for all CPUs: with a thread each, QEMU 7.2 may execute a breakpoint that the kernel
    # had put into its own code on another CPU and has taken away since (int3 in __schedule()).
    return [f"qemu-system-{qemu_arch(arch)}", *machine.options, "-accel", "tcg,thread=single",
            "-cpu", machine.cpu, "-smp", "2", "-m", "512", "-nic", "none", "-display", "none",
            "-monitor", "none", "-serial", "stdio", "-no-reboot",
            "-kernel", kernel / "vmlinuz", "-initrd", initramfs, "-append", append]


def console_lines(process, timeout, silence):
    """Lines of the console as they come; raises TimeoutError when it hangs."""
    end = time.monotonic() + timeout
    rest = b""
    while True:
        limit = min(silence, end - time.monotonic())
        if limit <= 0 or not select.select([process.stdout], [], [], limit)[0]:
            raise TimeoutError
        data = os.read(process.stdout.fileno(), 65536)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines + ([rest] if not data and rest else []):
            yield ESCAPES.sub("", line.decode("utf-8", "replace"))
        if not data:
            return


class Report:
    """Counts of one machine; tells of everything but what passed, unless asked to."""

    def __init__(self, name, verbose):
        self.name = name
        self.verbose = verbose
        self.counts = collections.Counter()
        self.console = collections.deque(maxlen=80)
        self.ended = None

    def result(self, kind, text):
        self.counts[kind] += 1
        if self.verbose or kind != "ok":
            print(f"{kind} {self.name}: {text}", flush=True)

    def line(self, line):
        self.console.append(line)
        found = RESULT.match(line)
        end = END.match(line)
        if found:
            if found[1] == "not ok" and not self.verbose:
                self.show_agent()
            self.result(found[1], line[found.end():])
        elif end:
            self.ended = int(end[1])
        elif ALARM.search(line):
            self.result("not ok", f"the kernel says: {line}")
        elif self.verbose:
            self.print_lines([line])

    def print_lines(self, lines):
        # In one piece: other machines write too.
        print("".join(f"    {self.name}: {line}\n" for line in lines), end="", flush=True)

    def show_agent(self):
        """What the agent said since the last result: a verifier's log, for example."""
        said = []
        for line in reversed(list(self.console)[:-1]):
            if RESULT.match(line):
                break
            said.append(line)
        self.print_lines(reversed(said))

    def fail(self, why):
        self.result("not ok", why + "; the last lines of its console:")
        self.print_lines(self.console)

    def close(self, status, timed_out):
        seen = sum(self.counts.values())
        if timed_out:
            self.fail(timed_out)
        elif self.ended is None:
            self.fail(f"the machine ended before its checks did (QEMU's status {status})")
        elif self.ended > seen:
            self.fail(f"{self.ended} results were given, {seen} arrived")


def run(name, args):
    report = Report(name, args.verbose)
    started = time.monotonic()
    process = subprocess.Popen(qemu(args.out, name, args.checks), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    timed_out = None
    try:
        for line in console_lines(process, args.timeout, args.silence):
            report.line(line)
        process.wait(timeout=10)
    except (TimeoutError, subprocess.TimeoutExpired):
        timed_out = f"hung: ended after {time.monotonic() - started:.0f} s"
    finally:
        process.kill()
        process.wait()
    report.close(process.returncode, timed_out)
    counts = report.counts
    print(f"{'not ok' if counts['not ok'] else 'ok'} {name}: {counts['ok']} passed, "
          f"{counts['not ok']} failed, {counts['skip']} skipped, "
          f"{time.monotonic() - started:.0f} s", flush=True)
    return counts


def run_or_say(name, args):
    try:
        return run(name, args)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"not ok {name}: cannot be started: {error}", flush=True)
        return collections.Counter({"not ok": 1})


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("machines", nargs="+", choices=MACHINES, metavar="MACHINE",
                        help=", ".join(MACHINES))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/vm",
                        help="folder for kernels and archives")
    parser.add_argument("--checks", help="these checks (tests/vm/guest/CHECK.sh) only: a,b,c")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one machine")
    parser.add_argument("--silence", type=float, default=90,
                        help="seconds without a line after which it is taken for hung")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(),
                        help="machines at a time; each takes one CPU")
    parser.add_argument("-v", "--verbose", action="store_true", default=os.environ.get("V") == "1",
                        help="show every line of the consoles")
    return parser.parse_args()


def main():
    args = parse_arguments()
    args.out = args.out.resolve()
    total = collections.Counter()
    for kernel in sorted({MACHINES[name].kernel for name in args.machines}):
        fetch_kernel(args.out, kernel)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for counts in pool.map(lambda name: run_or_say(name, args), args.machines):
            total += counts
    print(f"{total['ok']} passed, {total['not ok']} failed, {total['skip']} skipped")
    return 1 if total["not ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
