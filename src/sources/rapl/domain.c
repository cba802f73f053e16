/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/domain.h"

#include <errno.h>
#include <stdio.h>

#include "core/clock.h"

/*
 * A reading may not be from the moment of its timestamp: the counters are refreshed about every ms,
 * and the reader can be delayed between reading the clock and the counter. A second is more than
 * any such delay.
 */
#define WRAP_SLACK_S 1.0

const char *rapl_kind_name(enum rapl_kind kind)
{
	static const char *const names[RAPL_KINDS] = {
		[RAPL_PACKAGE] = "package", [RAPL_PP0] = "pp0",           [RAPL_PP1] = "pp1",
		[RAPL_DRAM] = "dram",       [RAPL_PLATFORM] = "platform",
	};

	return names[kind];
}

/* Compute the counts from the base to a lower count, if the counter wrapped once; false if not. */
static bool wrapped(const struct rapl_domain *domain, uint64_t time_ns, uint64_t *difference)
{
	double seconds = (double)(time_ns - domain->base_time_ns) / (double)NSEC_PER_SEC;
	double most = RAPL_MAX_WATTS * (seconds + WRAP_SLACK_S) * domain->counts_per_joule;

	if (domain->wrap == 0 || domain->base >= domain->wrap)
		return false;
	*difference = domain->wrap - domain->base + domain->count;
	/*
	 * Both bounds are needed. The first tells a reset of a wide counter from a wrap. The second
	 * tells a step back from a wrap if the counter is so narrow that it could wrap in this
	 * time; readings are always less than half a wrap apart.
	 */
	return (double)*difference <= most && *difference <= domain->wrap / 2;
}

void rapl_domain_update(struct rapl_domain *domain, uint64_t time_ns)
{
	uint64_t difference = 0;

	if (domain->gone)
		return;
	if (domain->error) {
		domain->n_failed++;
		domain->last_error = domain->error;
		domain->gone = domain->error == -ENODEV;
		return;
	}
	domain->n_readings++;
	if (domain->has_base) {
		bool valid = true;

		if (domain->count >= domain->base)
			difference = domain->count - domain->base;
		else
			valid = wrapped(domain, time_ns, &difference);
		if (valid) {
			domain->pending += difference;
			domain->unsampled += difference;
			domain->total += difference;
			domain->fresh = true;
			domain->alive = domain->alive || difference != 0;
		} else {
			domain->n_backwards++;
		}
	}
	domain->has_base = true;
	domain->base = domain->count;
	domain->base_time_ns = time_ns;
}

long double rapl_domain_take(struct rapl_domain *domain)
{
	long double joules = (long double)domain->pending / (long double)domain->counts_per_joule;

	domain->pending = 0;
	domain->fresh = false;
	return joules;
}

uint64_t rapl_domain_shortest_wrap_ns(const struct rapl_domain *domain)
{
	double seconds = (double)domain->wrap / domain->counts_per_joule / RAPL_MAX_WATTS;

	/* 2^63 ns are 292 years. */
	if (domain->wrap == 0 || seconds > 9.2e9)
		return UINT64_MAX;
	return (uint64_t)(seconds * (double)NSEC_PER_SEC);
}

const char *rapl_id_label(const struct rapl_id *id, char text[static RAPL_LABEL_SIZE])
{
	char die[24] = "";

	if (id->die >= 0)
		snprintf(die, sizeof(die), ", die %d", id->die);
	if (id->kind == RAPL_PLATFORM)
		snprintf(text, RAPL_LABEL_SIZE, "platform");
	else if (id->kind == RAPL_PACKAGE)
		snprintf(text, RAPL_LABEL_SIZE, "package %d%s", id->package, die);
	else
		snprintf(text, RAPL_LABEL_SIZE, "%s of package %d%s", rapl_kind_name(id->kind),
		         id->package, die);
	return text;
}

const char *rapl_domain_label(const struct rapl_domain *domain, char text[static RAPL_LABEL_SIZE])
{
	char label[RAPL_LABEL_SIZE];

	if (domain->core_cpu < 0)
		return rapl_id_label(&domain->id, text);
	snprintf(text, RAPL_LABEL_SIZE, "%.60s, core of CPU %d", rapl_id_label(&domain->id, label),
	         domain->core_cpu);
	return text;
}
