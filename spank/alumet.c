/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A SPANK plugin (spank(8)): with "srun --alumet[=EVENTS]" an agent on each node watches the tasks
 * of the step, and writes a file for the node; with "sbatch --alumet" it does so for the batch
 * script and each step of the job. plugstack.conf:
 *
 *	optional /usr/local/lib/slurm/alumet.so [agent=PATH] [directory=PATH] [config=FILE]
 *
 * The agent starts when all tasks of the node have been forked, and before any of them executes its
 * program: slurmstepd holds them. Whatever goes wrong with it is logged, and the step goes on
 * without: no function here returns an error. The agent runs as root, so that users choose events
 * and the interval only, and files are in a folder of root's.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <slurm/spank.h>

#include "spank/agent.h"

SPANK_PLUGIN(alumet, 1)

#ifndef ALUMET_AGENT
#define ALUMET_AGENT "/usr/local/bin/alumet-agent"
#endif

#define DIRECTORY "/var/log/alumet-agent"

/* Tasks of a node. */
#define TASKS_MAX 4096

/*
 * Steps without a number (slurm/slurm.h): SLURM_BATCH_SCRIPT, and above them all that are not
 * steps.
 */
#define STEP_BATCH 0xfffffffbU
#define STEP_SPECIAL 0xfffffff0U

#define LINE_MAX_SIZE 512

struct watcher {
	bool is_wanted;
	char events[LINE_MAX_SIZE]; /* "": the agent's own choice */
	char interval[32];
	pid_t tasks[TASKS_MAX];
	unsigned int n_tasks;
	uid_t uid;
	gid_t gid;
	char path[PATH_MAX]; /* of the file */
	struct agent agent;
};

/* SPANK has no place for a plugin's own data. One slurmstepd has one step. */
static struct watcher watcher = {.agent = AGENT_NONE};

/* --- the option ------------------------------------------------------------------------------- */

/*
 * Events by name and "interval=100ms", separated by commas. No event that names files or probes,
 * and nothing that could be another option: root's agent takes it.
 */
static bool is_word(const char *word, size_t n)
{
	if (n == 0 || !isalnum((unsigned char)*word))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)word[i]) && !strchr("_-.", word[i]))
			return false;
	}
	return true;
}

static int take_word(const char *word, size_t n)
{
	static const char interval[] = "interval=";
	const size_t length = sizeof(interval) - 1;
	const size_t used = strlen(watcher.events);

	if (n > length && strncmp(word, interval, length) == 0) {
		if (!is_word(word + length, n - length) || n - length >= sizeof(watcher.interval))
			return -EINVAL;
		snprintf(watcher.interval, sizeof(watcher.interval), "%.*s", (int)(n - length),
		         word + length);
		return 0;
	}
	if (!is_word(word, n) || used + n + 2 > sizeof(watcher.events))
		return -EINVAL;
	snprintf(watcher.events + used, sizeof(watcher.events) - used, "%s%.*s", used ? "," : "",
	         (int)n, word);
	return 0;
}

static int take_option(int value, const char *argument, int remote)
{
	watcher.is_wanted = true;
	watcher.events[0] = watcher.interval[0] = '\0';
	/* In a job, srun has the option of sbatch from the environment, where no value is this. */
	if (argument && strcmp(argument, "(null)") == 0)
		return 0;
	for (const char *word = argument; word && *word;) {
		const size_t n = strcspn(word, ",");

		if (take_word(word, n)) {
			slurm_error(
				"alumet: --alumet=%s: names of events and interval=DURATION are "
				"expected, separated by commas, for example "
				"--alumet=cycles,page-faults,interval=100ms",
				argument);
			watcher.is_wanted = false;
			return remote ? 0 : -1; /* srun refuses it; a node goes on without */
		}
		word += n + (word[n] == ',');
	}
	return 0;
}

struct spank_option spank_options[] = {
	{(char *)"alumet", (char *)"EVENTS",
         (char *)"measure each process of the step; a file for each node", 2, 0, take_option},
	SPANK_OPTIONS_TABLE_END,
};

/* --- the agent -------------------------------------------------------------------------------- */

static const char *find_setting(int ac, char **av, const char *key, const char *initial)
{
	const size_t length = strlen(key);

	for (int i = 0; i < ac; i++) {
		if (strncmp(av[i], key, length) == 0 && av[i][length] == '=')
			return av[i] + length + 1;
	}
	return initial;
}

/* "JOB.STEP-NODE". Returns false for what is no step of tasks, or is unknown. */
static bool name_step(spank_t spank, char *name, size_t size, char *job, char *step, char *node)
{
	char host[65] = "node";
	const char *given = getenv("SLURMD_NODENAME");
	uint32_t job_id, step_id;

	if (spank_get_item(spank, S_JOB_ID, &job_id) != ESPANK_SUCCESS ||
	    spank_get_item(spank, S_JOB_STEPID, &step_id) != ESPANK_SUCCESS ||
	    (step_id >= STEP_SPECIAL && step_id != STEP_BATCH))
		return false;
	if (given)
		snprintf(host, sizeof(host), "%s", given);
	else
		gethostname(host, sizeof(host) - 1);
	for (char *c = host; *c; c++)
		*c = *c == '/' ? '_' : *c;
	snprintf(job, 32, "SLURM_JOB_ID=%u", job_id);
	if (step_id == STEP_BATCH)
		snprintf(step, 32, "SLURM_STEP_ID=batch");
	else
		snprintf(step, 32, "SLURM_STEP_ID=%u", step_id);
	snprintf(node, 96, "SLURMD_NODENAME=%s", host);
	snprintf(name, size, "%s.%s-%s", strchr(job, '=') + 1, strchr(step, '=') + 1, host);
	return true;
}

/*
 * "TRACEPARENT=…" of the job's environment: the files of all nodes then have the same run_id. The
 * agent takes nothing of it but digits.
 */
static bool find_trace(spank_t spank, char *trace, size_t size)
{
	const int n = snprintf(trace, size, "TRACEPARENT=");

	return spank_getenv(spank, "TRACEPARENT", trace + n, (int)size - n) == ESPANK_SUCCESS;
}

static int make_directory(const char *directory)
{
	struct stat status;

	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(directory, &status) < 0)
		return -errno;
	if (!S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & 022))
		return -EPERM;
	return 0;
}

/* The agent's command line, without its tasks. Returns the number of arguments. */
static int fill_arguments(char **argv, int ac, char **av)
{
	static const char *const fixed[] = {
		"watch",
		"-v",
		"--summary=none",
		"--config-override",
		"plugins.context.enabled=true",
		"--config-override",
		"plugins.perf.ranks='on'",
	};
	const char *config = find_setting(ac, av, "config", NULL);
	int n = 0;

	argv[n++] = (char *)find_setting(ac, av, "agent", ALUMET_AGENT);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		argv[n++] = (char *)fixed[i];
	argv[n++] = (char *)"-o";
	argv[n++] = watcher.path;
	if (config) {
		argv[n++] = (char *)"--config";
		argv[n++] = (char *)config;
	}
	if (*watcher.events) {
		argv[n++] = (char *)"-e";
		argv[n++] = watcher.events;
	}
	if (*watcher.interval) {
		argv[n++] = (char *)"-I";
		argv[n++] = watcher.interval;
	}
	return n;
}

static void watch_tasks(spank_t spank, int ac, char **av)
{
	const char *directory = find_setting(ac, av, "directory", DIRECTORY);
	char name[160], job[32], step[32], node[96], trace[128];
	char *environment[] = {job,  step, node, (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	                       NULL, NULL};
	char *argv[20 + TASKS_MAX], pids[TASKS_MAX][12];
	int n, err;

	if (!name_step(spank, name, sizeof(name), job, step, node))
		return;
	if (find_trace(spank, trace, sizeof(trace)))
		environment[4] = trace;
	err = make_directory(directory);
	if (err) {
		slurm_error("alumet: %s: %s; it has to be a folder of root's that nobody else can "
		            "write to; the step runs on unmeasured",
		            directory, strerror(-err));
		return;
	}
	snprintf(watcher.path, sizeof(watcher.path), "%s/alumet-%s.csv", directory, name);
	n = fill_arguments(argv, ac, av);
	for (unsigned int i = 0; i < watcher.n_tasks; i++) {
		snprintf(pids[i], sizeof(pids[i]), "%d", (int)watcher.tasks[i]);
		argv[n++] = pids[i];
	}
	argv[n] = NULL;
	if (!agent_start(&watcher.agent, argv, environment))
		watcher.path[0] = '\0';
}

/* --- what Slurm calls ------------------------------------------------------------------------- */

/* srun knows the option from spank_options; sbatch and salloc only if it is registered. */
int slurm_spank_init(spank_t spank, int ac, char **av)
{
	if (spank_context() == S_CTX_ALLOCATOR &&
	    spank_option_register(spank, spank_options) != ESPANK_SUCCESS)
		slurm_error("alumet: there is no room for the option --alumet");
	return 0;
}

/* As root, for each task once all are forked; all of them wait to execute their programs. */
int slurm_spank_task_post_fork(spank_t spank, int ac, char **av)
{
	uint32_t count = 0;
	pid_t pid;

	if (!watcher.is_wanted || spank_remote(spank) != 1)
		return 0;
	if (spank_get_item(spank, S_TASK_PID, &pid) != ESPANK_SUCCESS ||
	    spank_get_item(spank, S_JOB_LOCAL_TASK_COUNT, &count) != ESPANK_SUCCESS)
		return 0;
	if (count > TASKS_MAX) {
		slurm_error("alumet: %u tasks on a node are more than %d; the step runs on "
		            "unmeasured",
		            count, TASKS_MAX);
		watcher.is_wanted = false;
		return 0;
	}
	if (watcher.n_tasks >= TASKS_MAX)
		return 0;
	watcher.tasks[watcher.n_tasks++] = pid;
	if (watcher.n_tasks < count)
		return 0;
	spank_get_item(spank, S_JOB_UID, &watcher.uid);
	spank_get_item(spank, S_JOB_GID, &watcher.gid);
	watch_tasks(spank, ac, av);
	return 0;
}

/* The file is the user's to read. Its folder is root's: nobody can have put another one there. */
static void hand_over(void)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	const int fd = *watcher.path ? open(watcher.path, flags) : -1;
	struct stat status;

	if (fd < 0)
		return;
	/* A folder above it may be somebody else's after all. */
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != 0 ||
	    status.st_nlink != 1)
		slurm_error("alumet: %s: it is not the agent's file", watcher.path);
	else if (fchown(fd, watcher.uid, watcher.gid) < 0 || fchmod(fd, 0640) < 0)
		slurm_error("alumet: %s: %s", watcher.path, strerror(errno));
	close(fd);
}

/* The step has ended: so does the agent, when it has written its last rows. */
int slurm_spank_exit(spank_t spank, int ac, char **av)
{
	if (watcher.agent.alive < 0 || spank_remote(spank) != 1)
		return 0;
	agent_finish(&watcher.agent);
	hand_over();
	return 0;
}
