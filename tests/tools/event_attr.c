/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * event_attr [--sysroot DIR] EVENT…: how each event (or group) is asked of the kernel, in the words
 * of `perf stat -vv`, zeros left out, so that the two can be compared. An event that this machine
 * does not have, or lets nobody open, is printed all the same.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sources/perf/events/event.h"
#include "sources/perf/events/event_resolve.h"

/* What the machine lacks opens as this: only a refusal of the attr's form is passed on. */
#define NO_DESCRIPTOR 1000000

static int open_or_pretend(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	int fd;

	if (group_fd >= NO_DESCRIPTOR)
		group_fd = -1;
	fd = event_prober_kernel.open(NULL, attr, cpu, group_fd);
	return fd >= 0 || fd == -EINVAL ? fd : NO_DESCRIPTOR;
}

static void close_or_pretend(void *data, int fd, const struct perf_event_attr *attr)
{
	if (fd < NO_DESCRIPTOR)
		event_prober_kernel.close(NULL, fd, attr);
}

static void print_number(const char *name, unsigned long long value, const char *format)
{
	if (value == 0)
		return;
	printf("  %s ", name);
	printf(strcmp(format, "hex") == 0 ? "0x%llx\n" : "%llu\n", value);
}

static void print_instance(const struct event_instance *instance)
{
	const struct perf_event_attr *attr = &instance->attr;

	puts("perf_event_attr:");
	print_number("type", attr->type, "");
	print_number("config", attr->config, "hex");
	print_number("config1", attr->config1, "hex");
	print_number("config2", attr->config2, "hex");
	print_number("inherit", attr->inherit, "");
	print_number("exclude_user", attr->exclude_user, "");
	print_number("exclude_kernel", attr->exclude_kernel, "");
	print_number("exclude_hv", attr->exclude_hv, "");
	print_number("exclude_idle", attr->exclude_idle, "");
	print_number("exclude_host", attr->exclude_host, "");
	print_number("exclude_guest", attr->exclude_guest, "");
	if (instance->pmu)
		printf("  pmu %s\n", instance->pmu);
	for (size_t i = 0; i < instance->n_cpus; i++)
		printf("%s%u%s", i ? "," : "  cpus ", instance->cpus[i],
		       i + 1 == instance->n_cpus ? "\n" : "");
}

static void print_event(const struct event *event)
{
	static const char *const origins[] = {
		[EVENT_FROM_PERF] = "perf",
		[EVENT_FROM_KERNEL] = "kernel",
	};

	printf("event %s\n  metric %s\n  origin %s\n", event->text, event->metric,
	       origins[event->origin]);
	for (size_t i = 0; i < event->n_instances; i++)
		print_instance(&event->instances[i]);
}

static int print_text(const char *text, const char *sysroot)
{
	const struct event_prober prober = {.open = open_or_pretend, .close = close_or_pretend};
	char copy[4096];
	struct setting_item item = {.text = copy};
	const struct setting_list items = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &items, .sysroot = sysroot};
	struct event_list list;
	int err;

	snprintf(copy, sizeof(copy), "%s", text);
	err = events_resolve_with(&request, &prober, &list);
	if (err) {
		printf("event %s\n  error %s\n", text, strerror(-err));
		return 1;
	}
	for (size_t i = 0; i < list.n; i++)
		print_event(&list.events[i]);
	events_free(&list);
	return 0;
}

int main(int argc, char **argv)
{
	const char *sysroot = "/";
	int failed = 0, first = 1;

	if (argc > 2 && strcmp(argv[1], "--sysroot") == 0) {
		sysroot = argv[2];
		first = 3;
	}
	if (first >= argc) {
		fprintf(stderr, "usage: %s [--sysroot DIR] EVENT…\n", argv[0]);
		return 2;
	}
	for (int i = first; i < argc; i++)
		failed |= print_text(argv[i], sysroot);
	return failed;
}
