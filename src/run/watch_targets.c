/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/watch_targets.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/log.h"
#include "core/suggest.h"
#include "linux/capability.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "linux/process_status.h"
#include "linux/process_times.h"
#include "run/watch_cgroups.h"
#include "run/watch_process.h"

/* The largest possible pid (PID_MAX_LIMIT, include/linux/threads.h). */
#define HIGHEST_PID (4U * 1024 * 1024)

/* At most this many processes are named. */
#define NAMES_SHOWN 3

/* --- holding a process ------------------------------------------------------------------------ */

/* Returns a file descriptor or a negative errno. */
static int open_pidfd(uint32_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static bool lives(int pidfd)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};

	return poll(&ended, 1, 0) == 0;
}

/*
 * Takes ownership of pidfd, even on error. -ESRCH, not logged: the process has ended. Data read by
 * pid belongs to the process of the pidfd only if that process is still alive afterwards.
 */
static int add(struct watch_targets *targets, uint32_t pid, int pidfd)
{
	const size_t n = targets->n + 1;
	uint32_t *pids = reallocarray(targets->pids, n, sizeof(*pids));
	int *pidfds = reallocarray(targets->pidfds, n, sizeof(*pidfds));
	uint64_t *start_ticks = reallocarray(targets->start_ticks, n, sizeof(*start_ticks));

	targets->pids = pids ? pids : targets->pids;
	targets->pidfds = pidfds ? pidfds : targets->pidfds;
	targets->start_ticks = start_ticks ? start_ticks : targets->start_ticks;
	if (!pids || !pidfds || !start_ticks) {
		close(pidfd);
		return log_oom();
	}
	start_ticks[targets->n] = process_start_ticks(pid);
	if (!lives(pidfd)) {
		close(pidfd);
		return -ESRCH;
	}
	pids[targets->n] = pid;
	pidfds[targets->n++] = pidfd;
	return 0;
}

static bool is_there(const struct watch_targets *targets, uint32_t pid)
{
	for (size_t i = 0; i < targets->n; i++) {
		if (targets->pids[i] == pid)
			return true;
	}
	return false;
}

/* --- by pid ----------------------------------------------------------------------------------- */

static int add_pid(struct watch_targets *targets, const char *word)
{
	char *end;
	unsigned long pid = strtoul(word, &end, 10);
	int fd, err;

	if (*end || end == word || word[0] == '-' || word[0] == '+')
		return log_errno(
			-EINVAL,
			"watch: '%s' is not a pid; processes of that name: alumet-agent watch "
			"--comm %s",
			word, word);
	if (!pid || pid > HIGHEST_PID)
		return log_errno(-EINVAL, "watch: no process can have the pid %s", word);
	if (is_there(targets, (uint32_t)pid))
		return 0;
	fd = open_pidfd((uint32_t)pid);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOSYS)
		return descriptors_log(fd, "open a pidfd of each process");
	if (fd < 0)
		return watch_process_missing((uint32_t)pid);
	err = watch_process_check((uint32_t)pid);
	if (err) {
		close(fd);
		return err;
	}
	err = add(targets, (uint32_t)pid, fd);
	return err == -ESRCH ? watch_process_missing((uint32_t)pid) : err;
}

/* --- by name ---------------------------------------------------------------------------------- */

struct by_name {
	struct watch_targets *targets;
	char comm[16];
	bool has_begun; /* there is a /proc */
	size_t found;
	char nearest[16];
	size_t distance; /* of the nearest */
};

static void note_near(struct by_name *search, const char *comm)
{
	const char *const name[] = {comm};
	const size_t distance = suggest_distance(search->comm, comm, SUGGEST_MAX);

	if (distance < search->distance && suggest_nearest(search->comm, name, 1)) {
		search->distance = distance;
		memcpy(search->nearest, comm, sizeof(search->nearest));
	}
}

/* Whether a process with that name may be watched; if not, logs why, unless it is this agent. */
static bool may_be_added(uint32_t pid, const struct process_status *status)
{
	if (pid == (uint32_t)getpid())
		return false;
	if (!watch_process_is_ancestor(pid) && watch_process_is_allowed(pid))
		return true;
	log_warn("process %" PRIu32 " (%s) is not watched: %s", pid, status->comm,
	         watch_process_is_allowed(pid) ? "it is an ancestor of this agent"
	                                       : "you may not observe it");
	return false;
}

/* The name is read while the pidfd is open, so it belongs to that process. */
static int add_if_named(void *data, uint32_t pid)
{
	struct by_name *search = data;
	struct process_status status;
	int fd = open_pidfd(pid), err;

	search->has_begun = true;
	if (fd == -EMFILE || fd == -ENFILE)
		return descriptors_log(fd, "open a pidfd of every process");
	if (fd < 0)
		return 0;
	if (process_status_read(pid, &status) || status.state == 'Z' || status.is_kernel_thread ||
	    !lives(fd))
		goto not_added;
	if (strcmp(status.comm, search->comm) != 0) {
		note_near(search, status.comm);
		goto not_added;
	}
	if (!may_be_added(pid, &status))
		goto not_added;
	if (is_there(search->targets, pid)) {
		search->found++;
		goto not_added;
	}
	err = add(search->targets, pid, fd);
	search->found += !err;
	return err == -ESRCH ? 0 : err;
not_added:
	close(fd);
	return 0;
}

static int add_comm(struct watch_targets *targets, const char *name)
{
	struct by_name search = {.targets = targets, .distance = SUGGEST_MAX + 1};
	int err;

	/* The kernel stores 15 characters of a name. */
	snprintf(search.comm, sizeof(search.comm), "%s", name);
	err = process_for_each(add_if_named, &search);
	if (err && !search.has_begun)
		return descriptors_log(err, "list the processes in /proc");
	if (err || search.found)
		return err;
	if (*search.nearest)
		return log_errno(
			-ESRCH,
			"no process that could be watched is named '%s'; did you mean '%s'?", name,
			search.nearest);
	return log_errno(-ESRCH, "no process that could be watched is named '%s'", name);
}

/* --- by cgroup -------------------------------------------------------------------------------- */

/* A cgroup that is already in the list, perhaps by another name, is not added again. */
static int add_cgroup(struct watch_targets *targets, const struct cgroup *cgroup)
{
	struct watch_cgroup *cgroups;

	if (targets->n_cgroups && targets->watch.hierarchy != cgroup->hierarchy)
		return log_errno(
			-EINVAL,
			"watch: %s is of another hierarchy of cgroups than the one before it; "
			"start an agent for each",
			cgroup->directory);
	for (size_t i = 0; i < targets->n_cgroups; i++) {
		if (targets->cgroups[i].id == cgroup->id)
			return 0;
	}
	cgroups = reallocarray(targets->cgroups, targets->n_cgroups + 1, sizeof(*cgroups));
	if (!cgroups)
		return log_oom();
	targets->cgroups = cgroups;
	targets->watch.hierarchy = cgroup->hierarchy;
	cgroups[targets->n_cgroups] =
		(struct watch_cgroup){.id = cgroup->id, .path = strdup(cgroup->path)};
	return cgroups[targets->n_cgroups++].path ? 0 : log_oom();
}

static int add_cgroups(struct watch_targets *targets, const struct watch_request *request)
{
	struct cgroup cgroup;
	int err = 0;

	for (size_t i = 0; i < request->n_cgroups && !err; i++) {
		err = watch_cgroup_find(request->cgroups[i], &cgroup);
		if (!err)
			err = add_cgroup(targets, &cgroup);
	}
	for (size_t i = 0; i < request->n_containers && !err; i++) {
		err = watch_container_find(request->containers[i], &cgroup);
		if (!err)
			err = add_cgroup(targets, &cgroup);
	}
	targets->watch.cgroups = targets->cgroups;
	targets->watch.n_cgroups = targets->n_cgroups;
	return err;
}

/* --- all of them ------------------------------------------------------------------------------ */

static char *make_names(const struct watch_targets *targets)
{
	struct process_status status;
	char *text = NULL;
	size_t size = 0;
	FILE *file;

	if (targets->watch.all)
		return strdup(pid_namespace_is_initial() ? "the whole machine"
		                                         : "all processes of this pid namespace");
	file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	for (size_t i = 0; i < targets->n_cgroups && i < NAMES_SHOWN; i++)
		fprintf(file, "%scgroup %s", i ? ", " : "", targets->cgroups[i].path);
	for (size_t i = 0; i < targets->n && i < NAMES_SHOWN; i++) {
		if (process_status_read(targets->pids[i], &status))
			snprintf(status.comm, sizeof(status.comm), "?");
		fprintf(file, "%s%s (%" PRIu32 ")", i ? ", " : "", status.comm, targets->pids[i]);
	}
	if (targets->n + targets->n_cgroups > NAMES_SHOWN)
		fprintf(file, " and %zu more", targets->n + targets->n_cgroups - NAMES_SHOWN);
	if (fclose(file)) {
		free(text);
		return NULL;
	}
	return text;
}

int watch_targets_open(const struct watch_request *request, struct watch_targets *targets)
{
	int err = 0;

	*targets = (struct watch_targets){.watch.all = request->all};
	if ((request->n_cgroups || request->n_containers) && privilege_is_borrowed())
		return log_errno(-EPERM,
		                 "watch: what is in a cgroup may be of any user, whom only root "
		                 "may observe\nwrite: sudo alumet-agent watch …");
	if (request->all && privilege_is_borrowed())
		return log_errno(-EPERM,
		                 "watch --all: only root may observe every user's programs\n"
		                 "write: sudo alumet-agent watch --all");
	if (request->all && !pid_namespace_is_initial())
		log_warn(
			"watch --all: only the processes of this pid namespace, a container's, are "
			"measured; all of the machine's are seen from outside of it, or from a "
			"container that has its pids (docker run --pid=host)");
	for (size_t i = 0; i < request->n_pids && !err; i++)
		err = add_pid(targets, request->pids[i]);
	for (size_t i = 0; i < request->n_comms && !err; i++)
		err = add_comm(targets, request->comms[i]);
	if (!err)
		err = add_cgroups(targets, request);
	if (err)
		return err;
	targets->watch.pids = targets->pids;
	targets->watch.start_ticks = targets->start_ticks;
	targets->watch.n_pids = targets->n;
	targets->names = make_names(targets);
	return targets->names ? 0 : log_oom();
}

void watch_targets_close(struct watch_targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		close(targets->pidfds[i]);
	free(targets->pids);
	free(targets->pidfds);
	free(targets->start_ticks);
	for (size_t i = 0; i < targets->n_cgroups; i++)
		free((char *)targets->cgroups[i].path);
	free(targets->cgroups);
	free(targets->names);
	*targets = (struct watch_targets){0};
}

size_t watch_targets_alive(const struct watch_targets *targets)
{
	size_t n = 0;

	for (size_t i = 0; i < targets->n; i++)
		n += lives(targets->pidfds[i]);
	return n;
}
