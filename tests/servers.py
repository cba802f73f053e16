# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Servers of Debian's packages for tests: each of its own, on loopback, below a temporary folder, gone
afterwards. missing() says why there can be none here, or None.
"""

import contextlib
import glob
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from waiting import wait_until

START_TIMEOUT = 30
SETUP = "(tools/setup.sh stores)"


def free_port():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return each.getsockname()[1]


def _find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class _Server:
    """A program that is started with a folder, and stopped."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="alumet-server-"))
        self.process = None

    def launch(self, *command, **popen):
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, cwd=self.folder, **popen)

    def wait(self, is_up):
        def ended():
            return self.process and self.process.poll() is not None
        if not wait_until(lambda: ended() or is_up(), START_TIMEOUT, 0.05) or ended():
            raise AssertionError("it does not come up: " +
                                 (self.folder / "out").read_text()[-2000:])

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Http(_Server):
    @classmethod
    def missing(cls):
        return None if _find(cls.PROGRAM) else f"{cls.PROGRAM} is not installed {SETUP}"

    def start(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.begin()
        self.wait(lambda: self.answers(self.PING))

    def answers(self, path):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.status < 300
        return False

    def get(self, path, data=None):
        try:
            with urllib.request.urlopen(self.url + path, data=data, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


class ClickHouse(_Http):
    PROGRAM = "clickhouse-server"
    PING = "/ping"

    def begin(self):
        (self.folder / "users.xml").write_text("""
<yandex><profiles><default></default></profiles><quotas><default></default></quotas>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users></yandex>""")
        (self.folder / "config.xml").write_text(f"""
<yandex><logger><level>warning</level><log>{self.folder}/log</log>
<errorlog>{self.folder}/errors</errorlog></logger>
<http_port>{self.port}</http_port><tcp_port>{free_port()}</tcp_port>
<listen_host>127.0.0.1</listen_host><path>{self.folder}/data/</path>
<tmp_path>{self.folder}/tmp/</tmp_path>
<users_config>{self.folder}/users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database><mark_cache_size>100000000</mark_cache_size>
</yandex>""")
        self.launch(_find(self.PROGRAM), f"--config-file={self.folder}/config.xml")

    def ask(self, query):
        return self.get("/", query.encode())


class VictoriaMetrics(_Http):
    PROGRAM = "victoria-metrics"
    PING = "/health"

    def begin(self):
        self.launch(_find(self.PROGRAM), f"-httpListenAddr=127.0.0.1:{self.port}",
                    f"-storageDataPath={self.folder}/data", "-retentionPeriod=100y",
                    "-dedup.minScrapeInterval=1ms")


class InfluxDB(_Http):
    PROGRAM = "influxd"
    PING = "/ping"

    def begin(self):
        (self.folder / "influxdb.conf").write_text(f"""
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = "{self.folder}/meta"
[data]
dir = "{self.folder}/data"
wal-dir = "{self.folder}/wal"
[http]
bind-address = "127.0.0.1:{self.port}"
""")
        self.launch(_find(self.PROGRAM), "-config", f"{self.folder}/influxdb.conf",
                    env={**os.environ, "HOME": str(self.folder)})


class Postgres(_Server):
    """env is what psql needs."""

    @staticmethod
    def _bin():
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        return os.path.dirname(found[-1]) if found else None

    @classmethod
    def missing(cls):
        return None if cls._bin() and shutil.which(
            "psql") else f"postgresql is not installed {SETUP}"

    def start(self):
        user = {}
        if os.geteuid() == 0:  # which the server refuses
            entry = pwd.getpwnam("postgres")
            user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        else:
            entry = pwd.getpwuid(os.geteuid())
        self.env = {"PGHOST": str(self.folder), "PGUSER": entry.pw_name, "PGDATABASE": "postgres"}
        subprocess.run([f"{self._bin()}/initdb", "-A", "trust", "-N", "-D", f"{self.folder}/data"],
                       check=True, capture_output=True, cwd=self.folder, **user)
        self.launch(f"{self._bin()}/postgres", "-D", f"{self.folder}/data", "-k", str(self.folder),
                    "-c", "listen_addresses=", "-c", "fsync=off", **user)
        self.wait(lambda: subprocess.run(["psql", "-c", ""], capture_output=True,
                                         env={**os.environ, **self.env}).returncode == 0)
