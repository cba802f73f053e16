/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/output_path.h"
#include "unit/output_support.h"

static const struct output_path_facts facts = {
	.host = "node7",
	.pid = 4711,
	.start_ns = 1715722129416768909ULL,
	.rank = "12",
	.job = "1234",
	.step = "2",
	.node = "n1",
};

static void assert_expands(const char *pattern, const char *expected)
{
	char *path;

	assert_int_equal(output_path_expand(pattern, &facts, &path), 0);
	assert_string_equal(path, expected);
	free(path);
}

static void replaces_what_has_a_meaning(void **state)
{
	assert_expands("plain.csv", "plain.csv");
	assert_expands("", "");
	assert_expands("%h-%p-%r.csv", "node7-4711-12.csv");
	assert_expands("out/%t.csv", "out/20240514T212849Z.csv");
	assert_expands("100%%%%h%%", "100%%h%");
	assert_expands("%j.%s/%n.csv", "1234.2/n1.csv");
}

static void assert_refused(const char *pattern, const char *rank, const char *words)
{
	struct output_path_facts with_rank = facts;
	struct capture capture;
	char *path;

	with_rank.rank = rank;
	capture_begin(&capture);
	assert_int_equal(output_path_expand(pattern, &with_rank, &path), -EINVAL);
	capture_end_expecting(&capture, words);
}

static void refuses_what_has_none(void **state)
{
	assert_refused("%x.csv", "1", "'%x.csv': a % is followed by");
	assert_refused("a%", "1", "a%': a % is followed");
	assert_refused("%H", "1", "'%H': a % is followed");
}

static void knows_without_expanding_what_cannot_be(void **state)
{
	static const char *const good[] = {"x.csv", "%h%p%t%r%%%j%s%n", "100%%"};
	static const char *const bad[] = {"", "%", "a%z", "%%%", "%h%H"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(output_path_problem(&good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(output_path_problem(&bad[i]));
}

static void wants_a_rank_that_is_a_number(void **state)
{
	assert_refused("%r.csv", NULL, "SLURM_PROCID");
	assert_refused("%r.csv", "", "not a number");
	assert_refused("%r.csv", "../../etc/1", "not a number");
}

static void refuses_what_no_batch_system_says(void **state)
{
	struct output_path_facts alone = facts;
	struct capture capture;
	char *path;

	alone.job = alone.step = alone.node = NULL;
	capture_begin(&capture);
	assert_int_equal(output_path_expand("%j", &alone, &path), -EINVAL);
	capture_end_expecting(&capture, "ALUMET_JOB_ID");
	capture_begin(&capture);
	assert_int_equal(output_path_expand("%s", &alone, &path), -EINVAL);
	capture_end_expecting(&capture, "SLURM_STEP_ID");
	assert_int_equal(output_path_expand("%n", &alone, &path), 0);
	assert_string_equal(path, "node7");
	free(path);
	alone.job = "../1[2]";
	assert_int_equal(output_path_expand("%j", &alone, &path), 0);
	assert_string_equal(path, ".._1[2]");
	free(path);
}

static void a_host_name_stays_within_its_part_of_the_path(void **state)
{
	struct output_path_facts odd = facts;
	char *path;

	odd.host = "../a";
	assert_int_equal(output_path_expand("x/%h.csv", &odd, &path), 0);
	assert_string_equal(path, "x/.._a.csv");
	free(path);
}

static void forget_the_launcher(void)
{
	static const char *const names[] = {
		"OMPI_COMM_WORLD_RANK",
		"PMIX_RANK",
		"PMI_RANK",
		"SLURM_PROCID",
		"SLURM_STEP_NUM_TASKS",
		"SLURM_STEP_ID",
		"SLURM_JOB_ID",
		"ALUMET_JOB_ID",
		"PBS_JOBID",
		"LSB_JOBID",
		"OAR_JOB_ID",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

static void takes_the_facts_of_this_process(void **state)
{
	struct utsname names;
	char expected[512];
	char *path;

	uname(&names);
	forget_the_launcher();
	setenv("SLURM_PROCID", "4", 1);
	assert_int_equal(output_path_expand_here("%h.%p.%r", &path), 0);
	snprintf(expected, sizeof(expected), "%s.%d.4", names.nodename, (int)getpid());
	assert_string_equal(path, expected);
	free(path);
	forget_the_launcher();
}

static void assert_rank(const char *expected)
{
	char *path;

	assert_int_equal(output_path_expand_here("%r", &path), 0);
	assert_string_equal(path, expected);
	free(path);
}

/* mpirun in a batch script of Slurm's: that has a rank, too, 0 for all of them. */
static void the_rank_is_the_mpi_librarys_first(void **state)
{
	char *path;

	forget_the_launcher();
	assert_int_equal(output_path_expand_here("%r", &path), -EINVAL);
	setenv("SLURM_PROCID", "0", 1);
	assert_rank("0");
	setenv("PMI_RANK", "3", 1);
	assert_rank("3");
	setenv("PMIX_RANK", "2", 1);
	assert_rank("2");
	setenv("OMPI_COMM_WORLD_RANK", "1", 1);
	assert_rank("1");
	setenv("OMPI_COMM_WORLD_RANK", "", 1);
	assert_rank("2");
	forget_the_launcher();
}

static void assert_of_task(const char *name, const char *expected)
{
	char *path;

	assert_int_equal(output_path_of_task(name, &path), 0);
	assert_string_equal(path, expected);
	free(path);
}

static void a_name_that_nobody_chose_has_job_and_rank(void **state)
{
	forget_the_launcher();
	assert_of_task("out.csv", "out.csv");

	/* A batch script of Slurm's is one process. */
	setenv("SLURM_JOB_ID", "1234", 1);
	setenv("SLURM_PROCID", "0", 1);
	assert_of_task("out.csv", "out.csv");
	/* mpirun in it. */
	setenv("OMPI_COMM_WORLD_RANK", "7", 1);
	assert_of_task("out.csv", "out-1234-7.csv");
	unsetenv("OMPI_COMM_WORLD_RANK");
	/* srun in it. */
	setenv("SLURM_STEP_ID", "2", 1);
	setenv("SLURM_STEP_NUM_TASKS", "4", 1);
	setenv("SLURM_PROCID", "3", 1);
	assert_of_task("out.csv", "out-1234.2-3.csv");
	setenv("ALUMET_JOB_ID", "nightly/5", 1);
	assert_of_task("out.csv", "out-nightly_5.2-3.csv");
	/* Open MPI's mpirun starts its daemons by srun: a step, on every node but the first. */
	setenv("OMPI_COMM_WORLD_RANK", "7", 1);
	assert_of_task("out.csv", "out-nightly_5-7.csv");

	/* mpirun on a machine without a batch system; PBS. */
	forget_the_launcher();
	setenv("PMIX_RANK", "1", 1);
	assert_of_task("out", "out-1");
	setenv("PBS_JOBID", "99.server", 1);
	assert_of_task("out.csv", "out-99.server-1.csv");
	forget_the_launcher();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_what_has_a_meaning),
		cmocka_unit_test(refuses_what_has_none),
		cmocka_unit_test(knows_without_expanding_what_cannot_be),
		cmocka_unit_test(wants_a_rank_that_is_a_number),
		cmocka_unit_test(refuses_what_no_batch_system_says),
		cmocka_unit_test(a_host_name_stays_within_its_part_of_the_path),
		cmocka_unit_test(takes_the_facts_of_this_process),
		cmocka_unit_test(the_rank_is_the_mpi_librarys_first),
		cmocka_unit_test(a_name_that_nobody_chose_has_job_and_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
