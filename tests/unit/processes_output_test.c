/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The output processes from its opening to its end: what is in the file, and what is kept. */
#include <stdbool.h>
#include <signal.h>

#include "core/metric_registry.h"
#include "outputs/processes/processes.h"
#include "unit/output_support.h"

static const struct life_field fields[] = {
	{"cpu-time", LIFE_NO_METRIC, &UNIT_NANOSECOND, LIFE_FOLD_SUM, false},
};
static const struct life_schema schema = {1, fields};
static const struct run_info run = {.id = "4bf92f3577b34da6a3ce929d0e0e4736"};

struct fixture {
	struct folder folder;
	char path[128];
	struct processes_settings settings;
	struct output_context context;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	folder_make(&f->folder);
	strcpy(f->path, folder_path(&f->folder, "out.csv"));
	f->settings = (struct processes_settings){.output_path = f->path, .csv_delimiter = ";"};
	f->context = (struct output_context){.schema = &schema, .run = &run};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	folder_remove(&f->folder);
	free(f);
	return 0;
}

static struct output *begin(struct fixture *f)
{
	struct output *output = NULL;

	assert_int_equal(processes_plugin.output->open(&f->settings, &f->context, &output), 0);
	assert_int_equal(processes_plugin.output->begin(output, &schema), 0);
	return output;
}

static void add_life(struct output *output)
{
	struct life_value value = {.type = VALUE_U64, .u64 = 12};
	const struct life life = {
		.key = {7, 1000},
		.number = 1,
		.ended = true,
		.end_ns = 3000,
		.comm = "x",
		.exe = "/bin/x",
		.threads = 1,
		.values = &value,
	};

	assert_int_equal(processes_plugin.output->life(output, &life), 0);
}

static size_t count_lines(const char *path)
{
	char *text = read_file(path, NULL);
	size_t n = 0;

	for (const char *c = text; *c; c++)
		n += *c == '\n';
	free(text);
	return n;
}

static void has_a_row_for_each_process(void **state)
{
	struct fixture *f = *state;
	const struct run_end end = {.wall_ns = 1};
	struct output *output = begin(f);

	add_life(output);
	add_life(output);
	assert_int_equal(processes_plugin.output->end(output, &end), 0);
	processes_plugin.output->close(output);
	assert_int_equal(count_lines(f->path), 3);
}

static void keeps_the_rows_of_a_run_that_is_broken_off(void **state)
{
	struct fixture *f = *state;
	struct output *output = begin(f);

	add_life(output);
	processes_plugin.output->close(output);
	assert_int_equal(count_lines(f->path), 2);
}

static void a_run_that_never_began_leaves_the_file_alone(void **state)
{
	struct fixture *f = *state;
	struct output *output = NULL;

	write_file(f->path, "another run\n");
	assert_int_equal(processes_plugin.output->open(&f->settings, &f->context, &output), 0);
	processes_plugin.output->close(output);
	assert_file(f->path, "another run\n");
}

/* Of a name that nobody chose, and of a name that several tasks may have been given. */
static void keeps_what_an_earlier_run_measured(void **state)
{
	struct fixture *f = *state;
	char old[sizeof(f->path) + sizeof(".old")];

	assert_int_equal(chdir(f->folder.path), 0);
	write_file("alumet-processes.csv", "default\n");
	f->settings.output_path = (char[]){"alumet-processes.csv"};
	processes_plugin.output->close(begin(f));
	assert_file("alumet-processes.csv.old", "default\n");

	f->settings.output_path = f->path;
	snprintf(old, sizeof(old), "%s.old", f->path);
	write_file(f->path, "chosen\n");
	processes_plugin.output->close(begin(f));
	assert_null(read_file(old, NULL));
	write_file(f->path, "of a task\n");
	setenv("PMI_RANK", "1", 1);
	processes_plugin.output->close(begin(f));
	unsetenv("PMI_RANK");
	assert_file(old, "of a task\n");
	assert_int_equal(chdir("/"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(has_a_row_for_each_process),
		TEST(keeps_the_rows_of_a_run_that_is_broken_off),
		TEST(a_run_that_never_began_leaves_the_file_alone),
		TEST(keeps_what_an_earlier_run_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
