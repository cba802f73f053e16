/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where each logical CPU sits: package, die, core, and the other hardware threads of the core. */
#ifndef LINUX_TOPOLOGY_H
#define LINUX_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/cpu_list.h"

struct topology_cpu {
	bool known; /* sysfs says where it is: true for those that are online */
	uint32_t package, die;
	uint32_t core;     /* the first hardware thread of its core */
	uint32_t siblings; /* other hardware threads of the core */
	uint32_t type;     /* of core, on hybrid machines: 0 is the first PMU's; else 0 */
};

struct topology {
	struct topology_cpu *cpus; /* by CPU number */
	uint32_t n;                /* the highest possible CPU number + 1 */
	bool has_smt;              /* some core has more than one hardware thread */
	uint32_t n_types;          /* of cores: 1 unless the machine is hybrid */
};

/*
 * Read the topology below a root folder (see sysfs.h). A CPU that sysfs knows nothing of is taken
 * for one of package 0. Returns 0 and the topology, for topology_free(); -ENOENT when sysfs lists
 * no CPUs there; -ENOMEM; or the negative errno of opening the folder.
 */
int topology_read(const char *sysroot, struct topology *topology);

/* Takes a zeroed topology. */
void topology_free(struct topology *topology);

#endif
