#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The end of a run with a profile, while a debuginfod that never answers holds up the names."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

from lib import ROOT, agent_args, check, check_equal, end, folder, main, skip, wait_until
import read_csv

sys.path.insert(0, str(ROOT / "tests"))
from profiles import FRAMES, build  # noqa: E402


@contextlib.contextmanager
def waiting_agent(tmp):
    """An agent whose command has ended, and the child that waits for the server."""
    build(tmp / "stripped", *FRAMES, "-s")
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        environment = {**os.environ, "DEBUGINFOD_URLS": url, "HOME": str(tmp),
                       "DEBUGINFOD_CACHE_PATH": str(tmp / "cache")}
        args = agent_args(["./stripped", "1000"], options=["--profile=997", "--summary=none"])
        with subprocess.Popen(args, cwd=tmp, env=environment, stderr=subprocess.PIPE, text=True,
                              start_new_session=True) as agent:
            server.settimeout(30)
            asked, _ = server.accept()
            with asked:
                yield agent, child_of(agent.pid)
            end(agent)


def child_of(pid):
    """Its child that is no zombie."""
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{child}/exe"):
                return int(child)
    return None


def there_is_a_client():
    if shutil.which("debuginfod-find") or any(
            pathlib.Path("/usr/lib").glob("*/libdebuginfod.so.1")):
        return True
    skip("a debuginfod that never answers", "libdebuginfod1 is not installed")
    return False


def a_signal_ends_it():
    if not there_is_a_client():
        return
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        with folder() as tmp, waiting_agent(tmp) as (agent, child):
            name = number.name
            agent.send_signal(number)
            said = agent.communicate(timeout=60)[1]
            check_equal(f"{name}: the status is the command's", agent.returncode, 0)
            check(f"{name}: it is said", "a signal ended reading" in said, said)
            rows = list(read_csv.rows(tmp / "out.csv"))
            check_equal(f"{name}: the file is whole", rows[-1].metric, "run_end")
            check(f"{name}: the samples are there",
                  sum(row.metric == "profile_samples" for row in rows) > 10, len(rows))
            check(f"{name}: the child has ended", not os.path.exists(f"/proc/{child}"), child)


def a_kill_costs_the_profile_only():
    if not there_is_a_client():
        return
    with folder() as tmp, waiting_agent(tmp) as (agent, child):
        adjustment = pathlib.Path(f"/proc/{child}/oom_score_adj").read_text()
        check_equal("the child is killed first when memory runs out", adjustment, "1000\n")
        agent.kill()
        agent.communicate(timeout=60)
        rows = list(read_csv.rows(tmp / "out.csv"))
        check("killed: what was measured is in the file",
              any(row.metric == "perf_software_TASK_CLOCK" for row in rows)
              and any(row.metric == "process_exit" for row in rows), {row.metric for row in rows})
        check("killed: the child ends, too",
              wait_until(lambda: not os.path.exists(f"/proc/{child}")), child)


main(a_signal_ends_it, a_kill_costs_the_profile_only)
