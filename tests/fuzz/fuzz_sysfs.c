/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files of sysfs and procfs with any content: of a machine laid out in memory, the energy counters
 * and PMUs are looked for as on a real one. The input is the files' texts, separated by NULs.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/perf/events/pmu.h"
#include "sources/perf/events/pmu_format.h"
#include "sources/rapl/cpu_model.h"
#include "sources/rapl/machine.h"
#include "sources/rapl/perf_pmu.h"
#include "sources/rapl/places.h"
#include "sources/rapl/powercap_zone.h"

#define POWER "sys/bus/event_source/devices/power/"
#define CPU "sys/bus/event_source/devices/cpu/"
#define ZONES "sys/class/powercap/"
#define CPU0 "sys/devices/system/cpu/cpu0/topology/"

static const char *const files[] = {
	"proc/cpuinfo",
	"sys/devices/system/cpu/online",
	CPU0 "physical_package_id",
	CPU0 "die_id",
	CPU0 "core_id",
	POWER "type",
	POWER "cpumask",
	POWER "format/event",
	POWER "events/energy-pkg",
	POWER "events/energy-pkg.scale",
	POWER "events/energy-pkg.unit",
	CPU "type",
	CPU "cpus",
	CPU "format/umask",
	CPU "events/stalls",
	ZONES "intel-rapl:0/name",
	ZONES "intel-rapl:0/intel-rapl:0:0/name",
	ZONES "intel-rapl-mmio:0/name",
	ZONES "intel-rapl:0/max_energy_range_uj",
};

#define CPUS_MAX 512
#define N_FILES (sizeof(files) / sizeof(files[0]))

static char root[64];

/* What the files hold: most inputs change one of them. */
static struct {
	char *text;
	size_t n;
} contents[N_FILES];

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_root(void)
{
	nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < N_FILES; i++)
		free(contents[i].text);
}

static void make_root(void)
{
	strcpy(root, access("/dev/shm", W_OK) ? "/tmp/alumet-fuzz.XXXXXX"
	                                      : "/dev/shm/alumet-fuzz.XXXXXX");
	REQUIRE(mkdtemp(root));
	atexit(remove_root);
}

static void write_file(const char *file, const char *text, size_t n)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, file);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
			*slash = '\0';
			mkdir(path, 0755);
			*slash = '/';
		}
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	REQUIRE(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	close(fd);
}

static void set_content(size_t i, const uint8_t *text, size_t n)
{
	if (contents[i].text && contents[i].n == n && (!n || !memcmp(contents[i].text, text, n)))
		return;
	free(contents[i].text);
	contents[i].text = malloc(n + 1);
	REQUIRE(contents[i].text);
	if (n)
		memcpy(contents[i].text, text, n);
	contents[i].n = n;
	write_file(files[i], contents[i].text, n);
}

static void find_places(struct rapl_machine *machine, const struct cpu_list *cpus)
{
	static const enum rapl_places which[] = {PLACES_OF_MASK, PLACES_OF_PACKAGES,
	                                         PLACES_OF_CORES};

	for (size_t i = 0; i < 3; i++) {
		struct rapl_place *places = NULL;
		int n = rapl_places_find(machine, cpus, which[i], &places);

		REQUIRE(n >= 0 && (size_t)n <= cpus->n);
		for (int j = 0; j < n; j++)
			REQUIRE(cpu_list_has(cpus, places[j].cpu));
		free(places);
	}
}

static void find_energy(void)
{
	struct rapl_reason reason = {""};
	struct rapl_machine machine;
	struct rapl_cpu_model model;
	struct powercap_zones zones;
	struct cpu_list online;
	struct perf_pmu pmu;

	REQUIRE(!rapl_machine_open(&machine, root));
	rapl_cpu_model_find(machine.vendor, machine.family, machine.model, &model);
	if (!rapl_machine_online(&machine, &online)) {
		/* Files are opened for each CPU; more would only take long. */
		if (online.n <= CPUS_MAX)
			find_places(&machine, &online);
		cpu_list_free(&online);
	}
	if (!perf_pmu_read(&machine, "power", &pmu, &reason)) {
		REQUIRE(pmu.n_events > 0 && pmu.n_events <= RAPL_KINDS);
		for (size_t i = 0; i < pmu.n_events; i++)
			REQUIRE(pmu.events[i].counts_per_joule > 0);
		perf_pmu_free(&pmu);
	}
	if (!powercap_zones_find(&machine, &zones)) {
		for (size_t i = 0; i < zones.n; i++)
			REQUIRE(zones.zones[i].id.package >= 0 &&
			        zones.zones[i].id.kind < RAPL_KINDS);
		powercap_zones_free(&zones);
	}
	rapl_machine_close(&machine);
}

static void find_pmus(void)
{
	struct event_term terms[] = {{.key = "stalls"}, {.key = "umask", .value = "0x13"}};
	struct pmu_list list = {0};

	if (!pmu_list_load(root, &list)) {
		const struct pmu *pmu = NULL;

		while ((pmu = pmu_match(&list, "cpu", pmu))) {
			struct perf_event_attr attr = {0};

			if (!pmu_encode(&list, pmu, "cpu/stalls,umask=0x13/", terms, 2, &attr))
				REQUIRE(attr.type == pmu->type);
		}
	}
	pmu_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};

	if (!root[0])
		make_root();
	for (size_t i = 0; i < N_FILES; i++) {
		const uint8_t *end = input.n ? memchr(input.data, '\0', input.n) : NULL;
		size_t n = end ? (size_t)(end - input.data) : input.n;

		set_content(i, input.data, n);
		input.data += n + (end ? 1 : 0);
		input.n -= n + (end ? 1 : 0);
	}
	find_energy();
	find_pmus();
	return 0;
}
