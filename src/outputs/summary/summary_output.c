/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "outputs/file/output_file.h"
#include "core/output_path.h"
#include "outputs/summary/summary_settings.h"
#include "outputs/summary/terminal.h"
#include "tree/view/view.h"

#define ENERGY_METRIC "rapl_consumed_energy"

struct summary {
	struct output output; /* first: what the pipeline knows */
	const struct summary_settings *settings;
	const struct metric_registry *metrics;
	const struct run_info *run;
	bool has_file;
	struct output_file file;
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
	int err = summary->has_file ? output_file_begin(&summary->file) : 0;

	if (err)
		return err;
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

static int show(const struct summary *summary, const struct view *view, FILE *file)
{
	switch (summary->settings->mode) {
	case SUMMARY_JSON:
		return view_json(view, file);
	case SUMMARY_MARKDOWN:
		return view_markdown(view, file);
	default:
		return view_text(view, file);
	}
}

/* A summary that could not be written whole is cut to nothing. */
static size_t whole_summaries(const char *data, size_t n)
{
	return 0;
}

static int write_all(struct output_file *file, const char *bytes, size_t n)
{
	size_t written = 0;

	while (written < n) {
		ssize_t more =
			output_file_write(file, bytes + written, n - written, whole_summaries);

		if (more < 0)
			return (int)more;
		written += (size_t)more;
	}
	return output_file_finish(file);
}

static int show_in_file(struct summary *summary, const struct view *view)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&bytes, &n);
	int err = memory ? show(summary, view, memory) : -ENOMEM;

	if (memory && fclose(memory) != 0)
		err = -ENOMEM;
	err = err ? no_memory() : write_all(&summary->file, bytes, n);
	free(bytes);
	return err;
}

/* What a file is like: as wide as anything, and without colours that nobody asked for. */
static struct terminal no_terminal(int color)
{
	return (struct terminal){.colour = color == COLOR_ALWAYS};
}

static int summary_end(struct output *output, const struct run_end *end)
{
	struct summary *summary = summary_of(output);
	const int color = summary->settings->color;
	const struct terminal terminal =
		summary->has_file ? no_terminal(color) : terminal_look(color);
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
	if (summary->has_file)
		return show_in_file(summary, &view);
	err = show(summary, &view, stderr);
	fflush(stderr);
	return err ? no_memory() : 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void summary_close(struct output *output)
{
	struct summary *summary = summary_of(output);

	output_file_close(&summary->file);
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

static int open_file(struct summary *summary, const struct output_context *context)
{
	char *path = NULL;
	int err = output_path_expand_here(summary->settings->output_path, &path);

	if (!err)
		err = output_file_open(&summary->file, path, false, context);
	free(path);
	if (err)
		return err;
	summary->has_file = true;
	/* Losses belong where somebody looks: with no summary there, they are warnings. */
	summary->output.shows_notices = false;
	return 0;
}

static int summary_open(const void *settings, const struct output_context *context,
                        struct output **output)
{
	const struct summary_settings *chosen = settings;
	const char *by = chosen->by && *chosen->by ? chosen->by : NULL;
	/* A series has a summary of all its runs. */
	const bool is_off =
		chosen->mode == SUMMARY_NONE || (context->run && context->run->repeats > 1);
	struct summary *summary;
	int criterion = TREE_BY_WALL, err = 0;

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
	output_file_init(&summary->file);
	if (!is_off && chosen->output_path && *chosen->output_path)
		err = open_file(summary, context);
	if (err) {
		summary_close(&summary->output);
		return err;
	}
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
