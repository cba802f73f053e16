/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/events/event_build.h"

struct catalog {
	struct event_context context;
	const struct event_prober *prober;
	event_visitor *visit;
	void *data;
};

/* Build the event as if the user had written it, try to open it, and pass on the result. */
static int try_event(struct catalog *catalog, const char *text, enum event_kind kind)
{
	struct event_entry entry = {.name = text, .kind = kind};
	struct event_spec_list specs = {0};
	struct built_event built = {0};
	int err = grammar_parse(text, &specs);

	if (!err)
		err = event_build(&catalog->context, &specs.specs[0], NULL, &built);
	if (!err)
		err = event_probe(catalog->prober, &built.event);
	built_event_fini(&built);
	grammar_free(&specs);
	if (err == -ENOMEM)
		return err;
	entry.err = err;
	return catalog->visit(catalog->data, &entry);
}

static int try_alias(void *data, const struct alias *alias, const char *const *perf_names)
{
	enum event_kind kind = EVENT_CACHE;

	if (alias->type == PERF_TYPE_HARDWARE)
		kind = EVENT_HARDWARE;
	else if (alias->type == PERF_TYPE_SOFTWARE)
		kind = EVENT_SOFTWARE;
	else if (alias->type == ALIAS_OF_PROCESS)
		kind = EVENT_OF_PROCESS;
	return try_event(data, alias->name, kind);
}

static int try_pmu_event(struct catalog *catalog, const struct pmu *pmu, const char *event)
{
	char line[EVENT_TEXT_MAX];
	char *text;
	int err = pmu_read(&catalog->context.pmus, pmu, "events", event, line, sizeof(line));

	if (err || strchr(line, '?'))
		return 0;
	if (asprintf(&text, "%s/%s/", pmu->name, event) < 0)
		return -ENOMEM;
	err = try_event(catalog, text, EVENT_OF_PMU);
	free(text);
	return err;
}

static int try_pmu(struct catalog *catalog, const struct pmu *pmu)
{
	struct pmu_names names;
	int err = pmu_names(&catalog->context.pmus, pmu, "events", &names);

	for (size_t i = 0; i < names.n && !err; i++)
		err = try_pmu_event(catalog, pmu, names.names[i]);
	pmu_names_free(&names);
	return err;
}

int event_catalog(const char *sysroot, const struct event_prober *prober, event_visitor *visit,
                  void *data)
{
	struct catalog catalog = {
		.context = {.sysroot = sysroot},
		.prober = prober,
		.visit = visit,
		.data = data,
	};
	int err = alias_each(try_alias, &catalog);

	if (!err)
		err = event_context_pmus(&catalog.context);
	for (size_t i = 0; i < catalog.context.pmus.n && !err; i++) {
		if (!catalog.context.pmus.pmus[i].is_uncore)
			err = try_pmu(&catalog, &catalog.context.pmus.pmus[i]);
	}
	event_context_fini(&catalog.context);
	return err;
}
