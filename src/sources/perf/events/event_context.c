/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_context.h"

void event_context_fini(struct event_context *context)
{
	pmu_list_free(&context->pmus);
	libpfm_close(&context->libpfm);
	context->has_pmus = false;
}

int event_context_pmus(struct event_context *context)
{
	int err;

	if (context->has_pmus)
		return 0;
	err = pmu_list_load(context->sysroot, &context->pmus);
	context->has_pmus = err == 0;
	if (err)
		pmu_list_free(&context->pmus);
	return err;
}
