// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sched_process_exec for plain runs: see RUN_HAS() in maps.h. */
#define PLAIN
#include "exec.bpf.c"
