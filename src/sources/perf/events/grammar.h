/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The grammar of events: splits a text into its parts, without knowing which events, PMUs or terms
 * exist. docs/events.md describes it for users.
 */
#ifndef SOURCES_PERF_EVENTS_GRAMMAR_H
#define SOURCES_PERF_EVENTS_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* Longest event, in characters: limits messages, too. PMU events have some dozen terms. */
#define EVENT_TEXT_MAX 1024

/*
 * Where an event counts: perf's ":uk" or Alumet's "#u:k". Without u, k and h, perf's notation means
 * all three, and Alumet's means the event's own default (user space).
 */
struct event_modifiers {
	bool given;  /* at least one letter */
	bool alumet; /* written with '#' */
	bool user, kernel, hypervisor;
	bool guest, host;
	bool not_idle;
};

/* A term between the slashes of a PMU event: "event=0x2e", or "tsc" alone. */
struct event_term {
	char *key;
	char *value; /* NULL: only a key */
};

/* One event as it was written. */
struct event_spec {
	char *text;  /* all of it, without surrounding blanks and a group's modifiers */
	char *plain; /* the text up to '#', from which the metric's name is made */
	char *name;  /* the event's, or the PMU's if is_pmu; no modifiers */
	bool is_pmu; /* pmu/term,term=value/ */
	struct event_term *terms; /* is_pmu only; at least one */
	size_t n_terms;
	struct event_modifiers modifiers;       /* its own */
	struct event_modifiers group_modifiers; /* those of its group */
	int group;                              /* events in the same braces; -1: in none */
};

struct event_spec_list {
	struct event_spec *specs;
	size_t n;
	int n_groups;
};

/*
 * Parse "a,{b,c}:u,pmu/d,e=1/" and append its events to the list (zeroed before the first call).
 * Returns 0; -EINVAL after logging what is wrong, and where; or -ENOMEM.
 */
int grammar_parse(const char *text, struct event_spec_list *list);

/*
 * Parse the terms of a PMU event, "event=0x3c,umask=0x1", as written between the slashes and in the
 * files of events/. of: the event, for messages. Returns like grammar_parse(); free *terms with
 * grammar_free_terms().
 */
int grammar_parse_terms(const char *text, const char *of, struct event_term **terms,
                        size_t *n_terms);
void grammar_free_terms(struct event_term *terms, size_t n_terms);

/* Print modifiers as "uk", always in the order ukhGHI; "" if none were given. */
#define EVENT_MODIFIERS_SIZE 7
void grammar_print_modifiers(const struct event_modifiers *modifiers,
                             char text[static EVENT_MODIFIERS_SIZE]);

/* Join both: a letter of either counts. */
struct event_modifiers grammar_join_modifiers(struct event_modifiers a, struct event_modifiers b);

/* Free the list's contents; it may be used again. */
void grammar_free(struct event_spec_list *list);

#endif
