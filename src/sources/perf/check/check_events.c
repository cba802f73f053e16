/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opens the events that exec would count, and all named events of this machine. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log_capture.h"
#include "core/text.h"
#include "sources/perf/check/check_parts.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/event_catalog.h"
#include "sources/perf/fields.h"

#define REMEDY_NO_PMU                                                                              \
	"in a virtual machine: have the host pass its PMU on\n(QEMU: -cpu host,pmu=on)"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *sysroot_of(const struct perf_check *perf)
{
	return *perf->check->sysroot ? perf->check->sysroot : "/";
}

/* ---- PMUs ---- */

/* The names of CPU PMUs in the kernel's drivers: x86, its hybrids, Arm, Apple, RISC-V, s390. */
static bool is_cpu_pmu(const char *name)
{
	static const char *const beginnings[] = {"armv", "apple_", "riscv", "cpum_cf"};

	if (strcmp(name, "cpu") == 0 || strcmp(name, "cpu_core") == 0 ||
	    strcmp(name, "cpu_atom") == 0)
		return true;
	for (size_t i = 0; i < COUNT(beginnings); i++) {
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool check_pmus(struct perf_check *perf)
{
	struct dirent **entries = NULL;
	struct text names = {0};
	char *folder = NULL;
	bool has_cpu = false;
	int n = -1;

	if (asprintf(&folder, "%s/sys/bus/event_source/devices", perf->check->sysroot) >= 0)
		n = scandir(folder, &entries, is_name, alphasort);
	free(folder);
	for (int i = 0; i < n; i++) {
		text_add_string(&names, i ? " " : "");
		text_add_string(&names, entries[i]->d_name);
		has_cpu = has_cpu || is_cpu_pmu(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);

	check_add(perf->check, n > 0 ? GOOD : LACKING, "PMUs",
	          n > 0 ? NULL : "mount sysfs: mount -t sysfs sysfs /sys", "%.*s",
	          n > 0 ? (int)names.n : 4, n > 0 ? names.data : "none");
	if (has_cpu)
		check_add(perf->check, GOOD, "hardware counters", NULL, "there");
	else
		check_add(
			perf->check, LACKING, "hardware counters", REMEDY_NO_PMU,
			"none: the CPU has no PMU that the kernel knows, so there are no hardware "
			"and no cache events");
	text_fini(&names);
	return has_cpu;
}

/* ---- the events of this configuration ---- */

static void report_configured(struct perf_check *perf, const struct event_list *list,
                              const char *logged)
{
	struct text labels = {0};

	for (size_t i = 0; i < list->n; i++) {
		text_add_string(&labels, i ? ", " : "");
		text_add_string(&labels, list->events[i].text);
	}
	check_add(perf->check, logged && *logged ? LACKING : GOOD, "events of this configuration",
	          logged && *logged ? "name the events to count with -e, or in [plugins.perf]"
	                            : NULL,
	          "%.*s%s%s", (int)labels.n, labels.data ? labels.data : "",
	          logged && *logged ? "\n" : "", logged && *logged ? logged : "");
	text_fini(&labels);
}

static void check_configured(struct perf_check *perf)
{
	const struct perf_settings *settings = perf->settings;
	struct event_list list = {0};
	struct log_capture capture;
	char *text;
	int err;
	const struct event_request request = {
		.events = &settings->events,
		.hardware_events = &settings->hardware_events,
		.software_events = &settings->software_events,
		.cache_events = &settings->cache_events,
		.naming = (enum event_naming)settings->naming,
		.sysroot = sysroot_of(perf),
	};

	log_capture_begin(&capture, true);
	err = events_resolve(&request, &list);
	text = log_capture_end(&capture);
	if (err)
		perf_check_obstacle(perf, "events of this configuration",
		                    perf->may_perf ? "name others with -e, or in [plugins.perf]"
		                                   : perf->remedy,
		                    "%s", text && *text ? text : strerror(-err));
	else
		report_configured(perf, &list, text);
	events_free(&list);
	free(text);
}

/* ---- every event with a name ---- */

/* Events that can be opened, events that cannot, and the error of the first of these. */
struct tried {
	struct text good, bad;
	int err;
	const char *remedy; /* of the first that the kernel could keep; NULL: none is known */
};

/* How to make the kernel keep a value for processes, or NULL. */
static const char *remedy_of(const char *name)
{
	const char *why, *remedy = NULL;
	uint32_t field;

	return field_find(name, &field) && field_is_missing(field, PROC, &why, &remedy) ? remedy
	                                                                                : NULL;
}

static int note_event(void *data, const struct event_entry *entry)
{
	struct tried *tried = &((struct tried *)data)[entry->kind];
	struct text *names = entry->err ? &tried->bad : &tried->good;

	text_add_string(names, names->n ? " " : "");
	text_add_string(names, entry->name);
	if (!tried->err)
		tried->err = entry->err;
	if (entry->err && entry->kind == EVENT_OF_PROCESS && !tried->remedy)
		tried->remedy = remedy_of(entry->name);
	return 0;
}

/* What to do about events that cannot be counted. */
static const char *remedy_for(const struct perf_check *perf, const struct tried *tried)
{
	if (tried->remedy)
		return tried->remedy;
	return perf->may_perf ? "measure others: this machine does not count these" : perf->remedy;
}

static void report_tried(struct perf_check *perf, const char *subject, struct tried *tried)
{
	if (tried->good.n > 0)
		check_add(perf->check, GOOD, subject, NULL, "%.*s", (int)tried->good.n,
		          tried->good.data);
	if (tried->bad.n > 0)
		check_add(perf->check, LACKING, subject, remedy_for(perf, tried), "%s%.*s (%s)",
		          tried->good.n > 0 ? "not " : "none",
		          tried->good.n > 0 ? (int)tried->bad.n : 0, tried->bad.data,
		          strerror(-tried->err));
	text_fini(&tried->good);
	text_fini(&tried->bad);
}

void perf_check_events(struct perf_check *perf)
{
	bool has_pmu;
	struct tried tried[EVENT_OF_PMU + 1] = {0};
	struct log_capture capture;

	check_area(perf->check, "events", "Events");
	has_pmu = check_pmus(perf);
	check_configured(perf);
	log_capture_begin(&capture, true); /* what is missing is reported by kind, once */
	event_catalog(sysroot_of(perf), &event_prober_kernel, note_event, tried);
	free(log_capture_end(&capture));
	/*
	 * The lack of a PMU has a finding of its own: the events that need one are not listed
	 * again.
	 */
	if (!has_pmu) {
		text_clear(&tried[EVENT_HARDWARE].bad, 0);
		text_clear(&tried[EVENT_CACHE].bad, 0);
	}
	report_tried(perf, "hardware events", &tried[EVENT_HARDWARE]);
	report_tried(perf, "software events", &tried[EVENT_SOFTWARE]);
	report_tried(perf, "values of processes", &tried[EVENT_OF_PROCESS]);
	report_tried(perf, "cache events", &tried[EVENT_CACHE]);
	report_tried(perf, "events of PMUs", &tried[EVENT_OF_PMU]);
}
