/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/ranks.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/record.h"
#include "core/parallel_task.h"

#define PROC_PATH_SIZE 40

/* With its '='. */
#define RANK_NAME_SIZE (RANK_NAME_WORDS * sizeof(__u64))

const char *const *ranks_choose(const struct perf_settings *settings, const struct run_info *run,
                                const char **own)
{
	const struct setting_list *list = &settings->rank_variables;
	const char *command = run && !run->watched && run->argv ? run->argv[0] : NULL;

	if (settings->ranks == RANKS_OFF ||
	    (settings->ranks == RANKS_AUTO && !(command && parallel_task_is_launcher(command))))
		return NULL;
	if (list->n == 0)
		return parallel_task_rank_variables;
	for (size_t i = 0; i < list->n && i < RANK_NAMES_MAX; i++)
		own[i] = list->items[i].text;
	return own;
}

const char *ranks_names_problem(const void *field)
{
	const struct setting_list *list = field;

	if (list->n > RANK_NAMES_MAX)
		return "there can be 8 variables at most";
	for (size_t i = 0; i < list->n; i++) {
		const char *name = list->items[i].text;

		if (!*name || strchr(name, '='))
			return "the name of a variable is not empty, and has no '='";
		if (strlen(name) >= RANK_NAME_SIZE)
			return "a name can have 31 characters at most";
	}
	return NULL;
}

void rank_take(char rank[static RANK_SIZE], const char *text, size_t n)
{
	const char *value = memchr(text, '=', n);
	size_t length;

	if (!value)
		return;
	value++;
	n -= (size_t)(value - text);
	length = strnlen(value, n);
	if (length == 0 || length == n || length >= RANK_SIZE)
		return;
	for (size_t i = 0; i < length; i++) {
		if (!isgraph((unsigned char)value[i]))
			return;
	}
	memcpy(rank, value, length);
	rank[length] = '\0';
}

/* Which of the first n names the variable has, counted from 0; n: none of them. */
static size_t find_name(const char *const *names, size_t n, const char *variable)
{
	for (size_t i = 0; i < n; i++) {
		const size_t length = strlen(names[i]);

		if (strncmp(variable, names[i], length) == 0 && variable[length] == '=')
			return i;
	}
	return n;
}

void ranks_read(const char *const *names, uint32_t pid, char rank[static RANK_SIZE])
{
	char path[PROC_PATH_SIZE], *variable = NULL;
	size_t best = 0, size = 0;
	ssize_t n;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/environ", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (names[best])
		best++;
	while (best > 0 && (n = getdelim(&variable, &size, '\0', file)) > 0) {
		const size_t name = find_name(names, best, variable);

		if (name == best)
			continue;
		best = name;
		rank_take(rank, variable, (size_t)n + 1);
	}
	free(variable);
	fclose(file);
}
