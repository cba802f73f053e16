/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_head.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "report/fields.h"
#include "report/heading.h"
#include "report/html_origin.h"
#include "report/html_wall.h"
#include "report/json.h"
#include "report/names.h"
#include "report/packed.h"
#include "report/ranks.h"

/* Bytes of the title at most: it has one line in the page. */
#define TITLE_MAX 200

/* Add how long the runs took, and where each begins on the time axis. */
static void add_runs(struct text *out, const struct report_data *data,
                     const struct report_jobs *jobs)
{
	uint64_t wall_ns;
	bool gaps;

	out->failed |= html_wall_ns(data, jobs, &wall_ns, &gaps) != 0;
	json_add_pair_u64(out, "wall_ns", wall_ns);
	json_add_key(out, "gaps");
	text_add_string(out, gaps ? "true" : "false");
	json_add_key(out, "begins");
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_runs; i++) {
		json_separate(out);
		json_add_u64(out, data->runs[i].begin_ns);
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
	const bool has_machines = html_origin_has_machines(data);
	struct text name = {.n = 0};

	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];

		json_separate(out);
		text_add_char(out, '{');
		text_clear(&name, SIZE_MAX);
		html_origin_add_counter(&name, data, energy, has_machines);
		json_add_key(out, "name");
		json_add_visible(out, name.data ? name.data : "", name.n);
		json_add_pair_visible(out, "domain", energy->domain->bytes);
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
	json_add_key(out, "machines");
	text_add_string(out, has_machines ? "true" : "false");
	out->failed |= name.failed;
	text_fini(&name);
}

/* Add the heading of the first run, cut to one line of the page, as the title. */
static void add_title(struct text *out, const struct report_data *data)
{
	char *heading = data->n_runs ? report_heading(data, 0) : strdup("no processes");
	struct text title = {.n = 0};
	size_t n = heading ? strnlen(heading, TITLE_MAX) : 0;
	bool is_cut;

	out->failed |= !heading;
	while (n > 0 && heading[n] != '\0' && utf8_is_later_byte(heading[n]))
		n--;
	is_cut = n > 0 && heading[n] != '\0';
	if (n > 0)
		text_add(&title, heading, n);
	if (is_cut)
		text_add_string(&title, "…");
	json_add_key(out, "title");
	json_add_visible(out, title.data ? title.data : "", title.n);
	out->failed |= title.failed;
	text_fini(&title);
	free(heading);
}

/* Add notices of the agent's; among several runs, each with the name of its own. */
static void add_notices(struct text *out, const struct report_data *data)
{
	struct text text = {.n = 0};

	json_add_key(out, "notices");
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_notices; i++) {
		const struct report_notice *notice = &data->notices[i];

		text_clear(&text, SIZE_MAX);
		if (data->n_runs > 1) {
			html_origin_add_run(&text, data, notice->run);
			text_add_string(&text, ": ");
		}
		text_add_string(&text, notice->text);
		json_separate(out);
		text_add_char(out, '{');
		json_add_pair(out, "kind", notice->is_loss ? "loss" : "note");
		json_add_key(out, "text");
		json_add_visible(out, text.data ? text.data : "", text.n);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
	out->failed |= text.failed;
	text_fini(&text);
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
	html_origin_add(&head, data);
	json_add_pair(&head, "made_by", "alumet-agent report");
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
	add_runs(&head, data, jobs);
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
