// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* sched_switch for plain runs: see RUN_HAS() in maps.h. */
#define PLAIN
#include "switch.bpf.c"
