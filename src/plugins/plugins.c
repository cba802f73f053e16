/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "plugins/plugins.h"

#include "outputs/csv/csv.h"
#include "outputs/processes/processes.h"
#include "outputs/summary/summary_output.h"
#include "sources/perf/perf_source.h"
#include "sources/rapl/rapl.h"
#include "transforms/context/context.h"
#include "transforms/energy/energy.h"

/*
 * The order matters in four places. Sources start in reverse order, but stop and take samples in
 * this order: energy is read last before the command starts, and first after it has ended.
 * Transforms see what those before them added. The energy transform is opened after rapl, when it
 * is known whether there is energy, and before perf, which counts the weights for it. The summary
 * ends last, because it shows what the other outputs reported.
 */
/* clang-format off */
const struct plugin *const plugin_table[] = {
	&rapl_plugin,
	&context_plugin,
	&energy_plugin,
	&perf_plugin,
	&csv_plugin,
	&processes_plugin,
	&summary_plugin,
};
/* clang-format on */

const size_t plugin_table_n = sizeof(plugin_table) / sizeof(plugin_table[0]);
