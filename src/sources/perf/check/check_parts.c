/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/check/check_parts.h"

#include <stdarg.h>
#include <stdio.h>

void perf_check_obstacle(struct perf_check *perf, const char *subject, const char *remedy,
                         const char *detail, ...)
{
	char text[1024];
	va_list args;

	va_start(args, detail);
	vsnprintf(text, sizeof(text), detail, args);
	va_end(args);
	perf->is_obstructed = true;
	check_add(perf->check, check_obstacle(perf->check), subject, remedy, "%s", text);
}
