/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/cpu_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One number; *text moves behind it. strtoul() alone would take signs and blanks. */
static int parse_cpu(const char **text, uint32_t *cpu)
{
	unsigned long value = 0;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		value = value * 10 + (unsigned long)(**text - '0');
		if (value >= CPU_LIST_LIMIT)
			return -ERANGE;
	}
	*cpu = (uint32_t)value;
	return 0;
}

/* "3" or "3-5"; *text moves behind it. */
static int parse_range(const char **text, uint32_t *first, uint32_t *last)
{
	int err = parse_cpu(text, first);

	if (err)
		return err;
	*last = *first;
	if (**text == '-') {
		(*text)++;
		err = parse_cpu(text, last);
	}
	if (err)
		return err;
	return *last < *first ? -EINVAL : 0;
}

static int parse_set(const char *text, uint8_t *set)
{
	while (*text) {
		uint32_t first, last;
		int err = parse_range(&text, &first, &last);

		if (err)
			return err;
		memset(set + first, 1, last - first + 1);
		if (*text == ',' && text[1])
			text++;
		else if (*text)
			return -EINVAL;
	}
	return 0;
}

static int list_from_set(const uint8_t *set, struct cpu_list *list)
{
	size_t n = 0;

	for (size_t cpu = 0; cpu < CPU_LIST_LIMIT; cpu++)
		n += set[cpu];
	if (n == 0)
		return 0;
	list->cpus = malloc(n * sizeof(*list->cpus));
	if (!list->cpus)
		return -ENOMEM;
	for (uint32_t cpu = 0; cpu < CPU_LIST_LIMIT; cpu++) {
		if (set[cpu])
			list->cpus[list->n++] = cpu;
	}
	return 0;
}

int cpu_list_parse(const char *text, struct cpu_list *list)
{
	const size_t length = strcspn(text, "\n");
	uint8_t *set = calloc(CPU_LIST_LIMIT, 1);
	char *line = strndup(text, length);
	int err = -ENOMEM;

	*list = (struct cpu_list){0};
	if (!set || !line)
		goto out;
	err = text[length] && text[length + 1] ? -EINVAL : parse_set(line, set);
	if (!err)
		err = list_from_set(set, list);
out:
	free(set);
	free(line);
	return err;
}

int cpu_list_read(const char *path, struct cpu_list *list)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int err;

	*list = (struct cpu_list){0};
	if (!file)
		return -errno;
	errno = 0;
	if (getline(&line, &size, file) < 0)
		err = -errno; /* 0 at the end of an empty file */
	else
		err = cpu_list_parse(line, list);
	free(line);
	fclose(file);
	return err;
}

bool cpu_list_has(const struct cpu_list *list, uint32_t cpu)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->cpus[i] == cpu)
			return true;
	}
	return false;
}

bool cpu_list_covers(const struct cpu_list *outer, const struct cpu_list *inner)
{
	size_t o = 0;

	for (size_t i = 0; i < inner->n; i++) {
		while (o < outer->n && outer->cpus[o] < inner->cpus[i])
			o++;
		if (o == outer->n || outer->cpus[o] != inner->cpus[i])
			return false;
	}
	return true;
}

void cpu_list_intersect(struct cpu_list *list, const struct cpu_list *other)
{
	size_t n = 0, o = 0;

	for (size_t i = 0; i < list->n; i++) {
		while (o < other->n && other->cpus[o] < list->cpus[i])
			o++;
		if (o < other->n && other->cpus[o] == list->cpus[i])
			list->cpus[n++] = list->cpus[i];
	}
	list->n = n;
}

void cpu_list_free(struct cpu_list *list)
{
	free(list->cpus);
	*list = (struct cpu_list){0};
}
