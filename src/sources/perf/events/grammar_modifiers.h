/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The letters after an event that say where it counts; part of the grammar. */
#ifndef SOURCES_PERF_EVENTS_GRAMMAR_MODIFIERS_H
#define SOURCES_PERF_EVENTS_GRAMMAR_MODIFIERS_H

#include "sources/perf/events/grammar.h"

#define MODIFIERS_HELP                                                                             \
	"u (user space), k (kernel), h (hypervisor), G (guest), H (host), I (not when idle)"

/*
 * Add the letters of perf's notation, "uk", to modifiers. Returns false, and changes nothing, if
 * the text is empty or has other characters.
 */
bool modifiers_parse(const char *text, struct event_modifiers *modifiers);

/*
 * The same for Alumet's "u:k" (one letter each), and also "uk"; an empty text means none, as in
 * Alumet.
 */
bool modifiers_parse_alumet(const char *text, struct event_modifiers *modifiers);

#endif
