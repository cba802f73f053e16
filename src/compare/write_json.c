/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/write.h"

#include "compare/failed.h"
#include "report/json.h"

/* estimated: by how much the mean may be wrong. */
static void add_sample(struct text *out, const char *key, const struct sample *sample,
                       double estimated)
{
	json_add_key(out, key);
	text_add_char(out, '{');
	json_add_pair_u64(out, "runs", sample->n);
	json_add_pair_f64(out, "mean", sample->mean);
	json_add_pair_f64(out, "sd", sample->sd);
	json_add_pair_f64(out, "min", sample->min);
	json_add_pair_f64(out, "max", sample->max);
	if (estimated > 0)
		json_add_pair_f64(out, "estimated", estimated);
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
	json_add_pair(out, "quantity", test->quantity->name);
	json_add_pair(out, "unit", test->quantity->unit);
	add_sample(out, "base", &test->base, test->base_estimated);
	add_sample(out, "new", &test->changed, test->changed_estimated);
	json_add_pair_f64(out, "difference", test->difference.value);
	json_add_pair_f64(out, "ratio", test_ratio(test));
	if (test->difference.has_p) {
		json_add_pair_f64(out, "p", test->difference.p);
	}
	if (test->difference.has_p &&
	    (test->line == 0 || test->verdict == VERDICT_MORE || test->verdict == VERDICT_LESS))
		json_add_pair_f64(out, "margin", test_margin(test));
	json_add_pair(out, "verdict", names[test->verdict]);
	if (test_is_within_estimates(test))
		text_add_string(out, ",\"within_estimates\":true");
	if (test->needed)
		json_add_pair_u64(out, "runs_needed", test->needed);
	text_add_char(out, '}');
}

static void add_tests(struct text *out, const struct samples *samples, const char *key,
                      const struct test *tests, size_t n)
{
	json_add_key(out, key);
	text_add_char(out, '[');
	for (size_t i = 0; i < n; i++)
		add_test(out, samples, &tests[i]);
	text_add_char(out, ']');
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
	const size_t commands = verdicts_commands(verdicts);

	text_add_char(out, '{');
	json_add_pair_u64(out, "base_runs", samples->n_base);
	json_add_pair_u64(out, "new_runs", samples->n_changed);
	json_add_pair_u64(out, "interrupted_runs", samples->n_left_out);
	json_add_key(out, "failed_runs");
	text_add_char(out, '[');
	failed_add_json(samples, 0, samples->n_base, "base", out);
	failed_add_json(samples, samples->n_base, samples->n_changed, "new", out);
	text_add_char(out, ']');
	json_add_pair_f64(out, "alpha", ALPHA);
	add_tests(out, samples, "totals", verdicts->tests, verdicts->n_totals);
	add_tests(out, samples, "ranks", verdicts->tests + verdicts->n_totals, verdicts->n_ranks);
	add_tests(out, samples, "commands", verdicts->tests + commands, verdicts->n - commands);
	add_lines(out, samples, "came", verdicts->came, verdicts->n_came);
	add_lines(out, samples, "went", verdicts->went, verdicts->n_went);
	text_add_string(out, "}\n");
}
