/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/check/check.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/findings.h"
#include "sources/perf/check/check_parts.h"

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
