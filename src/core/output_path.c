/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/output_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/number.h"
#include "core/parallel_task.h"
#include "core/text.h"

/* What may follow a %. */
#define LETTERS "hptrjsn%"

static const char unknown_letter[] =
	"a % is followed by h (host), p (pid), t (start time), j (job), s (step), r (rank), "
	"n (node) or % (a percent sign)";

/* A host name may contain any characters. Replace slashes, which would change the path. */
static void add_name(struct text *path, const char *name)
{
	for (; *name; name++)
		text_add_char(path, *name == '/' ? '_' : *name);
}

/*
 * RFC 3339 without the characters that are awkward in file names: "2024-05-14T21:28:49.4Z" is
 * 20240514T212849Z.
 */
static void add_start_time(struct text *path, uint64_t start_ns)
{
	char time[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(start_ns, time);
	for (const char *c = time; *c != '.'; c++) {
		if (*c != '-' && *c != ':')
			text_add_char(path, *c);
	}
	text_add_char(path, 'Z');
}

static int add_rank(struct text *path, const char *pattern, const char *rank)
{
	if (!rank) {
		return log_errno(
			-EINVAL,
			"no rank for %%r in the output path '%s': none of OMPI_COMM_WORLD_RANK, "
			"PMIX_RANK, PMI_RANK and SLURM_PROCID is set\n"
			"start alumet-agent by srun or mpirun, or use %%p (its pid)",
			pattern);
	}
	if (!*rank || rank[strspn(rank, "0123456789")]) {
		return log_errno(
			-EINVAL,
			"no rank for %%r in the output path '%s': '%s', which the environment "
			"gives, is not a number",
			pattern, rank);
	}
	text_add_string(path, rank);
	return 0;
}

/* Add a name from the batch system; NULL, which is an error: there is none. */
static int add_given(struct text *path, const char *pattern, char letter, const char *name)
{
	static const char no_job[] =
		"no job for %%j in the output path '%s': none of ALUMET_JOB_ID, "
		"SLURM_JOB_ID, PBS_JOBID, LSB_JOBID and OAR_JOB_ID is set\n"
		"set ALUMET_JOB_ID, or use %%t (the start time)";
	static const char no_step[] = "no step for %%s in the output path '%s': SLURM_STEP_ID is "
				      "not set, or is not that of these tasks\n"
				      "start alumet-agent by srun, or use %%t (the start time)";

	if (name) {
		add_name(path, name);
		return 0;
	}
	return letter == 'j' ? log_errno(-EINVAL, no_job, pattern)
	                     : log_errno(-EINVAL, no_step, pattern);
}

/* Add what the letter after a % stands for. */
static int add_expansion(struct text *path, const char *pattern, char letter,
                         const struct output_path_facts *facts)
{
	char pid[NUMBER_U64_SIZE];

	switch (letter) {
	case 'h':
		add_name(path, facts->host);
		return 0;
	case 'p':
		text_add(path, pid, number_format_u64((uint64_t)facts->pid, pid));
		return 0;
	case 't':
		add_start_time(path, facts->start_ns);
		return 0;
	case 'r':
		return add_rank(path, pattern, facts->rank);
	case 'j':
		return add_given(path, pattern, letter, facts->job);
	case 's':
		return add_given(path, pattern, letter, facts->step);
	case 'n':
		add_name(path, facts->node ? facts->node : facts->host);
		return 0;
	case '%':
		text_add_char(path, '%');
		return 0;
	default:
		return log_errno(-EINVAL, "the output path '%s': %s", pattern, unknown_letter);
	}
}

const char *output_path_problem(const void *field)
{
	const char *pattern = *(char *const *)field;

	if (!*pattern)
		return "the name of a file is missing";
	while ((pattern = strchr(pattern, '%'))) {
		if (!pattern[1] || !strchr(LETTERS, pattern[1]))
			return unknown_letter;
		pattern += 2;
	}
	return NULL;
}

int output_path_expand(const char *pattern, const struct output_path_facts *facts, char **path)
{
	struct text text = {.data = NULL};
	int result = 0;

	for (const char *c = pattern; result == 0 && *c; c++) {
		if (*c != '%')
			text_add_char(&text, *c);
		else
			result = add_expansion(&text, pattern, *++c, facts);
	}
	text_add_char(&text, '\0');
	if (result == 0 && text.failed) {
		log_error("out of memory for the output path");
		result = -ENOMEM;
	}
	if (result < 0) {
		text_fini(&text);
		return result;
	}
	*path = text.data;
	return 0;
}

int output_path_expand_here(const char *pattern, char **path)
{
	struct utsname names;
	struct output_path_facts facts = {
		.host = uname(&names) == 0 ? names.nodename : "unknown",
		.pid = getpid(),
		.start_ns = clock_to_realtime(clock_monotonic_ns()),
		.rank = parallel_task_rank(),
		.job = parallel_task_job(),
		.step = parallel_task_step(),
		.node = parallel_task_node(),
	};

	return output_path_expand(pattern, &facts, path);
}

/* Add "-JOB.STEP-RANK", as far as they are known. */
static void add_task(struct text *path)
{
	const char *job = parallel_task_job(), *step = parallel_task_step();

	if (!parallel_task_is_one())
		return;
	if (job) {
		text_add_char(path, '-');
		add_name(path, job);
	}
	if (job && step) {
		text_add_char(path, '.');
		add_name(path, step);
	}
	text_add_char(path, '-');
	add_name(path, parallel_task_rank());
}

int output_path_of_task(const char *name, char **path)
{
	const char *ending = strrchr(name, '.');
	struct text text = {.data = NULL};

	if (!ending)
		ending = name + strlen(name);
	text_add(&text, name, (size_t)(ending - name));
	add_task(&text);
	text_add(&text, ending, strlen(ending) + 1);
	if (text.failed) {
		log_error("out of memory for the output path");
		text_fini(&text);
		return -ENOMEM;
	}
	*path = text.data;
	return 0;
}
