/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "outputs/summary/status_line.h"

#define PARTS_MAX 5
#define PART_SIZE 80

/* The parts of the line, the most important first; each also abbreviated. */
struct parts {
	char full[PARTS_MAX][PART_SIZE], brief[PARTS_MAX][PART_SIZE];
	size_t n;
};

static void put_time(struct parts *parts, const struct text_signs *signs, uint64_t ns)
{
	const uint64_t seconds = ns / NSEC_PER_SEC;
	char text[TEXT_NUMBER_SIZE];

	if (seconds < 60)
		snprintf(text, sizeof(text), "%" PRIu64 " s", seconds);
	else
		text_duration(seconds * NSEC_PER_SEC, signs, text);
	strcpy(parts->full[parts->n], text);
	strcpy(parts->brief[parts->n], text);
	parts->n++;
}

static void put_processes(struct parts *parts, const struct status *status)
{
	snprintf(parts->full[parts->n], PART_SIZE, "%" PRIu64 " process%s alive, %" PRIu64 " ended",
	         status->n_alive, status->n_alive == 1 ? "" : "es", status->n_ended);
	snprintf(parts->brief[parts->n], PART_SIZE, "%" PRIu64 " alive, %" PRIu64 " ended",
	         status->n_alive, status->n_ended);
	parts->n++;
	snprintf(parts->full[parts->n], PART_SIZE, "%.1f CPUs busy", status->cpus_busy);
	snprintf(parts->brief[parts->n], PART_SIZE, "%.1f CPUs", status->cpus_busy);
	parts->n++;
}

static void put_watts(struct parts *parts, double watts)
{
	const int decimals = watts < 9.995 ? 2 : watts < 99.95 ? 1 : 0;

	snprintf(parts->full[parts->n], PART_SIZE, "%.*f W", decimals, watts);
	snprintf(parts->brief[parts->n], PART_SIZE, "%.0f W", watts);
	parts->n++;
}

static void put_run(struct parts *parts, const struct status *status)
{
	snprintf(parts->full[parts->n], PART_SIZE, "run %" PRIu32 " of %" PRIu32, status->run,
	         status->runs);
	snprintf(parts->brief[parts->n], PART_SIZE, "%" PRIu32 "/%" PRIu32, status->run,
	         status->runs);
	parts->n++;
}

static void join(struct text_line *text, const struct text_signs *signs,
                 const char (*parts)[PART_SIZE], size_t n)
{
	text_start(text, signs);
	for (size_t i = 0; i < n; i++) {
		if (i) {
			text_put(text, " ");
			text_put(text, signs->dot);
			text_put(text, " ");
		}
		text_put(text, parts[i]);
	}
}

void status_text(struct text_line *text, const struct text_signs *signs,
                 const struct status *status, unsigned columns)
{
	struct parts parts = {.n = 0};
	size_t n;

	if (status->runs > 1)
		put_run(&parts, status);
	put_time(&parts, signs, status->elapsed_ns);
	if (status->has_processes)
		put_processes(&parts, status);
	if (status->has_watts)
		put_watts(&parts, status->watts);
	n = parts.n;
	join(text, signs, parts.full, n);
	if (text->cells >= columns)
		join(text, signs, parts.brief, n);
	while (text->cells >= columns && n > 0)
		join(text, signs, parts.brief, --n);
}
