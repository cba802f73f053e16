/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "outputs/summary/summary_settings.h"
#include "outputs/summary/terminal.h"
#include "tree/view/view.h"

#define ENERGY_METRIC "rapl_consumed_energy"

struct summary {
	struct output output; /* first: what the pipeline knows */
	const struct summary_settings *settings;
	const struct metric_registry *metrics;
	const struct run_info *run;
	int by;            /* what sorts the tree; see tree_criterion() */
	struct tree *tree; /* NULL: no processes are followed */
	bool no_memory;    /* for the tree */
	struct energy_sums energies;
	bool energy_known;
	uint32_t energy_metric;
};

static struct summary *summary_of(struct output *output)
{
	return (struct summary *)output;
}

static int no_memory(void)
{
	log_error("out of memory for the summary");
	return -ENOMEM;
}

/* --- collecting ------------------------------------------------------------------------------- */

static int summary_begin(struct output *output, const struct life_schema *schema)
{
	struct summary *summary = summary_of(output);

	if (schema->n == 0)
		return 0;
	summary->tree = tree_new(schema, summary->by);
	return summary->tree ? 0 : no_memory();
}

static bool is_energy(struct summary *summary, const struct point *point)
{
	if (summary->energy_known)
		return point->metric == summary->energy_metric;
	if (strcmp(metric_get(summary->metrics, point->metric)->name, ENERGY_METRIC) != 0)
		return false;
	summary->energy_known = true;
	summary->energy_metric = point->metric;
	return true;
}

static int summary_write(struct output *output, const struct point *points, size_t n)
{
	struct summary *summary = summary_of(output);

	for (size_t i = 0; i < n; i++) {
		if (is_energy(summary, &points[i]) &&
		    energy_sums_add(&summary->energies, &points[i]) != 0)
			return no_memory();
	}
	return 0;
}

/* A tree that is not whole is not shown; what else there is to show is. */
static int summary_life(struct output *output, const struct life *life)
{
	struct summary *summary = summary_of(output);

	if (summary->tree && !summary->no_memory && tree_add(summary->tree, life) != 0)
		summary->no_memory = true;
	return 0;
}

/* --- showing ---------------------------------------------------------------------------------- */

static int show(const struct summary *summary, const struct view *view)
{
	switch (summary->settings->mode) {
	case SUMMARY_JSON:
		return view_json(view, stderr);
	case SUMMARY_MARKDOWN:
		return view_markdown(view, stderr);
	default:
		return view_text(view, stderr);
	}
}

static int summary_end(struct output *output, const struct run_end *end)
{
	struct summary *summary = summary_of(output);
	struct terminal terminal = terminal_look(summary->settings->color);
	struct view view = {
		.tree = summary->no_memory ? NULL : summary->tree,
		.no_tree = summary->no_memory
	                           ? "memory ran out while the tree of processes was recorded"
	                           : NULL,
		.argv = summary->run->argv,
		.wall_ns = end->wall_ns,
		.has_status = !end->detached,
		.wait_status = end->wait_status,
		.detached = end->detached,
		.energies = &summary->energies,
		.n_figures = end->n_figures,
		.figures = end->figures,
		.n_notices = end->n_notices,
		.notices = end->notices,
		.n_paths = end->n_paths,
		.paths = end->paths,
		.is_full = summary->settings->mode == SUMMARY_FULL,
		.more = "--summary=full",
		.columns = terminal.columns,
		.rows = terminal.rows,
		.colour = terminal.colour,
	};
	int err;

	energy_sums_sort(&summary->energies);
	err = show(summary, &view);
	fflush(stderr);
	return err ? no_memory() : 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void summary_close(struct output *output)
{
	struct summary *summary = summary_of(output);

	tree_free(summary->tree);
	energy_sums_fini(&summary->energies);
	free(summary);
}

/* Of a summary that is not to be printed: nothing is collected for it. */
static const struct output_ops no_summary = {.close = summary_close};

/* "cpu, wall, rss, page-faults": what there is to sort by. */
static int refuse_criterion(const char *by, const struct life_schema *schema)
{
	char names[1024] = "cpu, wall";
	size_t length = strlen(names);

	for (size_t i = 0; i < schema->n; i++) {
		const char *name = schema->fields[i].name;

		if (strcmp(name, "cpu-time") == 0)
			continue;
		if (strcmp(name, "peak-rss") == 0)
			name = "rss";
		if (strcmp(name, "attributed-energy") == 0)
			name = "energy";
		if (length + strlen(name) + 3 > sizeof(names))
			break;
		length += (size_t)snprintf(names + length, sizeof(names) - length, ", %s", name);
	}
	log_error("--by=%s: nothing of that name is measured in this run, which has %s\n"
	          "-e adds an event, and --by takes its name then",
	          by, names);
	return -EINVAL;
}

static int summary_open(const void *settings, const struct output_context *context,
                        struct output **output)
{
	const struct summary_settings *chosen = settings;
	const char *by = chosen->by && *chosen->by ? chosen->by : NULL;
	const bool is_off = chosen->mode == SUMMARY_NONE;
	struct summary *summary;
	int criterion = TREE_BY_WALL;

	if (!is_off && context->schema && tree_criterion(context->schema, by, &criterion) != 0)
		return refuse_criterion(by, context->schema);
	summary = calloc(1, sizeof(*summary));
	if (!summary)
		return no_memory();
	*summary = (struct summary){
		.output = {.ops = is_off ? &no_summary : &summary_output, .shows_notices = !is_off},
		.settings = chosen,
		.metrics = context->metrics,
		.run = context->run,
		.by = criterion,
	};
	*output = &summary->output;
	return 0;
}

const struct output_ops summary_output = {
	.open = summary_open,
	.begin = summary_begin,
	.write = summary_write,
	.life = summary_life,
	.end = summary_end,
	.close = summary_close,
};

const struct plugin summary_plugin = {
	.kind = PLUGIN_OUTPUT,
	.name = "summary",
	.help = "what the run cost, on stderr at its end",
	.settings = summary_settings_table,
	.settings_size = sizeof(struct summary_settings),
	.def = PLUGIN_ALWAYS,
	.role = "--summary",
	.output = &summary_output,
};
