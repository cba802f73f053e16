/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many rows per second the CSV output writes on one core, from points to bytes in a file:
 *
 *   csv [FILE [ROWS]]        default: a temporary file, removed afterwards; 5 000 000
 *
 * The mix is that of a run which traces many short processes: for each, a process_info row with
 * four attributes and eight counters, and now and then five energies. Points reach the output in
 * flushes of the pipeline's size, with the default settings. The file is the one to be measured: on
 * a tmpfs it is the output's own cost, elsewhere also the file system's.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/metric_registry.h"
#include "outputs/csv/csv.h"

#define FLUSH 8192
#define N_COUNTERS 8

struct metrics {
	uint32_t counters[N_COUNTERS];
	uint32_t info, energy;
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static struct attribute attribute(const char *key, const char *text)
{
	return (struct attribute){key, text, strlen(text)};
}

static const struct attribute *info_attributes(void)
{
	static struct attribute attributes[4];

	attributes[0] = attribute("ppid", "728039");
	attributes[1] = attribute("comm", "cc1");
	attributes[2] = attribute("exe", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1");
	attributes[3] = attribute("args", "cc1 -quiet -I include -D A=1,2 main.c -o \"main.s\"");
	return attributes;
}

static void make_points(struct point *points, const struct metrics *metrics, uint64_t *random)
{
	static struct attribute domain[1];

	domain[0] = attribute("domain", "package");
	for (size_t i = 0; i < FLUSH; i++) {
		struct point *p = &points[i];

		*p = (struct point){
			.metric = metrics->counters[i % 9 % N_COUNTERS],
			.type = VALUE_U64,
			.value.u64 = next_random(random) >> (next_random(random) % 64),
			.consumer_kind = CONSUMER_PROCESS,
			.consumer_id = (uint32_t)(100000 + i / 9),
		};
		if (i % 9 == 0) {
			p->metric = metrics->info;
			p->value.u64 = 1;
			p->n_attributes = 4;
			p->attributes = info_attributes();
		} else if (i % 100 < 5) {
			p->metric = metrics->energy;
			p->type = VALUE_F64;
			p->value.f64 = (double)(next_random(random) >> 40) / 16384;
			p->resource_kind = RESOURCE_CPU_PACKAGE;
			p->consumer_kind = CONSUMER_LOCAL_MACHINE;
			p->n_attributes = 1;
			p->attributes = domain;
		}
	}
}

static int register_metrics(struct metric_registry *registry, struct metrics *metrics)
{
	static const char *const names[N_COUNTERS] = {
		"perf_hardware_REF_CPU_CYCLES", "perf_hardware_CACHE_MISSES",
		"perf_hardware_BRANCH_MISSES",  "perf_cache_LL_READ_MISS",
		"perf_software_PAGE_FAULTS",    "perf_software_CONTEXT_SWITCHES",
		"perf_software_CPU_MIGRATIONS", "perf_software_TASK_CLOCK",
	};
	int id = 0;

	for (size_t i = 0; i < N_COUNTERS && id >= 0; i++) {
		id = metric_register(registry, names[i], &UNIT_NONE, METRIC_CUMULATIVE);
		metrics->counters[i] = (uint32_t)id;
	}
	metrics->info =
		(uint32_t)metric_register(registry, "process_info", &UNIT_NONE, METRIC_GAUGE);
	metrics->energy = (uint32_t)metric_register(registry, "rapl_consumed_energy", &UNIT_JOULE,
	                                            METRIC_DELTA);
	return id;
}

static int write_rows(struct output *output, const struct metrics *metrics, uint64_t rows)
{
	static struct point points[FLUSH];
	uint64_t random = 88172645463325252ULL;
	uint64_t time_ns = clock_to_realtime(clock_monotonic_ns());
	int result = 0;

	make_points(points, metrics, &random);
	for (uint64_t done = 0; done < rows && result == 0; done += FLUSH) {
		size_t n = rows - done < FLUSH ? (size_t)(rows - done) : FLUSH;

		for (size_t i = 0; i < n; i++)
			points[i].time_ns = time_ns += 1000;
		result = csv_output.write(output, points, n);
	}
	return result;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	char temporary[] = "/tmp/bench-csv.XXXXXX";
	uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000000;
	struct metric_registry *registry = metric_registry_new();
	struct csv_settings settings = {
		.output_path = argc > 1 ? argv[1] : temporary,
		.force_flush = true,
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.csv_delimiter = ";",
		.csv_late_delimiter = ",",
	};
	struct output_context context = {.metrics = registry};
	struct metrics metrics;
	struct output *output;
	uint64_t begin;
	double wall, cpu;
	int fd = argc > 1 ? -1 : mkstemp(temporary);

	if (!registry || register_metrics(registry, &metrics) < 0 ||
	    csv_output.open(&settings, &context, &output) < 0)
		return 1;
	cpu = cpu_seconds();
	begin = clock_monotonic_ns();
	if (csv_output.begin(output, NULL) < 0 || write_rows(output, &metrics, rows) < 0 ||
	    csv_output.end(output, NULL) < 0)
		return 1;
	wall = (double)(clock_monotonic_ns() - begin) / 1e9;
	cpu = cpu_seconds() - cpu;
	printf("%.0f rows/s (%.0f rows per CPU second): %llu rows in %.3f s\n", (double)rows / wall,
	       (double)rows / cpu, (unsigned long long)rows, wall);
	csv_output.close(output);
	metric_registry_free(registry);
	if (fd >= 0) {
		close(fd);
		unlink(temporary);
	}
	return 0;
}
