/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include "linux/side_thread.h"
#include "linux/user.h"

struct asked {
	sem_t go;
	uid_t user;
};

static void wait_and_ask(void *data)
{
	struct asked *asked = data;

	sem_wait(&asked->go);
	asked->user = geteuid();
}

static void runs_the_function_once(void **state)
{
	struct side_thread side = {.stack = NULL};
	struct asked asked = {.user = (uid_t)-1};

	sem_init(&asked.go, 0, 0);
	if (!side_thread_start(&side, wait_and_ask, &asked))
		skip(); /* one CPU */
	assert_int_equal(asked.user, (uid_t)-1);
	sem_post(&asked.go);
	side_thread_join(&side);
	assert_int_equal(asked.user, geteuid());
	side_thread_join(&side);
	sem_destroy(&asked.go);
}

static void needs_a_second_cpu(void **state)
{
	struct side_thread side = {.stack = NULL};
	struct asked asked = {.user = (uid_t)-1};
	cpu_set_t before, one;

	if (sched_getaffinity(0, sizeof(before), &before))
		skip();
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		skip();
	assert_false(side_thread_start(&side, wait_and_ask, &asked));
	side_thread_join(&side);
	assert_int_equal(asked.user, (uid_t)-1);
	sched_setaffinity(0, sizeof(before), &before);
}

/* It may be loading programs while files are opened for another user. */
static void keeps_its_ids_while_files_are_a_users(void **state)
{
	const struct user nobody = {.name = (char *)"nobody", .uid = 65534, .gid = 65534};
	struct side_thread side = {.stack = NULL};
	struct user_before before;
	struct asked asked = {.user = (uid_t)-1};

	sem_init(&asked.go, 0, 0);
	if (geteuid() || !side_thread_start(&side, wait_and_ask, &asked))
		skip();
	assert_int_equal(user_begin(&nobody, &before), 0);
	sem_post(&asked.go);
	side_thread_join(&side);
	assert_int_equal(geteuid(), 65534);
	user_end(&nobody, &before);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(asked.user, 0);
	sem_destroy(&asked.go);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_the_function_once),
		cmocka_unit_test(needs_a_second_cpu),
		cmocka_unit_test(keeps_its_ids_while_files_are_a_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
