/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree/view/energies.h"

static const struct attribute *domain_of(const struct point *point)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (strcmp(point->attributes[i].key, "domain") == 0)
			return &point->attributes[i];
	}
	return NULL;
}

static bool is_sum_of_others(const char *domain)
{
	const char *underscore = strrchr(domain, '_');

	return underscore && strcmp(underscore, "_total") == 0;
}

int energy_sums_add(struct energy_sums *sums, const struct energy_sum *one)
{
	struct energy_sum *more;

	for (size_t i = 0; i < sums->n; i++) {
		struct energy_sum *known = &sums->sums[i];

		if (known->kind == one->kind && known->id == one->id &&
		    strcmp(known->domain, one->domain) == 0) {
			known->joules += one->joules;
			return 0;
		}
	}
	more = reallocarray(sums->sums, sums->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	sums->sums = more;
	sums->sums[sums->n++] = *one;
	return 0;
}

int energy_sums_add_point(struct energy_sums *sums, const struct point *point)
{
	const struct attribute *domain = domain_of(point);
	struct energy_sum one = {.kind = point->resource_kind, .id = point->resource_id};

	if (!domain || point->type != VALUE_F64)
		return 0;
	snprintf(one.domain, sizeof(one.domain), "%.*s", (int)domain->length, domain->text);
	if (is_sum_of_others(one.domain))
		return 0;
	one.joules = point->value.f64;
	return energy_sums_add(sums, &one);
}

static int by_resource(const void *a, const void *b)
{
	const struct energy_sum *x = a, *y = b;
	bool x_machine = x->kind == RESOURCE_LOCAL_MACHINE;
	bool y_machine = y->kind == RESOURCE_LOCAL_MACHINE;

	if (x_machine != y_machine)
		return x_machine ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

void energy_sums_sort(struct energy_sums *sums)
{
	if (sums->n > 1)
		qsort(sums->sums, sums->n, sizeof(*sums->sums), by_resource);
}

void energy_sums_fini(struct energy_sums *sums)
{
	free(sums->sums);
	*sums = (struct energy_sums){0};
}
