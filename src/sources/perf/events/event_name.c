/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "sources/perf/fields.h"

#define PERF_PREFIX "perf_"
#define PROCESS_PREFIX "process_"

static const char *classic_prefix(uint32_t type)
{
	switch (type) {
	case PERF_TYPE_HARDWARE:
		return "perf_hardware_";
	case PERF_TYPE_SOFTWARE:
		return "perf_software_";
	default:
		return "perf_cache_";
	}
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* Replace all but letters and digits with '_', and strip '_' from both ends. */
static void clean(char *text)
{
	size_t length = strlen(text), front = 0;

	for (char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c))
			*c = '_';
	}
	while (length > 0 && text[length - 1] == '_')
		length--;
	text[length] = '\0';
	while (text[front] == '_')
		front++;
	memmove(text, text + front, length >= front ? length - front + 1 : 1);
}

/* Join prefix and the cleaned text, which may be empty. Returns NULL if out of memory. */
static char *name_of_text(const char *prefix, const char *text, bool keep_case)
{
	char *name, *cleaned = strdup(text);

	if (!cleaned)
		return NULL;
	clean(cleaned);
	if (!keep_case)
		lower(cleaned);
	/* A rename may already have the prefix of all the plugin's metrics. */
	if (strncmp(cleaned, prefix, strlen(prefix)) == 0)
		return cleaned;
	if (asprintf(&name, "%s%s", prefix, cleaned) < 0)
		name = NULL;
	free(cleaned);
	return name;
}

/* The name without modifiers. */
static char *base_name(const struct built_event *built, enum event_naming naming)
{
	const bool is_of_process = built->alias.type == ALIAS_OF_PROCESS;
	char *name;

	if (built->rename)
		return name_of_text(is_of_process ? PROCESS_PREFIX : PERF_PREFIX, built->rename,
		                    naming == NAMING_CLASSIC);
	if (is_of_process)
		return strdup(process_fields[built->alias.field].metric);
	if (!built->alias.name[0])
		return name_of_text(PERF_PREFIX, built->plain, false);
	if (naming == NAMING_FLAT)
		return name_of_text(PERF_PREFIX, built->alias.name, false);
	if (asprintf(&name, "%s%s", classic_prefix(built->alias.type), built->alias.name) < 0)
		return NULL;
	return name;
}

static bool is_shared(const struct built_event *events, size_t n, size_t index)
{
	for (size_t i = 0; i < n; i++) {
		if (i != index && strcmp(events[i].event.metric, events[index].event.metric) == 0)
			return true;
	}
	return false;
}

static int add_modifiers(struct built_event *built, enum event_naming naming)
{
	char *name;

	if (asprintf(&name, "%s_%s", built->event.metric, built->modifiers) < 0)
		return -ENOMEM;
	if (naming == NAMING_FLAT)
		lower(name);
	free(built->event.metric);
	built->event.metric = name;
	return 0;
}

/* Find all names that are shared before the first one is changed. */
static int make_distinct(struct built_event *events, size_t n, enum event_naming naming)
{
	bool shared[EVENTS_MAX];
	int err = 0;

	for (size_t i = 0; i < n; i++)
		shared[i] = is_shared(events, n, i) && events[i].modifiers[0] && !events[i].rename;
	for (size_t i = 0; i < n && !err; i++) {
		if (shared[i])
			err = add_modifiers(&events[i], naming);
	}
	return err;
}

static int check_unique(const struct built_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(events[i].event.metric, events[j].event.metric) != 0)
				continue;
			return log_errno(
				-EINVAL,
				"events \"%s\" and \"%s\" would both be the metric %s: leave one "
				"out, or name one in the configuration: { event = \"%s\", rename "
				"= \"...\" }",
				events[j].event.text, events[i].event.text, events[i].event.metric,
				events[i].event.text);
		}
	}
	return 0;
}

int events_name(struct built_event *events, size_t n, enum event_naming naming)
{
	int err;

	for (size_t i = 0; i < n; i++) {
		free(events[i].event.metric);
		events[i].event.metric = base_name(&events[i], naming);
		if (!events[i].event.metric)
			return -ENOMEM;
		if (strcmp(events[i].event.metric, PERF_PREFIX) == 0 ||
		    strcmp(events[i].event.metric, PROCESS_PREFIX) == 0) {
			return log_errno(-EINVAL,
			                 "event \"%s\": its new name \"%s\" has no letter or digit",
			                 events[i].event.text, events[i].rename);
		}
	}
	err = make_distinct(events, n, naming);
	return err ? err : check_unique(events, n);
}
