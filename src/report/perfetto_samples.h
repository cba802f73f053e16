/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Samples of a profile in Perfetto's format for profilers: PerfSample, with stacks as InternedData.
 * ui.perfetto.dev shows them below the process, and as flame graphs.
 */
#ifndef REPORT_PERFETTO_SAMPLES_H
#define REPORT_PERFETTO_SAMPLES_H

#include <stdio.h>

#include "report/run.h"

/*
 * Write the packets, if there are samples. sequence: an id that no other packets use. Returns 0 or
 * -ENOMEM.
 */
int perfetto_write_samples(const struct report_data *data, unsigned int sequence, FILE *out);

#endif
