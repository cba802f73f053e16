/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "outputs/file/output_file.h"
#include "core/output_path.h"
#include "core/write_whole.h"
#include "tree/elsewhere.h"
#include "core/parallel_task.h"
#include "outputs/summary/status_line.h"
#include "outputs/summary/summary_profile.h"
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
	struct status_line status_line; /* used if output.shows_progress */
	int by;                         /* sort key of the tree; see tree_criterion() */
	struct tree *tree;              /* NULL: no processes are followed */
	bool no_memory;                 /* out of memory for the tree */
	struct energy_sums energies;
	bool energy_known;
	uint32_t energy_metric;
	struct summary_profile profile;
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

	summary_profile_begin(&summary->profile, summary->metrics);
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
		    energy_sums_add_point(&summary->energies, &points[i]) != 0)
			return no_memory();
		if (summary_profile_add(&summary->profile, &points[i]) != 0)
			return no_memory();
	}
	return 0;
}

/* An incomplete tree is not shown; the rest of the summary is. */
static int summary_life(struct output *output, const struct life *life)
{
	struct summary *summary = summary_of(output);

	if (summary->tree && !summary->no_memory && tree_add(summary->tree, life) != 0)
		summary->no_memory = true;
	return 0;
}

/* --- meanwhile -------------------------------------------------------------------------------- */

static void summary_progress(struct output *output, const struct run_progress *progress)
{
	struct summary *summary = summary_of(output);

	if (progress)
		status_line_update(&summary->status_line, progress, summary->run);
	else
		status_line_remove(&summary->status_line);
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

/* A partly written summary is removed. */
static size_t whole_summaries(const char *data, size_t n)
{
	return 0;
}

/*
 * The file is changed only here: it has the summary before until this one is whole. A new file
 * begins when it is whole; if it cannot be written, it is removed when it is closed.
 */
static int write_all(struct output_file *file, const char *bytes, size_t n)
{
	size_t written = 0;
	int err = file->created ? 0 : output_file_begin_new(file);

	while (!err && written < n) {
		ssize_t more =
			output_file_write(file, bytes + written, n - written, whole_summaries);

		err = more < 0 ? (int)more : 0;
		written += more > 0 ? (size_t)more : 0;
	}
	if (!err && file->created)
		err = output_file_begin(file);
	return err ? err : output_file_finish(file);
}

/* If a text cannot be shown, there is nobody to tell; output for programs must be whole. */
static int write_on_stderr(const struct summary *summary, const char *bytes, size_t n)
{
	const int mode = summary->settings->mode;
	int err = write_whole(STDERR_FILENO, bytes, n);

	return mode == SUMMARY_JSON || mode == SUMMARY_MARKDOWN ? err : 0;
}

static int show_whole(struct summary *summary, const struct view *view)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&bytes, &n);
	int err = memory ? show(summary, view, memory) : -ENOMEM;

	if (memory && fclose(memory) != 0)
		err = -ENOMEM;
	if (err)
		err = no_memory();
	else if (summary->has_file)
		err = write_all(&summary->file, bytes, n);
	else
		err = write_on_stderr(summary, bytes, n);
	free(bytes);
	return err;
}

/* A file has no width limit, and colour only on request. */
static struct terminal no_terminal(int color)
{
	return (struct terminal){.colour = color == COLOR_ALWAYS};
}

/* The notices of the run and one more; the caller frees them. NULL: out of memory. */
static struct run_notice *add_notice(const struct run_end *end, const char *line)
{
	struct run_notice *notices = calloc(end->n_notices + 1, sizeof(*notices));

	if (!notices)
		return NULL;
	if (end->n_notices)
		memcpy(notices, end->notices, end->n_notices * sizeof(*notices));
	notices[end->n_notices] = (struct run_notice){.kind = REPORT_NOTE, .line = line};
	return notices;
}

/* Of a watch, to be freed; NULL: of a command, its arguments. */
static char *make_heading(const struct run_info *run)
{
	char *heading = NULL;

	if (run->watched && asprintf(&heading, "watch: %s", run->watched) < 0)
		heading = NULL;
	return heading;
}

static int summary_end(struct output *output, const struct run_end *end)
{
	struct summary *summary = summary_of(output);
	const int color = summary->settings->color;
	char *heading = make_heading(summary->run);
	const struct terminal terminal =
		summary->has_file ? no_terminal(color) : terminal_look(color);
	struct view view = {
		.tree = summary->no_memory ? NULL : summary->tree,
		.no_tree = summary->no_memory
	                           ? "memory ran out while the tree of processes was recorded"
	                           : NULL,
		.argv = summary->run->argv,
		.heading = heading,
		.wall_ns = end->wall_ns,
		.has_status = !end->detached && !summary->run->watched,
		.wait_status = end->wait_status,
		.detached = end->detached,
		.is_watch = summary->run->watched != NULL,
		.energies = &summary->energies,
		.n_figures = end->n_figures,
		.figures = end->figures,
		.hot = summary->profile.hot,
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
	const char *hint =
		view.has_status ? elsewhere_hint(view.argv, view.tree, view.wall_ns) : NULL;
	struct run_notice *notices = hint ? add_notice(end, hint) : NULL;
	int err;

	if (notices) {
		view.notices = notices;
		view.n_notices++;
	}
	if (view.tree && !end->interrupted)
		view.wall_ns = tree_wall_ns(view.tree, view.wall_ns);
	energy_sums_sort(&summary->energies);
	err = show_whole(summary, &view);
	free(notices);
	free(heading);
	return err;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void summary_close(struct output *output)
{
	struct summary *summary = summary_of(output);

	status_line_close(&summary->status_line);
	output_file_close(&summary->file);
	tree_free(summary->tree);
	energy_sums_fini(&summary->energies);
	summary_profile_fini(&summary->profile);
	free(summary);
}

/* For mode "none": nothing is collected. */
static const struct output_ops no_summary = {
	.progress = summary_progress,
	.close = summary_close,
};

/* Log the valid sort keys: "cpu, wall, rss, page-faults". */
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
	log_error("--by=%s: nothing of that name is measured in this run, which has %s\n%s", by,
	          names,
	          strcmp(by, "energy") == 0 ? "why there is no energy says: alumet-agent doctor"
	                                    : "-e adds an event, and --by takes its name then");
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
	/* If no summary is shown on stderr, losses are logged as warnings. */
	summary->output.shows_notices = false;
	return 0;
}

static int summary_open(const void *settings, const struct output_context *context,
                        struct output **output)
{
	const struct summary_settings *chosen = settings;
	const char *by = chosen->by && *chosen->by ? chosen->by : NULL;
	const bool has_path = chosen->output_path && *chosen->output_path;
	/*
	 * A series has one summary of all its runs. On stderr, which the tasks of a job share, only
	 * the first task of a node shows one.
	 */
	const bool is_first = parallel_task_is_first_of_node();
	const bool is_off = chosen->mode == SUMMARY_NONE ||
	                    (context->run && context->run->repeats > 1) ||
	                    (!has_path && !is_first && !log_is_shown(LOG_INFO));
	const int progress = is_first ? chosen->progress : PROGRESS_NEVER;
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
	summary->output.shows_progress =
		status_line_open(&summary->status_line, (enum progress_when)progress);
	if (!is_off && has_path)
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
	.progress = summary_progress,
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
