/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "spank/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <slurm/spank.h>

/* The agent's end of the pipe that tells when it has ended. */
#define ALIVE_FILENO (STDERR_FILENO + 1)

/* What the agent logs on standard error, with -v, when it has adopted the tasks. */
#define READY "watching "

/*
 * The tasks wait for the agent for this long at most. At the end of the step the agent ends by
 * itself once everything that the tasks started has ended. If something lives on, the agent is
 * asked to finish its file.
 */
#define START_TIMEOUT_MS 5000
#define END_TIMEOUT_MS 2000
#define FINISH_TIMEOUT_MS 5000

/*
 * Slurm's cgroup/v2 has slurmstepd in a cgroup of the step, SCOPE/job_J/step_S/slurm, and kills
 * whoever else is below that step when it ends. The agent goes to SCOPE/system, where Slurm has
 * processes of the node (slurm.schedmd.com/cgroup_v2.html). With v1 slurmstepd is in no cgroup of
 * the step.
 */
static void leave_step(void)
{
	char text[PATH_MAX + 512], path[sizeof(text) + 64];
	const int own = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	const ssize_t n = own < 0 ? -1 : read(own, text, sizeof(text) - 1);
	char *unified, *job;
	int procs;

	close(own);
	text[n > 0 ? n : 0] = '\0';
	unified = strstr(text, "0::/");
	job = unified ? strstr(unified, "/job_") : NULL;
	if (!job)
		return;
	*job = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/system/cgroup.procs", unified + 3);
	procs = open(path, O_WRONLY | O_CLOEXEC);
	if (procs < 0 || write(procs, "0", 1) != 1)
		dprintf(STDERR_FILENO, "%s: %s; the agent is killed with the step\n", path,
		        strerror(errno));
	close(procs);
}

/* slurmstepd of a large step has thousands of descriptors, some of the job's output. */
static void close_from(int first)
{
	struct rlimit limit = {.rlim_cur = 1024};

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	/* Before Linux 5.9. */
	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = first; (rlim_t)fd < limit.rlim_cur; fd++)
		close(fd);
}

/* In the child: of what slurmstepd has open the agent keeps only what it is given. */
static void become_agent(const struct agent *agent, char *const *argv, char *const *environment)
{
	/* Above the numbers that they get, as nothing says that slurmstepd has those in use. */
	const int null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, ALIVE_FILENO + 1);
	const int messages = fcntl(agent->messages, F_DUPFD, ALIVE_FILENO + 1);
	const int alive = fcntl(agent->alive, F_DUPFD, ALIVE_FILENO + 1);
	sigset_t none;

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(messages, STDERR_FILENO);
	dup2(alive, ALIVE_FILENO);
	close_from(ALIVE_FILENO + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	leave_step();
	if (chdir("/") == 0)
		execve(argv[0], argv, environment);
	dprintf(STDERR_FILENO, "%s: %s", argv[0], strerror(errno));
	_exit(127);
}

/*
 * The agent is no child of slurmstepd, which waits for its children and ends those that are left.
 * Returns 0 or a negative errno.
 */
static int start(struct agent *agent, char *const *argv, char *const *environment)
{
	int ends[2], status;
	pid_t pid;

	agent->messages = memfd_create("alumet", MFD_CLOEXEC);
	if (agent->messages < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		agent->alive = ends[1];
		pid = fork();
		if (pid == 0)
			become_agent(agent, argv, environment);
		_exit(write(ends[1], &pid, sizeof(pid)) == sizeof(pid) && pid > 0 ? 0 : 1);
	}
	close(ends[1]);
	agent->alive = ends[0];
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (read(ends[0], &agent->pid, sizeof(agent->pid)) != sizeof(agent->pid) || agent->pid <= 0)
		return -EAGAIN;
	return 0;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Whether the agent has ended, after ms at most. */
static bool has_ended(const struct agent *agent, int ms)
{
	struct pollfd end = {.fd = agent->alive};

	return poll(&end, 1, ms) > 0;
}

/* What the agent has logged from the offset on, of which there may be more. Returns its length. */
static size_t read_messages(const struct agent *agent, char *text, size_t size, off_t offset)
{
	const ssize_t n = pread(agent->messages, text, size - 1, offset);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Whether the agent has said so from *offset on, which is moved to where to search next. */
static bool is_ready(const struct agent *agent, off_t *offset)
{
	char text[4096];
	size_t n;

	while ((n = read_messages(agent, text, sizeof(text), *offset)) > 0) {
		if (strstr(text, READY))
			return true;
		if (n < sizeof(text) - 1)
			break; /* there is no more yet */
		*offset += (off_t)(n - strlen(READY));
	}
	return false;
}

static void log_messages(const struct agent *agent, const char *what)
{
	char text[4096], *rest = text;

	read_messages(agent, text, sizeof(text), 0);
	slurm_error("alumet: %s; the step runs on unmeasured", what);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		if (*line)
			slurm_error("alumet: %s", line);
	}
}

/* Returns whether the agent watches now. */
static bool wait_until_ready(const struct agent *agent)
{
	const long long end = now_ms() + START_TIMEOUT_MS;
	off_t offset = 0;

	do {
		if (is_ready(agent, &offset))
			return true;
		if (has_ended(agent, 2)) {
			log_messages(agent, "the agent has ended");
			return false;
		}
	} while (now_ms() < end);
	log_messages(agent, "the agent does not begin to watch");
	kill(agent->pid, SIGKILL);
	return false;
}

bool agent_start(struct agent *agent, char *const *argv, char *const *environment)
{
	int err = start(agent, argv, environment);

	if (!err)
		return wait_until_ready(agent);
	slurm_error("alumet: cannot start the agent: %s", strerror(-err));
	return false;
}

void agent_finish(struct agent *agent)
{
	if (!has_ended(agent, END_TIMEOUT_MS)) {
		kill(agent->pid, SIGTERM);
		if (!has_ended(agent, FINISH_TIMEOUT_MS))
			slurm_error("alumet: the agent (process %d) does not end", (int)agent->pid);
	}
	close(agent->alive);
	close(agent->messages);
	agent->alive = agent->messages = -1;
}
