/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process may, told by the kernel of a process that gives it away or leaves its namespace.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/capability.h"

#define CANNOT 77

/* The exit status of a child that does this. */
static int status_of(int (*child)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void assert_child(int (*child)(void), const char *why)
{
	int status = status_of(child);

	if (status == CANNOT) {
		print_message("SKIP: %s\n", why);
		skip();
	}
	assert_int_equal(status, 0);
}

static int leave_namespace(void)
{
	if (unshare(CLONE_NEWUSER))
		return CANNOT;
	/* All capabilities, and no use for them. */
	return capability_is_effective(CAP_BPF) && !user_namespace_is_initial() ? 0 : 1;
}

static void a_namespace_of_ones_own_is_not_the_first(void **state)
{
	assert_child(leave_namespace, "user namespaces cannot be made here");
}

/* Every id is itself in it, and nobody but root can make another one of that kind. */
static bool maps_every_id_to_itself(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned inside = 1, outside = 1, n = 0;
	bool read = file && fscanf(file, "%u %u %u", &inside, &outside, &n) == 3;

	if (file)
		fclose(file);
	return read && inside == 0 && outside == 0 && n == UINT_MAX;
}

/* The threads of the kernel are in it; in a pid namespace they are not seen. */
static void the_first_namespace_is_known(void **state)
{
	char ours[64] = "", theirs[64] = "";
	bool is_seen = readlink("/proc/self/ns/user", ours, sizeof(ours) - 1) > 0 &&
	               readlink("/proc/2/ns/user", theirs, sizeof(theirs) - 1) > 0;

	if (is_seen ? strcmp(ours, theirs) != 0 : !maps_every_id_to_itself()) {
		print_message("SKIP: this is not the first user namespace\n");
		skip();
	}
	assert_true(user_namespace_is_initial());
}

static int drop_everything(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (!capability_is_effective(CAP_CHOWN) || !capability_is_effective(CAP_BPF))
		return CANNOT;
	if (syscall(SYS_capset, &header, none))
		return 2;
	return capability_is_effective(CAP_CHOWN) || capability_is_effective(CAP_BPF) ? 1 : 0;
}

static void capabilities_of_both_words_are_read(void **state)
{
	assert_child(drop_everything, "not all capabilities are there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_of_ones_own_is_not_the_first),
		cmocka_unit_test(the_first_namespace_is_known),
		cmocka_unit_test(capabilities_of_both_words_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
