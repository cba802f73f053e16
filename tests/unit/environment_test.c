/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The environment behind the linker's back. Strings are laid out as execve() does, and the
 * auxiliary vector says that the program has privileges, which makes the linker take variables out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/environment.h"

/* --- what the kernel tells -------------------------------------------------------------------- */

static struct {
	bool armed;
	bool privileged;
	const char *execfn; /* the path of the program, behind the environment */
} kernel;

/* Others want to know things too, and before main(). */
static unsigned long real_auxval(unsigned long type)
{
	long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	unsigned long entry[2] = {0}, value = 0;

	while (syscall(SYS_read, fd, entry, sizeof(entry)) == sizeof(entry) && entry[0]) {
		if (entry[0] == type)
			value = entry[1];
	}
	syscall(SYS_close, fd);
	return value;
}

unsigned long getauxval(unsigned long type)
{
	if (!kernel.armed)
		return real_auxval(type);
	if (type == AT_SECURE)
		return kernel.privileged;
	return type == AT_EXECFN ? (unsigned long)kernel.execfn : 0;
}

/* Strings one after the other, each with its NUL: arguments, environment, path of the program. */
struct strings {
	char bytes[1024];
	char *argv[8];
};

static void lay_out(struct strings *strings, const char *const *arguments, const char *const *rest)
{
	char *end = strings->bytes;
	size_t n = 0;

	for (; *arguments; arguments++) {
		strings->argv[n++] = end;
		end = stpcpy(end, *arguments) + 1;
	}
	strings->argv[n] = NULL;
	for (; *rest; rest++) {
		kernel.execfn = end; /* the last one */
		end = stpcpy(end, *rest) + 1;
	}
}

static char **original(struct strings *strings, bool privileged)
{
	char **environment;

	kernel.privileged = privileged;
	kernel.armed = true;
	environment = environment_original(strings->argv);
	kernel.armed = false;
	return environment;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void without_privileges_it_is_the_environment(void **state)
{
	static const char *const arguments[] = {"agent", NULL}, *const rest[] = {"A=1", "/x", NULL};
	struct strings strings;

	lay_out(&strings, arguments, rest);
	assert_ptr_equal(original(&strings, false), environ);
}

static void what_the_linker_took_out_is_there(void **state)
{
	static const char *const arguments[] = {"agent", "exec", "", "a=b", NULL};
	static const char *const rest[] = {
		"PATH=/bin",          "LD_LIBRARY_PATH=/opt/lib", "EMPTY=", "TWO=a=b",
		"MALLOC_ARENA_MAX=1", "/usr/bin/agent",           NULL};
	struct strings strings;
	char **environment;

	lay_out(&strings, arguments, rest);
	environment = original(&strings, true);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(environment[i], rest[i]);
	assert_null(environment[5]);
	free(environment);
}

/* The path of a program may have a '=': it is no variable. */
static void the_programs_path_is_no_variable(void **state)
{
	static const char *const arguments[] = {"agent", NULL}, *const rest[] = {"A=1", "/x=y",
	                                                                         NULL};
	struct strings strings;
	char **environment;

	lay_out(&strings, arguments, rest);
	environment = original(&strings, true);
	assert_string_equal(environment[0], "A=1");
	assert_null(environment[1]);
	free(environment);
}

static void no_variables_are_no_variables(void **state)
{
	static const char *const arguments[] = {"agent", NULL}, *const rest[] = {"/x", NULL};
	struct strings strings;
	char **environment;

	lay_out(&strings, arguments, rest);
	environment = original(&strings, true);
	assert_null(environment[0]);
	free(environment);
}

/* execve() with an empty argv; and what is no variable was none for the linker either. */
static void odd_callers_do_no_harm(void **state)
{
	static const char *const arguments[] = {NULL}, *const rest[] = {"A=1", "/x", NULL};
	static const char *const one[] = {"agent", NULL}, *const odd[] = {"", "junk", "A=1", "/x",
	                                                                  NULL};
	struct strings strings;
	char **environment;

	lay_out(&strings, arguments, rest);
	assert_ptr_equal(original(&strings, true), environ);
	lay_out(&strings, one, odd);
	environment = original(&strings, true);
	assert_string_equal(environment[0], "A=1");
	assert_null(environment[1]);
	free(environment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_privileges_it_is_the_environment),
		cmocka_unit_test(what_the_linker_took_out_is_there),
		cmocka_unit_test(the_programs_path_is_no_variable),
		cmocka_unit_test(no_variables_are_no_variables),
		cmocka_unit_test(odd_callers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
