/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/loading.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "linux/capability.h"
#include "linux/grace_period.h"

unsigned int kernel_version(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return LINUX_VERSION(major, minor);
}

/* preemption: "PREEMPT_RT"; or "PREEMPT": of any kind, as in "SMP PREEMPT_DYNAMIC". */
static bool kernel_has(const char *preemption)
{
	struct utsname name;

	return !uname(&name) && strstr(name.version, preemption);
}

bool maps_allocate_on_demand(void)
{
	return kernel_version() >= LINUX_VERSION(6, 1) && !kernel_has("PREEMPT_RT");
}

/* Whether programs at raw tracepoints can be preempted: see bpf/exec.bpf.c. */
static bool programs_are_preemptible(void)
{
	return kernel_version() >= LINUX_VERSION(7, 0) && kernel_has("PREEMPT");
}

bool kernel_has_light_skeleton(void)
{
	return kernel_version() >= LINUX_VERSION(6, 1);
}

bool run_is_plain(const struct run_config *config)
{
	return !config->weights_n && !config->times_run && !config->restricted &&
	       !config->watches && !config->excludes && !config->exec_twice && !config->sparse &&
	       !config->ranks_n;
}

bool newtask_arms(const struct run_config *config)
{
	return !config->nested && !config->restricted && !config->watches;
}

bool program_is_needed(const struct run_config *config, const char *program)
{
	const bool is_plain = run_is_plain(config);
	const struct {
		const char *program;
		bool is_needed;
	} choices[] = {
		{"on_arm", !config->nested && !newtask_arms(config)},
		{"on_arm_ns", config->nested},
		{"on_newtask", !config->nested && !config->watches},
		{"on_newtask_ns", config->nested && !config->watches},
		{"on_switch", is_plain},
		{"on_switch_full", !is_plain && !config->weights_n},
		{"on_switch_weigh", config->weights_n},
		{"on_exec", is_plain},
		{"on_exec_full", !is_plain && !config->restricted && !config->ranks_n},
		{"on_exec_rights", config->restricted && !config->ranks_n},
		{"on_exec_ranks", config->ranks_n},
		{"on_exec_again", config->exec_twice},
	};
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (strcmp(program, choices[i].program) == 0)
			return choices[i].is_needed;
	}
	return true;
}

/* rank_names_problem() has refused names that are too many or too long. */
static void take_rank_names(struct run_config *config, const char *const *names)
{
	for (; names && *names && config->ranks_n < RANK_NAMES_MAX; names++) {
		struct rank_name *rank = &config->ranks[config->ranks_n++];
		const size_t n = strlen(*names);

		if (n >= sizeof(rank->words))
			continue;
		memcpy(rank->words, *names, n);
		((char *)rank->words)[n] = '=';
		memset(rank->masks, 0xff, n + 1);
	}
}

/*
 * Attaching waits for an RCU grace period. Since Linux 6.13, expedited ones count; before, it also
 * waits for one of SRCU.
 */
void loading_prepare_attaching(void)
{
	if (kernel_version() >= LINUX_VERSION(6, 13))
		grace_period_expedite();
}

struct run_config loading_config(const struct programs_request *request)
{
	struct run_config config = {
		.counters_n = request->counters_n,
		.sparse = request->sparse,
		.always_on = request->always_on,
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE),
		.slots_n = programs_slots(request),
		.weights_n = request->weights_n,
		.groups_n = request->groups_n,
		.restricted = request->restricted,
		.watches = request->watches,
		.excludes = request->restricted || request->watches,
		.cpus_n = request->cpus_n,
		.exec_twice = programs_are_preemptible(),
		.nested = !pid_namespace_is_initial(),
		.changes_n = programs_changes(request),
		.ring_wake = request->ring_bytes / 4,
	};
	uint32_t i;

	take_rank_names(&config, request->rank_names);
	for (i = 0; i < request->weights_n; i++) {
		config.weights[i] = request->weights[i];
		config.times_run |= request->weights[i].counters_n == 0;
	}
	return config;
}

uint32_t loading_scratches(const struct programs_request *request)
{
	return programs_are_preemptible() ? 2 * request->cpus_expected : request->cpus_expected;
}

uint32_t loading_changes(const struct programs_request *request)
{
	return request->cpus_n * programs_changes(request);
}

uint32_t loading_events(const struct programs_request *request)
{
	uint32_t n = request->cpus_n * request->counters_n;

	return n ? n : 1;
}
