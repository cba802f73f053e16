/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/log.h"
#include "outputs/summary/summary.h"

/* [plugins.summary] of the configuration. */
struct summary_settings {
	int mode; /* enum summary_mode */
};

struct summary_base {
	struct output base; /* first: what the pipeline knows */
	struct summary *summary;
	const struct run_info *run;
	const struct life_schema *schema;
	int cpu_time;                     /* index of that field, -1: nobody follows processes */
	struct process_counter *counters; /* one for each requested field; of the life at hand */
	size_t n_counters;
};

static const char *const modes[] = {"none", "short", "full", NULL};
static const struct setting_values mode_values = {.choices = modes};

static const struct setting settings_table[] = {
	{"mode", SETTING_CHOICE, offsetof(struct summary_settings, mode), "\"short\"", &mode_values,
         "\"short\": the tree is cut to one screen; \"full\": all of it; \"none\": no summary."},
	{.key = NULL},
};

static struct summary_base *base_of(struct output *output)
{
	return (struct summary_base *)output;
}

/* The requested fields are the columns of the tree. */
static int summary_output_begin(struct output *output, const struct life_schema *schema)
{
	struct summary_base *base = base_of(output);
	const char **names = calloc(schema->n + 1, sizeof(*names));

	base->schema = schema;
	base->cpu_time = life_field_index(schema, "cpu-time");
	base->counters = calloc(schema->n + 1, sizeof(*base->counters));
	if (!names || !base->counters) {
		free(names);
		log_error("out of memory for the summary");
		return -ENOMEM;
	}
	for (size_t i = 0; i < schema->n; i++) {
		if (schema->fields[i].requested)
			names[base->n_counters++] = schema->fields[i].name;
	}
	if (base->cpu_time >= 0)
		summary_begin(base->summary, base->n_counters, names);
	free(names);
	return 0;
}

static int summary_output_write(struct output *output, const struct point *points, size_t n)
{
	return summary_add_points(base_of(output)->summary, points, n);
}

static int summary_output_life(struct output *output, const struct life *life)
{
	struct summary_base *base = base_of(output);
	struct process_report report = {
		.key = life->key,
		.parent = life->parent,
		.is_root = life->is_root,
		.ended = life->ended,
		.executed = life->executed,
		.wait_status = life->wait_status,
		.begin_ns = life->begin_ns,
		.comm = life->comm,
		.exe = life->exe,
		.cpu_ns = base->cpu_time >= 0 ? life->values[base->cpu_time].u64 : 0,
		.threads = life->threads,
		.n_counters = base->n_counters,
		.counters = base->counters,
	};
	size_t n = 0;

	for (size_t i = 0; i < base->schema->n; i++) {
		const struct life_value *value = &life->values[i];

		if (!base->schema->fields[i].requested)
			continue;
		base->counters[n++] = (struct process_counter){
			.has_value = value->type == VALUE_U64,
			.value = value->type == VALUE_U64 ? value->u64 : 0,
		};
	}
	summary_add_process(base->summary, &report);
	return 0;
}

static int summary_output_end(struct output *output, const struct run_end *end)
{
	struct summary_base *base = base_of(output);
	struct winsize size = {0};

	summary_set_command(base->summary, base->run->argv);
	summary_set_wall_time(base->summary, end->wall_ns);
	if (!end->detached)
		summary_set_wait_status(base->summary, end->wait_status);
	for (size_t i = 0; i < end->n_notices; i++)
		summary_add_notice(base->summary, end->notices[i].line);
	if (isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){0};
	summary_print(base->summary, stderr, size.ws_col, size.ws_row);
	return 0;
}

static void summary_output_close(struct output *output)
{
	struct summary_base *base = base_of(output);

	summary_free(base->summary);
	free(base->counters);
	free(base);
}

/* Of a summary that is not to be printed: nothing is collected for it. */
static const struct output_ops no_summary = {.close = summary_output_close};

static int summary_output_open(const void *settings, const struct output_context *context,
                               struct output **output)
{
	const struct summary_settings *summary_settings = settings;
	const enum summary_mode mode = (enum summary_mode)summary_settings->mode;
	struct summary_base *base = calloc(1, sizeof(*base));
	struct summary *summary = summary_new(mode, context->metrics);

	if (!base || !summary) {
		summary_free(summary);
		free(base);
		log_error("out of memory for the summary");
		return -ENOMEM;
	}
	*base = (struct summary_base){
		.base = {.ops = mode == SUMMARY_NONE ? &no_summary : &summary_output,
	                 .shows_notices = mode != SUMMARY_NONE},
		.summary = summary,
		.run = context->run,
		.cpu_time = -1,
	};
	*output = &base->base;
	return 0;
}

const struct output_ops summary_output = {
	.open = summary_output_open,
	.begin = summary_output_begin,
	.write = summary_output_write,
	.life = summary_output_life,
	.end = summary_output_end,
	.close = summary_output_close,
};

const struct plugin summary_plugin = {
	.kind = PLUGIN_OUTPUT,
	.name = "summary",
	.help = "what the run cost, on stderr at its end",
	.settings = settings_table,
	.settings_size = sizeof(struct summary_settings),
	.def = PLUGIN_ALWAYS,
	.role = "--summary",
	.output = &summary_output,
};
