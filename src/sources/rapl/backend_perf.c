/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Energy from perf: the PMU "power" (packages and dies) and, for AMD in newer kernels, "power_core"
 * (cores). The kernel extends the 32-bit registers to 64-bit counters, so that nothing wraps here.
 * The domains of a CPU form one perf group, so that one read() returns all of them at the same
 * moment.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/capability.h"
#include "core/log.h"
#include "linux/perf_event.h"
#include "sources/rapl/backend.h"
#include "sources/rapl/perf_pmu.h"
#include "sources/rapl/places.h"

/* One read() returns domains[first] to domains[first + n - 1]. */
struct group {
	int fd;
	size_t first, n;
};

struct perf_backend {
	struct rapl_backend base;
	int *fds; /* of each domain; a group's first is its leader */
	struct group *groups;
	size_t n_groups;
	int error; /* the first error of opening an event */
};

static void close_perf(struct rapl_backend *backend)
{
	struct perf_backend *perf = (struct perf_backend *)backend;

	if (!perf)
		return;
	for (size_t i = 0; i < perf->base.n_domains; i++)
		close(perf->fds[i]);
	free(perf->fds);
	free(perf->groups);
	free(perf->base.domains);
	free(perf);
}

static bool is_per_core(const struct perf_pmu *pmu)
{
	return strcmp(pmu->name, "power_core") == 0;
}

static int find_places(struct rapl_machine *machine, const struct perf_pmu *pmu,
                       struct rapl_place **places)
{
	return rapl_places_find(machine, &pmu->cpus,
	                        is_per_core(pmu) ? PLACES_OF_CORES : PLACES_OF_MASK, places);
}

/* psys is counted once for the machine, even if several packages show it. */
static bool is_counted_at(const struct perf_pmu_event *event, int place_index)
{
	return event->kind != RAPL_PLATFORM || place_index == 0;
}

static struct rapl_id domain_id(const struct perf_pmu_event *event, const struct rapl_place *place)
{
	struct rapl_id id = {event->kind, place->package, place->die};

	return event->kind == RAPL_PLATFORM ? (struct rapl_id){event->kind, 0, -1} : id;
}

static int open_event(const struct perf_pmu *pmu, const struct perf_pmu_event *event, uint32_t cpu,
                      int leader)
{
	struct perf_event_attr attr = {
		.type = pmu->type,
		.size = sizeof(attr),
		.config = event->config,
		.read_format = PERF_FORMAT_GROUP,
	};

	return perf_event_open_on_cpu(&attr, (int)cpu, leader);
}

/* Make room for one more domain and one more group. */
static int reserve(struct perf_backend *perf)
{
	int *fds = reallocarray(perf->fds, perf->base.n_domains + 1, sizeof(*fds));
	struct group *groups;

	if (!fds)
		return -ENOMEM;
	perf->fds = fds;
	groups = reallocarray(perf->groups, perf->n_groups + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	perf->groups = groups;
	return 0;
}

/* Open one event at one place: in *group if it fits there, else as the leader of a new group. */
static int add_event(struct perf_backend *perf, const struct perf_pmu *pmu,
                     const struct perf_pmu_event *event, const struct rapl_place *place, int *group)
{
	struct rapl_id id = domain_id(event, place);
	struct rapl_domain *domain;
	char label[RAPL_LABEL_SIZE];
	int fd = -1;

	if (reserve(perf))
		return -ENOMEM;
	if (*group >= 0)
		fd = open_event(pmu, event, place->cpu, perf->groups[*group].fd);
	if (fd < 0) {
		*group = -1;
		fd = open_event(pmu, event, place->cpu, -1);
	}
	if (fd < 0) {
		if (!perf->error)
			perf->error = fd;
		/* Without permission, no event opens: that is logged once, as the reason. */
		if (fd != -EACCES && fd != -EPERM)
			log_warn("rapl: perf: %s: event %s cannot be opened on CPU %u: %s",
			         rapl_id_label(&id, label), event->name, place->cpu, strerror(-fd));
		return 0;
	}
	domain = rapl_backend_add_domain(&perf->base, &id);
	if (!domain) {
		close(fd);
		return -ENOMEM;
	}
	domain->counts_per_joule = event->counts_per_joule;
	domain->core_cpu = is_per_core(pmu) ? (int)place->cpu : -1;
	perf->fds[perf->base.n_domains - 1] = fd;
	if (*group < 0) {
		*group = (int)perf->n_groups++;
		perf->groups[*group] = (struct group){fd, perf->base.n_domains - 1, 0};
	}
	perf->groups[*group].n++;
	return 0;
}

static int add_pmu(struct perf_backend *perf, struct rapl_machine *machine,
                   const struct perf_pmu *pmu)
{
	struct rapl_place *places;
	int n = find_places(machine, pmu, &places);
	int error = n < 0 ? n : 0;

	for (int i = 0; !error && i < n; i++) {
		int group = -1;

		for (size_t j = 0; !error && j < pmu->n_events; j++)
			if (is_counted_at(&pmu->events[j], i))
				error = add_event(perf, pmu, &pmu->events[j], &places[i], &group);
	}
	free(places);
	return error;
}

/* AMD's PMU of the cores, if the kernel has one. */
static int add_core_pmu(struct perf_backend *perf, struct rapl_machine *machine)
{
	struct rapl_reason unused;
	struct perf_pmu pmu;
	int error = perf_pmu_read(machine, "power_core", &pmu, &unused);

	if (error)
		return error == -ENOMEM ? error : 0;
	error = add_pmu(perf, machine, &pmu);
	perf_pmu_free(&pmu);
	return error;
}

static void read_perf(struct rapl_backend *backend, bool thorough)
{
	struct perf_backend *perf = (struct perf_backend *)backend;

	for (size_t i = 0; i < perf->n_groups; i++) {
		const struct group *group = &perf->groups[i];
		struct rapl_domain *domains = &perf->base.domains[group->first];
		uint64_t values[1 + RAPL_KINDS]; /* their number first */
		size_t size = (1 + group->n) * sizeof(*values);
		ssize_t got = read(group->fd, values, size);
		int error = 0;

		if (got < 0)
			error = -errno;
		else if (got == 0) /* the event is in error state: its CPU is gone for good */
			error = -ENODEV;
		else if ((size_t)got != size || values[0] != group->n)
			error = -EIO;
		for (size_t j = 0; j < group->n; j++) {
			domains[j].error = error;
			if (!error)
				domains[j].count = values[1 + j];
		}
	}
}

/* Set the reason why no event could be opened; returns the error of open_perf(). */
static int explain(const struct perf_backend *perf, struct rapl_reason *reason)
{
	switch (perf->error) {
	case -EACCES:
	case -EPERM:
		if (!user_namespace_is_initial())
			rapl_reason_set(
				reason,
				"the energy events may not be opened: " USER_NAMESPACE_REASON
				": " USER_NAMESPACE_REMEDY);
		else
			rapl_reason_set(
				reason,
				"the energy events may not be opened (%s): that needs CAP_PERFMON, "
				"root, or kernel.perf_event_paranoid at 0 or below",
				strerror(-perf->error));
		return perf->error;
	case -EMFILE:
	case -ENFILE:
		rapl_reason_set(reason, "too many open files: raise the limit (ulimit -n)");
		return -EIO;
	default:
		rapl_reason_set(
			reason,
			"the PMU 'power' is there, but none of its events can be opened: %s",
			strerror(-perf->error));
		return -EIO;
	}
}

static int scan_perf(struct rapl_machine *machine, struct rapl_id_list *list)
{
	static const char *const names[] = {"power", "power_core"};
	int error = 0;

	*list = (struct rapl_id_list){0};
	for (size_t i = 0; !error && i < sizeof(names) / sizeof(*names); i++) {
		struct rapl_place *places = NULL;
		struct perf_pmu pmu;
		int n;

		error = perf_pmu_read(machine, names[i], &pmu, NULL);
		if (error) {
			error = error == -ENOMEM ? error : 0;
			continue;
		}
		n = find_places(machine, &pmu, &places);
		error = n < 0 ? n : 0;
		for (int j = 0; j < n; j++)
			for (size_t k = 0; !error && k < pmu.n_events; k++) {
				struct rapl_id id = domain_id(&pmu.events[k], &places[j]);

				error = rapl_id_list_add(list, &id);
			}
		free(places);
		perf_pmu_free(&pmu);
	}
	if (error)
		rapl_id_list_free(list);
	return !error && list->n == 0 ? -ENODEV : error;
}

static int open_perf(struct rapl_machine *machine, struct rapl_backend **backend,
                     struct rapl_reason *reason)
{
	struct perf_backend *perf = calloc(1, sizeof(*perf));
	struct perf_pmu pmu;
	int error;

	if (!perf)
		return -ENOMEM;
	perf->base.ops = &rapl_backend_perf;
	error = perf_pmu_read(machine, "power", &pmu, reason);
	if (!error) {
		error = add_pmu(perf, machine, &pmu);
		perf_pmu_free(&pmu);
	}
	if (!error && perf->base.n_domains > 0)
		error = add_core_pmu(perf, machine);
	if (!error && perf->base.n_domains == 0)
		error = explain(perf, reason);
	if (error) {
		close_perf(&perf->base);
		return error == -EBADMSG ? -EIO : error;
	}
	*backend = &perf->base;
	return 0;
}

const struct rapl_backend_ops rapl_backend_perf = {
	.name = "perf",
	.scan = scan_perf,
	.open = open_perf,
	.read = read_perf,
	.close = close_perf,
};
