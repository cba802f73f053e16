/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU lists: what is read is a set, and reads the same when it is written anew. */
#include "fuzz.h"

#include "linux/cpu_list.h"

static void require_set(const struct cpu_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		REQUIRE(list->cpus[i] < CPU_LIST_LIMIT);
		REQUIRE(i == 0 || list->cpus[i - 1] < list->cpus[i]);
	}
}

static void require_same(const struct cpu_list *a, const struct cpu_list *b)
{
	REQUIRE(a->n == b->n);
	REQUIRE(a->n == 0 || !memcmp(a->cpus, b->cpus, a->n * sizeof(*a->cpus)));
}

/* One number after the other, without ranges; to be freed. */
static char *print(const struct cpu_list *list)
{
	char *text = malloc(list->n * sizeof("65535,") + 1);
	size_t length = 0;

	if (!text)
		abort();
	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		length += (size_t)sprintf(text + length, "%s%u", i ? "," : "", list->cpus[i]);
	return text;
}

static bool share_one(const struct cpu_list *a, const struct cpu_list *b)
{
	static uint8_t in_a[CPU_LIST_LIMIT];
	bool shared = false;

	memset(in_a, 0, sizeof(in_a));
	for (size_t i = 0; i < a->n; i++)
		in_a[a->cpus[i]] = 1;
	for (size_t i = 0; i < b->n; i++)
		shared = shared || in_a[b->cpus[i]];
	return shared;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *first = take_text(&input, size / 2), *second = take_rest(&input);
	struct cpu_list a, b, again;
	char *printed;

	if (!cpu_list_parse(first, &a) && !cpu_list_parse(second, &b)) {
		require_set(&a);
		require_set(&b);
		printed = print(&a);
		REQUIRE(!cpu_list_parse(printed, &again));
		require_same(&a, &again);
		REQUIRE(cpu_list_overlaps(&a, &b) == share_one(&a, &b));
		REQUIRE(cpu_list_covers(&a, &again));
		cpu_list_free(&again);
		free(printed);
		cpu_list_free(&b);
	}
	cpu_list_free(&a);
	free(first);
	free(second);
	return 0;
}
