/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Terms of a PMU event, "event=0x2e,umask=0x41", to the config words of a perf_event_attr, by the
 * PMU's own files: format/umask says which bits of which word a term's value fills ("config:8-15,
 * 40-47"), events/NAME which terms a named event stands for.
 */
#ifndef PERF_PMU_FORMAT_H
#define PERF_PMU_FORMAT_H

#include <linux/perf_event.h>

#include "sources/perf/events/grammar.h"
#include "sources/perf/events/pmu.h"

/*
 * Set attr's type and config words. of: the event as written, for messages. Later terms win over
 * earlier ones and over those that a named event stands for. The term name= is not looked at.
 * On a core PMU a generic event's name is also a term: "cpu_core/cycles/".
 * Returns 0; -EINVAL after telling the user what is wrong, which terms and events there are, and
 * which of them is near; another negative errno of reading sysfs, told too; -ENOMEM.
 */
int pmu_encode(const struct pmu_list *list, const struct pmu *pmu, const char *of,
               const struct event_term *terms, size_t n_terms, struct perf_event_attr *attr);

/*
 * "config:0-7,32-35" to word 0, 1, 2 and the bits. Returns 0 or -EINVAL (not such a text, or a word
 * that this program's perf_event_attr does not have).
 */
int pmu_parse_format(const char *text, unsigned int *word, uint64_t *bits);

/*
 * Put value into those bits of *config, its lowest bit into the lowest of them, and leave the other
 * bits alone. Returns 0, or -ERANGE when the value has more bits than there are.
 */
int pmu_place(uint64_t *config, uint64_t bits, uint64_t value);

#endif
