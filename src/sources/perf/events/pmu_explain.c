/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/pmu_explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/suggest.h"

/* Names that a message shows at most: some uncore PMUs have hundreds of events. */
#define SHOWN 40

/* Join names to "a, b and 3 more", or "none". Returns NULL if out of memory. */
static char *join(const char *const *names, size_t n)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < n && i < SHOWN; i++)
		fprintf(stream, "%s%s", i ? ", " : "", names[i]);
	if (n > SHOWN)
		fprintf(stream, " and %zu more", n - SHOWN);
	if (n == 0)
		fputs("none", stream);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void print_hint(char *text, size_t size, const char *nearest)
{
	*text = '\0';
	if (nearest)
		snprintf(text, size, "; did you mean %s?", nearest);
}

static int explain(const struct pmu *pmu, const char *of, const char *key,
                   const struct pmu_names *terms, const struct pmu_names *events)
{
	const char *const *term_names = (const char *const *)terms->names;
	const char *const *event_names = (const char *const *)events->names;
	const char *nearest = suggest_nearest(key, term_names, terms->n);
	char *all_terms = join(term_names, terms->n), *all_events = join(event_names, events->n);
	char hint[SUGGEST_MAX + 32];
	int err = -ENOMEM;

	if (!nearest)
		nearest = suggest_nearest(key, event_names, events->n);
	print_hint(hint, sizeof(hint), nearest);
	if (nearest && strcmp(nearest, key) == 0) {
		log_error("event \"%s\": %s is an event of the PMU %s, and takes no value", of, key,
		          pmu->name);
		err = -EINVAL;
	} else if (all_terms && all_events) {
		log_error("event \"%s\": the PMU %s has neither a term nor an event called "
		          "%s%s\nterms: %s, config, config1, config2, name\nevents: %s",
		          of, pmu->name, key, hint, all_terms, all_events);
		err = -EINVAL;
	}
	free(all_terms);
	free(all_events);
	return err;
}

int pmu_explain_term(const struct pmu_list *list, const struct pmu *pmu, const char *of,
                     const char *key)
{
	struct pmu_names terms = {0}, events = {0};
	int err = pmu_names(list, pmu, "format", &terms);

	if (!err)
		err = pmu_names(list, pmu, "events", &events);
	if (!err)
		err = explain(pmu, of, key, &terms, &events);
	pmu_names_free(&terms);
	pmu_names_free(&events);
	return err;
}

int pmu_explain_pmu(const struct pmu_list *list, const char *of, const char *name)
{
	const char **names = calloc(list->n + 1, sizeof(*names));
	char hint[SUGGEST_MAX + 32];
	char *all;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		names[i] = list->pmus[i].name;
	all = join(names, list->n);
	print_hint(hint, sizeof(hint), suggest_nearest(name, names, list->n));
	if (all)
		log_error("event \"%s\": this machine has no PMU called %s%s\nPMUs: %s", of, name,
		          hint, all);
	free(names);
	if (!all)
		return -ENOMEM;
	free(all);
	return -ENOENT;
}
