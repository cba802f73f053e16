/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The letters behind an event that say where it counts; part of the grammar. */
#ifndef PERF_GRAMMAR_MODIFIERS_H
#define PERF_GRAMMAR_MODIFIERS_H

#include "sources/perf/events/grammar.h"

#define MODIFIERS_HELP                                                                             \
	"u (user space), k (kernel), h (hypervisor), G (guest), H (host), I (not when idle)"

/*
 * perf's "uk": add the letters to modifiers. Returns false, and changes nothing, when the text is
 * empty or holds anything else.
 */
bool modifiers_parse(const char *text, struct event_modifiers *modifiers);

/* Alumet's "u:k" (one letter each), and "uk" too; an empty text is none, as in Alumet. */
bool modifiers_parse_alumet(const char *text, struct event_modifiers *modifiers);

#endif
