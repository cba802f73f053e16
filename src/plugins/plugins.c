/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "plugins/plugins.h"

#include "outputs/csv/csv.h"
#include "outputs/summary/summary_output.h"
#include "sources/perf/perf_source.h"
#include "sources/rapl/rapl.h"
#include "transforms/energy/energy.h"

/*
 * The order matters in four places. Sources start in reverse order, stop and take samples in this
 * one: the energy is read last before the command begins, and first when it has ended. Transforms
 * see what those before them have added. The attribution of energy is opened when it is known whether
 * there is energy, and before the source that weighs for it. The summary ends last: it shows what the others reported.
 */
/* clang-format off */
const struct plugin *const plugin_table[] = {
	&rapl_plugin,
	&energy_plugin,
	&perf_plugin,
	&csv_plugin,
	&summary_plugin,
};
/* clang-format on */

const size_t plugin_table_n = sizeof(plugin_table) / sizeof(plugin_table[0]);
