#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
What a user tries who may run an agent with capabilities on its file: to choose what it opens, to
look into it, to have it run his code. docs/security.md lists what is tried here.
"""

import contextlib
import ctypes
import grp
import os
import pathlib
import shutil
import signal
import stat
import subprocess

import lib
from lib import (NOBODY, become_nobody, can_set_capabilities, check, check_equal, folder, main,
                 skip, wait_until)

CAPABILITIES = "cap_bpf,cap_perfmon"
MORE = {"cap_dac_override": 1, "cap_dac_read_search": 2, "cap_fowner": 3, "cap_sys_rawio": 17,
        "cap_sys_resource": 24}

PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_DETACH = 0, 16, 17
PIDFD_GETFD = 438
CAP_PERFMON, CAP_BPF = 38, 39

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def all_capabilities():
    """Those above and more, as far as this machine gives them at all."""
    with open("/proc/self/status") as status:
        bounding = next(int(line.split()[1], 16) for line in status if line.startswith("CapBnd"))
    return ",".join([CAPABILITIES, *(name for name, bit in MORE.items() if bounding >> bit & 1)])


@contextlib.contextmanager
def agent(capabilities=CAPABILITIES):
    with folder() as tmp:
        path = tmp / "alumet-agent"
        shutil.copy(lib.AGENT, path)
        path.chmod(0o755)
        if capabilities:
            subprocess.run(["setcap", capabilities + "=ep", path], check=True)
        (tmp / "home").mkdir()
        os.chown(tmp / "home", NOBODY, NOBODY)
        yield path, tmp / "home"


def run(path, home, *args, env=None, preexec=become_nobody):
    return subprocess.run([path, *map(str, args)], cwd=home, preexec_fn=preexec, text=True,
                          env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)


def as_user(function):
    """What the function returns when the user calls it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            become_nobody()
            os.write(writer, repr(function()).encode())
        except OSError as error:
            os.write(writer, repr(error.strerror).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(pid, 0)
    return eval(text, {})


def errno_of(result):
    return os.strerror(ctypes.get_errno()) if result < 0 else "done"


@contextlib.contextmanager
def running(capabilities=CAPABILITIES):
    """An agent in the middle of a run."""
    with agent(capabilities) as (path, home):
        process = subprocess.Popen([path, "--plugins", "perf,csv", "-e", "page-faults", "exec",
                                    "sleep", "60"], cwd=home, preexec_fn=become_nobody,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        command = lib.command_of(process, "sleep")
        try:
            yield process.pid
        finally:
            for pid in (command, process.pid):
                with contextlib.suppress(ProcessLookupError, TypeError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def suid_dumpable(value):
    path = pathlib.Path("/proc/sys/fs/suid_dumpable")
    before = path.read_text()
    path.write_text(value)
    try:
        yield
    finally:
        path.write_text(before)


# --- choosing what is opened ---------------------------------------------------------------------

def lay_out_power_pmu(root):
    """A PMU "power" that is page faults of every process of the machine."""
    pmu = root / "sys/bus/event_source/devices/power"
    (pmu / "events").mkdir(parents=True)
    (pmu / "format").mkdir()
    for name, text in {"type": "1", "cpumask": "0", "format/event": "config:0-7",
                       "events/energy-pkg": "event=0x02", "events/energy-pkg.scale": "1",
                       "events/energy-pkg.unit": "Joules"}.items():
        (pmu / name).write_text(text + "\n")
    cpu = root / "sys/devices/system/cpu/cpu0/topology"
    cpu.mkdir(parents=True)
    (cpu / "physical_package_id").write_text("0\n")
    (root / "sys/devices/system/cpu/online").write_text("0\n")


def a_sysroot_of_the_user():
    if not can_set_capabilities("a laid-out sysroot"):
        return
    for capabilities in (CAPABILITIES, None):
        with agent(capabilities) as (path, home):
            lay_out_power_pmu(home / "root")
            for backend in ("auto", "perf", "msr", "powercap"):
                result = run(path, home, "--plugins", "rapl,csv", "--config-override",
                             f"plugins.rapl.sysroot='{home}/root'", "--config-override",
                             f"plugins.rapl.backend='{backend}'", "exec", "touch", "ran")
                name = f"a laid-out sysroot, {backend}, {capabilities or 'no capabilities'}"
                check_equal(f"{name}: refused before the command",
                            (result.returncode, (home / "ran").exists()), (125, False))
                if capabilities:
                    check(f"{name}: it is named", "sysroot" in result.stderr, result.stderr)
            if capabilities:
                result = run(path, home, "--config-override",
                             f"plugins.rapl.sysroot='{home}/root'", "doctor")
                check("a laid-out sysroot: doctor says that exec would not work",
                      result.returncode == 1 and "is not read with capabilities" in result.stdout,
                      result.stdout)


def files_that_only_root_may_read():
    """With capabilities for all files, too: what the user names is opened with the user's rights.
    """
    if not can_set_capabilities("files of root"):
        return
    with agent(all_capabilities()) as (path, home):
        secret = home.parent / "secret"
        secret.write_text("[plugins.csv]\noutput_path = 'secret-word'\n")
        secret.chmod(0o600)
        for name, args, env in (("--config", ("--config", secret), {}),
                                ("ALUMET_CONFIG", (), {"ALUMET_CONFIG": str(secret)}),
                                ("-o", ("-o", secret), {}),
                                ("-o in its folder", ("-o", home.parent / "new"), {})):
            result = run(path, home, *args, "--plugins", "perf,csv", "exec", "true", env=env)
            check(f"{name} of root's: permission denied",
                  result.returncode == 125 and "ermission" in result.stderr and
                  "secret-word" not in result.stderr, (result.returncode, result.stderr))
        check_equal("root's file is as it was", secret.read_text(),
                    "[plugins.csv]\noutput_path = 'secret-word'\n")


def probes():
    if not can_set_capabilities("probes"):
        return
    devices = pathlib.Path("/sys/bus/event_source/devices")
    with agent() as (path, home):
        for pmu, event in (("uprobe", "uprobe/config=0/"), ("kprobe", "kprobe/config=0/"),
                           ("breakpoint", "breakpoint/config=0/"),
                           ("tracepoint", "tracepoint/config=1/")):
            if not (devices / pmu).exists():
                continue  # kprobe and uprobe are built in or not
            result = run(path, home, "--plugins", "perf,csv", "-e", event, "exec", "true")
            check(f"{event} is refused by name",
                  result.returncode == 125 and "places probes" in result.stderr and
                  "seccomp" not in result.stderr, result.stderr)


def set_user_id():
    if not can_set_capabilities("a set-user-ID agent"):
        return
    if lib.is_sanitized():
        return skip("a set-user-ID agent", "sanitizers cannot look for leaks in it")
    with agent(None) as (path, home):
        for mode, who in ((0o4755, "set-user-ID"), (0o2755, "set-group-ID")):
            path.chmod(mode)
            result = run(path, home, "exec", "touch", "ran")
            check(f"a {who} agent is refused",
                  result.returncode == 125 and "setcap" in result.stderr and
                  not (home / "ran").exists(), result.stderr)


# --- looking into it -----------------------------------------------------------------------------

def read_file(path):
    with open(path, "rb") as file:
        return f"{len(file.read(1))} byte"


def steal_descriptor(pid):
    pidfd = os.pidfd_open(pid)
    return errno_of(libc.syscall(PIDFD_GETFD, pidfd, 3, 0))


def check_closed(name, pid):
    not_permitted, denied = "Operation not permitted", "Permission denied"
    check_equal(f"{name}: ptrace",
                as_user(lambda: errno_of(libc.ptrace(PTRACE_ATTACH, pid, None, None))),
                not_permitted)
    check_equal(f"{name}: pidfd_getfd", as_user(lambda: steal_descriptor(pid)), not_permitted)
    for file in ("mem", "environ", "maps"):
        check_equal(f"{name}: /proc/PID/{file}",
                    as_user(lambda: read_file(f"/proc/{pid}/{file}")), denied)
    check_equal(f"{name}: /proc/PID/fd", as_user(lambda: os.listdir(f"/proc/{pid}/fd")), denied)


def a_running_agent():
    if not can_set_capabilities("a running agent"):
        return
    for value in ("0", "1"):
        with suid_dumpable(value), running(all_capabilities()) as pid:
            check_closed(f"a running agent, fs.suid_dumpable {value}", pid)
            status = dict(line.split(":\t") for line in
                          pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                          if ":\t" in line)
            check_equal(f"a running agent, fs.suid_dumpable {value}: capabilities in effect, kept",
                        (int(status["CapEff"], 16), int(status["CapPrm"], 16)),
                        (0, 1 << CAP_PERFMON | 1 << CAP_BPF))


def core_dumps():
    if not can_set_capabilities("core dumps"):
        return
    if lib.is_sanitized():
        return skip("core dumps", "sanitizers handle SIGSEGV")
    with suid_dumpable("1"), agent() as (path, home):
        process = subprocess.Popen(["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", path,
                                    "--plugins", "perf,csv", "exec", "sleep", "60"],
                                   cwd=home, preexec_fn=become_nobody, stderr=subprocess.DEVNULL)
        command = lib.command_of(process, "sleep")
        os.kill(process.pid, signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = 0
        os.kill(command, signal.SIGKILL)
        check_equal("an agent that is killed leaves no core",
                    (os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGSEGV, False))


def the_child_that_borrows_its_memory():
    """It is never open: before its execve() it is the agent, afterwards the user's own program."""
    if not can_set_capabilities("the child before its execve()"):
        return
    with agent() as (path, home):
        for _ in range(20):
            process = subprocess.Popen([path, "--plugins", "perf,csv", "-q", "exec", "sleep", "0"],
                                       cwd=home, preexec_fn=become_nobody,
                                       stderr=subprocess.DEVNULL)
            opened = []

            def try_children():
                for child in lib.children(process.pid):
                    before = lib.comm_of(child)
                    answer = as_user(lambda: read_file(f"/proc/{child}/mem"))
                    if before == lib.comm_of(child) == "alumet-agent":
                        opened.append(answer)
                return process.poll() is not None
            wait_until(try_children, 20, 0)
            if any(answer not in ("Permission denied", "No such file or directory")
                   for answer in opened):
                break
        check("the child before its execve() cannot be opened",
              all(answer in ("Permission denied", "No such file or directory", "No such process")
                  for answer in opened), opened)


# --- running the user's code ---------------------------------------------------------------------

def the_linkers_environment():
    if not can_set_capabilities("LD_PRELOAD"):
        return
    with agent() as (path, home):
        missing = str(home / "missing.so")
        for variable in ("LD_PRELOAD", "LD_AUDIT"):
            result = run(path, home, "--plugins", "perf,csv", "-q", "exec", "env",
                         env={variable: missing})
            check_equal(f"{variable} has an effect on the command alone",
                        (result.returncode, result.stderr.count("missing.so"),
                         f"{variable}={missing}" in result.stdout.splitlines()), (0, 1, True))
        result = run(path, home, "--plugins", "perf,csv", "-e", "no_such_event_anywhere", "exec",
                     "true", env={"ALUMET_LIBPFM_LIB": missing})
        check("ALUMET_LIBPFM_LIB is not loaded", "missing.so" not in result.stderr, result.stderr)


def started_by_a_tracer():
    """The kernel gives it no capabilities then, and it measures nothing."""
    if not can_set_capabilities("an agent that is traced"):
        return

    def traced():
        become_nobody()
        libc.ptrace(PTRACE_TRACEME, 0, None, None)

    with agent() as (path, home):
        process = subprocess.Popen([path, "--plugins", "perf,csv", "exec", "touch", "ran"],
                                   cwd=home, preexec_fn=traced, stderr=subprocess.PIPE, text=True)
        os.waitpid(process.pid, 0)
        libc.ptrace(PTRACE_DETACH, process.pid, None, None)
        told = process.communicate(timeout=60)[1]
        check("an agent that is traced from its start has no capabilities",
              process.returncode == 125 and not (home / "ran").exists(), told)


# --- installing it -------------------------------------------------------------------------------

def for_one_group():
    if not can_set_capabilities("make install GROUP="):
        return
    group = grp.getgrgid(NOBODY).gr_name
    with folder() as tmp:
        subprocess.run(["make", "-s", "install", f"O={lib.BUILD.relative_to(lib.ROOT)}",
                        f"DESTDIR={tmp}", "PREFIX=/usr", "SETCAP=1", f"GROUP={group}"],
                       cwd=lib.ROOT, check=True, capture_output=True)
        program = tmp / "usr/bin/alumet-agent"
        status = program.stat()
        capabilities = subprocess.run(["getcap", program], capture_output=True, text=True).stdout
        check_equal("make install SETCAP=1 GROUP=: mode, owner, group",
                    (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid),
                    (0o750, 0, NOBODY))
        check("make install SETCAP=1 GROUP=: capabilities",
              "cap_bpf" in capabilities and "cap_perfmon" in capabilities, capabilities)


if __name__ == "__main__":
    main(a_sysroot_of_the_user, files_that_only_root_may_read, probes, set_user_id,
         a_running_agent, core_dumps, the_child_that_borrows_its_memory, the_linkers_environment,
         started_by_a_tracer, for_one_group)
