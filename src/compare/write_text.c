/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare/amount.h"
#include "compare/failed.h"
#include "core/utf8.h"
#include "tree/view/columns.h"

/*
 * Lines shown of each part. With NAME_SHOWN bytes of each name the Markdown stays below 512 KiB,
 * whatever the runs are; the page of a CI job takes 1 MiB.
 */
#define LINES_SHOWN 50
#define NAME_SHOWN 200

struct writer {
	const struct samples *samples;
	const struct verdicts *verdicts;
	struct text *out;
	bool markdown;
};

/* A long path loses its beginning: its end says more. */
static void add_name(struct writer *writer, size_t line, struct text *name)
{
	struct text path = {.n = 0};
	size_t from;

	samples_add_path(writer->samples, line, &path);
	from = path.n > NAME_SHOWN ? path.n - NAME_SHOWN : 0;
	while (from > 0 && from < path.n && utf8_is_later_byte(path.data[from]))
		from++;
	if (from > 0)
		text_add_string(name, "…");
	if (writer->markdown)
		write_escaped(name, path.data + from, path.n - from);
	else
		text_add(name, path.data + from, path.n - from);
	writer->out->failed |= path.failed;
	text_fini(&path);
}

static void add_cell(struct writer *writer, const char *bytes, size_t n, size_t columns, bool right)
{
	if (writer->markdown) {
		text_add_string(writer->out, "| ");
		text_add(writer->out, bytes, n);
		text_add_char(writer->out, ' ');
	} else {
		add_padded(writer->out, bytes, n, columns, right);
	}
}

static void add_sample(struct writer *writer, const struct test *test, const struct sample *sample)
{
	const char *unit = test->quantity->unit;
	const double estimated =
		sample == &test->base ? test->base_estimated : test->changed_estimated;
	/* The same mark as in the tables of a single run. */
	const char *sign = estimated > COLUMN_ESTIMATED * sample->mean ? "~" : "";
	char text[2 * AMOUNT_SIZE], one[AMOUNT_SIZE];

	if (sample->n > 1 && sample->mean > 0)
		snprintf(text, sizeof(text), "%s%s ±%.1f %%", sign, amount(sample->mean, unit, one),
		         100 * sample->sd / sample->mean);
	else
		snprintf(text, sizeof(text), "%s%s", sign, amount(sample->mean, unit, one));
	add_cell(writer, text, strlen(text), 19, true);
}

static void add_difference(struct writer *writer, const struct test *test)
{
	const double ratio = test_ratio(test);
	char text[2 * AMOUNT_SIZE], one[AMOUNT_SIZE];

	if (!isfinite(ratio))
		snprintf(text, sizeof(text), "from 0");
	else if (test->difference.has_p && test->base.mean > 0)
		snprintf(text, sizeof(text), "%s ±%.*f", percent(ratio, one),
		         ratio > -0.1 && ratio < 0.1 ? 2 : 1,
		         100 * test_margin(test) / test->base.mean);
	else
		snprintf(text, sizeof(text), "%s", percent(ratio, one));
	add_cell(writer, text, strlen(text), 17, true);
}

static void add_verdict(struct writer *writer, const struct test *test)
{
	char text[AMOUNT_SIZE] = "";

	if (test->verdict != VERDICT_SAME && test_is_within_estimates(test)) {
		snprintf(text, sizeof(text), "within what is estimated");
		add_cell(writer, text, strlen(text), 0, false);
		text_add_string(writer->out, writer->markdown ? "|\n" : "\n");
		return;
	}
	switch (test->verdict) {
	case VERDICT_UNKNOWN:
		snprintf(text, sizeof(text), "?");
		break;
	case VERDICT_SAME:
		if (test->difference.value == 0)
			snprintf(text, sizeof(text), "equal");
		else if (test->needed)
			snprintf(text, sizeof(text), "noise? %zu runs would decide", test->needed);
		else
			snprintf(text, sizeof(text), "noise");
		break;
	case VERDICT_MORE:
	case VERDICT_LESS:
		snprintf(text, sizeof(text),
		         writer->markdown ? "**%s** (p = %.2g)" : "%s (p = %.2g)",
		         test->verdict == VERDICT_MORE ? "MORE" : "LESS", test->difference.p);
		break;
	}
	add_cell(writer, text, strlen(text), 0, false);
	text_add_string(writer->out, writer->markdown ? "|\n" : "\n");
}

static void add_test(struct writer *writer, const struct test *test)
{
	struct text name = {.n = 0};

	text_add_string(&name, test->quantity->name);
	add_cell(writer, name.data, name.n, 18, false);
	add_sample(writer, test, &test->base);
	add_sample(writer, test, &test->changed);
	add_difference(writer, test);
	if (test->line > 0 && writer->markdown) {
		text_clear(&name, NAME_SHOWN);
		add_name(writer, test->line, &name);
		add_cell(writer, name.data, name.n, 0, false);
	}
	add_verdict(writer, test);
	if (test->line > 0 && !writer->markdown) {
		text_clear(&name, NAME_SHOWN);
		text_add_string(&name, "    ");
		add_name(writer, test->line, &name);
		text_add(writer->out, name.data, name.n);
		text_add_char(writer->out, '\n');
	}
	writer->out->failed |= name.failed;
	text_fini(&name);
}

static void add_head(struct writer *writer, bool with_path)
{
	if (writer->markdown) {
		add_formatted(
			writer->out,
			"\n| | base | new | difference |%s verdict |\n|---|--:|--:|--:|%s---|\n",
			with_path ? " command |" : "", with_path ? "---|" : "");
		return;
	}
	add_cell(writer, "", 0, 18, false);
	add_cell(writer, "base", 4, 19, true);
	add_cell(writer, "new", 3, 19, true);
	add_cell(writer, "difference", 10, 17, true);
	text_add_char(writer->out, '\n');
}

/* A paragraph about failed runs, if there are any. */
static void add_failed(struct writer *writer)
{
	const struct samples *samples = writer->samples;
	const size_t n = writer->out->n;

	failed_add_line(samples, 0, samples->n_base, " of base", true, writer->markdown,
	                writer->out);
	if (writer->out->n > n && writer->markdown)
		text_add_char(writer->out, '\n');
	failed_add_line(samples, samples->n_base, samples->n_changed, " of new", true,
	                writer->markdown, writer->out);
	if (writer->out->n > n)
		text_add_char(writer->out, '\n');
}

static void add_runs(struct writer *writer)
{
	const struct samples *samples = writer->samples;
	struct text *out = writer->out;

	if (writer->markdown)
		text_add_string(out, "### Cost of base and new\n\n");
	add_formatted(out, "base: %zu run%s, new: %zu run%s", samples->n_base,
	              samples->n_base == 1 ? "" : "s", samples->n_changed,
	              samples->n_changed == 1 ? "" : "s");
	if (samples->n_left_out)
		add_formatted(out, "; %zu interrupted left out", samples->n_left_out);
	text_add_string(out, "\n\n");
	add_failed(writer);
	if (samples->n_base < 2 || samples->n_changed < 2)
		text_add_string(out, "With one run on a side noise cannot be estimated: a "
		                     "difference may be one, or not.\nMeasure several: "
		                     "alumet-agent exec -r 10 -o base.csv COMMAND\n\n");
}

static void add_ranks(struct writer *writer)
{
	const struct verdicts *verdicts = writer->verdicts;

	if (verdicts->n_ranks == 0)
		return;
	text_add_string(writer->out,
	                "\nPer rank of a job: least, most, and imbalance (most / mean):\n");
	add_head(writer, false);
	for (size_t i = 0; i < verdicts->n_ranks; i++)
		add_test(writer, &verdicts->tests[verdicts->n_totals + i]);
}

static void add_commands(struct writer *writer)
{
	const struct verdicts *verdicts = writer->verdicts;
	const size_t first = verdicts_commands(verdicts);
	size_t shown = 0, found = 0;

	for (size_t i = first; i < verdicts->n; i++) {
		const enum verdict verdict = verdicts->tests[i].verdict;

		if (verdict != VERDICT_MORE && verdict != VERDICT_LESS)
			continue;
		if (found++ == 0) {
			text_add_string(writer->out, "\nCommands that differ:\n");
			add_head(writer, true);
		}
		if (shown < LINES_SHOWN) {
			add_test(writer, &verdicts->tests[i]);
			shown++;
		}
	}
	if (found > shown)
		add_formatted(writer->out, "\n%zu more; --format json has all\n", found - shown);
	if (found == 0 && verdicts->n > first && writer->samples->n_base > 1 &&
	    writer->samples->n_changed > 1)
		text_add_string(writer->out, "\nNo single command differs by more than noise.\n");
}

static void add_lines(struct writer *writer, const char *what, const size_t *lines, size_t n)
{
	if (n == 0)
		return;
	add_formatted(writer->out, "\n%s:\n%s", what, writer->markdown ? "\n" : "");
	for (size_t i = 0; i < n && i < LINES_SHOWN; i++) {
		struct text name = {.n = 0};

		text_add_string(&name, writer->markdown ? "- " : "    ");
		add_name(writer, lines[i], &name);
		text_add_char(&name, '\n');
		text_add(writer->out, name.data, name.n);
		writer->out->failed |= name.failed;
		text_fini(&name);
	}
	if (n > LINES_SHOWN)
		add_formatted(writer->out, "%s%zu more; --format json has all\n",
		              writer->markdown ? "\n" : "    ", n - LINES_SHOWN);
}

static void write_comparison(struct writer *writer)
{
	const struct verdicts *verdicts = writer->verdicts;

	add_runs(writer);
	add_head(writer, false);
	for (size_t i = 0; i < verdicts->n_totals; i++)
		add_test(writer, &verdicts->tests[i]);
	add_ranks(writer);
	add_commands(writer);
	add_lines(writer, "Only in new", verdicts->came, verdicts->n_came);
	add_lines(writer, "Only in base", verdicts->went, verdicts->n_went);
	if (writer->samples->n_base < 2 || writer->samples->n_changed < 2)
		return;
	add_formatted(
		writer->out,
		"\n± after a value: standard deviation of the runs; after a difference: its "
		"%.0f %% interval.\nMORE and LESS by Welch's t test with Holm's correction: "
		"where nothing differs, at most %.0f %% of comparisons call a total\n"
		"different, and at most %.0f %% a command. Tests: %zu totals, %zu of commands.\n",
		100 * (1 - ALPHA), 100 * ALPHA, 100 * ALPHA, verdicts->n_totals,
		verdicts->n - verdicts_commands(verdicts));
	if (verdicts->n_ranks > 0)
		add_formatted(writer->out,
		              "Of ranks at most %.0f %% call a figure different; %zu tests.\n",
		              100 * ALPHA, verdicts->n_ranks);
}

void write_text(const struct samples *samples, const struct verdicts *verdicts, struct text *out)
{
	write_comparison(&(struct writer){samples, verdicts, out, false});
}

void write_markdown(const struct samples *samples, const struct verdicts *verdicts,
                    struct text *out)
{
	write_comparison(&(struct writer){samples, verdicts, out, true});
}
