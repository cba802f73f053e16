/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/hot.h"
#include "core/hash_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	UT_hash_handle hh;
	uint64_t samples;
	double weight;
	const char *function; /* in key; NULL: the entry of a command */
	const char *module;
	size_t command; /* index of the command, once settled */
	char key[];     /* "command\0function\0module\0", or "command\0" */
};

struct hot {
	struct entry *functions, *commands;
	struct hot_command *settled;
	size_t n_settled;
	uint64_t samples;
	double weight;
};

struct hot *hot_new(void)
{
	return calloc(1, sizeof(struct hot));
}

static void clear(struct entry **entries)
{
	struct entry *entry, *next;

	HASH_ITER(hh, *entries, entry, next)
	{
		HASH_DEL(*entries, entry);
		free(entry);
	}
}

void hot_free(struct hot *hot)
{
	if (!hot)
		return;
	clear(&hot->functions);
	clear(&hot->commands);
	free(hot->settled);
	free(hot);
}

/* Find the entry of a key, or add one. Returns NULL if out of memory. */
static struct entry *find(struct entry **entries, const char *key, size_t length)
{
	struct entry *entry;

	HASH_FIND(hh, *entries, key, length, entry);
	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry) + length);
	if (!entry)
		return NULL;
	memcpy(entry->key, key, length);
	HASH_ADD_KEYPTR(hh, *entries, entry->key, length, entry);
	if (entry->hh.tbl)
		return entry;
	free(entry);
	return NULL;
}

static int count(struct entry *entry, uint64_t samples, double weight)
{
	if (!entry)
		return -ENOMEM;
	entry->samples += samples;
	entry->weight += weight;
	return 0;
}

int hot_add(struct hot *hot, const char *command, const char *function, const char *module,
            uint64_t samples, double weight)
{
	const size_t a = strlen(command) + 1, b = function ? strlen(function) + 1 : 0;
	const size_t c = function ? strlen(module) + 1 : 0;
	struct entry *entry;
	char *key;
	int err = count(find(&hot->commands, command, a), samples, weight);

	if (err)
		return err;
	hot->samples += samples;
	hot->weight += weight;
	if (!function)
		return 0;
	key = malloc(a + b + c);
	if (!key)
		return -ENOMEM;
	memcpy(key, command, a);
	memcpy(key + a, function, b);
	memcpy(key + a + b, module, c);
	entry = find(&hot->functions, key, a + b + c);
	if (entry) {
		entry->function = entry->key + a;
		entry->module = entry->key + a + b;
	}
	free(key);
	return count(entry, samples, weight);
}

static int compare_commands(const void *a, const void *b)
{
	const struct hot_command *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int is_hotter(const struct entry *entry, const struct hot_function *function)
{
	if (entry->weight < function->weight || entry->weight > function->weight)
		return entry->weight > function->weight;
	return strcmp(entry->function, function->name) < 0;
}

/* Insert the entry among the command's hottest functions, if it is one of them. */
static void place(struct hot_command *command, const struct entry *entry)
{
	size_t at = command->n;

	while (at > 0 && is_hotter(entry, &command->functions[at - 1]))
		at--;
	if (at == HOT_FUNCTIONS)
		return;
	if (command->n < HOT_FUNCTIONS)
		command->n++;
	memmove(&command->functions[at + 1], &command->functions[at],
	        (command->n - at - 1) * sizeof(command->functions[0]));
	command->functions[at] = (struct hot_function){
		.name = entry->function,
		.module = entry->module,
		.samples = entry->samples,
		.weight = entry->weight,
	};
}

const struct hot_command *hot_settle(struct hot *hot, size_t *n)
{
	struct entry *entry, *next;

	free(hot->settled);
	hot->n_settled = 0;
	hot->settled = calloc(HASH_COUNT(hot->commands) + 1, sizeof(*hot->settled));
	*n = 0;
	if (!hot->settled)
		return NULL;
	HASH_ITER(hh, hot->commands, entry, next)
	{
		entry->command = hot->n_settled;
		hot->settled[hot->n_settled++] = (struct hot_command){
			.name = entry->key, .samples = entry->samples, .weight = entry->weight};
	}
	HASH_ITER(hh, hot->functions, entry, next)
	{
		struct entry *command;

		HASH_FIND(hh, hot->commands, entry->key, strlen(entry->key) + 1, command);
		if (command)
			place(&hot->settled[command->command], entry);
	}
	qsort(hot->settled, hot->n_settled, sizeof(*hot->settled), compare_commands);
	*n = hot->n_settled;
	return hot->settled;
}

uint64_t hot_samples(const struct hot *hot)
{
	return hot->samples;
}

double hot_weight(const struct hot *hot)
{
	return hot->weight;
}
