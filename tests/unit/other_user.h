/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Another user than the test's, to whom files are given, or who may not read or write them. */
#ifndef TESTS_UNIT_OTHER_USER_H
#define TESTS_UNIT_OTHER_USER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#define NOBODY 65534

static inline void skip_unless_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("SKIP: only root can become another user, or give files to one\n");
	skip();
}

/* Until root_again(): no assertion may fail between the two. */
static inline void become_nobody(void)
{
	assert_int_equal(seteuid(NOBODY), 0);
}

static inline void root_again(void)
{
	assert_int_equal(seteuid(0), 0);
}

#endif
