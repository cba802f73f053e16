/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "report/html_head.h"
#include "report/lives.h"
#include "report/names.h"
#include "report/packed.h"
#include "report/number_math.h"
#include "tree/label.h"

/* Bytes of a command line at most; generated ones may have megabytes. */
#define ARGS_MAX 4096

struct packing {
	struct report_data *data;
	struct text *out;
	struct text texts;   /* of the page, separated by '\n' */
	uint32_t *page_text; /* by a text's id: its number in the page + 1; 0: none yet */
	size_t n_known;      /* size of page_text */
	uint32_t n_texts;
};

/* ---- columns ---- */

/* The number of a text in the page. The text is added when it is first used. */
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

/* Labels and outcomes are added first, so that every text has its id. */
struct words {
	const struct report_text *label, *detail, *outcome;
};

/* The arguments that distinguish the process; the summary shows them after the name. */
static const struct report_text *make_detail(struct report_data *data, struct report_lives *lives,
                                             size_t process, struct text *text)
{
	struct label label;
	struct life life;

	if (report_life_make(lives, process, &life))
		return NULL;
	label_make(&life, &label);
	text_clear(text, 256);
	for (const char *c = label.detail; *c; c++) {
		if (*c == LABEL_CUT)
			text_add_string(text, "…");
		else
			text_add_char(text, *c);
	}
	return text->failed ? NULL
	                    : report_texts_get(&data->texts, text->data ? text->data : "", text->n);
}

static struct words *make_words(struct report_data *data)
{
	struct words *words = calloc(data->n_processes + 1, sizeof(*words));
	struct text outcome = {.n = 0}, detail = {.n = 0};
	struct report_lives lives;
	bool failed = report_lives_init(&lives, data) != 0 || !words;

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
		words[i].detail = make_detail(data, &lives, i, &detail);
		failed = outcome.failed || !words[i].label || !words[i].detail || !words[i].outcome;
	}
	text_fini(&outcome);
	text_fini(&detail);
	report_lives_fini(&lives);
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
	for (size_t i = 0; i < data->n_processes; i++)
		packed_add(out, page_text(packing, words[i].detail));
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

/* Add by how much values may be wrong, rounded up to multiples of their scale. */
static void add_bounds(struct text *out, const struct report_data *data, size_t field, double scale)
{
	for (size_t i = 0; i < data->n_processes; i++) {
		const double bound = report_estimated(data, i, (int)field) / scale;
		const double most = WHOLE_MAX / 2;

		packed_add(out, (uint64_t)(bound < most ? bound + 0.999 : most));
	}
}

/*
 * Add values as whole multiples of their scale, plus 1; 0: no value. Bounds follow those of a field
 * that has any.
 */
static void add_values(struct text *out, const struct report_data *data, const double *scales)
{
	for (size_t f = 0; f < data->n_fields; f++) {
		for (size_t i = 0; i < data->n_processes; i++) {
			const double value = data->values[i * data->n_fields + f] / scales[f];

			packed_add(out, value >= 0 && value < WHOLE_MAX
			                        ? (uint64_t)(value + 0.5) + 1
			                        : 0);
		}
		if (html_field_is_estimated(data, f))
			add_bounds(out, data, f, scales[f]);
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

/* Shares are written as whole multiples of 1 / ONE. */
#define ONE 1000000000.0

static uint64_t part_of(double value, double sum)
{
	return sum > 0 ? (uint64_t)(value / sum * ONE + 0.5) : 0;
}

/* Add the counts of one process, from first on. Returns the index after the last. */
static size_t add_counts(const struct report_data *data, size_t first, uint32_t *before,
                         struct text *out)
{
	const uint32_t process = data->counts[first].process;
	double weight = 0, priced = 0;
	size_t end = first;

	for (; end < data->n_counts && data->counts[end].process == process; end++) {
		weight += data->counts[end].weight;
		priced += data->counts[end].priced;
	}
	for (size_t i = first; i < end; i++) {
		const struct report_count *count = &data->counts[i];
		const uint64_t share = part_of(count->weight, weight);

		packed_add(out, process - *before);
		*before = process;
		packed_add(out, count->frame == NO_FRAME ? 0 : (uint64_t)count->frame + 1);
		packed_add(out, number_to_u64(count->samples));
		packed_add(out, share);
		packed_add(out, priced > 0 ? part_of(count->priced, priced) : share);
	}
	return end;
}

/*
 * Add the functions, each after its caller; then for each process and function the number of
 * samples, and the shares of the process's time and energy.
 */
static void add_functions(struct packing *packing, struct text *out)
{
	const struct report_data *data = packing->data;
	uint32_t before = 0;

	packed_add(out, data->n_frames);
	for (size_t i = 0; i < data->n_frames; i++) {
		const struct report_frame *frame = &data->frames[i];

		packed_add(out, frame->parent == NO_FRAME ? 0 : i - frame->parent);
		packed_add(out, page_text(packing, frame->function));
		packed_add(out, page_text(packing, frame->module));
	}
	packed_add(out, data->n_counts);
	for (size_t i = 0; i < data->n_counts;)
		i = add_counts(data, i, &before, out);
}

/*
 * Add the number of each process's rank or host among the groups of the head; 0: it is in no job.
 */
static void add_groups(struct text *out, const struct report_data *data,
                       const struct report_jobs *jobs)
{
	for (size_t i = 0; i < data->n_processes; i++) {
		const uint32_t run = data->processes[i].run, which = jobs->of_run[run];
		uint64_t number = 1;

		for (uint32_t j = 0; which != NO_JOB && j < which; j++)
			number += jobs->items[j].n_hosts + jobs->items[j].n_ranks;
		if (which == NO_JOB)
			number = 0;
		else if (jobs->rank_of[i] == NO_RANK)
			number += jobs->host_of_run[run];
		else
			number += jobs->items[which].n_hosts + jobs->rank_of[i];
		packed_add(out, number);
	}
}

int html_data_add(struct report_data *data, const char *by, struct text *out)
{
	struct packing packing = {.data = data, .out = out};
	struct text columns = {.n = 0};
	double *scales = calloc(data->n_fields + 1, sizeof(*scales));
	struct words *words = make_words(data);
	const struct report_text *nothing = report_texts_get(&data->texts, "", 0);
	struct report_jobs jobs;
	int err = report_jobs_make(data, &jobs);

	packing.page_text = calloc(data->texts.n + 1, sizeof(*packing.page_text));
	if (!err && scales && words && packing.page_text && nothing) {
		html_head_add(data, &jobs, by, out, scales);
		packed_add(&columns, data->n_processes);
		/* The empty text has number 0. */
		page_text(&packing, nothing);
		add_times(&columns, data);
		add_names(&packing, words, &columns);
		add_ends(&packing, words, &columns);
		add_groups(&columns, data, &jobs);
		add_values(&columns, data, scales);
		add_slices(&columns, data);
		add_samples(&columns, data);
		add_functions(&packing, &columns);
		packed_add_text(out, packing.texts.data, packing.texts.n);
		text_add(out, columns.data, columns.n);
		err = out->failed || columns.failed || packing.texts.failed ? -ENOMEM : 0;
	} else {
		err = -ENOMEM;
	}
	report_jobs_fini(&jobs);
	free(scales);
	free(words);
	free(packing.page_text);
	text_fini(&packing.texts);
	text_fini(&columns);
	return err;
}
