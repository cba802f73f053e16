/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/perf_pmu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/pmu_file.h"
#include "linux/sysfs.h"

/* Names of events, as in arch/x86/events/rapl.c; the last one is of the PMU "power_core". */
static const struct {
	const char *name;
	enum rapl_kind kind;
} energy_events[] = {
	{"energy-pkg", RAPL_PACKAGE}, {"energy-cores", RAPL_PP0},     {"energy-gpu", RAPL_PP1},
	{"energy-ram", RAPL_DRAM},    {"energy-psys", RAPL_PLATFORM}, {"energy-core", RAPL_PP0},
};

/*
 * The bits of config that a term sets, lo to hi, from the PMU's format directory. The kernel's RAPL
 * PMUs have one term, "event", in config:0-7. Returns 0 or -EBADMSG.
 */
static int term_bits(const struct rapl_machine *machine, const char *pmu, const char *term,
                     unsigned int *lo, unsigned int *hi)
{
	char file[96];
	char text[64];
	int end = 0;

	*lo = 0;
	*hi = 63;
	if (strcmp(term, "config") == 0)
		return 0;
	snprintf(file, sizeof(file), "format/%s", term);
	if (pmu_file_read(machine->sysroot, pmu, file, text, sizeof(text)))
		return -EBADMSG;
	if (sscanf(text, "config:%u-%u%n", lo, hi, &end) < 2 || text[end] != '\0') {
		end = 0;
		if (sscanf(text, "config:%u%n", lo, &end) < 1 || text[end] != '\0')
			return -EBADMSG;
		*hi = *lo;
	}
	return *lo <= *hi && *hi <= 63 ? 0 : -EBADMSG;
}

/* Parse "event=0x02" or "config=0x2,…" into a config. Returns 0 or -EBADMSG. */
static int parse_config(const struct rapl_machine *machine, const char *pmu, char *terms,
                        uint64_t *config)
{
	char *rest = NULL;

	*config = 0;
	for (char *term = strtok_r(terms, ",", &rest); term; term = strtok_r(NULL, ",", &rest)) {
		char *text = strchr(term, '=');
		unsigned int lo, hi;
		uint64_t value = 1; /* a term without a value is a flag */

		if (text)
			*text++ = '\0';
		if (text && sysfs_parse_u64(text, &value))
			return -EBADMSG;
		if (term_bits(machine, pmu, term, &lo, &hi))
			return -EBADMSG;
		if (hi - lo < 63 && value >> (hi - lo + 1))
			return -EBADMSG;
		*config |= value << lo;
	}
	return 0;
}

/* Far below any unit's scale (2^-32); its reciprocal still fits into 64 bits. */
#define SCALE_MIN 1e-18

/*
 * Parse joules per count, "2.3283064365386962890625e-10" (2^-32), into its reciprocal. If that is
 * an integer, apart from the rounding of the decimal number, use the integer: divisions by it round
 * only once.
 */
static int parse_scale(const char *text, double *counts_per_joule)
{
	char *end;
	double scale = strtod(text, &end);
	double whole;

	if (end == text || *end != '\0' || !(scale > SCALE_MIN && scale < 1.0 / SCALE_MIN))
		return -EBADMSG;
	/* Not with nearbyint(): nothing else in the program needs libm. */
	whole = (double)(uint64_t)(1.0 / scale + 0.5);
	*counts_per_joule = 1.0 / whole == scale ? whole : 1.0 / scale;
	return 0;
}

/* Fill in config and scale. Returns NULL, or what is wrong with the event. */
static const char *read_event(const struct rapl_machine *machine, const char *pmu,
                              struct perf_pmu_event *event)
{
	char file[96];
	char text[256];

	snprintf(file, sizeof(file), "events/%s.unit", event->name);
	if (!pmu_file_read(machine->sysroot, pmu, file, text, sizeof(text)) && *text &&
	    strcmp(text, "Joules") != 0)
		return "is not measured in Joules";
	snprintf(file, sizeof(file), "events/%s.scale", event->name);
	if (pmu_file_read(machine->sysroot, pmu, file, text, sizeof(text)) ||
	    parse_scale(text, &event->counts_per_joule))
		return "has no scale that can be understood";
	snprintf(file, sizeof(file), "events/%s", event->name);
	if (pmu_file_read(machine->sysroot, pmu, file, text, sizeof(text)) || !*text ||
	    parse_config(machine, pmu, text, &event->config))
		return "has terms that cannot be understood";
	return NULL;
}

static bool has_event(const struct rapl_machine *machine, const char *pmu, const char *event)
{
	char file[96];

	snprintf(file, sizeof(file), "events/%s", event);
	return pmu_file_exists(machine->sysroot, pmu, file);
}

static int read_type_and_cpus(const struct rapl_machine *machine, struct perf_pmu *pmu,
                              struct rapl_reason *reason)
{
	char what[64];
	int error = pmu_file_read_type(machine->sysroot, pmu->name, &pmu->type);

	if (error == -ENOENT) {
		snprintf(what, sizeof(what), "there is no PMU '%s'", pmu->name);
		rapl_reason_no_module(reason, machine, what, "rapl");
		return -ENODEV;
	}
	if (error) {
		rapl_reason_set(reason, "%s/" PMU_DEVICES "/%s/type holds no PMU type",
		                machine->sysroot, pmu->name);
		return -EBADMSG;
	}
	error = pmu_file_read_cpus(machine->sysroot, pmu->name, "cpumask", &pmu->cpus);
	if (error == -ENOMEM)
		return error;
	if (error || pmu->cpus.n == 0) {
		rapl_reason_set(reason, "%s/" PMU_DEVICES "/%s/cpumask holds no list of CPUs",
		                machine->sysroot, pmu->name);
		return -EBADMSG;
	}
	return 0;
}

int perf_pmu_read(const struct rapl_machine *machine, const char *name, struct perf_pmu *pmu,
                  struct rapl_reason *reason)
{
	int error;

	*pmu = (struct perf_pmu){.name = name};
	error = read_type_and_cpus(machine, pmu, reason);
	for (size_t i = 0; !error && i < sizeof(energy_events) / sizeof(*energy_events); i++) {
		struct perf_pmu_event event = {.name = energy_events[i].name,
		                               .kind = energy_events[i].kind};
		const char *wrong;

		if (pmu->n_events == RAPL_KINDS || !has_event(machine, name, event.name))
			continue;
		wrong = read_event(machine, name, &event);
		if (!wrong)
			pmu->events[pmu->n_events++] = event;
		else if (reason)
			log_warn("rapl: the event %s/%s/ %s: left out", name, event.name, wrong);
	}
	if (!error && pmu->n_events == 0) {
		rapl_reason_set(
			reason,
			"the PMU '%s' has no energy event: the registers read 0 when the kernel "
			"looked, as they do in virtual machines",
			name);
		error = -ENODEV;
	}
	if (error)
		perf_pmu_free(pmu);
	return error;
}

void perf_pmu_free(struct perf_pmu *pmu)
{
	cpu_list_free(&pmu->cpus);
	pmu->n_events = 0;
}
