/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/html_origin.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "report/json.h"
#include "report/origin.h"
#include "tree/view/text.h"

#define DOT " · "
#define NAMED 4 /* files, or machines, of a line at most */

/* Append a number and what is counted: "1 CPU", "8 CPUs". */
static void add_count(struct text *out, uint64_t n, const char *what)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
	text_add_string(out, text);
}

/* Append the value of a key behind the prefix, and behind a dot if something stands before it. */
static void add_value(struct text *out, const struct report_run *run, const char *key,
                      const char *prefix)
{
	size_t n = 0;
	const char *value = origin_find(run, key, &n);

	if (!value || n == 0)
		return;
	text_add_string(out, out->n > 0 ? DOT : "");
	text_add_string(out, prefix);
	text_add(out, value, n);
}

/* The whole number of a key; 0: there is none. */
static uint64_t number_of(const struct report_run *run, const char *key)
{
	size_t n;
	const char *value = origin_find(run, key, &n);

	return value ? strtoull(value, NULL, 10) : 0;
}

/* Append "n1 · Intel Xeon · 8 CPUs · 31.2 GiB · Linux 6.1.0 · job 12.0". */
static void add_machine(struct text *out, const struct report_data *data, uint32_t of)
{
	const struct report_run *run = &data->runs[of];
	const uint64_t cpus = number_of(run, "cpus"), memory = number_of(run, "memory");
	char bytes[TEXT_NUMBER_SIZE];
	const char *step;
	size_t n;

	add_value(out, run, "hostname", "");
	add_value(out, run, "cpu", "");
	if (cpus > 0) {
		text_add_string(out, out->n > 0 ? DOT : "");
		add_count(out, cpus, "CPU");
	}
	if (memory > 0) {
		text_bytes((double)memory, bytes);
		text_add_string(out, out->n > 0 ? DOT : "");
		text_add_string(out, bytes);
	}
	add_value(out, run, "kernel", "Linux ");
	add_value(out, run, "job_id", "job ");
	step = origin_find(run, "step", &n);
	if (step && origin_find(run, "job_id", &(size_t){0})) {
		text_add_char(out, '.');
		text_add(out, step, n);
	}
	if (data->n_runs == 1)
		add_value(out, run, "rank", "rank ");
}

/* Append "2025-11-26 10:00:00 UTC · run.csv, 5 runs", the runs of one file from first on. */
static void add_file(struct text *out, const struct report_data *data, size_t first, size_t n)
{
	const struct report_run *run = &data->runs[first];
	char start[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(run->start_ns, start);
	start[CLOCK_RFC3339_FRACTION - 1] = '\0'; /* whole seconds */
	start[strlen("2025-11-26")] = ' ';
	text_add_string(out, start);
	text_add_string(out, " UTC" DOT);
	text_add_string(out, run->file);
	if (n > 1) {
		text_add_string(out, ", ");
		add_count(out, n, "run");
	}
}

/* How many runs there are of the same file, one after the other, from first on. */
static size_t runs_of_file(const struct report_data *data, size_t first)
{
	size_t end = first;

	while (end < data->n_runs && strcmp(data->runs[end].file, data->runs[first].file) == 0)
		end++;
	return end - first;
}

/* Append a line with one more entry; if there are enough, it is only counted. */
static void add_entry(struct text *line, const struct text *entry, size_t *n)
{
	if (++*n > NAMED)
		return;
	text_add_string(line, *n > 1 ? "; " : "");
	text_add(line, entry->data, entry->n);
}

/* Append the line to the array, unless it is empty. */
static void end_line(struct text *out, struct text *line, size_t n, const char *what)
{
	if (n > NAMED) {
		char more[64];

		snprintf(more, sizeof(more), " and %zu more %s%s", n - NAMED, what,
		         n - NAMED == 1 ? "" : "s");
		text_add_string(line, more);
	}
	if (line->n > 0) {
		json_separate(out);
		json_add_visible(out, line->data, line->n);
	}
	out->failed |= line->failed;
	text_fini(line);
}

static void add_files(struct text *out, const struct report_data *data)
{
	struct text line = {.n = 0}, entry = {.n = 0};
	size_t n_files = 0, n = 0;

	for (size_t i = 0; i < data->n_runs; i += n) {
		n = runs_of_file(data, i);
		text_clear(&entry, SIZE_MAX);
		add_file(&entry, data, i, n);
		add_entry(&line, &entry, &n_files);
	}
	end_line(out, &line, n_files, "file");
	out->failed |= entry.failed;
	text_fini(&entry);
}

static bool is_same(const struct text *a, const struct text *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->data, b->data, a->n) == 0);
}

/* The runs of a series have one machine; those of a job mostly one after the other. */
static void add_machines(struct text *out, const struct report_data *data)
{
	struct text line = {.n = 0}, known[NAMED + 1] = {{.n = 0}};
	size_t n_machines = 0;

	for (uint32_t i = 0; i < data->n_runs; i++) {
		struct text entry = {.n = 0};
		size_t at = 0;

		add_machine(&entry, data, i);
		while (at < NAMED + 1 && !is_same(&known[at], &entry))
			at++;
		if (entry.n > 0 && at == NAMED + 1) {
			const size_t place = n_machines < NAMED ? n_machines : NAMED;

			add_entry(&line, &entry, &n_machines);
			text_fini(&known[place]);
			known[place] = entry;
			entry = (struct text){.n = 0};
		}
		out->failed |= entry.failed;
		text_fini(&entry);
	}
	end_line(out, &line, n_machines, "machine");
	for (size_t i = 0; i < NAMED + 1; i++)
		text_fini(&known[i]);
}

void html_origin_add(struct text *out, const struct report_data *data)
{
	json_add_key(out, "origin");
	text_add_char(out, '[');
	add_files(out, data);
	add_machines(out, data);
	text_add_char(out, ']');
}

void html_origin_add_run(struct text *out, const struct report_data *data, uint32_t run)
{
	const char *file = data->runs[run].file;
	size_t first = run;
	char number[32];

	while (first > 0 && strcmp(data->runs[first - 1].file, file) == 0)
		first--;
	text_add_string(out, file);
	if (runs_of_file(data, first) == 1)
		return;
	snprintf(number, sizeof(number), ", run %zu", run - first + 1);
	text_add_string(out, number);
}

static const char *host_of(const struct report_data *data, const struct report_energy *energy,
                           size_t *n)
{
	*n = 0;
	return origin_find(&data->runs[energy->run], "hostname", n);
}

bool html_origin_has_machines(const struct report_data *data)
{
	for (size_t i = 1; i < data->n_energies; i++) {
		size_t n, first_n;
		const char *host = host_of(data, &data->energies[i], &n);
		const char *first = host_of(data, &data->energies[0], &first_n);

		if (n != first_n || (n > 0 && memcmp(host, first, n) != 0))
			return true;
	}
	return false;
}

void html_origin_add_counter(struct text *out, const struct report_data *data,
                             const struct report_energy *energy, bool has_machines)
{
	size_t n;
	const char *host = host_of(data, energy, &n);

	if (has_machines && host) {
		text_add(out, host, n);
		text_add_char(out, ' ');
	}
	text_add(out, energy->domain->bytes, energy->domain->n);
	if (energy->resource_id->n > 0) {
		text_add_char(out, ' ');
		text_add(out, energy->resource_id->bytes, energy->resource_id->n);
	}
}
