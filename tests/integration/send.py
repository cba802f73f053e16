#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
alumet-agent send, to servers of the test: its command line, tokens and certificates, redirections,
several runs in a file, and what a store cannot hold.
"""

import collections
import contextlib
import re
import socket
import ssl
import subprocess
import threading

from lib import AGENT, agent, check, check_equal, check_run, folder, main, parse
from sending import TOKEN, make_run, send  # tests/ is in the path by lib
from served import server


def command_line():
    with folder() as cwd:
        make_run(cwd)
        check_run("no address", agent("send", "run.csv", cwd=cwd), 2, "--to")
        check_run("no file", agent("send", "--to", "influx+http://x/write", cwd=cwd), 2, "files")
        for url in ("ftp://x/write", "http://x/y", "influx+x", "influx+http://",
                    "clickhouse+http://x/?table=a;drop"):
            check_run(f"address {url}", send(cwd, url), 2, "send:")
        (cwd / "endless.csv").write_bytes(b'run_id;"' + b"x" * (17 << 20))
        check_run("a row without an end", send(cwd, "clickhouse+http://127.0.0.1:9/",
                                               files=["endless.csv"]), 125, "row of more than")
        check_run("a file that is not there", send(cwd, "influx+http://127.0.0.1:9/write",
                                                   files=["no.csv"]), 125, "no.csv")


def tokens():
    with folder() as cwd:
        make_run(cwd)
        (cwd / "token").write_text(TOKEN + "\n")
        said = ""

        def refuse(number, body):
            return 401, f"bad token {TOKEN}".encode()
        with server(refuse) as store:
            for options, env in ((["--token-file", "token"], {}), ([], {"ALUMET_TOKEN": TOKEN})):
                result = send(cwd, f"influx+{store.url}/write?db=a", "-vv", *options, env=env)
                check_run("a token that is refused", result, 1, "status 401")
                said += result.stderr + result.stdout
            check_equal("the token, from a file and from the environment",
                        [headers.get("Authorization") for _, headers, _ in store.requests],
                        [f"Token {TOKEN}"] * 2)
            send(cwd, f"otlp+{store.url}", env={"ALUMET_TOKEN": TOKEN})
            send(cwd, f"clickhouse+{store.url.replace('//', '//bob@')}/",
                 env={"ALUMET_TOKEN": TOKEN}, files=["p.csv"])
            check_equal("OTLP's token", store.requests[2][1].get("Authorization"),
                        f"Bearer {TOKEN}")
            check_equal("ClickHouse's user and password",
                        [store.requests[3][1].get(f"X-ClickHouse-{key}") for key in
                         ("User", "Key")], ["bob", TOKEN])
        with server(lambda number, body: (400, b"x" * 390 + TOKEN.encode())) as store:
            result = send(cwd, f"influx+{store.url}/write", env={"ALUMET_TOKEN": TOKEN})
            check("no part of the token is shown", "status 400" in result.stderr and
                  TOKEN[:4] not in result.stderr, result.stderr)
        result = send(cwd, f"influx+http://bob:{TOKEN}@localhost/write")
        check_run("a password in the address", result, 2, "--token-file")
        said += result.stderr
        check_run("a token file that is not there",
                  send(cwd, "influx+http://localhost/write", "--token-file", "no"), 125, "'no'")
        check("no message shows the token", TOKEN not in said, said)


def certificates():
    with folder() as cwd:
        make_run(cwd)
        for name in ("good", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                            "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost", "-keyout", f"{name}.key", "-out",
                            f"{name}.pem"], cwd=cwd, check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(cwd / "good.pem", cwd / "good.key")
        with server(tls=tls) as store:
            url = f"influx+{store.url}/write?db=a"
            env = {"ALUMET_TOKEN": TOKEN}
            result = send(cwd, url, "-v", env=env)
            check_run("a certificate that nobody vouches for", result, 1, "certificate",
                      "SSL_CERT_FILE")
            check("a certificate that nobody vouches for: one try", "next try" not in result.stderr,
                  result.stderr)
            check_run("another authority",
                      send(cwd, url, env={**env, "SSL_CERT_FILE": str(cwd / "other.pem")}), 1,
                      "certificate")
            check_equal("nothing was sent to it", store.requests, [])
            check_run("SSL_CERT_FILE",
                      send(cwd, url, env={**env, "SSL_CERT_FILE": str(cwd / "good.pem")}), 0)
            check_equal("sent", len(store.requests), 1)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=answer_without_tls, args=(listener,), daemon=True).start()
            url = f"influx+https://localhost:{listener.getsockname()[1]}/write"
            check_run("a store without TLS", send(cwd, url), 1, "begins with http://")


def answer_without_tls(listener):
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def redirections():
    with folder() as cwd:
        make_run(cwd)
        with server() as other:
            def elsewhere(number, body):
                return 307, b"", ("Location", f"{other.url}/write")
            with server(elsewhere) as store:
                check_run("a redirection is not followed",
                          send(cwd, f"influx+{store.url}/write?db=a",
                               env={"ALUMET_TOKEN": TOKEN}), 1, "status 307")
            check_equal("nothing went elsewhere", other.requests, [])


def several_files():
    """One that cannot be read, or is no run, does not keep the others from being sent."""
    with folder() as cwd, server() as store:
        make_run(cwd)
        (cwd / "other.csv").write_bytes((cwd / "run.csv").read_bytes())
        url = f"influx+{store.url}/write"
        expected = send(cwd, url).returncode, len(store.requests), store.bodies[0]
        for odd in ("no.csv", "p.csv", "."):
            store.requests.clear()
            result = send(cwd, url, "-v", files=["run.csv", odd, "other.csv"])
            check_run(f"one of three is {odd}", result, 125, f"'{odd}'", "has taken")
            check_equal(f"one of three is {odd}: the others are sent", store.bodies,
                        [expected[2]] * 2)
        result = send(cwd, url, "--dry-run", files=["run.csv", "no.csv", "other.csv"])
        check_run("one of three is missing, --dry-run", result, 125, "'no.csv'")
        check_equal("one of three is missing, --dry-run: the others are shown",
                    result.stdout.encode(), expected[2] * 2)
        with open("/dev/full", "w") as full:
            result = subprocess.run([AGENT, "send", "--dry-run", "--to", url, "run.csv",
                                     "other.csv"], cwd=cwd, stdout=full, stderr=subprocess.PIPE,
                                    text=True, check=False)
        check_equal("--dry-run, nobody takes it: one error", (
            result.returncode, result.stderr.count("cannot write")), (125, 1))


def runs_of_a_file():
    """Each run of a series has its own sums, at its own time, however many are in the file."""
    with folder() as cwd:
        agent("-q", "-e", "page-faults", "-o", "run.csv", "exec", "-r", "3", "sh", "-c",
              "true | true", cwd=cwd)
        truth = collections.Counter()
        for row in parse((cwd / "run.csv").read_bytes()):
            if row.metric == "perf_software_PAGE_FAULTS":
                truth[row.attributes["run"]] += row.value
        lines = agent("send", "--dry-run", "--to", "influx+http://localhost:1/write?db=a",
                      "run.csv", cwd=cwd).stdout
        found = re.findall(r"^perf_software_PAGE_FAULTS,.*consumer_kind=job.* value=(\d+)i (\d+)$",
                           lines, re.M)
        check_equal("three runs: the sums of each", [int(value) for value, _ in found],
                    [truth[run] for run in sorted(truth)])
        check("three runs: each at its time", len({time for _, time in found}) == 3, found)


def what_a_store_cannot_hold():
    """Another agent's numbers and names: left out, and said."""
    with folder() as cwd:
        make_run(cwd)
        rows = (cwd / "run.csv").read_text()
        row = next(line for line in rows.splitlines() if line.startswith("perf_software"))
        name, time, _, rest = row.split(";", 3)
        odd = [f"{name}_HUGE;{time};1e26;{rest}", f"#comment;{time};5;{rest}"]
        (cwd / "run.csv").write_text(rows + "\n".join(odd) + "\n")
        shown = send(cwd, "influx+http://127.0.0.1:9/write", "--per-process", "--dry-run")
        check_run("values that InfluxDB cannot hold", shown, 0, "not sent")
        check("neither a wrong number nor a comment",
              "_HUGE" not in shown.stdout and "\n#" not in shown.stdout, shown.stdout[-500:])


def not_in_exec():
    """exec loads no library for it: the start must not get slower."""
    with folder() as cwd:
        result = agent("-q", "--plugins", "perf,csv", "exec", "sh", "-c",
                       "cat /proc/$PPID/maps", cwd=cwd)
        check("exec has no libcurl", "libelf" in result.stdout or "libc.so" in result.stdout)
        check("exec has no libcurl in its memory", "libcurl" not in result.stdout)


if __name__ == "__main__":
    main(command_line, tokens, certificates, redirections, several_files, runs_of_a_file,
         what_a_store_cannot_hold, not_in_exec)
