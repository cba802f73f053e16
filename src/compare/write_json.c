/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/write.h"

#include "report/json.h"

static void add_sample(struct text *out, const char *key, const struct sample *sample)
{
	json_add_key(out, key);
	text_add_char(out, '{');
	json_add_pair_u64(out, "runs", sample->n);
	json_add_pair_f64(out, "mean", sample->mean);
	json_add_pair_f64(out, "sd", sample->sd);
	json_add_pair_f64(out, "min", sample->min);
	json_add_pair_f64(out, "max", sample->max);
	text_add_char(out, '}');
}

static void add_path(struct text *out, const struct samples *samples, size_t line)
{
	struct text path = {.n = 0};

	samples_add_path(samples, line, &path);
	json_add_string(out, path.n ? path.data : "", path.n);
	out->failed |= path.failed;
	text_fini(&path);
}

static void add_test(struct text *out, const struct samples *samples, const struct test *test)
{
	static const char *const names[] = {
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_SAME] = "same",
		[VERDICT_MORE] = "more",
		[VERDICT_LESS] = "less",
	};

	json_separate(out);
	text_add_char(out, '{');
	json_add_key(out, "path");
	add_path(out, samples, test->line);
	json_add_pair(out, "quantity", samples->quantities[test->quantity].name);
	json_add_pair(out, "unit", samples->quantities[test->quantity].unit);
	add_sample(out, "base", &test->base);
	add_sample(out, "new", &test->changed);
	json_add_pair_f64(out, "difference", test->difference.value);
	json_add_pair_f64(out, "ratio", test_ratio(test));
	if (test->difference.has_p) {
		json_add_pair_f64(out, "p", test->difference.p);
	}
	if (test->difference.has_p &&
	    (test->line == 0 || test->verdict == VERDICT_MORE || test->verdict == VERDICT_LESS))
		json_add_pair_f64(out, "margin", test_margin(test));
	json_add_pair(out, "verdict", names[test->verdict]);
	if (test->needed)
		json_add_pair_u64(out, "runs_needed", test->needed);
	text_add_char(out, '}');
}

static void add_lines(struct text *out, const struct samples *samples, const char *key,
                      const size_t *lines, size_t n)
{
	json_add_key(out, key);
	text_add_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		json_separate(out);
		add_path(out, samples, lines[i]);
	}
	text_add_char(out, ']');
}

void write_json(const struct samples *samples, const struct verdicts *verdicts, struct text *out)
{
	text_add_char(out, '{');
	json_add_pair_u64(out, "base_runs", samples->n_base);
	json_add_pair_u64(out, "new_runs", samples->n_changed);
	json_add_pair_u64(out, "interrupted_runs", samples->n_left_out);
	json_add_pair_f64(out, "alpha", ALPHA);
	json_add_key(out, "totals");
	text_add_char(out, '[');
	for (size_t i = 0; i < verdicts->n_totals; i++)
		add_test(out, samples, &verdicts->tests[i]);
	text_add_char(out, ']');
	json_add_key(out, "commands");
	text_add_char(out, '[');
	for (size_t i = verdicts->n_totals; i < verdicts->n; i++)
		add_test(out, samples, &verdicts->tests[i]);
	text_add_char(out, ']');
	add_lines(out, samples, "came", verdicts->came, verdicts->n_came);
	add_lines(out, samples, "went", verdicts->went, verdicts->n_went);
	text_add_string(out, "}\n");
}
