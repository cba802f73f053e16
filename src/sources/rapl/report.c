/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"

void rapl_say(const struct rapl_speaker *speaker, enum report_kind kind, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	speaker->say(speaker->data, kind, line);
}

static const char *error_text(int error)
{
	return error == -EBADMSG ? "no number in it" : strerror(-error);
}

static void report_domain(const struct rapl_domain *domain, const struct rapl_speaker *speaker)
{
	char label[RAPL_LABEL_SIZE];

	rapl_domain_label(domain, label);
	if (domain->gone)
		rapl_say(speaker, REPORT_LOSS,
		         "rapl: %s: the counter went away after %llu reading%s; what it used from "
		         "then on is missing",
		         label, (unsigned long long)domain->n_readings,
		         domain->n_readings == 1 ? "" : "s");
	else if (domain->n_failed > 0)
		rapl_say(speaker, REPORT_LOSS, "rapl: %s: %llu reading%s failed (the last: %s)%s",
		         label, (unsigned long long)domain->n_failed,
		         domain->n_failed == 1 ? "" : "s", error_text(domain->last_error),
		         domain->error ? "; what it used since the last good one is missing" : "");
	if (domain->n_backwards > 0)
		rapl_say(speaker, REPORT_LOSS,
		         "rapl: %s: the counter went backwards %llu time%s by other than a wrap; "
		         "what was used between those readings is not added",
		         label, (unsigned long long)domain->n_backwards,
		         domain->n_backwards == 1 ? "" : "s");
}

static bool stood_still(const struct rapl_domain *domain)
{
	return !domain->alive && domain->n_readings > 1;
}

/* None has moved: there is a RAPL interface, but nothing behind it. */
static bool all_stood_still(const struct rapl_backend *backend)
{
	for (size_t i = 0; i < backend->n_domains; i++)
		if (!stood_still(&backend->domains[i]))
			return false;
	return true;
}

static bool all_read_0(const struct rapl_backend *backend)
{
	for (size_t i = 0; i < backend->n_domains; i++)
		if (backend->domains[i].count)
			return false;
	return true;
}

/* Graphics that are off use no energy; every other domain draws power all the time. */
static void report_still(const struct rapl_backend *backend, const struct rapl_speaker *speaker)
{
	char label[RAPL_LABEL_SIZE];

	if (all_stood_still(backend)) {
		rapl_say(speaker, REPORT_LOSS,
		         "rapl: every energy counter (%s) %s from start to end: this is a virtual "
		         "machine without RAPL, or a CPU that does not count; take no 0 J for a "
		         "result",
		         backend->ops->name, all_read_0(backend) ? "read 0" : "stood still");
		return;
	}
	for (size_t i = 0; i < backend->n_domains; i++) {
		const struct rapl_domain *domain = &backend->domains[i];

		if (domain->id.kind != RAPL_PP1 && stood_still(domain))
			rapl_say(speaker, REPORT_LOSS,
			         "rapl: %s: the counter stood still from start to end, at %.6g J; "
			         "take no 0 J for a result",
			         rapl_domain_label(domain, label),
			         (double)domain->count / domain->counts_per_joule);
	}
}

void rapl_report_counters(const struct rapl_backend *backend, bool can_have_moved,
                          const struct rapl_speaker *speaker)
{
	for (size_t i = 0; i < backend->n_domains; i++)
		report_domain(&backend->domains[i], speaker);
	if (can_have_moved)
		report_still(backend, speaker);
}

void rapl_report_missed(uint64_t missed, uint64_t made, uint64_t longest_gap_ns,
                        const struct rapl_speaker *speaker)
{
	if (missed > 0)
		rapl_say(speaker, REPORT_NOTE,
		         "rapl: %llu of %llu readings came too late to be made (longest gap %.1f "
		         "ms); their energy is in the rows that follow",
		         (unsigned long long)missed, (unsigned long long)(missed + made),
		         (double)longest_gap_ns / (double)NSEC_PER_MSEC);
}
