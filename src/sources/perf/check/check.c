/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/check/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/findings.h"

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

enum check_result perf_check(const void *settings, struct check *check)
{
	struct perf_check perf = {
		.check = check,
		.settings = settings,
		.may_bpf = permission_for_bpf(),
		.may_perf = permission_for_perf(),
	};
	bool is_partial = false;
	size_t before;

	permission_remedy(check->sysroot, perf.remedy);
	perf_check_kernel(&perf);
	perf_check_privileges(&perf);
	perf_check_bpf(&perf);
	before = check->findings->n;
	perf_check_events(&perf);
	for (size_t i = before; i < check->findings->n; i++)
		is_partial |= check->findings->items[i].verdict == LACKING;
	if (perf.is_obstructed)
		return CHECK_FAILS;
	return is_partial ? CHECK_IN_PART : CHECK_WORKS;
}
