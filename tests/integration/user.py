#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""exec --user: the command is the user's in all that login gives, and so are the agent's files."""

import os
import pwd
import shutil
import subprocess

from lib import (AGENT, TASK_CLOCK, agent, check, check_equal, check_run, folder, lives, main,
                 parse, skip)

NOBODY = pwd.getpwuid(65534)
PERF = ["--plugins", "perf,csv", "-e", "TASK_CLOCK"]
SHOW = ("id -u; id -g; id -G; echo $HOME $USER $LOGNAME $SHELL $KEPT; "
        "grep -E '^(Uid|Gid|CapPrm|CapEff):' /proc/self/status; touch made")


def run(tmp, *options, command=("sh", "-c", SHOW), **more):
    return agent(*PERF, "exec", *options, "--user", NOBODY.pw_name, "--", *command, cwd=tmp, **more)


def command_is_the_users():
    with folder() as tmp:
        os.chown(tmp, NOBODY.pw_uid, NOBODY.pw_gid)
        for turn in ("a new file", "the user's own file"):
            result = run(tmp, "--report=json",
                         env={"KEPT": "kept", "SHELL": "/of/root", "HOME": "/root"})
            lines = result.stdout.splitlines()
            check_equal(f"--user, {turn}: status", result.returncode, 0)
            check_equal(f"--user, {turn}: ids", lines[:3],
                        [str(NOBODY.pw_uid), str(NOBODY.pw_gid), str(NOBODY.pw_gid)])
            check_equal(f"--user, {turn}: environment", lines[3],
                        f"{NOBODY.pw_dir} {NOBODY.pw_name} {NOBODY.pw_name} {NOBODY.pw_shell} kept")
            numbers = [line.split()[1:] for line in lines[4:]]
            check_equal(f"--user, {turn}: all four ids, and no capability",
                        numbers, [[str(NOBODY.pw_uid)] * 4, [str(NOBODY.pw_gid)] * 4, ["0" * 16],
                                  ["0" * 16]])
        owners = {name: (os.stat(tmp / name).st_uid, os.stat(tmp / name).st_gid)
                  for name in os.listdir(tmp)}
        check_equal("--user: who owns what was made", owners,
                    dict.fromkeys(["alumet-output.csv", "alumet-output.csv.old",
                                   "alumet-output.json", "made"],
                                  (NOBODY.pw_uid, NOBODY.pw_gid)))
        found = lives(parse((tmp / "alumet-output.csv").read_bytes()))
        check("--user: the tree is measured", {"sh", "touch", "id", "grep"} <= {
            life.comm for life in found} and all(life.values[TASK_CLOCK] for life in found), found)


def by_number():
    with folder() as tmp:
        os.chown(tmp, NOBODY.pw_uid, NOBODY.pw_gid)
        result = agent(*PERF, "exec", "--user", str(NOBODY.pw_uid), "id", "-un", cwd=tmp)
        check_equal("--user by number", result.stdout, NOBODY.pw_name + "\n")


def groups_are_those_of_a_login():
    """With a group database in which the user has further groups."""
    with folder() as tmp:
        os.chown(tmp, NOBODY.pw_uid, NOBODY.pw_gid)
        with open("/etc/group") as group:
            (tmp / "group").write_text(group.read() + "".join(
                f"alumet-test-{n}:x:{70000 + n}:{NOBODY.pw_name}\n" for n in range(40)))
        result = subprocess.run(
            ["unshare", "--mount", "sh", "-c", 'mount --bind group /etc/group && exec "$@"', "sh",
             AGENT, *PERF, "exec", "--user", NOBODY.pw_name, "id", "-G"],
            cwd=tmp, capture_output=True, text=True, timeout=60, check=False)
        if "unshare" in result.stderr or "mount:" in result.stderr:
            return skip("groups of --user", "mount namespaces cannot be made here")
        check_equal("--user: every group of the user", sorted(map(int, result.stdout.split())),
                    sorted([NOBODY.pw_gid, *range(70000, 70040)]))


def rights_are_the_users():
    """What root may write and read, and the user may not."""
    with folder() as tmp:
        result = run(tmp, command=("touch", "/tmp/never-made"))
        check_run("--user: a folder that the user may not write to", result, 125,
                  "no permission to create a file")
        check_equal("--user: nothing was made, nothing was run",
                    (os.listdir(tmp), os.path.exists("/tmp/never-made")), ([], False))
        (tmp / "rows.csv").touch()
        os.chown(tmp / "rows.csv", NOBODY.pw_uid, NOBODY.pw_gid)
        result = run(tmp, "-o", "rows.csv", "--report=json", command=("touch", "/tmp/never-made"))
        check_run("--user: a folder that the user may not write the report to", result, 125,
                  "cannot write to 'rows.json': Permission denied")
        check("--user: nothing was run", not os.path.exists("/tmp/never-made"))
        (tmp / "secret.toml").write_text("[plugins.perf]\n")
        (tmp / "secret.toml").chmod(0o600)
        result = run(tmp, "--config", "secret.toml")
        check_run("--user: a configuration that the user may not read", result, 125,
                  "Permission denied")
        result = run(tmp, "-o", "/dev/null", command=("cat", str(tmp / "secret.toml")))
        check_equal("--user: a file that the user may not read", result.returncode, 1)


def mistakes():
    with folder() as tmp:
        result = agent(*PERF, "exec", "--user", "no-such-user", "touch", "ran", cwd=tmp)
        check_run("--user: nobody of that name", result, 125, "no such user")
        result = agent(*PERF, "exec", "--user", "", "touch", "ran", cwd=tmp)
        check_run("--user: no name", result, 2, "missing")
        copy = shutil.copy(AGENT, tmp / "agent")
        os.chown(tmp, NOBODY.pw_uid, NOBODY.pw_gid)
        result = agent(*PERF, "exec", "--user", "root", "touch", "ran", cwd=tmp, agent=copy,
                       user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[])
        check_run("--user: not root", result, 125, "only root",
                  "sudo alumet-agent exec --user root")
        check_equal("--user: after a mistake nothing is run", os.listdir(tmp), ["agent"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        skip("exec --user", "only root can become another user")
    else:
        main(command_is_the_users, by_number, groups_are_those_of_a_login, rights_are_the_users,
             mistakes)
