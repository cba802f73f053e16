/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/utf8.h"
#include "report/fields.h"
#include "report/heading.h"
#include "report/json.h"
#include "report/names.h"
#include "report/packed.h"
#include "report/ranks.h"

/* Bytes of the title at most: it has one line in the page. */
#define TITLE_MAX 200

/* Add the lines of run_info, each as a text. */
static void add_info(struct text *out, const struct report_text *info)
{
	const char *at = info->bytes, *line;

	text_add_char(out, '[');
	for (; (line = strchr(at, '\n')) != NULL; at = line + 1) {
		json_separate(out);
		json_add_visible(out, at, (size_t)(line - at));
	}
	text_add_char(out, ']');
}

static void add_runs(struct text *out, const struct report_data *data)
{
	char start[CLOCK_RFC3339_SIZE];

	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_runs; i++) {
		const struct report_run *run = &data->runs[i];

		json_separate(out);
		text_add_char(out, '{');
		json_add_pair_visible(out, "file", run->file);
		clock_format_rfc3339(run->start_ns, start);
		start[CLOCK_RFC3339_FRACTION - 1] = '\0'; /* whole seconds */
		text_add_string(out, ",\"start\":\"");
		text_add_string(out, start);
		text_add_string(out, "Z\"");
		json_add_key(out, "begin");
		json_add_u64(out, run->begin_ns);
		json_add_key(out, "end");
		json_add_u64(out, run->end_ns);
		json_add_key(out, "wall");
		json_add_u64(out, report_wall_ns(data, (uint32_t)i));
		json_add_key(out, "info");
		add_info(out, run->info);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

/*
 * The unit in which the page has a field's values: 1, less if they have fractions, or more if they
 * are too large for a number of the page.
 */
static double scale_of(const struct report_data *data, size_t field)
{
	bool has_fraction = false;
	double most = 0, scale = 1e-9;

	for (size_t i = 0; i < data->n_processes; i++) {
		const double value = data->values[i * data->n_fields + field];

		if (isnan(value))
			continue;
		has_fraction = has_fraction || value != floor(value);
		most = value > most ? value : most;
	}
	if (!has_fraction)
		scale = 1;
	while (most / scale > WHOLE_MAX / 2)
		scale *= 10;
	return scale;
}

bool html_field_is_estimated(const struct report_data *data, size_t field)
{
	for (size_t i = 0; data->estimated && i < data->n_processes; i++) {
		if (report_estimated(data, i, (int)field) > 0)
			return true;
	}
	return false;
}

static void add_fields(struct text *out, const struct report_data *data, double *scales)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_fields; i++) {
		const struct report_field *field = &data->fields[i];
		/* A kind that the page knows keeps its usual name. */
		struct report_field known = {.name = NULL};

		scales[i] = scale_of(data, i);
		json_separate(out);
		text_add_char(out, '{');
		json_add_pair_visible(out, "name", field->name);
		if (field->kind != FIELD_EVENT &&
		    field_describe(field_metric(field->kind), &known) == 0)
			json_add_pair(out, "kind", known.name);
		free(known.name);
		json_add_pair_visible(out, "unit", field->unit);
		json_add_pair_visible(out, "metric", field->metric->bytes);
		json_add_key(out, "max");
		text_add_string(out, field->is_max ? "true" : "false");
		if (html_field_is_estimated(data, i))
			text_add_string(out, ",\"estimated\":true");
		json_add_key(out, "scale");
		json_add_f64(out, scales[i]);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

static void add_energies(struct text *out, const struct report_data *data)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];

		json_separate(out);
		text_add_char(out, '{');
		json_add_pair_visible(out, "domain", energy->domain->bytes);
		json_add_pair_visible(out, "resource", energy->resource_kind->bytes);
		json_add_pair_visible(out, "id", energy->resource_id->bytes);
		if (energy->part)
			json_add_pair_visible(out, "part", energy->part->bytes);
		json_add_pair_visible(out, "method", energy->method->bytes);
		json_add_key(out, "run");
		json_add_u64(out, energy->run);
		json_add_key(out, "joules");
		json_add_f64(out, energy->joules);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

/* Add the heading of the first run as the title. */
static void add_title(struct text *out, const struct report_data *data)
{
	char *heading = data->n_runs ? report_heading(data, 0) : strdup("no processes");
	size_t n = heading ? strnlen(heading, TITLE_MAX) : 0;

	out->failed |= !heading;
	while (n > 0 && heading[n] != '\0' && utf8_is_later_byte(heading[n]))
		n--;
	json_add_key(out, "title");
	json_add_visible(out, heading ? heading : "", n);
	free(heading);
}

static void add_notices(struct text *out, const struct report_data *data)
{
	json_add_key(out, "notices");
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_notices; i++) {
		const struct report_notice *notice = &data->notices[i];

		json_separate(out);
		text_add_char(out, '{');
		json_add_key(out, "run");
		json_add_u64(out, notice->run);
		json_add_pair(out, "kind", notice->is_loss ? "loss" : "note");
		json_add_pair_visible(out, "text", notice->text);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

/*
 * Add hosts and ranks of jobs as groups. The number of a group is its index + 1; the groups of a
 * job are consecutive.
 */
static void add_groups(struct text *out, const struct report_jobs *jobs)
{
	json_add_key(out, "groups");
	text_add_char(out, '[');
	for (size_t j = 0; j < jobs->n; j++) {
		const struct report_job *job = &jobs->items[j];
		struct text title = {.data = NULL};

		rank_add_title(job, &title);
		out->failed = out->failed || title.failed;
		for (size_t i = 0; i < job->n_hosts; i++) {
			json_separate(out);
			text_add_char(out, '{');
			json_add_key(out, "job");
			json_add_visible(out, title.data ? title.data : "", title.n);
			json_add_pair_visible(out, "host", job->hosts[i].name->bytes);
			if (!isnan(job->hosts[i].joules)) {
				json_add_key(out, "joules");
				json_add_f64(out, job->hosts[i].joules);
			}
			text_add_char(out, '}');
		}
		for (size_t i = 0; i < job->n_ranks; i++) {
			json_separate(out);
			text_add_char(out, '{');
			json_add_pair_visible(out, "rank", job->ranks[i].name->bytes);
			json_add_key(out, "of"); /* index of the host among the job's */
			json_add_u64(out, job->ranks[i].host);
			text_add_char(out, '}');
		}
		text_fini(&title);
	}
	text_add_char(out, ']');
}

/* Add how evenly the ranks are loaded, as in the text report. */
static void add_balance(struct text *out, const struct report_jobs *jobs)
{
	char *words = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&words, &n);

	json_add_key(out, "ranks_text");
	for (size_t i = 0; memory && i < jobs->n; i++)
		out->failed |= report_write_ranks(&jobs->items[i], memory, false) != 0;
	out->failed |= !memory || fclose(memory) != 0;
	text_add_char(out, '[');
	for (char *line = words, *end; line && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		json_separate(out);
		json_add_visible(out, line, (size_t)(end - line));
	}
	text_add_char(out, ']');
	free(words);
}

/*
 * Runs whose energy repeats that of another run, because several ranks have measured the same node.
 */
static void add_repeated(struct text *out, const struct report_data *data,
                         const struct report_jobs *jobs)
{
	json_add_key(out, "repeated");
	text_add_char(out, '[');
	for (uint32_t i = 0; i < data->n_runs; i++) {
		if (!report_jobs_energy_counts(jobs, i)) {
			json_separate(out);
			json_add_u64(out, i);
		}
	}
	text_add_char(out, ']');
}

void html_head_add(const struct report_data *data, const struct report_jobs *jobs, const char *by,
                   struct text *out, double *scales)
{
	struct text head = {.n = 0};

	text_add_char(&head, '{');
	add_title(&head, data);
	json_add_pair(&head, "made_by", "alumet-agent report");
	if (by)
		json_add_pair(&head, "by", by);
	json_add_key(&head, "end_ns");
	json_add_u64(&head, data->end_ns);
	json_add_key(&head, "notes");
	text_add_char(&head, '[');
	for (size_t i = 0; i < data->n_notes; i++) {
		json_separate(&head);
		json_add_visible(&head, data->notes[i], strlen(data->notes[i]));
	}
	text_add_char(&head, ']');
	add_notices(&head, data);
	json_add_key(&head, "runs");
	add_runs(&head, data);
	add_groups(&head, jobs);
	add_repeated(&head, data, jobs);
	add_balance(&head, jobs);
	json_add_key(&head, "fields");
	add_fields(&head, data, scales);
	json_add_key(&head, "energies");
	add_energies(&head, data);
	text_add_char(&head, '}');
	packed_add_text(out, head.data, head.n);
	out->failed = out->failed || head.failed;
	text_fini(&head);
}
