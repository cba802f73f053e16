/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "report/fields.h"
#include "report/json.h"
#include "report/names.h"
#include "report/packed.h"
#include "report/number_math.h"

/* Of a command line; a page need not hold megabytes of a generated one. */
#define ARGS_MAX 4096

/* Doubles hold whole numbers up to this one: JavaScript has no others. */
#define WHOLE_MAX 9007199254740992.0

struct packing {
	struct report_data *data;
	struct text *out;
	struct text texts;   /* of the page, each behind the one before and '\n' */
	uint32_t *page_text; /* by a text's id: its number in the page + 1 */
	size_t n_known;      /* ids that page_text has room for */
	uint32_t n_texts;
};

/* The lines of run_info, each a text of its own. */
static void add_info(struct text *out, const struct report_text *info)
{
	const char *at = info->bytes, *line;

	text_add_char(out, '[');
	for (; (line = strchr(at, '\n')) != NULL; at = line + 1) {
		json_separate(out);
		json_add_string(out, at, (size_t)(line - at));
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
		json_add_pair(out, "file", run->file);
		clock_format_rfc3339(run->start_ns, start);
		start[CLOCK_RFC3339_FRACTION - 1] = '\0'; /* whole seconds */
		text_add_string(out, ",\"start\":\"");
		text_add_string(out, start);
		text_add_string(out, "Z\"");
		json_add_key(out, "begin");
		json_add_u64(out, run->begin_ns);
		json_add_key(out, "end");
		json_add_u64(out, run->end_ns);
		json_add_key(out, "info");
		add_info(out, run->info);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

/* What the whole numbers of the page are multiples of: 1, or less where there are fractions. */
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
	while (has_fraction && most / scale > WHOLE_MAX / 2 && scale < 0.5)
		scale *= 10;
	return has_fraction ? scale : 1;
}

static void add_fields(struct text *out, const struct report_data *data, double *scales)
{
	text_add_char(out, '[');
	for (size_t i = 0; i < data->n_fields; i++) {
		const struct report_field *field = &data->fields[i];
		/* Of the kinds that the page knows: their usual name. */
		struct report_field known = {.name = NULL};

		scales[i] = scale_of(data, i);
		json_separate(out);
		text_add_char(out, '{');
		json_add_pair(out, "name", field->name);
		if (field->kind != FIELD_EVENT &&
		    field_describe(field_metric(field->kind), &known) == 0)
			json_add_pair(out, "kind", known.name);
		free(known.name);
		json_add_pair(out, "unit", field->unit);
		json_add_pair(out, "metric", field->metric->bytes);
		json_add_key(out, "max");
		text_add_string(out, field->is_max ? "true" : "false");
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
		json_add_pair(out, "domain", energy->domain->bytes);
		json_add_pair(out, "resource", energy->resource_kind->bytes);
		json_add_pair(out, "id", energy->resource_id->bytes);
		if (energy->part)
			json_add_pair(out, "part", energy->part->bytes);
		json_add_pair(out, "method", energy->method->bytes);
		json_add_key(out, "run");
		json_add_u64(out, energy->run);
		json_add_key(out, "joules");
		json_add_f64(out, energy->joules);
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
}

/* The command line of the first process that has none above it. */
static void add_title(struct text *out, const struct report_data *data)
{
	const struct report_process *root = data->n_processes ? &data->processes[0] : NULL;

	json_add_key(out, "title");
	if (root && root->args->n > 0) {
		const size_t n = root->args->n < 200 ? root->args->n : 200;

		json_add_string(out, root->args->bytes, n);
	} else if (root) {
		char buffer[32];
		const char *name = report_label(root, buffer);

		json_add_string(out, name, strlen(name));
	} else {
		json_add_string(out, "no processes", strlen("no processes"));
	}
}

static void add_head(struct packing *packing, double *scales)
{
	const struct report_data *data = packing->data;
	struct text head = {.n = 0};

	text_add_char(&head, '{');
	add_title(&head, data);
	json_add_pair(&head, "made_by", "alumet-agent report");
	json_add_key(&head, "end_ns");
	json_add_u64(&head, data->end_ns);
	json_add_key(&head, "notes");
	text_add_char(&head, '[');
	for (size_t i = 0; i < data->n_notes; i++) {
		json_separate(&head);
		json_add_string(&head, data->notes[i], strlen(data->notes[i]));
	}
	text_add_char(&head, ']');
	json_add_key(&head, "runs");
	add_runs(&head, data);
	json_add_key(&head, "fields");
	add_fields(&head, data, scales);
	json_add_key(&head, "energies");
	add_energies(&head, data);
	text_add_char(&head, '}');
	packed_add_text(packing->out, head.data, head.n);
	packing->out->failed = packing->out->failed || head.failed;
	text_fini(&head);
}

/* ---- columns ---- */

/* The number of a text in the page, where it is put when it is first used. */
static uint32_t page_text(struct packing *packing, const struct report_text *text)
{
	uint32_t *number = &packing->page_text[text->id];

	if (*number == 0) {
		const bool is_cut = text->n > ARGS_MAX;

		if (packing->n_texts > 0)
			text_add_char(&packing->texts, '\n');
		report_add_visible(&packing->texts, text->bytes, is_cut ? ARGS_MAX : text->n);
		if (is_cut)
			text_add_string(&packing->texts, "…");
		*number = ++packing->n_texts;
	}
	return *number - 1;
}

/* Labels and outcomes are entered first: then every text has its id. */
struct words {
	const struct report_text *label, *outcome;
};

static struct words *make_words(struct report_data *data)
{
	struct words *words = calloc(data->n_processes + 1, sizeof(*words));
	struct text outcome = {.n = 0};
	bool failed = !words;

	for (size_t i = 0; i < data->n_processes && !failed; i++) {
		const struct report_process *process = &data->processes[i];
		char buffer[32];
		const char *label = report_label(process, buffer);

		words[i].label = process->comm->n > 0
		                         ? process->comm
		                         : report_texts_get(&data->texts, label, strlen(label));
		text_clear(&outcome, 256);
		report_add_outcome(&outcome, process);
		words[i].outcome =
			report_texts_get(&data->texts, outcome.data ? outcome.data : "", outcome.n);
		failed = outcome.failed || !words[i].label || !words[i].outcome;
	}
	text_fini(&outcome);
	if (!failed)
		return words;
	free(words);
	return NULL;
}

static void add_times(struct text *out, const struct report_data *data)
{
	uint64_t before = 0;

	for (size_t i = 0; i < data->n_processes; i++) {
		packed_add_signed(out, (int64_t)(data->processes[i].begin_ns - before));
		before = data->processes[i].begin_ns;
	}
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, data->processes[i].end_ns - data->processes[i].begin_ns);
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, data->processes[i].parent == NO_PROCESS
		                        ? 0
		                        : i - data->processes[i].parent);
}

static void add_names(struct packing *packing, const struct words *words, struct text *out)
{
	const struct report_data *data = packing->data;
	uint32_t before = 0;

	for (size_t i = 0; i < data->n_processes; i++) {
		packed_add_signed(out, (int64_t)data->processes[i].pid - before);
		before = data->processes[i].pid;
	}
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, page_text(packing, words[i].label));
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, page_text(packing, data->processes[i].exe));
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, page_text(packing, data->processes[i].args));
}

static void add_ends(struct packing *packing, const struct words *words, struct text *out)
{
	const struct report_data *data = packing->data;

	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, data->processes[i].number);
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, data->processes[i].threads);
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, data->processes[i].execs);
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, page_text(packing, words[i].outcome));
	for (size_t i = 0; i < data->n_processes; i++) {
		const struct report_process *process = &data->processes[i];

		packed_add(out, (process->signal || process->exit_status ? 1U : 0U) |
		                        (process->lives ? 2U : 0U));
	}
}

/* Values as whole multiples of their scale + 1; 0: none. */
static void add_values(struct text *out, const struct report_data *data, const double *scales)
{
	for (size_t f = 0; f < data->n_fields; f++) {
		for (size_t i = 0; i < data->n_processes; i++) {
			const double value = data->values[i * data->n_fields + f] / scales[f];

			packed_add(out, value >= 0 && value < WHOLE_MAX
			                        ? (uint64_t)(value + 0.5) + 1
			                        : 0);
		}
	}
}

static void add_slices(struct text *out, const struct report_data *data)
{
	uint32_t before = 0;

	packed_add(out, data->n_slices);
	for (size_t i = 0; i < data->n_slices; i++) {
		const struct report_slice *slice = &data->slices[i];

		packed_add(out, slice->process - before);
		before = slice->process;
		packed_add(out, slice->begin_ns - data->processes[before].begin_ns);
		packed_add(out, slice->end_ns - slice->begin_ns);
		packed_add(out, slice->cpu_ns > 0 && slice->cpu_ns < WHOLE_MAX
		                        ? (uint64_t)slice->cpu_ns
		                        : 0);
	}
}

static void add_samples(struct text *out, const struct report_data *data)
{
	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];
		uint64_t before = 0;

		packed_add(out, energy->n_samples);
		for (size_t j = 0; j < energy->n_samples; j++) {
			const double nanojoules = energy->samples[j].value * 1e9;

			packed_add_signed(out, (int64_t)(energy->samples[j].time_ns - before));
			before = energy->samples[j].time_ns;
			packed_add_signed(
				out, fabs(nanojoules) < WHOLE_MAX / 2 ? to_nearest(nanojoules) : 0);
		}
	}
}

int html_data_add(struct report_data *data, struct text *out)
{
	struct packing packing = {.data = data, .out = out};
	struct text columns = {.n = 0};
	double *scales = calloc(data->n_fields + 1, sizeof(*scales));
	struct words *words = make_words(data);
	const struct report_text *nothing = report_texts_get(&data->texts, "", 0);
	int err = -ENOMEM;

	packing.page_text = calloc(data->texts.n + 1, sizeof(*packing.page_text));
	if (scales && words && packing.page_text && nothing) {
		add_head(&packing, scales);
		packed_add(&columns, data->n_processes);
		/* Number 0 is the empty text. */
		page_text(&packing, nothing);
		add_times(&columns, data);
		add_names(&packing, words, &columns);
		add_ends(&packing, words, &columns);
		add_values(&columns, data, scales);
		add_slices(&columns, data);
		add_samples(&columns, data);
		packed_add_text(out, packing.texts.data, packing.texts.n);
		text_add(out, columns.data, columns.n);
		err = out->failed || columns.failed || packing.texts.failed ? -ENOMEM : 0;
	}
	free(scales);
	free(words);
	free(packing.page_text);
	text_fini(&packing.texts);
	text_fini(&columns);
	return err;
}
