/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Machines with several backends, and a source that does not really wait. */
#ifndef TESTS_UNIT_RAPL_CHOICE_SUPPORT_H
#define TESTS_UNIT_RAPL_CHOICE_SUPPORT_H

#include "alumet/energy.h"
#include "core/metric_registry.h"
#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)

/* What happens while the source waits for a counter to move; called in the place of each pause. */
static void (*at_pause)(void);
static unsigned int n_pauses;

/* In the place of libc's. */
int nanosleep(const struct timespec *duration, struct timespec *rest)
{
	n_pauses++;
	if (at_pause)
		at_pause();
	return 0;
}

static inline int set_up(void **state)
{
	struct run *run = malloc(sizeof(*run));

	at_pause = NULL;
	n_pauses = 0;
	run_init(run);
	*state = run;
	return 0;
}

static inline int tear_down(void **state)
{
	run_fini(*state);
	free(*state);
	return 0;
}

/* A PMU that opens: its events are the software clock. event: without "energy-". */
static inline void lay_out_perf(struct run *run, const char *cpumask, const char *event)
{
	char file[256];

	root_write(&run->root, POWER_PMU "type", "1\n");
	root_write(&run->root, POWER_PMU "cpumask", "%s\n", cpumask);
	snprintf(file, sizeof(file), POWER_PMU "events/energy-%s", event);
	root_write(&run->root, file, "config=0x0\n");
	snprintf(file, sizeof(file), POWER_PMU "events/energy-%s.scale", event);
	root_write(&run->root, file, "1e-9\n");
}

static inline void lay_out_msr(struct run *run)
{
	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, 0x606, 0xa0e03);
	root_msr(&run->root, 0, 0x611, 1000);
}

static inline void skip_without_perf(void)
{
	struct run *run = malloc(sizeof(*run));
	int error;

	run_init(run);
	run->settings.backend = RAPL_PERF;
	lay_out_perf(run, "0", "pkg");
	error = run_open(run);
	run_fini(run);
	free(run);
	if (error) {
		print_message("perf events of a CPU may not be opened here\n");
		skip();
	}
}

#endif
