/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "sources/perf/events/event_build.h"
#include "sources/perf/events/event_explain.h"
#include "sources/perf/events/event_name.h"

/* Alumet's defaults for each list of its v0.9 configuration; software events have none. */
static const char *const hardware_defaults[] = {"REF_CPU_CYCLES", "CACHE_MISSES", "BRANCH_MISSES",
                                                NULL};
static const char *const cache_defaults[] = {"LL_READ_MISS", NULL};

/* If no default event can be counted: what the kernel keeps anyway, and page faults. */
static const char *const software_defaults[] = {"TASK_CLOCK", "PAGE_FAULTS", "CONTEXT_SWITCHES",
                                                "CPU_MIGRATIONS", NULL};

/* The events of a run while they are resolved. */
struct resolution {
	const struct event_request *request;
	const struct event_prober *prober;
	struct event_context context;
	struct built_event built[EVENTS_MAX];
	size_t n, n_probed;
	int n_groups;
	bool has_defaults; /* default events were added */
	char *missing;     /* default events that cannot be counted, "A, B" */
};

static int add_specs(struct resolution *r, const struct event_spec_list *specs, const char *rename,
                     bool by_name)
{
	for (size_t i = 0; i < specs->n; i++) {
		struct built_event *built = &r->built[r->n];
		int err;

		if (r->n == EVENTS_MAX) {
			log_error("event \"%s\": one too many; a run counts at most %d",
			          specs->specs[i].text, EVENTS_MAX);
			return -E2BIG;
		}
		r->n++;
		err = event_build(&r->context, &specs->specs[i], rename, built);
		if (err)
			return err;
		built->event.by_name = by_name;
		if (built->event.group >= 0)
			built->event.group += r->n_groups;
	}
	r->n_groups += specs->n_groups;
	return 0;
}

static int add_text(struct resolution *r, const char *text, const char *rename, bool by_name)
{
	struct event_spec_list specs = {0};
	int err = grammar_parse(text, &specs);

	if (!err && rename && specs.n > 1) {
		log_error("events \"%s\": the one name \"%s\" is given to %zu events", text, rename,
		          specs.n);
		err = -EINVAL;
	}
	if (!err)
		err = add_specs(r, &specs, rename, by_name);
	grammar_free(&specs);
	return err;
}

static int add_list(struct resolution *r, const struct setting_list *list)
{
	int err = 0;

	for (size_t i = 0; i < list->n && !err; i++)
		err = add_text(r, list->items[i].text, list->items[i].rename, true);
	return err;
}

static int add_defaults(struct resolution *r, const char *const *names)
{
	int err = 0;

	r->has_defaults = true;
	for (; *names && !err; names++)
		err = add_text(r, *names, NULL, false);
	return err;
}

static bool is_set(const struct setting_list *list)
{
	return list && list->is_set;
}

/* A list that is set replaces its own defaults; the newer single list replaces all of them. */
static int add_requested(struct resolution *r)
{
	const struct event_request *request = r->request;
	int err = 0;

	if (is_set(request->events))
		err = add_list(r, request->events);
	if (!err && is_set(request->hardware_events))
		err = add_list(r, request->hardware_events);
	else if (!err && !is_set(request->events))
		err = add_defaults(r, hardware_defaults);
	if (!err && is_set(request->software_events))
		err = add_list(r, request->software_events);
	if (!err && is_set(request->cache_events))
		err = add_list(r, request->cache_events);
	else if (!err && !is_set(request->events))
		err = add_defaults(r, cache_defaults);
	return err;
}

static int note_missing(struct resolution *r, const char *name)
{
	char *missing;

	if (asprintf(&missing, "%s%s%s", r->missing ? r->missing : "", r->missing ? ", " : "",
	             name) < 0)
		return -ENOMEM;
	free(r->missing);
	r->missing = missing;
	return 0;
}

static void remove_event(struct resolution *r, size_t index)
{
	built_event_fini(&r->built[index]);
	r->n--;
	memmove(&r->built[index], &r->built[index + 1], (r->n - index) * sizeof(r->built[0]));
	r->built[r->n] = (struct built_event){0};
}

/* Open each event; remove defaults that this machine cannot count. */
static int probe_events(struct resolution *r)
{
	while (r->n_probed < r->n) {
		struct event *event = &r->built[r->n_probed].event;
		int err = event_probe(r->prober, event);

		if (err == -ENOMEM)
			return err;
		if (err && (event->by_name || !event_is_unsupported(err)))
			return event_explain_open(&r->context, event, err);
		if (err) {
			err = note_missing(r, event->text);
			if (err)
				return err;
			remove_event(r, r->n_probed);
		} else {
			r->n_probed++;
		}
	}
	return 0;
}

/* Log which defaults are not counted; if no event is left, add the software defaults. */
static int replace_missing(struct resolution *r)
{
	const bool none_left = r->n == 0 && r->has_defaults;
	const char *why = none_left ? "this CPU has none of the default hardware events"
	                            : "this CPU cannot count them";

	if (!r->missing)
		return 0;
	if (r->context.has_pmus && pmu_count_cores(&r->context.pmus) == 0)
		why = "there are no hardware counters here (no PMU)";
	if (!none_left) {
		log_warn("not counted: %s: %s", r->missing, why);
		return 0;
	}
	log_warn("software events are counted: %s", why);
	log_info("not counted: %s; name the events (-e task-clock,page-faults) to avoid the "
	         "warning",
	         r->missing);
	return add_defaults(r, software_defaults);
}

static void move_out(struct resolution *r, struct event events[static EVENTS_MAX])
{
	for (size_t i = 0; i < r->n; i++) {
		events[i] = r->built[i].event;
		r->built[i].event = (struct event){0};
		built_event_fini(&r->built[i]);
	}
}

static int probe_groups(struct resolution *r, const struct event *events)
{
	int err = 0;

	for (size_t i = 0, end; i < r->n && !err; i = end) {
		for (end = i + 1; end < r->n && events[i].group >= 0; end++) {
			if (events[end].group != events[i].group)
				break;
		}
		if (end - i < 2)
			continue;
		err = event_probe_group(r->prober, events + i, end - i);
		if (err)
			err = event_explain_group(events + i, end - i, err);
	}
	return err;
}

static int finish(struct resolution *r, struct event_list *list)
{
	int err;

	list->events = calloc(EVENTS_MAX + 1, sizeof(*list->events)); /* one for the weigher */
	if (!list->events)
		return -ENOMEM;
	list->n = r->n;
	move_out(r, list->events);

	err = probe_groups(r, list->events);
	if (!err && event_probe_takes_turns(r->prober, &r->context.pmus, list->events, list->n))
		log_warn("these events are more than the CPU counts at once: they take turns, and "
		         "a row's attribute 'scaled' tells during which share of the time it was "
		         "counted");
	return err;
}

static int resolve(struct resolution *r, struct event_list *list)
{
	int err = add_requested(r);

	if (!err)
		err = probe_events(r);
	if (!err)
		err = replace_missing(r);
	if (!err)
		err = probe_events(r);
	if (!err)
		err = events_name(r->built, r->n, r->request->naming);
	return err ? err : finish(r, list);
}

int events_resolve_with(const struct event_request *request, const struct event_prober *prober,
                        struct event_list *list)
{
	struct resolution *r = calloc(1, sizeof(*r));
	int err;

	*list = (struct event_list){0};
	if (!r)
		return -ENOMEM;
	r->request = request;
	r->prober = prober;
	r->context.sysroot = request->sysroot ? request->sysroot : "/";
	err = resolve(r, list);
	if (err)
		events_free(list);
	for (size_t i = 0; i < r->n; i++)
		built_event_fini(&r->built[i]);
	event_context_fini(&r->context);
	free(r->missing);
	free(r);
	return err;
}

int events_resolve(const struct event_request *request, struct event_list *list)
{
	struct event_prober prober = event_prober_kernel;
	struct event_list tried = {0};
	int err;

	prober.data = &tried;
	err = events_resolve_with(request, &prober, list);
	memcpy(list->held, tried.held, sizeof(list->held));
	list->n_held = tried.n_held;
	if (err)
		events_release(list);
	return err;
}

void events_release(struct event_list *list)
{
	while (list->n_held > 0)
		close(list->held[--list->n_held]);
}

void events_free(struct event_list *list)
{
	events_release(list);
	for (size_t i = 0; i < list->n; i++)
		event_fini(&list->events[i]);
	free(list->events);
	*list = (struct event_list){0};
}
