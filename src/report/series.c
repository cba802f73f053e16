/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/number_math.h"

struct spreading {
	double *sum, *slope; /* n + 2 each; slope: change of the level from this part on */
	size_t n;
	double parts_per_ns;
};

/* Spread a time evenly over an interval, with fractions of the parts at both ends. */
static void spread(struct spreading *s, uint64_t begin_ns, uint64_t end_ns, double used_ns)
{
	const double begin = (double)begin_ns * s->parts_per_ns;
	const double end = larger((double)end_ns * s->parts_per_ns, begin + 1e-9);
	const double rate = used_ns * s->parts_per_ns / (end - begin);
	const size_t first = (size_t)smaller(begin, (double)s->n),
		     last = (size_t)smaller(end, (double)s->n);

	if (!(used_ns > 0))
		return;
	if (first == last) {
		s->sum[first] += rate * (end - begin);
		return;
	}
	s->sum[first] += rate * ((double)first + 1 - begin);
	s->sum[last] += rate * (end - (double)last);
	s->slope[first + 1] += rate;
	s->slope[last] -= rate;
}

/*
 * Spread the time of each process over its slices, if it has any, else over its life. Slices are
 * sorted by process.
 */
static void spread_all(struct spreading *s, const struct report_data *data)
{
	const int field = report_field_of(data, FIELD_CPU_TIME);
	size_t slice = 0;

	for (size_t i = 0; i < data->n_processes; i++) {
		const struct report_process *process = &data->processes[i];

		if (slice == data->n_slices || data->slices[slice].process != i)
			spread(s, process->begin_ns, process->end_ns, report_value(data, i, field));
		for (; slice < data->n_slices && data->slices[slice].process == i; slice++)
			spread(s, data->slices[slice].begin_ns, data->slices[slice].end_ns,
			       data->slices[slice].cpu_ns);
	}
}

double *report_cpus_busy(const struct report_data *data, size_t n)
{
	struct spreading s = {
		.sum = calloc(n + 2, sizeof(double)),
		.slope = calloc(n + 2, sizeof(double)),
		.n = n,
		.parts_per_ns = (double)n / (double)(data->end_ns ? data->end_ns : 1),
	};
	double level = 0;

	if (!s.sum || !s.slope) {
		free(s.sum);
		free(s.slope);
		return NULL;
	}
	spread_all(&s, data);
	for (size_t i = 0; i <= n; i++) {
		level += s.slope[i];
		s.sum[i] += level;
	}
	free(s.slope);
	return s.sum;
}

double report_watts(const struct report_data *data, const struct report_energy *energy,
                    size_t sample)
{
	const uint64_t before =
		sample ? energy->samples[sample - 1].time_ns : data->runs[energy->run].begin_ns;
	const uint64_t now = energy->samples[sample].time_ns;

	return now > before ? energy->samples[sample].value / ((double)(now - before) * 1e-9) : 0;
}

const char *report_energy_name(const struct report_energy *energy, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s%s%s", energy->domain->bytes, energy->resource_id->n ? " " : "",
	         energy->resource_id->bytes);
	return buffer;
}
