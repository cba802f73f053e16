/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The CPUs that share energy counters, and the factor of each CPU's weight: for the plan of weights
 * (alumet/weights.h), whose factors are set anew in each interval.
 */
#ifndef TRANSFORMS_ENERGY_MACHINE_H
#define TRANSFORMS_ENERGY_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/weights.h"
#include "linux/topology.h"

/* CPUs whose weights are summed: those of a die, or of a package if there are too many dies. */
struct cpu_group {
	uint32_t package, die;
	uint32_t n_cpus;
};

/* Use of a CPU in the interval; for a core, the sum over its hardware threads. */
struct cpu_use {
	uint64_t weight, misses, busy_ns;
	uint64_t energy; /* counts of its core's own counter (AMD); 0: it has none */
};

struct machine {
	struct topology topology;
	struct cpu_group groups[WEIGHT_GROUPS_MAX];
	uint32_t n_groups;
	uint8_t *group_of;      /* by CPU */
	uint32_t *factors;      /* by CPU, for the next interval */
	uint32_t *type_factors; /* by type of core */
	double smt_yield;
	struct cpu_use *uses;  /* by CPU */
	struct cpu_use *cores; /* by core; scratch space of machine_end_interval() */
};

/*
 * Read the topology below a root directory. core_factors: the weight of a cycle on each type of
 * core of a hybrid machine, "1,0.6", or NULL. Returns 0; -EINVAL after logging what is wrong with
 * core_factors; or another negative errno. Call machine_fini() in any case.
 */
int machine_init(struct machine *machine, const char *sysroot, double smt_yield,
                 const char *core_factors);
void machine_fini(struct machine *machine);

/* Whether group g belongs to a counter of the package, or of one of its dies (die >= 0). */
bool machine_is_part(const struct machine *machine, uint32_t g, int package, int die);

/*
 * Set the factors for the next interval from the uses in this one, which took ns, and reset them.
 */
void machine_end_interval(struct machine *machine, uint64_t ns);

#endif
