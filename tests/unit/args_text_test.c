/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arguments in a line: what a POSIX shell splits it into again. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/args_text.h"

static void assert_text(const char *args, size_t length, const char *expected)
{
	struct text text = {0};

	args_text_add(&text, args, length);
	assert_false(text.failed);
	text_add_char(&text, '\0');
	assert_string_equal(text.data, expected);
	text_fini(&text);
}

static void plain_arguments_stand_as_they_are(void **state)
{
	assert_text("make\0-j4\0CC=gcc", 15, "make -j4 CC=gcc");
	assert_text("make\0-j4\0CC=gcc", 16, "make -j4 CC=gcc");
	assert_text("", 0, "");
}

static void boundaries_are_kept(void **state)
{
	assert_text("sh\0-c\0echo a  b", 16, "sh -c 'echo a  b'");
	assert_text("a\0\0", 3, "a ''");
	assert_text("\0\0a", 4, "'' '' a");
	assert_text("a\tb\0c\nd\0e\\f", 12, "'a\tb' 'c\nd' 'e\\f'");
	assert_text("it's\0\"q\"", 9, "'it'\\''s' '\"q\"'");
}

/* The shell itself takes the line apart again; bytes from 1 to 255 in pieces of three. */
static void a_shell_reads_back_any_bytes(void **state)
{
	char args[510], command[4096];
	struct text text = {0};
	size_t n = 0, at = 0;
	FILE *shell;
	int c;

	for (int byte = 1; byte < 256; byte++) {
		if (strchr("$`!*?[]{}()<>|&;#~", byte))
			continue; /* what a shell would expand is not quoted for its sake */
		args[n++] = (char)byte;
		if (byte % 3 == 0)
			args[n++] = '\0';
	}
	args_text_add(&text, args, n);
	snprintf(command, sizeof(command), "LC_ALL=C sh -c 'printf \"%%s\\\\0\" \"$@\"' sh %.*s",
	         (int)text.n, text.data);
	shell = popen(command, "r");
	assert_non_null(shell);
	while ((c = getc(shell)) != EOF)
		assert_int_equal(c, (unsigned char)args[at++]);
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(at, args[n - 1] ? n + 1 : n);
	text_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_arguments_stand_as_they_are),
		cmocka_unit_test(boundaries_are_kept),
		cmocka_unit_test(a_shell_reads_back_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
