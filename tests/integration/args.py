#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Arguments come back from the CSV byte for byte, whatever they hold, each for itself."""

import os
import shlex
import subprocess
import sys

from lib import check, check_equal, folder, main, run, text

ARGS_MAX = 64 * 1024  # bytes of arguments that are captured, each with its NUL


def show(data):
    return repr(data if len(data) < 200 else data[:100] + b" [...] " + data[-100:])


def split(args):
    """What a POSIX shell makes of a line; by Python, which knows no expansions."""
    return [part.encode("latin-1") for part in shlex.split(args.decode("latin-1"))]


def check_args(name, *arguments):
    """The root's arguments, and those of a child that a shell made with the same ones."""
    command = [b"/bin/true", *arguments]
    result = run(command)
    found = [split(args) for args in result.life("true").args]
    check(f"arguments: {name}", found == [command],
          lambda: f"found {found!r:.300}, expected {command!r:.300}")
    check(f"arguments: {name}: not marked as cut", "args_cut" not in result.lives[0].infos[-1])
    child = run([b"/bin/sh", b"-c", b'/bin/true "$@"; :', b"sh", *arguments])
    found = [split(args) for args in child.life("true").args]
    check(f"arguments of a child: {name}", found == [command],
          lambda: f"found {found!r:.300}, expected {command!r:.300}")


def plain():
    check_args("none")
    check_args("a few", b"-x", b"--long=value", b"file.c")
    check_args("empty ones", b"", b"", b"x", b"")
    check_args("blanks", b" a ", b"  ", b"b\tc")


def special_characters():
    check_args("semicolons", b"a;b;;c", b";")
    check_args("quotes", b'"', b'""', b'a"b"c', b"'")
    check_args("commas and equal signs", b"a,b=c", b"=,=", b",")
    check_args("backslashes", b"\\", b"a\\,b", b"\\=\\", b"\\\\")
    check_args("newlines", b"a\nb", b"\n", b"\r\n", b"\r")
    check_args("control characters", bytes(range(1, 32)), b"\x7f\x1b[31m")
    check_args("all together", b';",=\\\n', b'\n"=,;\\', b'";\r\n"')
    check_args("looks like rows", b"\nperf_software_TASK_CLOCK;2024-05-14T21:28:49.4Z;1;;;;;\n")


def not_utf8():
    check_args("every byte", bytes(range(1, 256)))
    check_args("bytes that are not UTF-8", b"\xff\xfe", b"\xc3", b"a\x80b")
    check_args("UTF-8", "äöü日本語🙂".encode())


def long_ones():
    check_args("a thousand", *[b"argument-%d" % i for i in range(1000)])
    check_args("one of 8 KiB", b"x" * 8192)
    check_args("one of 32 KiB", bytes(97 + i % 26 for i in range(32768)))
    check_args("sizes around a record", *[b"%05d" % i + b"y" * 8180 for i in range(7)])
    # /bin/true, a NUL, and the rest with its NUL: exactly what is captured.
    check_args("exactly 64 KiB", bytes(97 + i % 26 for i in range(ARGS_MAX - len("/bin/true") - 2)))


def check_cut(name, *arguments):
    command = [b"/bin/true", *arguments]
    result = run(command)
    whole = b" ".join(command)
    found = result.life("true").args[0]
    check(f"longer than 64 KiB: {name}: a beginning is kept", whole.startswith(found)
          and ARGS_MAX - 4096 <= len(found) <= ARGS_MAX,
          lambda: f"{len(found)} bytes of {len(whole)}: {show(found)}")
    check_equal(f"longer than 64 KiB: {name}: marked as cut",
                result.life("true").infos[-1].get("args_cut"), b"true")
    line = next(line for line in result.stderr.splitlines() if line.startswith("  true "))
    check(f"longer than 64 KiB: {name}: the summary's tree has the beginning",
          line.split()[1].startswith(arguments[0].decode()[:5]), line)


def too_long():
    check_cut("by one byte", b"x" * (ARGS_MAX - len("/bin/true") - 1))
    check_cut("one of 128 KiB", b"x" * (128 * 1024 - 1))
    check_cut("20 000 of them", *[b"%07d" % i for i in range(20000)])


def names():
    """The program's own name and path hold any bytes too."""
    for name in (b"a;b", b'q"uo"te', b"new\nline", b"a,b=c\\", b"\xff\xfe", b"with blank",
                 "größe".encode()):
        with folder() as tmp:
            path = os.fsencode(tmp) + b"/" + name
            os.symlink("/bin/true", path)
            result = run([path, b"x"])
            infos = result.lives[0].infos
            check_equal(f"program called {name!r}: comm, exe, args",
                        [(i["comm"], i["exe"], split(i["args"])) for i in infos],
                        [(name[:15], path, [path, b"x"])])


def found_in_path():
    result = run(["true", "x"])
    info = result.lives[0].infos[0]
    check("a command found in PATH: exe is its path", info["exe"].startswith(b"/")
          and info["exe"].endswith(b"/true"), repr(info))
    check_equal("a command found in PATH: args as they were given", info["args"], b"true x")


def scripts():
    with folder() as tmp:
        script = tmp / "script.sh"
        script.write_text("#!/bin/sh\nexit 0\n")
        script.chmod(0o755)
        info = run([str(script), "a b"]).lives[0].infos[0]
        check_equal("a script: comm", info["comm"], b"script.sh")
        check_equal("a script: exe", info["exe"], os.fsencode(script))
        path = os.fsencode(script)
        check("a script: args", split(info["args"]) in ([b"/bin/sh", path, b"a b"],
                                                        [path, b"a b"]), repr(info["args"]))


def many_at_once():
    """Long arguments of many processes on all CPUs do not mix. All of them have room in the ring.
    """
    script = ("import os, sys\n"
              "for i in range(200):\n"
              "    if os.fork() == 0:\n"
              "        os.execv('/bin/true', ['true', '%03d' % i] + ['%03d' % i * 3000])\n"
              "for i in range(200): os.wait()\n")
    result = run([sys.executable, "-c", script],
                 options=["--config-override", "plugins.perf.ring_size = '8MiB'"])
    found = sorted(life.args[0] for life in result.lives if life.comm == "true")
    expected = sorted(b"true %03d %s" % (i, b"%03d" % i * 3000) for i in range(200))
    check("200 processes with 9 KB of arguments each", found == expected,
          lambda: f"{len(found)} processes, {len(set(found) & set(expected))} as expected; "
          f"lengths {sorted(set(map(len, found)))}")


def read_by_awk():
    """A row without special characters is a plain line for the simplest of readers."""
    result = run(["/bin/echo", "hello"], events="TASK_CLOCK")
    output = subprocess.run(["awk", "-F;", '$1 == "perf_software_TASK_CLOCK" {print $7, $3}'],
                            input=result.csv, capture_output=True, check=True).stdout
    life = result.lives[0]
    check_equal("read by awk", text(output).split("\n")[-2],
                f"{life.pid} {life.total('perf_software_TASK_CLOCK')}")


if __name__ == "__main__":
    main(plain, special_characters, not_utf8, long_ones, too_long, names, found_in_path, scripts,
         many_at_once, read_by_awk)
