// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Definitions of what maps.h declares; sizes are the agent's to set before load. */
#include "maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct tasks_map tasks SEC(".maps");
struct reserves_map reserves SEC(".maps");
struct ring_map ring SEC(".maps");
struct events_map events SEC(".maps");
struct cpus_map cpus SEC(".maps");
struct changes_map changes SEC(".maps");
struct scratch_map scratches SEC(".maps");

__u64 slots[1 << SLOT_BITS];
const volatile struct run_config config = {};
struct run_state run = {};
