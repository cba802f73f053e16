/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/loading.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "linux/capability.h"

unsigned int kernel_version(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return LINUX_VERSION(major, minor);
}

static bool is_preempt_rt(void)
{
	struct utsname name;

	return !uname(&name) && strstr(name.version, "PREEMPT_RT");
}

bool maps_allocate_on_demand(void)
{
	return kernel_version() >= LINUX_VERSION(6, 1) && !is_preempt_rt();
}

bool programs_are_preemptible(void)
{
	return kernel_version() >= LINUX_VERSION(7, 0) && is_preempt_rt();
}

bool kernel_has_light_skeleton(void)
{
	return kernel_version() >= LINUX_VERSION(6, 1);
}

bool program_is_needed(const struct run_config *config, const char *program)
{
	const struct {
		const char *program;
		bool is_needed;
	} choices[] = {
		{"on_arm", !config->nested},           {"on_arm_ns", config->nested},
		{"on_newtask", !config->nested},       {"on_newtask_ns", config->nested},
		{"on_switch", !config->weights_n},     {"on_switch_weigh", config->weights_n},
		{"on_exec", !config->restricted},      {"on_exec_rights", config->restricted},
		{"on_exec_again", config->exec_twice},
	};
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (strcmp(program, choices[i].program) == 0)
			return choices[i].is_needed;
	}
	return true;
}

struct run_config loading_config(const struct programs_request *request)
{
	struct run_config config = {
		.counters_n = request->counters_n,
		.sparse = request->sparse,
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE),
		.slots_n = programs_slots(request),
		.weights_n = request->weights_n,
		.groups_n = request->groups_n,
		.restricted = request->restricted,
		.cpus_n = request->cpus_n,
		.exec_twice = programs_are_preemptible(),
		.nested = !pid_namespace_is_initial(),
		.ring_wake = request->ring_bytes / 4,
	};
	uint32_t i;

	for (i = 0; i < request->weights_n; i++) {
		config.weights[i] = request->weights[i];
		config.times_run |= request->weights[i].counters_n == 0;
	}
	return config;
}

uint32_t loading_scratches(const struct programs_request *request)
{
	return programs_are_preemptible() ? 2 * request->cpus_n : request->cpus_n;
}

uint32_t loading_events(const struct programs_request *request)
{
	uint32_t n = request->cpus_n * request->counters_n;

	return n ? n : 1;
}
