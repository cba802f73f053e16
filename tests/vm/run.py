#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Boots virtual machines with the agent in their initramfs and counts what the checks in them say.

A machine that hangs is ended and reported with the last lines of its console; a kernel's panic,
oops or warning is a failure. Limits are CPU time of QEMU's, of which a busy host gives less each
second, but does not ask for more. The last line is "N passed, N failed, N skipped"; exit 1 if any
failed.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import platform
import re
import select
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from waiting import let_pass  # noqa: E402

# Kernels by the name of their folder: the Debian release that has them, the architecture, and what
# the meta package adds to the architecture's name.
KERNELS = {
    "5.10": ("bullseye", "amd64", ""),
    "6.1": ("bookworm", "amd64", ""),
    "6.12": ("trixie", "amd64", ""),
    "newest": ("sid", "amd64", ""),
    "6.1-rt": ("bookworm", "amd64", "rt-"),
    "6.12-rt": ("trixie", "amd64", "rt-"),
    "newest-rt": ("sid", "amd64", "rt-"),
    "6.1-arm64": ("bookworm", "arm64", ""),
    "newest-arm64": ("sid", "arm64", ""),
}

Machine = collections.namedtuple("Machine", "kernel cpu checks options append")

TREE = ("load,status,tree,ranks,watch,counts,ends,pressure,privileges,credentials,nobtf,rapl,"
        "energy,profile")

# Each instruction takes a nanosecond of the machine's time, in which it sleeps for nothing: counts
# and clocks are the same on a host that is busy. Two CPUs take turns.
ICOUNT = ["-icount", "shift=0,sleep=off"]


def pc(kernel, cpu="qemu64", checks=TREE):
    # With -cpu max QEMU 7.2 fails in Linux 6.12's slab allocator. 5.10 and 6.1 wait for a second
    # CPU as they boot, and leave it no turn to come: init starts it. Time stamps need no
    # comparison.
    return Machine(kernel, cpu, checks, ["-M", "q35"], "console=ttyS0 maxcpus=1 tsc=reliable")


def arm64(kernel):
    # Pointer authentication by QARMA would cost more to emulate than all the rest.
    return Machine(kernel, "max,pauth-impdef=on",
                   "load,pmu,status,tree,ranks,watch,counts,ends,pressure,nobtf,energy,profile",
                   ["-M", "virt"], "console=ttyAMA0")


MACHINES = {
    "5.10": pc("5.10"),
    "6.1": pc("6.1"),
    "6.12": pc("6.12"),
    "newest": pc("newest"),
    # PREEMPT_RT: locks that sleep, and since 7.1 programs that are preempted.
    "6.1-rt": pc("6.1-rt"),
    "6.12-rt": pc("6.12-rt"),
    "newest-rt": pc("newest-rt"),
    # CPUs whose RAPL the kernel's modules know, and QEMU does not emulate; they do not know qemu64.
    "rapl-intel": pc("6.1", "Skylake-Client", "rapl"),
    "rapl-amd": pc("6.1", "EPYC", "rapl"),
    "arm64": arm64("6.1-arm64"),
    "arm64-newest": arm64("newest-arm64"),
}

# Seconds of silence for each of CPU time that the machine may use in them: so busy a host may be.
IDLE_FACTOR = 10

# What a kernel says when something is wrong with it.
ALARM = re.compile(r"Kernel panic|Oops|BUG:|kernel BUG|general protection fault|soft lockup"
                   r"|rcu.*stall|Unable to handle kernel|Out of memory")
RESULT = re.compile(r"(ok|not ok|skip) ")
CHECK = re.compile(r"vm: (\w+) at [0-9.]+ s")
AGAIN = re.compile(r"= ((ok|not ok|skip) .*)")
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
        suite, arch, flavour = KERNELS[name]
        subprocess.run([HERE / "fetch-kernel.sh", suite, arch, flavour, folder], check=True)


def make_initramfs(out, name, kernel, arch):
    """Made anew each time: it takes less than a second, and is always what was built last."""
    path = out / f"{name}.cpio"
    native = own_arch(arch) == {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    build = ROOT / "build" / ("static" if native else f"{own_arch(arch)}-static")
    busybox = "/bin/busybox" if native else ROOT / "build/sysroot" / own_arch(arch) / "bin/busybox"
    subprocess.run([HERE / "initramfs.sh", path, build / "alumet-agent", busybox,
                    out / "bin" / own_arch(arch), kernel / "modules"], check=True)
    return path


def monitor_path(out, name):
    return out / f"{name}.monitor"


def qemu(out, name, checks):
    machine = MACHINES[name]
    _, arch, _ = KERNELS[machine.kernel]
    kernel = out / "kernel" / machine.kernel
    initramfs = make_initramfs(out, name, kernel, arch)
    append = (f"{machine.append} loglevel=5 panic=-1 softlockup_panic=1 "
              f"CHECKS={checks or machine.checks}")
    # One thread for all CPUs: with a thread each, QEMU 7.2 may execute a breakpoint that the kernel
    # had put into its own code on another CPU and has taken away since (int3 in __schedule()).
    return [
        f"qemu-system-{qemu_arch(arch)}", *machine.options, *ICOUNT, "-accel", "tcg,thread=single",
        "-cpu", machine.cpu, "-smp", "2", "-m", "3072", "-nic", "none", "-display", "none",
        "-monitor", f"unix:{monitor_path(out, name)},server=on,wait=off", "-serial", "stdio",
        "-no-reboot", "-kernel", kernel / "vmlinuz", "-initrd", initramfs, "-append", append]


def cpu_seconds(pid):
    """That a process which has not been waited for has used."""
    # proc(5): utime and stime are fields 14 and 15, the first after the name is the third.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Patience:
    """Of a machine that computes for too long, or does nothing at all."""

    def __init__(self, pid, args):
        self.pid = pid
        self.args = args
        self.line()

    def line(self):
        """There is a sign of life."""
        self.since = time.monotonic()
        self.cpu_since = cpu_seconds(self.pid)

    def ends(self):
        cpu = cpu_seconds(self.pid)
        return (cpu > self.args.timeout or cpu - self.cpu_since > self.args.silence
                or time.monotonic() - self.since > IDLE_FACTOR * self.args.silence)


def console_lines(process, args):
    """Lines of the console as they come; raises TimeoutError when it hangs."""
    patience = Patience(process.pid, args)
    rest = b""
    while True:
        if patience.ends():
            raise TimeoutError
        if not select.select([process.stdout], [], [], 1)[0]:
            continue
        data = os.read(process.stdout.fileno(), 65536)
        *lines, rest = (rest + data).split(b"\n")
        if lines:
            patience.line()
        for line in lines + ([rest] if not data and rest else []):
            yield ESCAPES.sub("", line.decode("utf-8", "replace"))
        if not data:
            return


def program_counters(path):
    """Of each CPU, with whether it sleeps: x86-64 says RIP= (EIP= at boot) and HLT=, arm64 PC=."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(10)
        monitor.connect(str(path))
        monitor.sendall(b"info registers -a\n")
        text = ""
        # The prompt comes before the command, and behind its answer.
        while text.count("(qemu) ") < 2:
            data = monitor.recv(65536)
            if not data:
                raise ConnectionError("the monitor is closed")
            text += data.decode("utf-8", "replace")
    return [(" ".join(re.findall(r"\b(?:[RE]IP|PC)=(\w+)", cpu)), "HLT=1" in cpu)
            for cpu in text.split("CPU#")[1:]]


def where_it_hangs(path):
    """
    What its CPUs do. One that neither sleeps nor gets on has no turn: QEMU before 8.1 gives all of
    the time to the first CPU for as long as that one does not sleep.
    """
    try:
        looks = []
        for _ in range(3):
            looks.append(program_counters(path))
            let_pass(1, "what the CPUs do in the meantime")
    except OSError as error:
        return [f"QEMU does not say what its CPUs do: {error}"]
    return [f"CPU {i}: " + ("sleeps" if all(sleeps for _, sleeps in cpu) else
                            f"stands still at {cpu[0][0]}" if len(set(cpu)) == 1 else
                            "runs, at " + ", ".join(pc for pc, _ in cpu))
            for i, cpu in enumerate(zip(*looks))]


class Report:
    """Results of one machine; tells of everything but what passed, unless asked to."""

    def __init__(self, name, verbose):
        self.name = name
        self.verbose = verbose
        self.counts = collections.Counter()
        self.console = collections.deque(maxlen=80)
        self.told = collections.Counter()  # results that came, as whole lines
        self.again = []  # and those that the machine says at its end that there were
        self.check = "boot"
        self.cpus = []  # what they did when it hung
        self.ended = None

    def result(self, kind, text):
        self.counts[kind] += 1
        if self.verbose or kind != "ok":
            print(f"{kind} {self.name}: {text}", flush=True)

    def line(self, line):
        self.console.append(line)
        found = RESULT.match(line)
        again = AGAIN.match(line)
        end = END.match(line)
        check = CHECK.match(line)
        if found:
            if found[1] == "not ok" and not self.verbose:
                self.show_agent()
            self.told[line] += 1
            self.result(found[1], line[found.end():])
        elif again:
            self.again.append(again)
        elif end:
            self.ended = int(end[1])
        elif ALARM.search(line):
            self.result("not ok", f"the kernel says: {line}")
        elif self.verbose:
            self.print_lines([line])
        if check:
            self.check = check[1]

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
        self.print_lines([*self.console, *self.cpus])

    def compare(self):
        """A word of the kernel's may have torn a line apart; at the end it is silent."""
        for again in self.again:
            if not self.told[again[1]]:
                self.result(again[2], again[1][len(again[2]) + 1:])
            self.told[again[1]] -= 1
        self.counts["ok"] -= sum(n for line, n in self.told.items() if n > 0 and line[:2] == "ok")

    def close(self, status, timed_out):
        if timed_out:
            self.fail(f"hung in {self.check}: {timed_out}")
        elif self.ended is None:
            self.fail(f"the machine ended in {self.check} (QEMU's status {status})")
        elif self.ended != len(self.again):
            self.fail(f"{self.ended} results were given, {len(self.again)} arrived")
        else:
            self.compare()


def run(name, args):
    report = Report(name, args.verbose)
    started = time.monotonic()
    process = subprocess.Popen(qemu(args.out, name, args.checks), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    timed_out = "interrupted"
    try:
        for line in console_lines(process, args):
            report.line(line)
        timed_out = None
    except TimeoutError:
        timed_out = f"ended after {time.monotonic() - started:.0f} s"
        report.cpus = where_it_hangs(monitor_path(args.out, name))
    finally:
        if timed_out:
            os.kill(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        monitor_path(args.out, name).unlink(missing_ok=True)
    report.close(process.returncode, timed_out)
    counts = report.counts
    print(f"{'not ok' if counts['not ok'] else 'ok'} {name}: {counts['ok']} passed, "
          f"{counts['not ok']} failed, {counts['skip']} skipped, "
          f"{time.monotonic() - started:.0f} s ({usage.ru_utime + usage.ru_stime:.0f} s of CPU)",
          flush=True)
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
    parser.add_argument("--timeout", type=float, default=300,
                        help="CPU seconds for one machine; it needs some 40")
    parser.add_argument("--silence", type=float, default=60,
                        help="CPU seconds without a line after which it is taken for hung, or ten "
                        "times as many of the clock if it does nothing")
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
