/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The source that follows the command's processes and counts events for each. */
#ifndef SOURCES_PERF_PERF_SOURCE_H
#define SOURCES_PERF_PERF_SOURCE_H

#include "alumet/plugin.h"

extern const struct source_ops perf_source;
extern const struct plugin perf_plugin;

#endif
