/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine's energy, while files are read. */
#include <errno.h>
#include <stdlib.h>

#include "report/builder.h"

static uint32_t *find_slot(const struct builder *builder, const struct report_energy *key)
{
	const struct slots *slots = &builder->energies;
	const uint64_t part = key->part ? key->part->id + 1 : 0;
	const uint64_t names = (uint64_t)key->resource_id->id << 32 ^ key->domain->id << 16 ^ part;
	size_t at = slots_first(slots, names * 0x9e3779b97f4a7c15u ^ key->run);

	for (; slots->index[at]; at = slots_next(slots, at)) {
		const struct report_energy *found = &builder->data->energies[slots->index[at] - 1];

		if (found->run == key->run && found->domain == key->domain &&
		    found->part == key->part && found->resource_kind == key->resource_kind &&
		    found->resource_id == key->resource_id)
			break;
	}
	return &slots->index[at];
}

/* Make room for one more. */
static int grow_energies(struct builder *builder)
{
	struct report_data *data = builder->data;
	struct report_energy *energies;

	if (data->n_energies < builder->energies.capacity)
		return 0;
	energies = slots_grow(&builder->energies, data->energies, sizeof(*energies));
	if (!energies)
		return -ENOMEM;
	data->energies = energies;
	for (size_t i = 0; i < data->n_energies; i++)
		*find_slot(builder, &energies[i]) = (uint32_t)i + 1;
	return 0;
}

static struct report_energy *find_energy(struct builder *builder, const struct report_energy *key)
{
	struct report_data *data = builder->data;
	uint32_t *slot;

	if (grow_energies(builder))
		return NULL;
	slot = find_slot(builder, key);
	if (!*slot) {
		data->energies[data->n_energies++] = *key;
		*slot = (uint32_t)data->n_energies;
	}
	return &data->energies[*slot - 1];
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
