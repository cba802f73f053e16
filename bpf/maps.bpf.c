// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Definitions of what maps.h declares; sizes are the agent's to set before load. Maps whose
 * sizes depend on the events come last: the others are created while the events are looked up, see
 * await_size() in src/sources/perf/bpf/light.c.
 */
#include "maps.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct tasks_map tasks SEC(".maps");
struct reserves_map reserves SEC(".maps");
struct ring_map ring SEC(".maps");
struct cpus_map cpus SEC(".maps");
struct scratch_map scratches SEC(".maps");
struct events_map events SEC(".maps");
struct changes_map changes SEC(".maps");

__u64 slots[1 << SLOT_BITS];
const volatile struct run_config config = {};
struct run_state run = {};
