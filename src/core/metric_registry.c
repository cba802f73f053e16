/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/metric_registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct unit UNIT_NONE = {"", ""};
const struct unit UNIT_JOULE = {"J", "J"};
const struct unit UNIT_NANOSECOND = {"ns", "ns"};
const struct unit UNIT_BYTE = {"B", "By"};

struct metric_registry {
	struct metric **metrics; /* by id; each is allocated separately, so that it never moves */
	size_t n_metrics;
	bool has_internal;
	const char **keys; /* announced attributes, sorted */
	size_t n_keys;
};

struct metric_registry *metric_registry_new(void)
{
	return calloc(1, sizeof(struct metric_registry));
}

void metric_registry_free(struct metric_registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->n_metrics; i++) {
		free(registry->metrics[i]->name);
		free(registry->metrics[i]);
	}
	free(registry->metrics);
	free(registry->keys);
	free(registry);
}

static struct metric *metric_new(const struct metric *wanted)
{
	struct metric *metric = malloc(sizeof(*metric));

	if (!metric)
		return NULL;
	*metric = *wanted;
	metric->name = strdup(wanted->name);
	if (!metric->name) {
		free(metric);
		return NULL;
	}
	return metric;
}

int metric_find(const struct metric_registry *registry, const char *name)
{
	/* Once per metric and run, with some hundred names at most: a linear search will do. */
	for (size_t i = 0; i < registry->n_metrics; i++) {
		if (strcmp(registry->metrics[i]->name, name) == 0)
			return (int)i;
	}
	return -1;
}

static int add_metric(struct metric_registry *registry, const struct metric *wanted)
{
	const int known = metric_find(registry, wanted->name);
	struct metric **metrics;

	if (known >= 0) {
		const struct metric *metric = registry->metrics[known];

		return metric->unit == wanted->unit && metric->kind == wanted->kind &&
		                       metric->internal == wanted->internal
		               ? known
		               : -EEXIST;
	}
	metrics = reallocarray(registry->metrics, registry->n_metrics + 1, sizeof(*metrics));
	if (!metrics)
		return -ENOMEM;
	registry->metrics = metrics;
	metrics[registry->n_metrics] = metric_new(wanted);
	if (!metrics[registry->n_metrics])
		return -ENOMEM;
	registry->has_internal |= wanted->internal;
	return (int)registry->n_metrics++;
}

int metric_register(struct metric_registry *registry, const char *name, const struct unit *unit,
                    enum metric_kind kind)
{
	return add_metric(registry, &(struct metric){(char *)name, unit, kind, false});
}

int metric_register_internal(struct metric_registry *registry, const char *name,
                             const struct unit *unit, enum metric_kind kind)
{
	return add_metric(registry, &(struct metric){(char *)name, unit, kind, true});
}

bool metric_registry_has_internal(const struct metric_registry *registry)
{
	return registry->has_internal;
}

const struct metric *metric_get(const struct metric_registry *registry, uint32_t id)
{
	return id < registry->n_metrics ? registry->metrics[id] : NULL;
}

int metric_announce_attribute(struct metric_registry *registry, const char *key)
{
	const char **keys;
	size_t at = 0;

	while (at < registry->n_keys && strcmp(registry->keys[at], key) < 0)
		at++;
	if (at < registry->n_keys && strcmp(registry->keys[at], key) == 0)
		return 0;
	keys = reallocarray(registry->keys, registry->n_keys + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	registry->keys = keys;
	memmove(keys + at + 1, keys + at, (registry->n_keys - at) * sizeof(*keys));
	keys[at] = key;
	registry->n_keys++;
	return 0;
}

const char *const *metric_announced_attributes(const struct metric_registry *registry, size_t *n)
{
	*n = registry->n_keys;
	return registry->keys;
}
