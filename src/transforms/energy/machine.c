/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "transforms/energy/share.h"

/* A core's energy per cycle is limited to this multiple of the mean: more is a wrong counter. */
#define CORE_FACTOR_MAX 4.0

/* --- groups ----------------------------------------------------------------------------------- */

/* The group of a package and die, created if needed; WEIGHT_GROUPS_MAX if there are too many. */
static uint32_t find_group(struct machine *machine, uint32_t package, uint32_t die)
{
	uint32_t g = 0;

	while (g < machine->n_groups &&
	       (machine->groups[g].package != package || machine->groups[g].die != die))
		g++;
	if (g == machine->n_groups && g < WEIGHT_GROUPS_MAX)
		machine->groups[machine->n_groups++] = (struct cpu_group){package, die, 0};
	return g;
}

/* Returns false if there are too many groups to keep weights for. */
static bool group_cpus(struct machine *machine, bool by_die)
{
	machine->n_groups = 0;
	for (uint32_t cpu = 0; cpu < machine->topology.n; cpu++) {
		const struct topology_cpu *at = &machine->topology.cpus[cpu];
		uint32_t g = 0;

		if (at->known || cpu == 0)
			g = find_group(machine, at->package, by_die ? at->die : 0);
		if (g == WEIGHT_GROUPS_MAX)
			return false;
		machine->group_of[cpu] = (uint8_t)g;
		machine->groups[g].n_cpus += at->known;
	}
	return true;
}

bool machine_is_part(const struct machine *machine, uint32_t g, int package, int die)
{
	const struct cpu_group *group = &machine->groups[g];

	return (int)group->package == package && (die < 0 || (int)group->die == die);
}

/* --- factors ---------------------------------------------------------------------------------- */

static int parse_factors(struct machine *machine, const char *text)
{
	const uint32_t n = machine->topology.n_types;
	const char *whole = text;

	machine->type_factors = calloc(n, sizeof(*machine->type_factors));
	if (!machine->type_factors)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		char *end = (char *)text;
		double factor = text && *text ? strtod(text, &end) : 1;

		if (text && *text && (end == text || !(factor > 0 && factor <= 16))) {
			log_error("energy-attribution: core_factors = \"%s\": a number above 0 for "
			          "each type of core is expected, as in \"1,0.6\"",
			          whole);
			return -EINVAL;
		}
		machine->type_factors[i] = (uint32_t)(factor * ENERGY_FACTOR_ONE + 0.5);
		text = end && *end == ',' ? end + 1 : end;
	}
	return 0;
}

/* Sum the uses of each core's hardware threads, with their weights before any factor. */
static void sum_cores(struct machine *machine)
{
	memset(machine->cores, 0, machine->topology.n * sizeof(*machine->cores));
	for (uint32_t cpu = 0; cpu < machine->topology.n; cpu++) {
		const struct cpu_use *use = &machine->uses[cpu];
		struct cpu_use *core = &machine->cores[machine->topology.cpus[cpu].core];

		core->busy_ns += use->busy_ns;
		core->energy += use->energy;
		if (machine->factors[cpu])
			core->weight += use->weight * ENERGY_FACTOR_ONE / machine->factors[cpu];
	}
}

/* Energy per weight of all cores that have a counter; 0: none has. */
static double mean_price(const struct machine *machine)
{
	double energy = 0, weight = 0;

	for (uint32_t core = 0; core < machine->topology.n; core++) {
		energy += (double)machine->cores[core].energy;
		if (machine->cores[core].energy)
			weight += (double)machine->cores[core].weight;
	}
	return weight > 0 ? energy / weight : 0;
}

/*
 * A core's energy per weight, relative to the mean of all: the factor of its weight for the
 * package's energy.
 */
static double core_factor(const struct cpu_use *core, double mean)
{
	double factor;

	if (mean <= 0 || core->energy == 0 || core->weight == 0)
		return 1;
	factor = (double)core->energy / (double)core->weight / mean;
	return factor > CORE_FACTOR_MAX ? CORE_FACTOR_MAX : factor;
}

void machine_end_interval(struct machine *machine, uint64_t ns)
{
	double mean;

	sum_cores(machine);
	mean = mean_price(machine);
	for (uint32_t cpu = 0; cpu < machine->topology.n; cpu++) {
		const struct topology_cpu *at = &machine->topology.cpus[cpu];
		const struct cpu_use *core = &machine->cores[at->core];
		double factor = machine->type_factors[at->type];

		if (at->siblings)
			factor *=
				energy_smt_factor(machine->smt_yield,
			                          core->busy_ns - machine->uses[cpu].busy_ns, ns) /
				(double)ENERGY_FACTOR_ONE;
		machine->factors[cpu] = (uint32_t)(factor * core_factor(core, mean) + 0.5);
	}
	memset(machine->uses, 0, machine->topology.n * sizeof(*machine->uses));
}

/* --- the machine ------------------------------------------------------------------------------ */

int machine_init(struct machine *machine, const char *sysroot, double smt_yield,
                 const char *core_factors)
{
	int err;

	*machine = (struct machine){.smt_yield = smt_yield};
	err = topology_read(sysroot, &machine->topology);
	if (err)
		return err;
	machine->group_of = calloc(machine->topology.n, sizeof(*machine->group_of));
	machine->factors = calloc(machine->topology.n, sizeof(*machine->factors));
	machine->uses = calloc(machine->topology.n, sizeof(*machine->uses));
	machine->cores = calloc(machine->topology.n, sizeof(*machine->cores));
	if (!machine->group_of || !machine->factors || !machine->uses || !machine->cores)
		return -ENOMEM;
	if (!group_cpus(machine, true) && !group_cpus(machine, false))
		return -E2BIG;
	err = parse_factors(machine, core_factors);
	if (!err)
		machine_end_interval(machine, 0);
	return err;
}

void machine_fini(struct machine *machine)
{
	topology_free(&machine->topology);
	free(machine->group_of);
	free(machine->factors);
	free(machine->type_factors);
	free(machine->uses);
	free(machine->cores);
	*machine = (struct machine){.n_groups = 0};
}
