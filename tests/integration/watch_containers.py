#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A container that a runtime has made (crun), watched by its id while it runs."""

import contextlib
import json
import os
import shutil
import subprocess

from lib import TASK_CLOCK, check, check_equal, folder, main, skip, text, wait_until
from watching import Watch, background, sums, unified  # tests/ is in the path by lib

BUSYBOX = "/bin/busybox"
IDENT = "89abcdef01234567" * 4

# What runs in it, once a line comes: a shell with two children, and a process that uses CPU time.
SCRIPT = "read line; /bin/true; /bin/true; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"


def make_bundle(bundle, cgroup):
    """A root with nothing but busybox; without limits, which may have no controllers here."""
    for name in "bin", "proc", "dev", "sys":
        (bundle / "rootfs" / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, bundle / "rootfs/bin/busybox")
    for name in "sh", "true":
        (bundle / "rootfs/bin" / name).symlink_to("busybox")
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    spec = json.loads((bundle / "config.json").read_text())
    spec["process"].update(terminal=False, args=["/bin/sh", "-c", SCRIPT], cwd="/")
    spec["process"].pop("rlimits", None)
    spec["linux"].pop("resources", None)
    spec["linux"]["cgroupsPath"] = cgroup
    (bundle / "config.json").write_text(json.dumps(spec))


@contextlib.contextmanager
def container(bundle, cgroup, mount):
    """The runtime, in a mount namespace of its own that has cgroup v2 where runtimes expect it."""
    make_bundle(bundle, cgroup)
    script = 'mount --bind "$1" /sys/fs/cgroup; shift; exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", mount, "crun", "--root",
               str(bundle / "state"), "--cgroup-manager=cgroupfs", "run", "--bundle", str(bundle),
               IDENT]
    with background(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT) as process:
        yield process


def first_process(mount, cgroup):
    """The container's first process once it runs its program; None before."""
    path = os.path.join(mount, cgroup.lstrip("/"), "cgroup.procs")
    with contextlib.suppress(OSError):
        with open(path) as procs:
            for pid in procs.read().split():
                if os.readlink(f"/proc/{pid}/exe").endswith("/bin/busybox"):
                    return int(pid)
    return None


def by_id(mount, cgroup):
    with folder() as tmp, container(tmp, cgroup, mount) as process:
        wait_until(lambda: process.poll() is not None or first_process(mount, cgroup), 60)
        first = first_process(mount, cgroup)
        if not first:
            return skip("a container of crun", "crun cannot run one here: "
                        + text(process.stdout.read()).strip())
        watch = Watch(tmp, "--container", IDENT[:12])
        process.stdin.write(b"go\n")
        process.stdin.close()
        check_equal("a container of crun: its status", process.wait(timeout=60), 0)
        result = watch.result()
    name = "a container of crun" + (", as podman's" if "libpod" in cgroup else "")
    check_equal(f"{name}: the watch ends with it", result.status, 0)
    check_equal(f"{name}: its processes, and not the runtime",
                sorted(life.comm for life in result.lives), ["sh", "true", "true"])
    shell = [life for life in result.lives if life.pid == first]
    check(f"{name}: its first process was adopted", shell and "adopted" in shell[0].infos[0])
    check(f"{name}: the others are its children",
          all(life.ppid == first for life in result.lives if life.pid != first))
    rows = [row for row in result.rows if row.consumer[0] == "cgroup" and row.metric == TASK_CLOCK]
    check_equal(f"{name}: the sum is that of its cgroup",
                (rows[-1].consumer[1], rows[-1].value) if rows else None,
                (cgroup, sums(result, TASK_CLOCK)))


def crun():
    for mount in unified("a container of crun"):
        if not shutil.which("crun") or not os.path.exists(BUSYBOX):
            return skip("a container of crun", "crun or busybox is not installed")
        for cgroup in f"/alumet-test/libpod-{IDENT}", f"/alumet-test/{IDENT}":
            by_id(mount, cgroup)
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(mount, "alumet-test"))


if __name__ == "__main__":
    main(crun)
