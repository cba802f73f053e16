/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine's energy, while files are read. */
#include <errno.h>
#include <stdlib.h>

#include "report/builder.h"

static uint64_t hash(const void *item)
{
	const struct report_energy *energy = item;
	const uint64_t part = energy->part ? energy->part->id + 1 : 0;
	const uint64_t names =
		(uint64_t)energy->resource_id->id << 32 ^ energy->domain->id << 16 ^ part;

	return names * 0x9e3779b97f4a7c15u ^ energy->run;
}

static bool is_same(const void *item, const void *other)
{
	const struct report_energy *x = item, *y = other;

	return x->run == y->run && x->domain == y->domain && x->part == y->part &&
	       x->resource_kind == y->resource_kind && x->resource_id == y->resource_id;
}

static const struct slots_kind kind = {sizeof(struct report_energy), hash, is_same};

static struct report_energy *find_energy(struct builder *builder, const struct report_energy *key)
{
	struct report_data *data = builder->data;
	uint32_t i;
	struct report_energy *energies =
		slots_enter(&builder->energies, &kind, data->energies, data->n_energies, key, &i);

	if (!energies)
		return NULL;
	data->energies = energies;
	data->n_energies += i == data->n_energies;
	return &energies[i];
}

int builder_add_energy(struct builder *builder, const struct report_energy *key, bool attribution,
                       uint64_t time_ns, double joules)
{
	struct report_energy *energy = find_energy(builder, key);
	struct report_sample *samples;

	if (!energy)
		return -ENOMEM;
	energy->joules += joules;
	/* The error of an estimate is known only at the end of the run. */
	if (key->method->n > 0)
		energy->method = key->method;
	if (attribution)
		return 0;
	/* Each die of a package has its own rows, with the same times. */
	if (energy->n_samples > 0 && energy->samples[energy->n_samples - 1].time_ns == time_ns) {
		energy->samples[energy->n_samples - 1].value += joules;
		return 0;
	}
	/* The array doubles whenever the number is a power of two. */
	if ((energy->n_samples & (energy->n_samples - 1)) == 0) {
		samples =
			reallocarray(energy->samples, energy->n_samples ? 2 * energy->n_samples : 1,
		                     sizeof(*samples));
		if (!samples)
			return -ENOMEM;
		energy->samples = samples;
	}
	energy->samples[energy->n_samples++] = (struct report_sample){time_ns, joules};
	return 0;
}
