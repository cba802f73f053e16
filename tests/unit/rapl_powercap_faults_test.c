/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Powercap zones that vanish, lie, or cannot be read: what is reported, and that the rest goes on.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <time.h>

#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)

#define RANGE_OF_0 POWERCAP "intel-rapl:0/max_energy_range_uj"

/* The file's whole path and this stand in the messages. */
#define assert_said_of(run, file, words)                                                           \
	do {                                                                                       \
		char line_[768];                                                                   \
		snprintf(line_, sizeof(line_), "%s%s", root_path(&(run)->root, file), words);      \
		if (!strstr((run)->said, line_))                                                   \
			fail_msg("nothing of '%s' in: %s", line_, (run)->said);                    \
	} while (0)

static int set_up(void **state)
{
	return run_set_up(state, RAPL_POWERCAP);
}

/*
 * A descriptor that stays open across execve() would be the command's. Returns how many there are.
 */
static int count_close_on_exec(const struct run *run)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir))) {
		char target[512];
		ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		if (strncmp(target, run->root.path, strlen(run->root.path)) == 0) {
			assert_true(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC);
			n++;
		}
	}
	closedir(dir);
	return n;
}

static void another_control_type_is_taken_for_an_unreadable_one(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_write(&run->root, POWERCAP "intel-rapl:0/energy_uj", "garbage\n");
	root_zone(&run->root, "intel-rapl-mmio:0", "package-0", 0, RANGE);
	run_open_and_start(run);
	assert_non_null(strstr(run->said, "intel-rapl:0/energy_uj does not hold a number"));
	root_energy(&run->root, "intel-rapl-mmio:0", 42);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 42);
}

static void step_back_is_reported_and_not_added(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 5000000, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 3000000);
	run_stop(run);
	assert_int_equal(run->n_seen, 0);
	assert_non_null(strstr(run->report, "package 0: the counter went backwards 1 time "));
}

static void pass_100_ms(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 110000000}, NULL);
}

static void zone_that_vanishes_is_reported_and_the_others_go_on(void **state)
{
	struct run *run = *state;

	run->settings.poll_interval_ns = 1;
	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-1", 100, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 150);
	root_energy(&run->root, "intel-rapl:1", 1100);
	run_poll(run);
	root_remove_zone(&run->root, "intel-rapl:0");
	root_energy(&run->root, "intel-rapl:1", 3100);
	pass_100_ms(); /* between two thorough readings, see rapl.c */
	run_poll(run);
	root_energy(&run->root, "intel-rapl:1", 6100);
	run_stop(run);
	assert_int_equal(run_rows(run, "package", 0, NULL), 1);
	assert_int_equal(run_uj(run, "package", 0), 50);
	assert_int_equal(run_rows(run, "package", 1, NULL), 3);
	assert_int_equal(run_uj(run, "package", 1), 6000);
	assert_non_null(strstr(run->report, "package 0: the counter went away after 2 readings"));
	assert_null(strstr(run->report, "package 1:"));
}

/* As by an editor, or by a driver that was loaded anew. */
static void file_that_is_replaced_is_opened_anew(void **state)
{
	struct run *run = *state;
	char new_path[512];

	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	run_open_and_start(run);
	root_write(&run->root, POWERCAP "intel-rapl:0/new", "700\n");
	strcpy(new_path, root_path(&run->root, POWERCAP "intel-rapl:0/new"));
	assert_int_equal(rename(new_path, root_path(&run->root, POWERCAP "intel-rapl:0/energy_uj")),
	                 0);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 600);
	assert_string_equal(run->report, "");
	assert_true(count_close_on_exec(run) >= 1);
}

static void garbage_is_skipped_and_reported(void **state)
{
	static const char *const garbage[] = {"",
	                                      "\n",
	                                      "-5\n",
	                                      "12 34\n",
	                                      "0x10\n",
	                                      "1e9\n",
	                                      "99999999999999999999\n",
	                                      "184467440737095516160\n"};
	struct run *run = *state;

	run->settings.poll_interval_ns = 1;
	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	run_open_and_start(run);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		root_write(&run->root, POWERCAP "intel-rapl:0/energy_uj", "%s", garbage[i]);
		run_poll(run);
		assert_int_equal(run->n_seen, 0);
	}
	root_energy(&run->root, "intel-rapl:0", 1100);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 1000);
	assert_non_null(strstr(run->report, "package 0: 8 readings failed"));
	assert_null(strstr(run->report, "is missing"));
}

static void no_row_is_made_of_one_reading(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-1", 100, RANGE);
	run_open_and_start(run);
	root_write(&run->root, POWERCAP "intel-rapl:0/energy_uj", "garbage");
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 1), 0);
	assert_non_null(strstr(run->report, "package 0: 1 reading failed"));
	assert_non_null(strstr(run->report, "is missing"));
}

static void unknown_zones_are_named(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "mystery", 0, RANGE);
	root_zone(&run->root, "intel-rapl:2:0", "core", 0, RANGE); /* without a parent */
	root_zone(&run->root, "dtpm:0", "package-7", 0, RANGE);    /* not RAPL */
	assert_int_equal(run_open(run), 0);
	assert_said_of(run, "sys/class/powercap/intel-rapl:1/name",
	               " is 'mystery', which is no RAPL domain: 2 zones left out");
	run_start(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
}

static void range_that_is_missing_is_said(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	unlink(root_path(&run->root, POWERCAP "intel-rapl:0/max_energy_range_uj"));
	run_open_and_start(run);
	assert_said_of(run, RANGE_OF_0, " cannot be read (No such file or directory)");
	root_energy(&run->root, "intel-rapl:0", 7);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 7);
}

static void range_that_is_none_is_said(void **state)
{
	static const struct {
		const char *text, *said;
	} ranges[] = {{"0", " holds 0, which is no range"},
	              {"", " does not hold a number"},
	              {"x1", " does not hold a number"},
	              {"18446744073709551615", " holds 18446744073709551615, which is no range"}};
	struct run *run = *state;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
		root_write(&run->root, RANGE_OF_0, "%s\n", ranges[i].text);
		assert_int_equal(run_open(run), 0);
		assert_said_of(run, RANGE_OF_0, ranges[i].said);
		rapl_source.close(run->source);
		run->source = NULL;
	}
}

/* Memory, cores and graphics are those of the package that their zone lies in. */
static void zone_outside_of_a_package_is_explained(void **state)
{
	static const char *const names[] = {"dram", "core", "uncore"};
	struct run *run = *state;
	char said[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		root_zone(&run->root, "intel-rapl:0", names[i], 0, RANGE);
		assert_int_equal(run_open(run), -ENXIO);
		snprintf(said, sizeof(said), "is '%s' outside of any package", names[i]);
		assert_non_null(strstr(run->said, said));
	}
}

static void zone_without_a_name_is_explained(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "", 0, RANGE);
	assert_int_equal(run_open(run), 0);
	assert_said_of(run, POWERCAP "intel-rapl:1/name", " is empty: 1 zone left out");
	rapl_source.close(run->source);
	run->source = NULL;
	unlink(root_path(&run->root, POWERCAP "intel-rapl:1/name"));
	assert_int_equal(run_open(run), 0);
	assert_said_of(run, POWERCAP "intel-rapl:1/name",
	               " cannot be read: No such file or directory: 1 zone left out");
}

/* A package or memory draws power all the time; graphics may be off. */
static void counter_that_stands_still_is_reported(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "dram", 2500000, RANGE);
	root_zone(&run->root, "intel-rapl:0:1", "uncore", 7, RANGE);
	run_open_and_start(run);
	pass_100_ms();
	root_energy(&run->root, "intel-rapl:0", 200);
	run_stop(run);
	assert_string_equal(run->report, "rapl: dram of package 0: the counter stood still from "
	                                 "start to end, at 2.5 J; take no 0 J for a result\n");
}

static void counters_that_all_stand_still_are_reported(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 100, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-1", 0, RANGE);
	run_open_and_start(run);
	pass_100_ms();
	run_stop(run);
	assert_non_null(strstr(run->report, "every energy counter (powercap) stood still"));
	assert_null(strstr(run->report, "package 0"));
}

static void empty_tree_says_which_module_is_missing(void **state)
{
	struct run *run = *state;

	assert_int_equal(run_open(run), -ENXIO);
	assert_non_null(strstr(run->said, "backend \"powercap\""));
	assert_non_null(strstr(run->said, "modprobe intel_rapl_msr"));
}

static void permission_is_named_with_its_fix(void **state)
{
	struct run *run = *state;

	skip_unless_root();
	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	assert_int_equal(chmod(root_path(&run->root, POWERCAP "intel-rapl:0/energy_uj"), 0400), 0);
	assert_int_equal(run_open_as_nobody(run), -EACCES);
	assert_non_null(strstr(run->said, "CAP_DAC_READ_SEARCH"));
	assert_non_null(strstr(run->said, "udev"));
}

static void descriptors_are_close_on_exec(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run_open_and_start(run);
	assert_true(count_close_on_exec(run) >= 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_control_type_is_taken_for_an_unreadable_one),
		TEST(step_back_is_reported_and_not_added),
		TEST(zone_that_vanishes_is_reported_and_the_others_go_on),
		TEST(file_that_is_replaced_is_opened_anew),
		TEST(garbage_is_skipped_and_reported),
		TEST(no_row_is_made_of_one_reading),
		TEST(unknown_zones_are_named),
		TEST(range_that_is_missing_is_said),
		TEST(range_that_is_none_is_said),
		TEST(zone_outside_of_a_package_is_explained),
		TEST(zone_without_a_name_is_explained),
		TEST(counter_that_stands_still_is_reported),
		TEST(counters_that_all_stand_still_are_reported),
		TEST(empty_tree_says_which_module_is_missing),
		TEST(permission_is_named_with_its_fix),
		TEST(descriptors_are_close_on_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
