/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "plugins/plugins.h"

#include "outputs/csv/csv.h"
#include "sources/perf/perf_source.h"
#include "sources/rapl/rapl.h"

/*
 * The order matters in one place: sources start in reverse order and stop in this one, so that the
 * energy is read last before the command begins, and first when it has ended.
 */
static const struct source_ops *const sources[] = {
	&rapl_source,
	&perf_source,
};

static const struct output_ops *const outputs[] = {
	&csv_output,
};

#define N_SOURCES (sizeof(sources) / sizeof(sources[0]))
#define N_OUTPUTS (sizeof(outputs) / sizeof(outputs[0]))

size_t plugins_count(void)
{
	return N_SOURCES + N_OUTPUTS;
}

struct plugin plugin_at(size_t index)
{
	if (index < N_SOURCES) {
		const struct source_ops *source = sources[index];

		return (struct plugin){
			.kind = PLUGIN_SOURCE,
			.name = source->name,
			.help = source->help,
			.settings = source->settings,
			.settings_size = source->settings_size,
			.source = source,
		};
	}

	const struct output_ops *output = outputs[index - N_SOURCES];

	return (struct plugin){
		.kind = PLUGIN_OUTPUT,
		.name = output->name,
		.help = output->help,
		.settings = output->settings,
		.settings_size = output->settings_size,
		.output = output,
	};
}
