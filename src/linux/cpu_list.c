/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/cpu_list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/small_file.h"

/* A bitmap of all CPUs, 8 KiB, so that repeats and order do not matter. */
#define SET_WORDS (CPU_LIST_LIMIT / 64)

/* Parse one number, and advance *text past it. strtoul() would also accept signs and blanks. */
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

/* Parse "3" or "3-5", and advance *text past it. */
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

static int parse_set(const char *text, uint64_t *set)
{
	while (*text) {
		uint32_t first, last;
		int err = parse_range(&text, &first, &last);

		if (err)
			return err;
		for (uint32_t cpu = first; cpu <= last; cpu++)
			set[cpu / 64] |= UINT64_C(1) << cpu % 64;
		if (*text == ',' && text[1])
			text++;
		else if (*text)
			return -EINVAL;
	}
	return 0;
}

static int list_from_set(const uint64_t *set, struct cpu_list *list)
{
	size_t n = 0;

	for (size_t word = 0; word < SET_WORDS; word++)
		n += (size_t)__builtin_popcountll(set[word]);
	if (n == 0)
		return 0;
	list->cpus = malloc(n * sizeof(*list->cpus));
	if (!list->cpus)
		return -ENOMEM;
	for (size_t word = 0; word < SET_WORDS; word++) {
		for (uint64_t rest = set[word]; rest; rest &= rest - 1)
			list->cpus[list->n++] =
				(uint32_t)(word * 64 + (size_t)__builtin_ctzll(rest));
	}
	return 0;
}

int cpu_list_parse(const char *text, struct cpu_list *list)
{
	uint64_t set[SET_WORDS] = {0};
	const size_t length = strcspn(text, "\n");
	char *line;
	int err;

	*list = (struct cpu_list){0};
	if (text[length] && text[length + 1])
		return -EINVAL;
	line = strndup(text, length);
	if (!line)
		return -ENOMEM;
	err = parse_set(line, set);
	if (!err)
		err = list_from_set(set, list);
	free(line);
	return err;
}

int cpu_list_read(int folder, const char *path, struct cpu_list *list)
{
	/* The longest list that a kernel writes: every second of 8192 CPUs, with six bytes each. */
	char text[4096 * 6];
	const ssize_t length = small_file_read(folder, path, text, sizeof(text) - 1);

	*list = (struct cpu_list){0};
	if (length < 0)
		return (int)length;
	text[length] = '\0';
	return cpu_list_parse(text, list);
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

bool cpu_list_overlaps(const struct cpu_list *a, const struct cpu_list *b)
{
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		if (a->cpus[i] == b->cpus[j])
			return true;
		if (a->cpus[i] < b->cpus[j])
			i++;
		else
			j++;
	}
	return false;
}

void cpu_list_free(struct cpu_list *list)
{
	free(list->cpus);
	*list = (struct cpu_list){0};
}
