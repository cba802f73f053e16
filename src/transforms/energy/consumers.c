/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/consumers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void consumers_prefetch(const struct consumers *consumers, uint32_t pid, uint64_t start_ns)
{
	const struct consumer *consumer = consumers->recent[recent_place(start_ns, pid)];

	if (!consumer)
		return;
	__builtin_prefetch(&consumer->key, 1);
	__builtin_prefetch(consumer->weights, 1);
}

struct consumer *consumers_find(struct consumers *consumers, uint32_t pid, uint64_t start_ns)
{
	const struct consumer_key key = {.start_ns = start_ns, .pid = pid};
	struct consumer **recent = &consumers->recent[recent_place(start_ns, pid)];
	struct consumer *consumer = *recent;

	if (consumer && consumer->key.start_ns == start_ns && consumer->key.pid == pid)
		return consumer;
	HASH_FIND(hh, consumers->by_key, &key, sizeof(key), consumer);
	if (consumer)
		*recent = consumer;
	return consumer;
}

static struct consumer *add(struct consumers *consumers, uint32_t pid, uint64_t start_ns)
{
	struct consumer *consumer = calloc(1, sizeof(*consumer));

	if (!consumer)
		return NULL;
	consumer->key = (struct consumer_key){.start_ns = start_ns, .pid = pid};
	HASH_ADD(hh, consumers->by_key, key, sizeof(consumer->key), consumer);
	if (!consumer->hh.tbl) {
		free(consumer);
		return NULL;
	}
	return consumer;
}

struct consumer *consumers_touch(struct consumers *consumers, uint32_t pid, uint64_t start_ns)
{
	struct consumer *consumer = consumers_find(consumers, pid, start_ns);

	if (!consumer)
		consumer = add(consumers, pid, start_ns);
	if (consumer && !consumer->is_touched) {
		consumer->is_touched = true;
		consumer->next = consumers->touched;
		consumers->touched = consumer;
	}
	return consumer;
}

int consumer_grow(struct consumer *consumer, size_t n)
{
	struct consumer_energy *energy;

	if (consumer->n_zones >= n)
		return 0;
	energy = reallocarray(consumer->energy, n, sizeof(*energy));
	if (!energy)
		return -ENOMEM;
	memset(energy + consumer->n_zones, 0, (n - consumer->n_zones) * sizeof(*energy));
	consumer->energy = energy;
	consumer->n_zones = n;
	return 0;
}

void consumers_end_interval(struct consumers *consumers)
{
	struct consumer *consumer = consumers->touched;

	while (consumer) {
		memset(consumer->weights, 0, sizeof(consumer->weights));
		memset(consumer->misses, 0, sizeof(consumer->misses));
		consumer->is_touched = false;
		consumer = consumer->next;
	}
	consumers->touched = NULL;
}

/* Remove the consumer, also from the list of those with weights in this interval. */
void consumers_remove(struct consumers *consumers, struct consumer *consumer)
{
	struct consumer **link = &consumers->touched;
	const uint32_t pid = (uint32_t)consumer->key.pid;
	struct consumer **recent = &consumers->recent[recent_place(consumer->key.start_ns, pid)];

	if (*recent == consumer)
		*recent = NULL;
	while (consumer->is_touched && *link && *link != consumer)
		link = &(*link)->next;
	if (consumer->is_touched && *link)
		*link = consumer->next;
	HASH_DEL(consumers->by_key, consumer);
	free(consumer->energy);
	free(consumer);
}

void consumers_fini(struct consumers *consumers)
{
	struct consumer *consumer, *next;

	HASH_ITER(hh, consumers->by_key, consumer, next)
	{
		HASH_DEL(consumers->by_key, consumer);
		free(consumer->energy);
		free(consumer);
	}
	consumers->touched = NULL;
}
