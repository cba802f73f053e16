#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send to stores that are away, slow or full, that break off, refuse a part, or take no
more than so many bytes at once: what is tried again, what is counted, and that nothing is there
twice.
"""

import re
import socket
import struct
import threading
import time

from lib import check, check_equal, check_run, folder, let_pass, main
import servers  # tests/ is in the path by lib
from sending import make_run, send
from served import server


def away():
    with folder() as cwd:
        make_run(cwd)
        before = (cwd / "run.csv").read_bytes()
        url = f"influx+http://127.0.0.1:{servers.free_port()}/write?db=a"
        check_run("nobody listens", send(cwd, url), 1, "does not take it", "not all")
        with server(lambda number, body: (503, b"full") if number < 3 else (204, b"")) as full:
            result = send(cwd, f"influx+{full.url}/write?db=a")
            check_run("full for a while: tried again", result, 0)
            check_equal("full for a while: said at once, and once",
                        result.stderr.count("status 503: full; the next try is in 10 ms"), 1)
            check_equal("full for a while: nothing else", result.stderr.count("\n"), 1)
            check_equal("full for a while: the same each time", len(set(full.bodies)), 1)
            check_equal("full for a while: tries", len(full.requests), 3)
        with server(lambda number, body: (503, b"disk full")) as full:
            result = send(cwd, f"influx+{full.url}/write?db=a", "-v")
            check_run("full for ever", result, 1, "status 503: disk full", "not all")
            tries = len(full.requests)
            check_equal("full for ever: each pause is twice the last one",
                        re.findall(r"next try is in (\d+) ms", result.stderr),
                        [str(10 * 2**i) for i in range(tries - 1)])
        for status, expected in ((408, tries), (429, tries), (500, tries), (404, 1), (400, 1)):
            with server(lambda number, body, status=status: (status, b"no")) as store:
                check_run(f"status {status}", send(cwd, f"influx+{store.url}/write?db=a"), 1,
                          f"status {status}: no")
                check_equal(f"status {status}: tries", len(store.requests), expected)
        with server(lambda number, body: (let_pass(1, "a slow store"), (204, b""))[1]) as slow:
            check_run("slow", send(cwd, f"influx+{slow.url}/write?db=a"), 0)
        asked = {"at": []}

        def later(number, body):
            asked["at"].append(time.monotonic())
            return (429, b"", ("Retry-After", "1")) if number == 1 else (204, b"")
        with server(later) as busy:
            check_run("Retry-After", send(cwd, f"influx+{busy.url}/write?db=a"), 0)
            check("Retry-After is waited for", asked["at"][1] - asked["at"][0] >= 0.99)
        check_equal("the file stays as it is", (cwd / "run.csv").read_bytes(), before)


def hangs():
    """It takes the request and does not answer in time: sent again, it is the same, and there once.
    """
    with folder() as cwd:
        make_run(cwd)
        quick = {"ALUMET_SEND_TIMEOUT_MS": "300"}
        release = threading.Event()
        with server(lambda number, body: (number < 3 and release.wait(20), (204, b""))[1]) as store:
            check_run("no answer at first", send(cwd, f"influx+{store.url}/write", env=quick), 0)
            check_equal("no answer at first: the same three times",
                        (len(store.requests), len(set(store.bodies))), (3, 1))
            release.set()
        release.clear()
        with server(lambda number, body: (release.wait(20), (204, b""))[1]) as store:
            check_run("never an answer", send(cwd, f"influx+{store.url}/write", env=quick), 1,
                      "does not take it", "not all")
            release.set()


def breaks_off():
    """Connections that end before the answer, and an answer that is none of HTTP's."""
    with folder() as cwd, socket.create_server(("127.0.0.1", 0)) as listener:
        make_run(cwd)
        answers = [
            None, b"", b"HTTP/1.1 20", b"HELLO\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
            b"HTTP/1.1 204 No Content\r\n\r\n"]

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    if answer is None:  # a reset: what was sent to it is not read
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                              struct.pack("ii", 1, 0))
                        continue
                    head = b""
                    while b"\r\n\r\n" not in head:
                        head += connection.recv(65536)
                    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
                    rest = length - len(head.split(b"\r\n\r\n", 1)[1])
                    while rest > 0:
                        rest -= len(connection.recv(rest))
                    connection.sendall(answer)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        result = send(cwd, f"influx+http://127.0.0.1:{listener.getsockname()[1]}/write", "-v")
        check_run("connections that break off", result, 0, "has taken")
        check_equal("connections that break off: tried again each time",
                    result.stderr.count("next try is in"),
                    len(answers) - 1)
        thread.join(30)


def refuses_half():
    """What is refused is counted, the rest is taken; sent again, it is the same."""
    with folder() as cwd:
        make_run(cwd, "i=0; while [ $i -lt 2500 ]; do /bin/true; i=$((i+1)); done")
        with server(lambda number, body: (400, b"bad line") if number == 2 else (204, b"")) as odd:
            result = send(cwd, f"influx+{odd.url}/write?db=a", "--per-process")
            check_run("half refused", result, 1, "bad line", "not all")
            lines = [body.count(b"\n") for body in odd.bodies]
            check("half refused: the others are sent", len(lines) > 2, f"{lines}")
            taken = int(re.search(r"taken (\d+) lines", result.stderr).group(1))
            check_equal("half refused: what was taken is counted", taken, sum(lines) - lines[1])
            first = list(odd.bodies)
        with server() as good:
            check_run("sent again", send(cwd, f"influx+{good.url}/write?db=a", "--per-process"), 0)
            check_equal("sent again: the same lines, so that nothing is there twice", good.bodies,
                        first)
        shown = send(cwd, "influx+http://127.0.0.1:9/write", "--per-process", "--dry-run")
        check_equal("--dry-run shows what would be sent", shown.stdout.encode(), b"".join(first))


def too_large():
    """What a store, or a proxy before it, does not take at once goes in parts; a row that is too
    large by itself not."""
    with folder() as cwd:
        # A row of processes whose cell has line ends and quotes; one that is longer than what is
        # taken.
        make_run(cwd,
                 "i=0; while [ $i -lt 300 ]; do /bin/true '\n\"a\n\"' \"$i\"; i=$((i+1)); done")
        whole = {}
        for name, options, file in (("influx", ["--per-process"], "run.csv"), ("clickhouse", [],
                                                                               "p.csv")):
            with server() as store:
                check_run(f"{name}: whole",
                          send(cwd, f"{name}+{store.url}/", *options, files=[file]), 0)
                whole[name] = b"".join(store.bodies)
            for most in (len(whole[name]) - 1, 20000):
                taken = []

                def answer(number, body, taken=taken, most=most):
                    if len(body) > most:
                        return 413, b"too large"
                    taken.append(body)
                    return 204, b""
                with server(answer) as store:
                    check_run(f"{name}: {most} bytes at most",
                              send(cwd, f"{name}+{store.url}/", *options, files=[file]), 0)
                    tries = len(store.requests)
                header = whole[name].split(b"\n")[0] + b"\n" if name == "clickhouse" else b""
                check(f"{name}: each part begins with the header", all(
                    body.startswith(header) and len(body) > len(header) for body in taken))
                check_equal(f"{name}: {most} bytes at most: everything, once and in order",
                            header + b"".join(body.removeprefix(header)
                                              for body in taken), whole[name])
                check(f"{name}: what was too large once is not tried again and again",
                      tries <= len(taken) + 12, f"{tries} requests, {len(taken)} taken")
        with server(lambda number, body: (413, b"too large")) as store:
            result = send(cwd, f"influx+{store.url}/write", "--per-process")
            check_run("a store for which everything is too large", result, 1, "too large",
                      "taken 0 lines, not all")
            check("a store for which everything is too large: it is not asked for each row",
                  len(store.requests) < 30, len(store.requests))
        make_run(cwd, "i=0; while [ $i -lt 100 ]; do /bin/true $i; i=$((i+1)); done; "
                      f"/bin/true {'x' * 30000}; /bin/true last")
        with server(lambda number, body: (204, b"")
                    if len(body) < 20000 else (413, b"too large")) as store:
            result = send(cwd, f"clickhouse+{store.url}/", files=["p.csv"])
            check_run("a row that is too large by itself is refused", result, 1, "refuses 1 item",
                      "too large", "has taken 101 rows, not all")
            check("a row that is too large by itself: those behind it are sent", b"true last"
                  in b"".join(body for body in store.bodies if len(body) < 20000))


def rejected_spans():
    """partial_success of ExportTraceServiceResponse: the status is 200, and yet not all was taken.
    """
    with folder() as cwd:
        make_run(cwd)
        for answer, status, phrases in (
                (b"\x0a\x0c\x08\x02\x12\x08too late", 1, ["rejects 2 of ", "too late", "not all"]),
                (b"\x0a\x0a\x12\x08be quick", 0, ["has taken", "be quick"]),
                (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0, []),
                (b"\x0a\x7f\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 1, ["rejects"]),
                (b"{}", 0, [])):
            with server(lambda number, body, answer=answer: (200, answer)) as store:
                check_run(f"OTLP: the answer {answer}", send(cwd, f"otlp+{store.url}"), status,
                          *phrases)


if __name__ == "__main__":
    main(away, hangs, breaks_off, refuses_half, too_large, rejected_spans)
