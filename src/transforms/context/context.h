/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Adds the origin of every row as attributes of each point: run_id, hostname, boot_id, and in batch
 * systems job_id, step, rank and task.
 */
#ifndef TRANSFORMS_CONTEXT_CONTEXT_H
#define TRANSFORMS_CONTEXT_CONTEXT_H

#include "alumet/plugin.h"

extern const struct plugin context_plugin;

#endif
