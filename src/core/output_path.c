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
#define LETTERS "hptr%"

static const char unknown_letter[] =
	"after a % can stand h (host), p (pid), t (start time), r (rank) or % (a percent sign)";

/* A host's name may hold whatever sethostname() was given; a path must not change by it. */
static void add_name(struct text *path, const char *name)
{
	for (; *name; name++)
		text_add_char(path, *name == '/' ? '_' : *name);
}

/* RFC 3339 without what file names do not like: "2024-05-14T21:28:49.4Z" is 20240514T212849Z. */
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
		log_error("no rank for %%r in the output path '%s': none of OMPI_COMM_WORLD_RANK, "
		          "PMIX_RANK, PMI_RANK and SLURM_PROCID is set\n"
		          "start alumet-agent by srun or mpirun, or use %%p (its pid)",
		          pattern);
		return -EINVAL;
	}
	if (!*rank || rank[strspn(rank, "0123456789")]) {
		log_error("no rank for %%r in the output path '%s': '%s', which the environment "
		          "gives, is not a number",
		          pattern, rank);
		return -EINVAL;
	}
	text_add_string(path, rank);
	return 0;
}

/* What the letter after a % stands for. */
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
	case '%':
		text_add_char(path, '%');
		return 0;
	default:
		log_error("the output path '%s': %s", pattern, unknown_letter);
		return -EINVAL;
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
	};

	return output_path_expand(pattern, &facts, path);
}

int output_path_of_task(const char *name, char **path)
{
	struct text text = {.data = NULL};
	const char *ending = strrchr(name, '.');
	char *job;

	if (!ending)
		ending = name + strlen(name);
	text_add(&text, name, (size_t)(ending - name));
	if (parallel_task_is_one()) {
		job = parallel_task_job();
		if (job) {
			text_add_char(&text, '-');
			add_name(&text, job);
		}
		free(job);
		text_add_char(&text, '-');
		add_name(&text, parallel_task_rank());
	}
	text_add(&text, ending, strlen(ending) + 1);
	if (text.failed) {
		log_error("out of memory for the output path");
		text_fini(&text);
		return -ENOMEM;
	}
	*path = text.data;
	return 0;
}
