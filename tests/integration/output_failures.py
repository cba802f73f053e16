#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The output cannot be written: one clear error, an unharmed command, an exit status that tells."""

import contextlib
import fcntl
import json
import os
import platform
import resource
import select
import signal
import subprocess

from lib import (AGENT, agent_args, check, check_equal, children, end, folder, let_pass, lives,
                 main, parse, run, skip, wait_for_below, wait_until)


def errors(stderr):
    return [line for line in stderr.splitlines() if line.startswith("alumet-agent:")]


def check_failure(name, output, words, **popen):
    script = "i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i+1)); done; echo done; exit {}"
    for code, status in ((0, 125), (3, 3)):
        with folder() as tmp:
            result = run(["sh", "-c", script.format(code)], cwd=tmp, args=agent_args(
                ["sh", "-c", script.format(code)], output, options=["--summary=none"]), **popen)
        check_equal(f"{name}: status when the command's is {code}", result.status, status)
        check(f"{name}: one error", len(errors(result.stderr)) == 1
              and any(word in result.stderr for word in words), result.stderr)
        if "stdout" not in popen:
            check_equal(f"{name}: the command is unharmed", result.stdout, "done\n")


def disk_full():
    check_failure("/dev/full", "/dev/full", ["No space left", "full"])


def small_disk():
    """A file system that fills up in the middle of the run."""
    with folder() as tmp:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmp],
                          capture_output=True).returncode != 0:
            return skip("a disk that fills up", "tmpfs cannot be mounted here")
        try:
            script = "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done; echo done"
            result = run(["sh", "-c", script], args=agent_args(
                ["sh", "-c", script], f"{tmp}/out.csv", options=["--summary=none", "-I", "20",
                 "--config-override", 'plugins.perf.flush_interval="20ms"']))
            data = (tmp / "out.csv").read_bytes() if (tmp / "out.csv").exists() else b""
            shown = [run(["sh", "-c", script], args=agent_args(
                ["sh", "-c", script], f"{tmp}/out.csv", options=[f"--summary={mode}"])).stderr
                     for mode in ("short", "json")]
        finally:
            subprocess.run(["umount", tmp], check=True)
        check_equal("a disk that fills up: status, command unharmed",
                    (result.status, result.stdout), (125, "done\n"))
        check("a disk that fills up: one error", len(errors(result.stderr)) == 1, result.stderr)
        check("a disk that fills up: the file ends with a whole line, or is gone",
              data in (b"",) or data.endswith(b"\n"), repr(data[-200:]))
        check("a disk that fills up: the summary says that rows are missing",
              f"rows of this run in '{tmp}/out.csv'" in shown[0] and "rows in" not in shown[0],
              shown[0])
        found = json.loads(shown[1][shown[1].index("{"):])
        check_equal("a disk that fills up: the summary as JSON",
                    (found["notices"][0]["kind"], found["files"]), ("loss", []))


def closed_pipe():
    """Nobody reads: an error, not a SIGPIPE for the agent, nor for the command."""
    with folder() as tmp:
        fifo = tmp / "fifo"
        os.mkfifo(fifo)
        script = "until [ -e closed ]; do sleep 0.05; done; echo done; exit 0"
        agent = subprocess.Popen(agent_args(["sh", "-c", script], fifo, options=["--summary=none"]),
                                 cwd=tmp, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        reader = os.open(fifo, os.O_RDONLY)
        wait_for_below(agent.pid, "sleep")
        os.close(reader)
        (tmp / "closed").touch()
        try:
            stdout, stderr = agent.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            agent.kill()
            stdout, stderr = agent.communicate()
        check_equal("a pipe that nobody reads: status, command unharmed",
                    (agent.returncode, stdout), (125, "done\n"))
        check("a pipe that nobody reads: one error", len(errors(stderr)) == 1, stderr)


def into_a_pipe():
    """A pipe that is read has everything, the header first."""
    with folder() as tmp:
        fifo = tmp / "fifo"
        os.mkfifo(fifo)
        reader = subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE)
        result = run(["/bin/echo", "x"], args=agent_args(["/bin/echo", "x"], fifo), cwd=tmp)
        try:
            data = reader.communicate(timeout=20)[0]
        except subprocess.TimeoutExpired:
            reader.kill()
            data = b""
        check_equal("output into a pipe: status", result.status, 0)
        check("output into a pipe: header and rows", data.startswith(b"metric;timestamp;value;")
              and b"\nperf_software_TASK_CLOCK;" in data and data.endswith(b"\n"), repr(data[:300]))


def cannot_be_opened():
    with folder() as tmp:
        (tmp / "file").write_text("")
        for name, output in (("a folder", tmp), ("below a file", tmp / "file" / "out.csv"),
                             ("no such folder", tmp / "no" / "out.csv")):
            witness = tmp / "ran"
            result = run(["touch", str(witness)], args=agent_args(["touch", str(witness)], output))
            check_equal(f"output: {name}: status", result.status, 125)
            check(f"output: {name}: one error that names it", len(errors(result.stderr)) == 1
                  and str(output) in result.stderr, result.stderr)
            check(f"output: {name}: the command was not started", not witness.exists())


def what_follows_the_run_cannot_be_written():
    """A report, and the summary of a series: refused before the command and its warm-up runs."""
    for name, words in (("out.html", ["exec", "--report=html"]),
                        ("out.html", ["exec", "-r2", "--report=html"]),
                        ("out.html", ["watch", "--all", "--for=10s", "--report=html"]),
                        ("sum.json", ["exec", "-r2", "--warmup=1", "--summary=json:sum.json"])):
        with folder() as tmp:
            (tmp / name).mkdir()
            command = ["--", "touch", "ran"] if words[0] == "exec" else []
            result = run([], cwd=tmp, args=[AGENT, "--plugins", "perf,csv,summary", "-e",
                                            "TASK_CLOCK", "-o", "out.csv", *words, *command])
            check_equal(f"{' '.join(words)}: a folder is there: status", result.status, 125)
            check(f"{' '.join(words)}: one error that names it", len(errors(result.stderr)) == 1 and
                  f"cannot write to '{name}': it is a directory" in result.stderr, result.stderr)
            check_equal(f"{' '.join(words)}: nothing ran, no file is left", os.listdir(tmp), [name])


def file_size_limit():
    """RLIMIT_FSIZE: SIGXFSZ must not kill the agent, and the command has its limit."""
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
    script = "i=0; while [ $i -lt 60 ]; do /bin/true; i=$((i+1)); done; echo done"
    result = run(["sh", "-c", script], options=["--summary=none"], preexec_fn=prepare)
    check_equal("a limit on file sizes: status, command unharmed", (result.status, result.stdout),
                (125, "done\n"))
    with folder() as tmp:
        args = [AGENT, "--plugins", "perf,summary", "-e", "TASK_CLOCK", "--summary=full:s.txt"]
        result = run(["true"], cwd=tmp, args=[*args, "exec", "true"], preexec_fn=lambda:
                     resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99)))
        check_equal("a limit on file sizes: a summary: status, no half file",
                    (result.status, os.listdir(tmp)), (125, []))


def wait_for_rows(path):
    return wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") > 2, timeout=20)


def check_refused(name, output, words, **popen):
    """The command is not even started."""
    with folder() as tmp:
        witness = tmp / "ran"
        result = run(["touch", str(witness)], args=agent_args(["touch", str(witness)], output),
                     **popen)
        check_equal(f"{name}: status, command not started", (result.status, witness.exists()),
                    (125, False))
        check(f"{name}: one error that says why", len(errors(result.stderr)) == 1
              and words in result.stderr, result.stderr)


def two_runs():
    """The second one of the same name, or within the first: refused, and the first is whole."""
    script = "i=0; while [ ! -e stop ]; do /bin/true; sleep 0.05; done; exit 7"
    for append in ("false", "true"):
        with folder() as tmp:
            output = tmp / "out.csv"
            override = f"plugins.csv.append={append}"
            first = subprocess.Popen(agent_args(["sh", "-c", script], output, options=[
                "-q", "-I", "20", "--config-override", 'plugins.perf.flush_interval="20ms"',
                "--config-override", override]), cwd=tmp)
            try:
                wait_for_rows(output)
                check_refused(f"a file that another run writes, append={append}", output,
                              "another alumet-agent")
            finally:
                (tmp / "stop").touch()
                status = first.wait(timeout=30)
            data = output.read_bytes()
        check_equal(f"the run that had it, append={append}: status", status, 7)
        check(f"the run that had it, append={append}: one header, and no byte too many",
              data.count(b"metric;") == 1 and b"\0" not in data and len(parse(data)) > 2,
              repr(data[:300]))
    with folder() as tmp:
        inner = agent_args(["true"])
        result = run(inner, args=agent_args(inner), cwd=tmp)
        check_equal("an agent within an agent: the inner one is refused", result.status, 125)
        check("an agent within an agent: the outer one's file is whole",
              len(lives(parse((tmp / "out.csv").read_bytes()))) > 0, result.stderr)


# poll(), which on arm64 is ppoll(): the agent waits there for the reader of an output, else in
# epoll_wait().
POLL = {"x86_64": "7", "aarch64": "73"}[platform.machine()]


def in_poll(pid):
    with open(f"/proc/{pid}/syscall") as syscall:
        return syscall.read().split()[0] == POLL


@contextlib.contextmanager
def stalled(script, goes_on=False):
    """
    An agent whose reader has taken nothing yet; the pipe is full. goes_on: so does the command,
    else it has ended and been reaped. Yields the agent and the reader's end.
    """
    with folder() as tmp:
        fifo = tmp / "fifo"
        os.mkfifo(fifo)
        agent = subprocess.Popen(agent_args(["sh", "-c", script], fifo, options=[
            "--summary=none", "-I", "20", "--config-override",
            'plugins.perf.flush_interval="20ms"']), cwd=tmp, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        reader = os.open(fifo, os.O_RDONLY)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        try:
            if agent.stdout.readline() != "ready\n":
                raise AssertionError(f"not ready: {agent.stderr.read()}")
            check("a stalled reader: the agent waits for it", wait_until(
                lambda: in_poll(agent.pid) and (goes_on or not children(agent.pid))))
            yield agent, reader
        finally:
            os.close(reader)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(agent.pid, signal.SIGKILL)
            end(agent)
            agent.stdout.close()
            agent.stderr.close()


def stalled_reader():
    """While nobody reads, signals are passed on, and the second SIGTERM ends the run."""
    busy = ("trap 'echo usr1' USR1; trap 'echo term' TERM; i=0; "
            "while [ $i -lt 60 ]; do /bin/true; i=$((i+1)); done; echo ready; ")
    with stalled(busy + "i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done",
                 True) as (agent, _):
        for name in ("USR1", "TERM"):
            agent.send_signal(getattr(signal, "SIG" + name))
            told = select.select([agent.stdout], [], [], 10)[0] and agent.stdout.readline()
            check_equal(f"a stalled reader: SIG{name} is passed on", told, name.lower() + "\n")
        let_pass(0.7, "two SIGTERMs within half a second count as one")
        check("a stalled reader: one SIGTERM is the command's to obey", agent.poll() is None)
        agent.send_signal(signal.SIGTERM)
        check("a stalled reader: the second SIGTERM ends the run",
              wait_until(lambda: agent.poll() is not None, timeout=10))
        told = agent.stderr.readline() + agent.stderr.readline()  # the command has stderr too
        check_equal("a stalled reader: status", agent.returncode, 143)
        check("a stalled reader: the command runs on", "runs on" in told, told)
    with stalled(busy + "exit 0") as (agent, reader):
        check("a stalled reader: the end of the run waits for it", agent.poll() is None)
        with open(reader, "rb", closefd=False) as rows:
            data = rows.read()
        check_equal("a slow reader: status", agent.wait(timeout=20), 0)
        check("a slow reader: nothing is missing", len(lives(parse(data))) == 61, repr(data[-300:]))
    with stalled(busy + "exit 0") as (agent, _):
        agent.send_signal(signal.SIGTERM)
        ended = wait_until(lambda: agent.poll() is not None, timeout=10)
        if not check("a stalled reader, the command has ended: a SIGTERM ends the run", ended):
            return
        check_equal("a stalled reader, the command has ended: status", agent.returncode, 125)
        told = errors(agent.stderr.read())
        check("a stalled reader, the command has ended: one error",
              len(told) == 1 and "reader" in told[0], told)


def the_configuration():
    with folder() as tmp:
        (tmp / "cc.toml").write_text("# precious\n")
        os.symlink("cc.toml", tmp / "link.toml")
        for config, output in (("cc.toml", "cc.toml"), ("link.toml", "cc.toml"),
                               ("cc.toml", tmp / "cc.toml")):
            args = agent_args(["true"], output, options=["--config", config])
            result = run(["true"], args=args, cwd=tmp)
            check_equal(f"--config {config} -o {output}: status", result.status, 125)
            check(f"--config {config} -o {output}: one error", len(errors(result.stderr)) == 1
                  and "configuration" in result.stderr, result.stderr)
        check_equal("the configuration is untouched", (tmp / "cc.toml").read_text(), "# precious\n")


FILL_STDERR = """
import fcntl, os, sys
fcntl.fcntl(2, fcntl.F_SETFL, fcntl.fcntl(2, fcntl.F_GETFL) | os.O_NONBLOCK)
while True:
    try:
        os.write(2, b" " * 64)
    except BlockingIOError:
        break
"""

def stderr_that_does_not_block():
    """The command shares standard error, and may have made it non-blocking, as node and ssh do."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with folder() as tmp:
        process = subprocess.Popen(
            agent_args(["python3", "-S", "-c", FILL_STDERR], "out.csv",
                       options=["--summary=json"]), cwd=tmp, stderr=writer)
        os.close(writer)
        wait_until(lambda: process.poll() is not None or in_poll(process.pid))
        with open(reader, "rb") as file:
            text = file.read().decode()
        check_equal("non-blocking stderr: status", process.wait(), 0)
    summary = text[text.index("{"):]
    check("non-blocking stderr: the summary is whole", is_json(summary), summary[-200:])
    for mode in ("json", "markdown"):
        with folder() as tmp, open("/dev/full", "w") as full:
            status = subprocess.run(agent_args(["true"], "out.csv", options=[f"--summary={mode}"]),
                                    cwd=tmp, stderr=full, check=False).returncode
        check_equal(f"stderr is full: status with --summary={mode}", status, 125)


def is_json(text):
    try:
        return bool(json.loads(text))
    except ValueError:
        return False


def no_such_descriptor():
    """Descriptors that were not there when the agent was started: not one of its own by chance."""
    for n in range(3, 12):
        check_refused(f"/dev/fd/{n}", f"/dev/fd/{n}", "no such open descriptor")
    for closed, output in ((1, "/dev/stdout"), (0, "/dev/fd/0")):
        check_refused(f"{output}, closed", output, "no such open descriptor",
                      preexec_fn=lambda closed=closed: os.close(closed))


if __name__ == "__main__":
    main(disk_full, small_disk, closed_pipe, into_a_pipe, cannot_be_opened,
         what_follows_the_run_cannot_be_written, file_size_limit,
         two_runs, stalled_reader, stderr_that_does_not_block,
         the_configuration, no_such_descriptor)
