/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/profile_event.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/perf_event.h"
#include "linux/text_file.h"
#include "sources/perf/events/event.h"

#define MAX_RATE "proc/sys/kernel/perf_event_max_sample_rate"

/* Numbers with this many digits fit into 64 bits. */
#define DIGITS_MAX 18

static bool is_number(const char *text)
{
	return *text && strlen(text) <= DIGITS_MAX && !text[strspn(text, "0123456789")];
}

static struct perf_event_attr attr_of(uint32_t type, uint64_t config)
{
	return (struct perf_event_attr){
		.type = type,
		.size = sizeof(struct perf_event_attr),
		.config = config,
	};
}

static void set_rate(struct perf_event_attr *attr, uint64_t hz, uint64_t period)
{
	attr->read_format = 0;
	attr->disabled = 1;
	attr->exclude_idle = 1;
	attr->freq = period == 0;
	if (period)
		attr->sample_period = period;
	else
		attr->sample_freq = hz;
}

static bool has_cycles(void)
{
	struct perf_event_attr attr = attr_of(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
	int fd;

	set_rate(&attr, PROFILE_HZ, 0);
	fd = perf_event_open_on_cpu(&attr, 0, -1);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int set_name(struct sample_event *event, const char *name, const char *unit)
{
	event->weight_unit = unit;
	event->name = strdup(name);
	return event->name ? 0 : log_oom();
}

/* Use cycles if the machine counts them, else the clock, which every machine has. */
static int use_default(struct sample_event *event)
{
	const bool cycles = has_cycles();

	event->attr = cycles ? attr_of(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES)
	                     : attr_of(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
	return cycles ? set_name(event, "cycles", "") : set_name(event, "cpu-clock", "ns");
}

/*
 * Some software events of -e are read from the task itself, not from a counter. Sample the kernel's
 * event instead.
 */
static bool use_software(struct sample_event *event, const char *name)
{
	static const struct {
		const char *name;
		uint64_t config;
		const char *unit;
	} events[] = {
		{"cpu-clock", PERF_COUNT_SW_CPU_CLOCK, "ns"},
		{"task-clock", PERF_COUNT_SW_CPU_CLOCK, "ns"},
		{"context-switches", PERF_COUNT_SW_CONTEXT_SWITCHES, ""},
		{"cs", PERF_COUNT_SW_CONTEXT_SWITCHES, ""},
		{"cpu-migrations", PERF_COUNT_SW_CPU_MIGRATIONS, ""},
		{"migrations", PERF_COUNT_SW_CPU_MIGRATIONS, ""},
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(name, events[i].name) != 0)
			continue;
		event->attr = attr_of(PERF_TYPE_SOFTWARE, events[i].config);
		event->weight_unit = events[i].unit;
		return true;
	}
	return false;
}

static int use_named(struct sample_event *event, const char *name)
{
	struct setting_item item = {.text = (char *)name};
	const struct setting_list wanted = {.items = &item, .n = 1, .is_set = true},
				  none = {.n = 0};
	const struct event_request request = {
		.events = &wanted,
		.hardware_events = &none,
		.software_events = &none,
		.cache_events = &none,
		.sysroot = "/",
	};
	struct event_list list = {.n = 0};
	int err;

	if (use_software(event, name))
		return set_name(event, name, event->weight_unit);
	err = events_resolve(&request, &list);
	if (err)
		return err;
	if (list.n != 1 || list.events[0].n_instances != 1)
		err = log_errno(
			-EOPNOTSUPP,
			"--profile=%s: no samples can be taken by it: it is no event of one "
			"counter; 'cycles', 'cpu-clock' and 'page-faults' are some that can",
			name);
	if (!err) {
		event->attr = list.events[0].instances[0].attr;
		err = set_name(event, name, "");
	}
	events_free(&list);
	return err;
}

/* The kernel refuses a higher rate with EINVAL. */
static int check_rate(uint64_t hz)
{
	char most[32];

	if (text_file_read("/", MAX_RATE, most, sizeof(most)) || hz <= strtoull(most, NULL, 10))
		return 0;
	return log_errno(-EINVAL,
	                 "--profile=%llu: the kernel allows %s samples a second at most\n"
	                 "allow more: sudo sysctl kernel.perf_event_max_sample_rate=%llu",
	                 (unsigned long long)hz, most, (unsigned long long)hz);
}

const char *profile_event_problem(const void *field)
{
	const char *text = *(char *const *)field;
	const char *at = strrchr(text, '@');
	const char *number = at ? at + 1 : text;

	const bool is_name = isalpha((unsigned char)*text) || *text == '_' || !*text;

	if (!at && is_name)
		return NULL;
	if ((at ? is_name && at != text : is_number(text)) && is_number(number) &&
	    strtoull(number, NULL, 10))
		return NULL;
	return "it is how many samples a second (99), an event (page-faults), or one of every N "
	       "events (page-faults@100)";
}

int profile_event_parse(const char *text, struct sample_event *event)
{
	const char *at = strrchr(text, '@');
	uint64_t hz = PROFILE_HZ, period = 0;
	char *name = NULL;
	int err;

	*event = (struct sample_event){.name = NULL};
	if (at) {
		period = strtoull(at + 1, NULL, 10);
		name = strndup(text, (size_t)(at - text));
	} else if (is_number(text)) {
		hz = strtoull(text, NULL, 10);
	} else if (*text) {
		name = strdup(text);
	}
	if (!name && (at || (*text && !is_number(text))))
		return log_oom();
	err = period ? 0 : check_rate(hz);
	if (!err)
		err = name ? use_named(event, name) : use_default(event);
	if (!err)
		set_rate(&event->attr, hz, period);
	free(name);
	return err;
}
