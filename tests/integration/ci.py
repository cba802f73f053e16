#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
The jobs of docs/ci.md as GitHub's runner and GitLab's run them: the YAML is parsed, the shell parts
are executed step by step in a clone of a repository with a target branch, and what is to be kept is
there.
"""

import contextlib
import os
import pwd
import re
import shutil
import subprocess

from lib import AGENT, ROOT, check, check_equal, folder, main, skip

try:
    import yaml
except ImportError:
    yaml = None

MAKEFILE = "bench: bench.sh\n\tcp bench.sh bench && chmod +x bench\n"
BENCH = "#!/bin/sh\ni=0; while [ $i -lt {} ]; do i=$((i+1)); done; seq 300 | sort -n >/dev/null\n"
TURNS = 20000

# Not on every machine, and root needs none.
SUDO = '#!/bin/sh\nexec "$@"\n'


def job_of(platform):
    """The one job of the YAML below the heading, and its name."""
    section = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8").split(f"## {platform}\n")[1]
    parsed = yaml.safe_load(
        re.search(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL).group(1))
    jobs = parsed.get("jobs", parsed)
    (name, job), = jobs.items()
    return name, job


def git(*args, cwd):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c",
                    "init.defaultBranch=main", "-c", "safe.directory=*", *args],
                   cwd=cwd, check=True, capture_output=True)


def commit(cwd, turns):
    (cwd / "bench.sh").write_text(BENCH.format(turns))
    git("add", ".", cwd=cwd)
    git("commit", "-m", f"{turns} turns", cwd=cwd)


@contextlib.contextmanager
def clone(turns):
    """A clone at a branch whose bench takes so many turns; that of the target branch, main, takes
    TURNS."""
    with folder() as path:
        origin, work = path / "origin", path / "work"
        origin.mkdir()
        git("init", cwd=origin)
        (origin / "Makefile").write_text(MAKEFILE)
        commit(origin, TURNS)
        git("checkout", "-b", "feature", cwd=origin)
        if turns != TURNS:
            commit(origin, turns)
        git("clone", "-b", "feature", str(origin), str(work), cwd=path)
        tools = path / "bin"
        tools.mkdir()
        (tools / "alumet-agent").symlink_to(AGENT)
        sudo = shutil.which("sudo")  # has a PATH of its own, without the folder of the agent
        (tools / "sudo").write_text(
            f'#!/bin/sh\nexec {sudo} env "PATH=$PATH" "$@"\n' if sudo else SUDO)
        (tools / "sudo").chmod(0o755)
        path.chmod(0o755)
        yield work, {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(path), "LANG": "C.UTF-8",
                     "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
                     "GIT_CONFIG_VALUE_0": "*"}


def shell(script, cwd, env, *options):
    return subprocess.run(["bash", *options, "-c", script], cwd=cwd, env=env, capture_output=True,
                          text=True, timeout=300, stdin=subprocess.DEVNULL)


def listed(text):
    return text.split() if isinstance(text, str) else list(text)


def missing(cwd, paths):
    return [name for name in paths if not (cwd / name).exists() or not (cwd / name).stat().st_size]


# --- GitHub --------------------------------------------------------------------------------------

def run_github(job, cwd, env):
    """
    As the runner: 'run' by "bash -e", the next step only after one that succeeded, unless it has
    if: always(). Returns the job's status, what was said, and the paths that are uploaded.
    """
    status, said, uploaded = 0, "", []
    for step in job["steps"]:
        if status and step.get("if") != "always()":
            continue
        if "run" in step:
            done = shell(step["run"], cwd, env, "-e")
            status, said = done.returncode, said + done.stdout + done.stderr
        elif step["uses"].startswith("actions/upload-artifact@"):
            uploaded += listed(step["with"]["path"])
        else:
            check(f"GitHub: {step['uses']} is the clone",
                  step["uses"].startswith("actions/checkout@") and step["with"]["fetch-depth"] == 0,
                  step)
    return status, said, uploaded


def github():
    name, job = job_of("GitHub")
    check_equal("GitHub: the job, and when it runs", (name, job["if"], job["runs-on"][:7]),
                ("cost", "github.event_name == 'pull_request'", "ubuntu-"))
    nobody = pwd.getpwuid(65534)
    for title, turns, expected in (("nothing changed", TURNS, 0), ("three times as long", 3 * TURNS,
                                                                   1)):
        with clone(turns) as (cwd, env):
            os.chown(cwd, nobody.pw_uid, nobody.pw_gid)
            summary = cwd.parent / "summary.md"
            status, said, uploaded = run_github(job, cwd, {
                **env, "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary),
                "USER": nobody.pw_name, "CI": "true"})
            # Of the same program a limit is exceeded by chance only, and that is not the snippet's.
            check(
                f"GitHub, {title}: the job's status", status == expected or
                (status == 1 and not expected and "is above the limit" in said),
                f"{status}: {said}")
            check_equal(f"GitHub, {title}: what is uploaded is there",
                        (uploaded, missing(cwd, uploaded)),
                        (["base.csv", "new.csv", "new.html"], []))
            check(f"GitHub, {title}: the summary has the table", "| cpu |" in summary.read_text(),
                  summary.read_text())
            if expected:
                check(f"GitHub, {title}: which limit is told",
                      re.search(r"cpu: .* is above the limit", said), said)


# --- GitLab --------------------------------------------------------------------------------------

def gitlab():
    name, job = job_of("GitLab")
    rules = [rule["if"] for rule in job["rules"]]
    check_equal("GitLab: the job, and when it runs", (name, rules), ("cost", [
        '$CI_PIPELINE_SOURCE == "merge_request_event"', "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]))
    merge_request = {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_PIPELINE_SOURCE": "merge_request_event"}
    branch = {"CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
    for title, turns, variables, expected in (("nothing changed", TURNS, merge_request, 0),
                                              ("three times as long", 3 * TURNS, merge_request,
                                               1), ("the default branch", TURNS, branch, 0)):
        with clone(turns) as (cwd, env):
            # The lines of a script are one, which ends where one fails.
            done = shell("\n".join(job["script"]), cwd,
                         {**env, "CI_DEFAULT_BRANCH": "main", "CI": "true", **variables}, "-e",
                         "-o", "pipefail")
            said = done.stdout + done.stderr
            check(f"GitLab, {title}: the job's status", done.returncode == expected or
                  (done.returncode == 1 and not expected and "is above the limit" in said),
                  f"{done.returncode}: {said}")
            kept = job["artifacts"]
            paths = [*listed(kept["paths"]), kept["reports"]["metrics"]]
            check_equal(f"GitLab, {title}: artifacts are kept, whatever the status",
                        (kept["when"], missing(cwd, paths)), ("always", []))
            check("GitLab: the comparison is the table", "| cpu |" in (cwd / "cost.md").read_text())
            metrics = (cwd / kept["reports"]["metrics"]).read_text()
            check("GitLab: the metrics are OpenMetrics", metrics.endswith("# EOF\n") and
                  "alumet_process_cpu_time_seconds_total{" in metrics, metrics[-300:])


def jobs():
    if not yaml or not shutil.which("git"):
        return skip("the jobs", "PyYAML (python3-yaml) or git is not installed")
    if os.geteuid() != 0:
        return skip("the jobs", "sudo has to be without a question")
    github()
    return gitlab()


if __name__ == "__main__":
    main(jobs)
