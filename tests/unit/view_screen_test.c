/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the summary shows on one screen, and what it leaves out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "view_text_support.h"

static unsigned lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void short_summary_fills_at_most_a_screen_with_the_most_expensive(void **state)
{
	struct run_notice notice = {REPORT_LOSS, "7 things were lost"};
	struct fixture f;
	char comm[16];

	for (int full = 0; full < 2; full++) {
		begin(&f);
		for (uint32_t pid = 2; pid < 102; pid++) {
			snprintf(comm, sizeof(comm), "job-%u", pid);
			add(&f, pid, 1, comm, pid == 99 ? 1000 : 1, 1, 0);
		}
		add(&f, 1, 0, "sh", 0, 1, 0);
		f.view.is_full = full;
		f.view.n_notices = 1;
		f.view.notices = &notice;
		show(&f, 80, 24);
		assert_non_null(strstr(f.text, "job-99"));
		assert_non_null(strstr(f.text, "  missing      7 things were lost\n"));
		if (full) {
			assert_in_range(lines_of(f.text), 101, 130);
			assert_null(strstr(f.text, "--summary=full"));
		} else {
			assert_in_range(lines_of(f.text), 19, 23);
			assert_non_null(strstr(f.text, ": --summary=full shows all\n"));
			assert_null(strstr(f.text, "job-98"));
		}
		end(&f);
	}
}

/* make, sh, make, sh …, each of which starts a compiler, too, that does the work. */
static void what_only_starts_others_is_left_out_first(void **state)
{
	struct fixture f;
	char comm[16];

	begin(&f);
	for (uint32_t pid = 40; pid > 1; pid--) {
		snprintf(comm, sizeof(comm), "cc1-%u", pid);
		add(&f, 100 + pid, pid, comm, 1000000 + 1000 * pid, 1, 0);
		add(&f, pid, pid - 1, pid % 2 ? "make" : "sh", 10, 1, 0);
	}
	add(&f, 1, 0, "make", 10, 1, 0);
	show(&f, 80, 24);
	assert_in_range(lines_of(f.text), 12, 23);
	assert_non_null(strstr(f.text, "\n  make "));
	assert_non_null(strstr(f.text, "\n  |- ~ cc1-40 "));
	assert_null(strstr(f.text, " sh "));
	assert_null(strstr(f.text, "- make"));
	/* Where there is room, everything is where it belongs. */
	show(&f, 200, 200);
	assert_non_null(strstr(f.text, "- sh "));
	assert_null(strstr(f.text, "~ cc1"));
	end(&f);
}

static void lines_left_out_are_counted_with_their_weight(void **state)
{
	unsigned shown = 0, left_out = 0;
	double percent = 0;
	struct fixture f;
	char comm[16];

	begin(&f);
	for (uint32_t pid = 2; pid < 102; pid++) {
		snprintf(comm, sizeof(comm), "job-%u", pid);
		add(&f, pid, 1, comm, 1000, 1, 0);
	}
	add(&f, 1, 0, "sh", 0, 1, 0);
	show(&f, 80, 30);
	for (const char *at = f.text; (at = strstr(at, " job-")); at++)
		shown++;
	assert_int_equal(sscanf(strstr(f.text, " more lines") - 4, "%u more lines with %lf %%",
	                        &left_out, &percent),
	                 2);
	assert_int_equal(shown + left_out, 100);
	assert_int_equal((int)percent, left_out);
	end(&f);
}

static void the_costliest_processes_are_listed_where_the_tree_folds_them(void **state)
{
	struct fixture f;

	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add(&f, pid, 1, "cc1", 1000000 * pid, 10 * pid, 0);
	add(&f, 1, 0, "make", 5, 1, 0);
	show(&f, 80, 50);
	assert_non_null(strstr(f.text, "\n  costliest processes  CPU ms    %  peak MiB  wall ms\n"
	                               "  cc1                   49.00  4.0     1.914    98.00\n"
	                               "  cc1                   48.00  3.9     1.875    96.00\n"));
	end(&f);
	/* Nothing new in it where each has a line of its own. */
	begin(&f);
	add(&f, 2, 1, "cc1", 1000000, 10, 0);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_null(strstr(show(&f, 80, 50), "costliest"));
	end(&f);
}

static void add_sleep(struct fixture *f, uint32_t pid, uint64_t cpu_ns)
{
	static const char args[] = "sleep\0" "0.2";
	struct process process;

	make(&process, pid, pid == 1 ? 0 : 1, "sleep");
	process.life.args = args;
	process.life.args_length = sizeof(args);
	process.values[CPU].u64 = cpu_ns;
	assert_int_equal(tree_add(f->tree, &process.life), 0);
}

static void many_that_are_alike_are_not_listed_one_by_one(void **state)
{
	struct fixture f;

	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add_sleep(&f, pid, 1000000 + pid);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_null(strstr(show(&f, 80, 50), "costliest"));
	end(&f);
	/* One of them stands out. */
	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add_sleep(&f, pid, pid == 9 ? 90000000 : 1000000 + pid);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_non_null(strstr(show(&f, 80, 50), "costliest processes"));
	end(&f);
}

static void arguments_are_shown_where_they_fit_exactly(void **state)
{
	struct fixture f;

	begin(&f);
	add_sleep(&f, 1, 5000000);
	assert_non_null(strstr(show(&f, 80, 24), "\n  sleep 0.2 "));
	end(&f);
}

static void waits_are_told_when_they_matter(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	make(&process, 1, 0, "worker");
	process.values[CPU] = u64(1000000000);
	process.values[RUN_WAIT] = u64(500000000);
	process.values[DISK_WAIT] = u64(9000000); /* below a hundredth */
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	show(&f, 80, 24);
	assert_non_null(strstr(f.text, "\n  waited       500 ms for a CPU: 500 ms worker\n"));
	assert_null(strstr(f.text, "disks"));
	/* Without room for a name. */
	show(&f, 40, 24);
	assert_non_null(strstr(f.text, "\n  waited       500 ms for a CPU\n"));
	end(&f);
}

static unsigned widest_line(const char *text)
{
	unsigned widest = 0;

	while (*text) {
		const unsigned length = (unsigned)strcspn(text, "\n");

		widest = length > widest ? length : widest;
		text += length + (text[length] != '\0');
	}
	return widest;
}

/* A script, with compilers that are one line, of which some fail in various ways. */
static void make_failures(struct fixture *f)
{
	static const int statuses[] = {0, 0, 256, 127 * 256, 11, 9, 15, 24, 0, 6};
	char comm[16];

	begin(f);
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(comm, sizeof(comm), "%s-%u", i < 20 ? "compiler" : "cc", i % 4);
		add(f, 4190000 + i, 1, comm, 1000000 * (i + 1), 10 * i, statuses[i * 7 % 10]);
	}
	add(f, 1, 0, "make", 5, 1, 0);
}

static void lines_fit_into_narrow_terminals(void **state)
{
	struct fixture f;

	make_failures(&f);
	for (unsigned columns = 36; columns < 140; columns++) {
		show(&f, columns, 60);
		assert_non_null(strstr(f.text, "costliest"));
		assert_non_null(strstr(f.text, "\n  failed       SIG"));
		assert_in_range(widest_line(f.text), columns / 2, columns);
		/* The pid, where there is room. */
		if (columns >= 80)
			assert_non_null(strstr(f.text, "(pid 41900"));
	}
	end(&f);
}

static void a_small_screen_has_less_below_the_tree(void **state)
{
	struct run_notice notices[] = {{REPORT_NOTE, "a first note"},
	                               {REPORT_LOSS, "3 rows were lost"},
	                               {REPORT_NOTE, "a second note"},
	                               {REPORT_NOTE, "a third note"}};
	struct fixture f;

	make_failures(&f);
	f.view.n_notices = 4;
	f.view.notices = notices;
	for (unsigned rows = 17; rows < 80; rows++) {
		show(&f, 80, rows);
		assert_in_range(lines_of(f.text), 10, rows - 1);
		assert_non_null(strstr(f.text, "\n  missing      3 rows were lost\n"));
		assert_non_null(strstr(f.text, "\n  note         "));
		assert_non_null(strstr(f.text, "\n  failed       "));
	}
	assert_non_null(strstr(f.text, "a third note"));
	show(&f, 80, 17);
	assert_non_null(strstr(f.text, "\n  note         3 more: --summary=full shows all\n"));
	show(&f, 80, 18);
	assert_non_null(strstr(f.text, "\n  note         a first note\n"
	                               "               and 2 more: --summary=full shows all\n"));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_summary_fills_at_most_a_screen_with_the_most_expensive),
		cmocka_unit_test(what_only_starts_others_is_left_out_first),
		cmocka_unit_test(lines_left_out_are_counted_with_their_weight),
		cmocka_unit_test(the_costliest_processes_are_listed_where_the_tree_folds_them),
		cmocka_unit_test(many_that_are_alike_are_not_listed_one_by_one),
		cmocka_unit_test(arguments_are_shown_where_they_fit_exactly),
		cmocka_unit_test(waits_are_told_when_they_matter),
		cmocka_unit_test(lines_fit_into_narrow_terminals),
		cmocka_unit_test(a_small_screen_has_less_below_the_tree),
	};

	return cmocka_run_group_tests_name("view_layout", tests, NULL, NULL);
}
