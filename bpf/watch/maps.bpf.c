// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Definitions of the maps in adopt.h. The agent sets their sizes before loading. */
#include "adopt.h"

struct roots_map roots SEC(".maps");
struct cgroup_roots_map cgroup_roots SEC(".maps");
struct adoptees_map adoptees SEC(".maps");
struct orphans_map orphans SEC(".maps");
