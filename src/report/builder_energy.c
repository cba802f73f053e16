/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine's energy, while files are read. */
#include <errno.h>
#include <stdlib.h>

#include "report/builder.h"

/* Of runs, domains and parts: of a year of nights with two packages there are some 5000. */
#define ENERGIES_MAX 65536

static struct report_energy *find_energy(struct builder *builder, const struct report_energy *key)
{
	struct report_data *data = builder->data;
	struct report_energy *energies;

	/* Nearly all rows belong to the last run, whose combinations are the last. */
	for (size_t i = data->n_energies; i-- > 0;) {
		struct report_energy *energy = &data->energies[i];

		if (energy->run == key->run && energy->domain == key->domain &&
		    energy->part == key->part && energy->resource_kind == key->resource_kind &&
		    energy->resource_id == key->resource_id)
			return energy;
	}
	/* The array doubles whenever the number is a power of two. */
	if ((data->n_energies & (data->n_energies - 1)) == 0) {
		energies = reallocarray(data->energies, data->n_energies ? 2 * data->n_energies : 1,
		                        sizeof(*energies));
		if (!energies)
			return NULL;
		data->energies = energies;
	}
	energies = data->energies;
	energies[data->n_energies] = *key;
	return &energies[data->n_energies++];
}

int builder_add_energy(struct builder *builder, const struct report_energy *key, bool attribution,
                       uint64_t time_ns, double joules)
{
	struct report_energy *energy;
	struct report_sample *samples;

	/* Combinations are searched linearly; no real file has very many. */
	if (builder->data->n_energies >= ENERGIES_MAX) {
		builder->dropped++;
		return 0;
	}
	energy = find_energy(builder, key);
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
