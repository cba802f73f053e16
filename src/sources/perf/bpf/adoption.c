/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/adoption.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "core/log.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/adoption_programs.h"

/* Records to read with one system call; the kernel's buffer has 32 KiB (bpf_seq_read()). */
#define RECORDS 256

/*
 * One pass finds all tasks, with three exceptions: trees of more than 32 levels, a parent that
 * ended just when its child was visited, and a first thread whose pid another one may take over.
 */
#define PASSES_MAX 1000

struct adoption {
	struct adoption_programs programs;
	struct run_state *run; /* of the programs */
	uint64_t moves;        /* of run->moves, those that adoption_has_moves() has returned */
};

/* --- loading ---------------------------------------------------------------------------------- */

static int set_targets(const struct adoption_programs *programs, const struct watch *watch)
{
	int err = 0;

	for (uint32_t i = 0; i < watch->n_pids && !err; i++) {
		const struct watch_root root = {.start_ticks = watch->start_ticks[i], .target = i};

		err = bpf_map_update_elem(programs->roots_fd, &watch->pids[i], &root, BPF_ANY);
	}
	for (uint32_t i = 0; i < watch->n_cgroups && !err; i++)
		err = bpf_map_update_elem(programs->cgroup_roots_fd, &watch->cgroups[i].id, &i,
		                          BPF_ANY);
	return err;
}

static int load(struct adoption *adoption, const struct programs_request *request,
                const struct programs *programs, const struct watch *watch)
{
	int err = -ENOTSUP;

	if (programs->is_light) {
		err = adoption_load_light(request, programs, watch, &adoption->programs);
		if (err)
			log_debug("light skeleton of a watch: %s; loading with libbpf",
			          strerror(-err));
	}
	if (err && err != -EMFILE)
		err = adoption_load_libbpf(request, programs, watch, &adoption->programs);
	return err ? err : set_targets(&adoption->programs, watch);
}

int adoption_new(const struct programs_request *request, const struct programs *programs,
                 const struct watch *watch, struct adoption **result)
{
	struct adoption *adoption = calloc(1, sizeof(*adoption));
	int err;

	*result = NULL;
	if (!adoption)
		return log_oom();
	adoption->run = programs->run;
	privilege_raise();
	err = load(adoption, request, programs, watch);
	privilege_lower();
	if (err) {
		adoption_free(adoption);
		if (err == -EMFILE)
			return descriptors_log(err,
			                       "load the BPF programs that adopt running tasks");
		return log_errno(err, "cannot load the BPF programs that adopt running tasks: %s%s",
		                 strerror(-err),
		                 log_is_shown(LOG_DEBUG) ? ""
		                                         : " (-vv shows the kernel's reasons)");
	}
	*result = adoption;
	return 0;
}

void adoption_free(struct adoption *adoption)
{
	if (!adoption)
		return;
	if (adoption->programs.is_light)
		adoption_unload_light(&adoption->programs);
	else if (adoption->programs.skeleton)
		adoption_unload_libbpf(&adoption->programs);
	free(adoption);
}

int adoption_attach(struct adoption *adoption)
{
	int err;

	privilege_raise();
	err = adoption->programs.is_light ? adoption_attach_light(&adoption->programs)
	                                  : adoption_attach_libbpf(&adoption->programs);
	privilege_lower();
	return err ? log_errno(err, "cannot attach the BPF programs that adopt running tasks: %s",
	                       strerror(-err))
	           : 0;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Make one pass over all tasks. Returns the number of records, or a negative errno. */
static int pass(struct adoption *adoption,
                int (*adopted)(void *data, const struct adopted_record *record), void *data)
{
	struct adopted_record records[RECORDS];
	int fd = bpf_iter_create(adoption->programs.iterator_fd);
	int found = 0, err = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while (!err) {
		n = read(fd, records, sizeof(records));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			/* The iterator pauses after a million tasks, and continues there. */
			continue;
		if (n <= 0) {
			err = n < 0 ? -errno : 0;
			break;
		}
		for (size_t i = 0; i < (size_t)n / sizeof(*records) && !err; i++)
			err = adopted(data, &records[i]);
		found += (int)((size_t)n / sizeof(*records));
	}
	close(fd);
	return err ? err : found;
}

/* Whether the previous pass may have missed a task. Clears the reasons. */
static bool is_to_be_repeated(struct run_state *run, int found)
{
	const bool is_unsure = __atomic_exchange_n(&run->is_unsure, 0, __ATOMIC_RELAXED);
	const bool too_deep = __atomic_exchange_n(&run->too_deep, 0, __ATOMIC_RELAXED);

	return is_unsure || (too_deep && found);
}

int adoption_run(struct adoption *adoption,
                 int (*adopted)(void *data, const struct adopted_record *record), void *data)
{
	int found, passes = 0;

	__atomic_store_n(&adoption->run->adopting, 1, __ATOMIC_SEQ_CST);
	privilege_raise();
	do {
		found = pass(adoption, adopted, data);
		passes++;
	} while (found >= 0 && is_to_be_repeated(adoption->run, found) && passes < PASSES_MAX);
	privilege_lower();
	__atomic_store_n(&adoption->run->adopting, 0, __ATOMIC_SEQ_CST);
	if (found < 0)
		return found;
	log_debug("adopted in %d passes over all tasks", passes);
	return 0;
}

bool adoption_has_moves(struct adoption *adoption)
{
	const uint64_t moves = __atomic_load_n(&adoption->run->moves, __ATOMIC_SEQ_CST);
	const bool is_more = moves != adoption->moves;

	adoption->moves = moves;
	return is_more;
}

bool adoption_is_due(struct adoption *adoption)
{
	return __atomic_exchange_n(&adoption->run->left_is_back, 0, __ATOMIC_RELAXED);
}
