/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/refresh.h"

#include <stdlib.h>

/* Over more periods, the number of refreshes is no longer certain: a period varies by 1 %. */
#define COUNTABLE_PERIODS 40

void refresh_begin(struct refresh *refresh, struct rapl_backend *backend, uint64_t (*now_ns)(void))
{
	uint64_t *before = calloc(backend->n_domains, sizeof(*before));

	*refresh = (struct refresh){.now_ns = now_ns, .period_ns = REFRESH_PERIOD_NS};
	if (!before)
		return; /* then no reading waits */
	for (size_t i = 0; i < backend->n_domains; i++)
		before[i] = backend->domains[i].count;
	backend->ops->read(backend, false);
	for (size_t i = 0; i < backend->n_domains && !refresh->moves; i++) {
		const struct rapl_domain *domain = &backend->domains[i];

		refresh->moves = domain->id.kind == RAPL_PACKAGE && !domain->error &&
		                 domain->count != before[i];
		refresh->domain = i;
	}
	free(before);
}

static void note_refresh(struct refresh *refresh, uint64_t now_ns)
{
	const uint64_t periods =
		(now_ns - refresh->first_ns + REFRESH_PERIOD_NS / 2) / REFRESH_PERIOD_NS;

	if (!refresh->first_ns)
		refresh->first_ns = now_ns;
	else if (periods > 0 && periods <= COUNTABLE_PERIODS)
		refresh->period_ns = (now_ns - refresh->first_ns) / periods;
}

bool refresh_wait(struct refresh *refresh, struct rapl_backend *backend)
{
	const struct rapl_domain *domain = &backend->domains[refresh->domain];
	uint64_t start_ns, now_ns, before;

	if (!refresh->moves)
		return false;
	start_ns = refresh->now_ns();
	backend->ops->read(backend, false);
	before = domain->count;
	do {
		backend->ops->read(backend, false);
		now_ns = refresh->now_ns();
		if (!domain->error && domain->count != before) {
			note_refresh(refresh, now_ns);
			return true;
		}
	} while (!domain->error && now_ns - start_ns < REFRESH_LIMIT_NS);
	return false;
}
