/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Formats of rows and of reports, which have different options. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/options_support.h"

static void rows_are_csv_whatever_the_file_is_called(void **state)
{
	struct line line;

	parse(&line, "exec -o a.html x");
	assert_int_equal(line.result, 0);
	assert_non_null(strstr(line.told, "-o a.html: the rows are written as CSV"));
	assert_non_null(strstr(line.told, "a report is made by --report=html"));
	options_free(&line.options);
	good(&line, "exec -o a.csv -o processes:b.txt x");
	options_free(&line.options);
	good(&line, "exec -o ./json:a x");
	options_free(&line.options);
	good(&line, "report -o a.html a.csv");
	options_free(&line.options);
	good(&line, "exec -q -o a.html x");
	options_free(&line.options);
}

static void formats_of_reports_are_no_outputs(void **state)
{
	bad("exec -o perfetto:a.x y", "after the run, one is made by --report=perfetto");
	bad("watch -o json:a 1", "for a CSV file of that name write -o ./json:a");
	bad("report -o html:a.html x.csv", "write --format=html -o a.html");
	bad("exec --format=html y", "a report after the run is made by --report");
	bad("report --report=html x.csv", "the format is chosen by --format");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_csv_whatever_the_file_is_called),
		cmocka_unit_test(formats_of_reports_are_no_outputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
