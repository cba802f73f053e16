/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where each logical CPU sits: package, die, core, and the other hardware threads of the core. */
#ifndef LINUX_TOPOLOGY_H
#define LINUX_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/cpu_list.h"

struct topology_cpu {
	bool known; /* sysfs describes it, as it does all online CPUs */
	uint32_t package, die;
	uint32_t core;     /* the first hardware thread of its core */
	uint32_t siblings; /* other hardware threads of the core */
	uint32_t type;     /* core type on hybrid machines, 0 for the first PMU; elsewhere 0 */
};

struct topology {
	struct topology_cpu *cpus; /* by CPU number */
	uint32_t n;                /* the highest possible CPU number + 1 */
	bool has_smt;              /* some core has more than one hardware thread */
	uint32_t n_types;          /* core types: 1 unless the machine is hybrid */
};

/*
 * Read the topology below a root directory (see sysfs.h). A CPU that sysfs does not describe counts
 * as one of package 0. Returns 0 and the topology, which topology_free() frees; -ENOENT if sysfs
 * lists no CPUs; -ENOMEM; or the negative errno of opening the directory.
 */
int topology_read(const char *sysroot, struct topology *topology);

/* The topology may be zeroed. */
void topology_free(struct topology *topology);

#endif
