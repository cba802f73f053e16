#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send: addresses that are none, passwords in addresses, in answers and in those of
proxies, tokens from pipes, proxies of the environment; answers that never end; numbers as they are.
"""

import contextlib
import gzip
import os
import re
import socket
import subprocess
import threading

from lib import AGENT, agent, check, check_equal, check_run, folder, main
from sending import TOKEN, make_run, send  # tests/ is in the path by lib
from served import server

SECRET = "hunter2-hunter2"


def addresses():
    """Refused at once, as errors of the command line: trying again is no use."""
    with folder() as cwd:
        make_run(cwd)
        for url, why in (
                ("influx+http://127.0.0.1:99999/write", "from 1 to 65535"),
                ("influx+http://127.0.0.1:0/write", "from 1 to 65535"),
                ("influx+http://127.0.0.1:http/write", "from 1 to 65535"),
                ("influx+http://127.0.0.1:/write", "from 1 to 65535"),
                ("influx+http://::1:8086/write", "no host"),
                ("influx+http://1::1:8086/write", "in brackets"),
                ("influx+http://[::1/write", "']'"),
                ("influx+http://:8086/write", "no host"),
                ("influx+http://h/write?db=a b", "%20"),
                ("influx+http://h\n/write", "control character"),
                ("influx+http://h/write?db=a\x7f", "control character"),
                ("clickhouse+http://h/?table=", "name of a table")):
            check_run(f"{url!r}", send(cwd, url, files=["p.csv"]), 2, why)
        result = send(cwd, "influx+http://h\xf6st.invalid/write", "-v", env={"LC_ALL": "C"})
        check_run("a host's name that is none", result, 1, "not all")
        check("a host's name that is none: one try", "next try" not in result.stderr, result.stderr)
        if not can_listen_by_ipv6():
            return
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
            port = listener.getsockname()[1]
            thread = threading.Thread(target=answer_one, args=(listener,), daemon=True)
            thread.start()
            check_run("an IPv6 address", send(cwd, f"influx+http://[::1]:{port}/write", env={
                "ALUMET_TOKEN": TOKEN}), 0)
            thread.join(30)


def can_listen_by_ipv6():
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


def answer_one(listener, answer=b"HTTP/1.1 204 No Content\r\n\r\n", then=lambda connection: None):
    """Take one request, and answer it."""
    connection, _ = listener.accept()
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        rest = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        rest -= len(head.split(b"\r\n\r\n", 1)[1])
        while rest > 0:
            rest -= len(connection.recv(rest))
        connection.sendall(answer)
        with contextlib.suppress(OSError):
            then(connection)
    return head


def passwords():
    """Of an address, of a proxy, and those that an answer quotes: none is shown."""
    with folder() as cwd:
        make_run(cwd)
        for url in (f"influx+http://bob:{SECRET}@h/write", f"influx+http://bob:x/{SECRET}@h/write",
                    f"influx+http://h/write?u=bob&p={SECRET}",
                    f"influx+http://h/write?u=bob&%70={SECRET}",
                    f"influx+http://h/write?authKey={SECRET}", f"otlp+http://h/?TOKEN={SECRET}",
                    f"clickhouse+http://h/?password={SECRET}"):
            result = send(cwd, url, "-v", files=["p.csv"])
            check(f"refused, not shown: {url}", result.returncode == 2 and
                  SECRET not in result.stderr and "send:" in result.stderr, result.stderr)
        for proxy in (f"http://u:{SECRET}@h:99999", f"http://u:{SECRET}/x@h:80",
                      f"none://u:{SECRET}@h", f"http://u:{SECRET}@127.0.0.1:1"):
            result = send(cwd, "influx+http://store.invalid/write", "-v", env={"http_proxy": proxy,
                                                                               "no_proxy": ""})
            check(f"the proxy {proxy}: not shown", result.returncode == 1 and
                  "does not take it" in result.stderr and SECRET not in result.stderr,
                  result.stderr)
        for quoted in (SECRET[:-1], SECRET[1:], f"Token {SECRET}"):
            with server(lambda number, body, quoted=quoted: (401, quoted.encode())) as store:
                result = send(cwd, f"influx+{store.url}/write", env={"ALUMET_TOKEN": SECRET})
                check(f"an answer with {quoted}: not shown", result.returncode == 1 and
                      "status 401" in result.stderr and SECRET[2:8] not in result.stderr,
                      result.stderr)


def users():
    """ClickHouse's: one header, whatever the name."""
    with folder() as cwd, server() as store:
        make_run(cwd)
        address = f"clickhouse+{store.url}/"
        check_run("a user", send(cwd, address.replace("//", "//b%6fb%40x@"), files=["p.csv"]), 0)
        check_equal("a user with %40", store.requests[0][1].get("X-ClickHouse-User"), "bob@x")
        for name in ("bob\nX-Evil;1", "bob%0aX-Evil;1", "bob%0d"):
            check_run(f"a user {name!r}", send(cwd, address.replace("//", f"//{name}@"),
                                               files=["p.csv"]), 2, "control character")
        check_equal("nothing else was sent", len(store.requests), 1)


def tokens():
    """From a pipe, in parts; as long as a header may be, with the line end of an editor."""
    with folder() as cwd, server() as store:
        make_run(cwd)
        os.mkfifo(cwd / "fifo")
        with subprocess.Popen([AGENT, "send", "--token-file", "fifo", "--to",
                               f"influx+{store.url}/write", "run.csv"], cwd=cwd) as process:
            with open(cwd / "fifo", "wb", buffering=0) as pipe:
                for byte in f"{TOKEN}\n".encode():
                    pipe.write(bytes([byte]))
                    os.sched_yield()
            check_equal("a token from a pipe: status", process.wait(60), 0)
        check_equal("a token from a pipe: all of it", store.requests[0][1].get("Authorization"),
                    f"Token {TOKEN}")
        for text, status in (("a" * 4096 + "\r\n", 0), ("a" * 4096, 0), ("a" * 4097, 2),
                             ("a" * 9999, 2), ("a\0b", 2), ("a\nb: c", 2), ("\n", 2), ("", 2)):
            (cwd / "token").write_text(text)
            check_run(f"a token of {len(text)}: {text[:4]!r}",
                      send(cwd, f"influx+{store.url}/write", "--token-file", "token"), status)


def proxies():
    """A proxy would look for localhost on its own machine, and see the token."""
    with folder() as cwd, server() as store, server() as proxy:
        make_run(cwd)
        env = {"http_proxy": proxy.url, "no_proxy": "", "ALUMET_TOKEN": TOKEN}
        check_run("a store here", send(cwd, f"influx+{store.url}/write", env=env), 0)
        check_equal("a store here: not by the proxy", (len(store.requests), len(proxy.requests)),
                    (1, 0))
        check_run("a store elsewhere", send(cwd, "influx+http://store.invalid/write", env=env), 0,
                  "unencrypted")
        check_equal("a store elsewhere: by the proxy", [path for path, *_ in proxy.requests],
                    ["http://store.invalid/write?precision=ns"])


def endless_answers():
    """The status counts; what the store goes on to say is not read for ever."""
    def go_on(connection):
        while True:
            connection.sendall(b"x" * 65536)
    with folder() as cwd:
        make_run(cwd)
        for status, expected, phrase in ((b"200 OK", 0, ""), (b"400 No", 1, "status 400: xxx")):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                thread = threading.Thread(target=answer_one, daemon=True, args=(
                    listener, b"HTTP/1.1 " + status + b"\r\n\r\n", go_on))
                thread.start()
                check_run(f"{status.decode()} without an end", send(
                    cwd, f"influx+http://127.0.0.1:{listener.getsockname()[1]}/write"), expected,
                    phrase)
                thread.join(60)


def long_pauses():
    """A minute at most, whatever the store asks for."""
    with folder() as cwd:
        make_run(cwd)
        for asked in (60, 61, 10**10, 2**63 - 1):
            with server(lambda number, body, asked=asked: (503, b"", ("Retry-After", str(
                    asked)))) as store, subprocess.Popen([
                        AGENT, "send", "-v", "--to", f"influx+{store.url}/write", "run.csv"],
                        cwd=cwd, stderr=subprocess.PIPE, text=True) as process:
                said = process.stderr.readline()
                process.kill()
                check(f"Retry-After: {asked}", "next try is in 60000 ms" in said, said)


def odd_answers():
    """What the store says is shown so that it does not control the terminal."""
    with folder() as cwd:
        make_run(cwd)
        for text, shown in ((b"\x1b[31m\xff\xe2\x80\xae", r"\x1b[31m\xff"),
                            (b"\r\n\n  {error}\n", ": {error}\n"), (b"a\0b", ": a\n")):
            with server(lambda number, body, text=text: (400, text)) as store:
                result = send(cwd, f"influx+{store.url}/write")
                check_run(f"the answer {text}", result, 1, shown)
                check(f"the answer {text}: no control characters", not re.search(
                    "[\x00-\x09\x0b-\x1f\x7f\u202e]", result.stderr), repr(result.stderr))


def numbers():
    """Whole numbers that a double holds come as they are; what no store takes is left out."""
    with folder() as cwd:
        make_run(cwd)
        text = (cwd / "run.csv").read_text()
        name, time, _, rest = next(line for line in text.splitlines()
                                   if line.startswith("perf_software")).split(";", 3)
        exact = [2**52 - 1, 2**52 + 1, 2**53 - 1, 2**53 + 2, 2**62, -2**52 - 1]
        energy = f"rapl_consumed_energy_J;{time};1e308;%s;0;local_machine;;domain=package"
        added = [f"n{i};{time};{n};{rest}" for i, n in enumerate(exact)]
        added += [f"a=b,c d;{time};5;{rest}", energy % "cpu_package", energy % "cpu_package",
                  energy % "dram"]
        (cwd / "run.csv").write_text(text + "\n".join(added) + "\n")
        shown = send(cwd, "influx+http://h/write", "--per-process", "--dry-run")
        check_run("numbers and names", shown, 0, "1 values were not sent")
        check_equal("whole numbers", [int(value) for value in re.findall(
            r"^n\d,.* value=(-?\d+)i ", shown.stdout, re.M)], exact)
        check_equal("joules: what is no number any more is left out", [
            (kind, float(value)) for kind, value in re.findall(
                r"^rapl_.*resource_kind=(\w+) value=(\S+) ", shown.stdout, re.M)],
            [("dram", 1e308)])
        check(r"'=' is not escaped in a measurement", "\na=b\\,c\\ d," in shown.stdout,
              shown.stdout[-500:])


def large_spans():
    """Collectors take a few MiB at once."""
    with folder() as cwd, server(lambda number, body: (200, b"")) as store:
        script = "i=0; while [ $i -lt 160 ]; do /bin/true $0; i=$((i+1)); done"
        agent("-q", "-o", "run.csv", "exec", "sh", "-c", script, "x" * 60000, cwd=cwd)
        check_run("long arguments", send(cwd, f"otlp+{store.url}"), 0)
        sizes = [len(gzip.decompress(body)) for body in store.bodies]
        check("long arguments: requests of 4 MiB at most",
              max(sizes) < 4 << 20 and sum(sizes) > 4 << 20, sizes)


if __name__ == "__main__":
    main(addresses, passwords, users, tokens, proxies, endless_answers, long_pauses,
         odd_answers, numbers, large_spans)
