/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks whether the perf source can work on this machine. */
#ifndef SOURCES_PERF_CHECK_CHECK_H
#define SOURCES_PERF_CHECK_CHECK_H

#include "alumet/check.h"

/* See struct plugin. */
enum check_result perf_check(const void *settings, struct check *check);

#endif
