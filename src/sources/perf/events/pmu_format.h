/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Encodes the terms of a PMU event, "event=0x2e,umask=0x41", in the config words of a
 * perf_event_attr, by the PMU's own files: format/umask has the bits of a word that a term's value
 * fills ("config:8-15,40-47"), and events/NAME has the terms of a named event.
 */
#ifndef SOURCES_PERF_EVENTS_PMU_FORMAT_H
#define SOURCES_PERF_EVENTS_PMU_FORMAT_H

#include <linux/perf_event.h>

#include "sources/perf/events/grammar.h"
#include "sources/perf/events/pmu.h"

/*
 * Set attr's type and config words. of: the event as written, for messages. Later terms override
 * earlier ones and those of a named event. The term name= is skipped. On a core PMU, a generic
 * event's name is also a term: "cpu_core/cycles/".
 * Returns 0; -EINVAL after logging what is wrong, the existing terms and events, and a similar one;
 * another negative errno of reading sysfs, also logged; or -ENOMEM.
 */
int pmu_encode(const struct pmu_list *list, const struct pmu *pmu, const char *of,
               const struct event_term *terms, size_t n_terms, struct perf_event_attr *attr);

/*
 * Parse "config:0-7,32-35" into word 0, 1 or 2 and its bits. Returns 0, or -EINVAL for another
 * text, or a word that this program's perf_event_attr lacks.
 */
int pmu_parse_format(const char *text, unsigned int *word, uint64_t *bits);

/*
 * Put value into these bits of *config, lowest bit first, and keep the other bits. Returns 0, or
 * -ERANGE if the value has more bits.
 */
int pmu_place(uint64_t *config, uint64_t bits, uint64_t value);

#endif
