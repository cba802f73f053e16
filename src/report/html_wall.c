/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_wall.h"

#include <errno.h>
#include <stdlib.h>

struct span {
	uint64_t begin_ns, end_ns;
	uint64_t until_ns; /* end of the axis that the run takes, energy's last row included */
};

static int by_begin(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

static struct span span_of(const struct report_data *data, const struct report_jobs *jobs,
                           uint32_t run)
{
	const uint64_t begin_ns = data->runs[run].begin_ns, until_ns = data->runs[run].end_ns;

	if (jobs->of_run[run] != NO_JOB) {
		const struct report_job *job = &jobs->items[jobs->of_run[run]];

		if (job->end_ns > job->begin_ns)
			return (struct span){job->begin_ns, job->end_ns, until_ns};
	}
	return (struct span){begin_ns, begin_ns + report_wall_ns(data, run), until_ns};
}

int html_wall_ns(const struct report_data *data, const struct report_jobs *jobs, uint64_t *wall_ns,
                 bool *gaps)
{
	struct span *spans = calloc(data->n_runs + 1, sizeof(*spans));
	uint64_t end_ns = 0, until_ns = 0;

	*wall_ns = 0;
	*gaps = false;
	if (!spans)
		return -ENOMEM;
	for (uint32_t i = 0; i < data->n_runs; i++)
		spans[i] = span_of(data, jobs, i);
	qsort(spans, data->n_runs, sizeof(*spans), by_begin);
	for (size_t i = 0; i < data->n_runs; i++) {
		const struct span *span = &spans[i];
		const uint64_t from_ns = span->begin_ns > end_ns ? span->begin_ns : end_ns;

		*gaps |= i > 0 && span->begin_ns >= until_ns;
		*wall_ns += span->end_ns > from_ns ? span->end_ns - from_ns : 0;
		end_ns = span->end_ns > end_ns ? span->end_ns : end_ns;
		until_ns = span->until_ns > until_ns ? span->until_ns : until_ns;
	}
	free(spans);
	return 0;
}
