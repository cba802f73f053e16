/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_support.h"
#include "tree/label.h"

/* The label, "name|detail", with ~ for LABEL_CUT. */
static const char *label_of(const struct process *process)
{
	static char text[LABEL_NAME_SIZE + LABEL_DETAIL_SIZE];
	struct label label;

	label_make(&process->life, &label);
	snprintf(text, sizeof(text), "%s|%s", label.name, label.detail);
	for (char *c = text; *c; c++)
		*c = *c == LABEL_CUT ? '~' : *c;
	return text;
}

static void check_label(const char *comm, const char *path, const char *args, size_t args_length,
                        const char *expected)
{
	struct process one;

	make(&one, 2, 1, comm);
	one.life.exe = path;
	one.life.args = args;
	one.life.args_length = args_length;
	assert_string_equal(label_of(&one), expected);
}

/* args: a literal with a NUL after each argument but the last. */
#define assert_label(comm, path, args, expected)                                                   \
	check_label(comm, path, args, sizeof(args), expected)

static void short_command_lines_are_shown_whole(void **state)
{
	assert_label("true", "/bin/true", "true", "true|");
	assert_label("sleep", "/bin/sleep",
	             "sleep\0"
	             "0.1",
	             "sleep|0.1");
	assert_label("sort", "/usr/bin/sort", "sort\0-r\0-n", "sort|-r -n");
	assert_label("make", "/usr/bin/make", "make\0-j8\0all", "make|-j8 all");
}

static void of_long_ones_options_are_left_out_and_paths_shortened(void **state)
{
	assert_label("rsync", "/usr/bin/rsync",
	             "rsync\0--archive\0--delete\0/home/somebody/projects/one\0/backup/one",
	             "rsync|~/one /backup/one");
	assert_label("git", "/usr/bin/git",
	             "git\0--no-pager\0log\0--format=%H %an %ae %cd %s\0--all", "git|log");
	assert_label(
		"cp", "/bin/cp",
		"cp\0aaaaaaaaaaaaaaaaaaaaaaaaa\0bbbbbbbbbbbbbbbbbbbbbbbbb\0ccccccccccccccccccccccc",
		"cp|aaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbb ~");
}

static void compilers_are_known_by_what_they_compile(void **state)
{
	assert_label("cc1", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
	             "cc1\0-quiet\0-I\0src/include.d/x.h\0../src/networking.c\0-quiet\0-dumpbase\0"
	             "networking.c\0-dumpbase-ext\0.c\0-o\0/tmp/ccAb12Cd.s",
	             "cc1|~/networking.c");
	assert_label("gcc-12", "/usr/bin/gcc-12", "gcc-12\0-O2\0-c\0-o\0obj/a.o\0src/a.c",
	             "gcc-12|~/a.c");
	assert_label("as", "/usr/bin/as", "as\0-o\0obj/networking.o\0/tmp/ccXyZ1ab.s",
	             "as|-o ~/networking.o");
	/* A project below /tmp has its own names there; the compiler's are left out. */
	assert_label("cc1", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
	             "cc1\0-quiet\0-imultiarch\0x86_64-linux-gnu\0-MD\0CMakeFiles/x.dir/x.c.d\0"
	             "/tmp/project/tests/x.c\0-quiet\0-dumpbase\0x.c.c\0-dumpbase-ext\0.c\0"
	             "-o\0/tmp/cc6X4s6G.s",
	             "cc1|~/x.c");
	assert_label("cc", "/usr/bin/cc", "cc\0-O2\0/tmp/bench.c\0-o\0/tmp/bench", "cc|~/bench.c");
	assert_label("as", "/usr/bin/as", "as\0--64\0-o\0/var/tmp/cc6pMHGe.o\0/var/tmp/ccw74mlv.s",
	             "as|");
	assert_label("clang", "/usr/bin/clang", "clang\0-cc1as\0-o\0obj/a.o\0/build/tmp/a-0f3a9c.s",
	             "clang|-o ~/a.o");
	assert_label("cicc", "/usr/local/bin/cicc",
	             "cicc\0/tmp/tmpxft_00000a4c_00000000-6_kernel.cpp1.ii\0-o\0kernel.ptx",
	             "cicc|kernel.ptx");
	assert_label("ld", "/usr/bin/ld", "ld\0-o\0/tmp/go-build12/b001/a.out\0/tmp/ccAbCdEf.o",
	             "ld|-o ~/a.out");
	assert_label("collect2", "/usr/lib/collect2",
	             "collect2\0-plugin\0/x.so\0-o\0redis-server\0a.o\0b.o",
	             "collect2|-o redis-server");
	assert_label("g++", "/usr/bin/g++", "g++\0a.cpp\0b.cpp\0-o\0x", "g++|a.cpp~");
}

static void interpreters_are_known_by_their_script(void **state)
{
	assert_label("sh", "/bin/sh", "sh\0script.sh", "sh|script.sh");
	assert_label("bash", "/bin/bash", "bash\0-e\0/usr/share/tool/lib/step.sh\0one\0--two",
	             "bash|~/step.sh one");
	assert_label("python3", "/usr/bin/python3", "python3\0-m\0pytest\0tests/x",
	             "python3|-m pytest tests/x");
	assert_label("python3.11", "/usr/bin/python3.11",
	             "python3.11\0-u\0-c\0import os\nos.fork()", "python3.11|-c import os~");
	assert_label("java", "/usr/bin/java", "java\0-Xmx1g\0-cp\0/a:/b\0org.example.Main\0x",
	             "java|org.example.Main x");
	assert_label("perl", "/usr/bin/perl", "perl\0-w\0/usr/bin/debconf-frontend\0-f",
	             "perl|~/debconf-frontend -f");
	assert_label("bash", "/bin/bash", "bash", "bash|");
	assert_label("bash", "/bin/bash", "bash\0-i", "bash|-i");
}

static void a_script_is_called_by_its_own_name(void **state)
{
	/* The kernel puts the interpreter and the script before the script's own arguments. */
	assert_label("configure", "./configure", "/bin/sh\0./configure\0--prefix=/usr",
	             "configure|--prefix=/usr");
	assert_label("tool.pl", "/usr/bin/tool.pl", "/usr/bin/perl\0-w\0/usr/bin/tool.pl\0x",
	             "tool.pl|x");
}

static void the_text_of_a_script_is_cut_in_its_middle(void **state)
{
	struct process process;
	char args[512] = "sh";
	const char *label;

	make(&process, 2, 1, "sh");
	memcpy(args + 3, "-c", 3);
	memset(args + 6, 'a', 100);
	memset(args + 106, 'z', 100);
	process.life.args = args;
	process.life.args_length = 207;
	label = label_of(&process);
	assert_true(strlen(label) < LABEL_DETAIL_SIZE);
	assert_non_null(strstr(label, "sh|-c aaaaaaaaaaaaaaaaaaaa"));
	assert_non_null(strstr(label, "a~z"));
	assert_string_equal(label + strlen(label) - 20, "zzzzzzzzzzzzzzzzzzzz");
}

static void letters_of_several_bytes_are_not_cut(void **state)
{
	struct process process;
	char args[512] = "sh";

	/* Whatever the length, what is before and after the cut begins and ends with a whole é. */
	for (size_t n = 20; n < 100; n++) {
		struct label label;

		make(&process, 2, 1, "sh");
		memset(args + 3, 0, sizeof(args) - 3);
		memcpy(args + 3, "-c", 3);
		args[6] = n % 2 ? 'x' : 'y';
		for (size_t i = 0; i < n; i++)
			memcpy(args + 7 + 2 * i, "é", 2);
		process.life.args = args;
		process.life.args_length = 8 + 2 * n;
		label_make(&process.life, &label);
		for (const char *c = label.detail + 4; *c; c += *c == LABEL_CUT ? 1 : 2)
			assert_true(*c == LABEL_CUT || strncmp(c, "é", 2) == 0);
	}
}

static void copies_of_their_parent_have_no_arguments_of_their_own(void **state)
{
	struct process process;

	make(&process, 2, 1, "sh");
	process.life.executed = false;
	process.life.args = "sh\0-c\0a | b";
	process.life.args_length = sizeof("sh\0-c\0a | b");
	assert_string_equal(label_of(&process), "sh (fork)|");
}

static void renamed_processes_keep_the_name_they_gave_themselves(void **state)
{
	assert_label("unattended-upgr", "/usr/bin/unattended-upgrade", "x", "unattended-upgrade|");
	assert_label("nginx: worker", "/usr/sbin/nginx", "nginx\0-g\0daemon off;",
	             "nginx: worker|-g daemon off;");
}

static void foreign_bytes_do_no_harm(void **state)
{
	struct process process;
	char args[4096];

	/* The mark of a cut cannot be forged, and a list without an end is not read. */
	assert_label("x", "/x",
	             "x\0a\x1a"
	             "b",
	             "x|a?b");
	make(&process, 2, 1, "x");
	process.life.args = "x\0abc";
	process.life.args_length = 4;
	assert_string_equal(label_of(&process), "x|");
	process.life.args_length = 0;
	assert_string_equal(label_of(&process), "x|");
	for (unsigned seed = 0; seed < 2000; seed++) {
		size_t length = 1 + (size_t)rand() % (sizeof(args) - 1);
		static const char *const names[] = {"sh", "cc1", "python3", "x", "-", "ld"};

		for (size_t i = 0; i < length; i++)
			args[i] = (char)(rand() % 8 ? rand() : rand() % 4 ? 0 : '-');
		args[length - 1] = '\0';
		make(&process, 2, 1, names[seed % 6]);
		process.life.args = args;
		process.life.args_length = length;
		assert_true(strlen(label_of(&process)) < LABEL_NAME_SIZE + LABEL_DETAIL_SIZE);
	}
}

static void the_whole_command_line_keeps_its_boundaries(void **state)
{
	struct process process;
	char text[64];

	make(&process, 2, 1, "sh");
	process.life.args = "sh\0-c\0a b\0\0x";
	process.life.args_length = sizeof("sh\0-c\0a b\0\0x");
	label_command_line(&process.life, text, sizeof(text));
	assert_string_equal(text, "sh -c 'a b' '' x");
	label_command_line(&process.life, text, 8);
	assert_string_equal(text, "sh -c '");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_command_lines_are_shown_whole),
		cmocka_unit_test(of_long_ones_options_are_left_out_and_paths_shortened),
		cmocka_unit_test(compilers_are_known_by_what_they_compile),
		cmocka_unit_test(interpreters_are_known_by_their_script),
		cmocka_unit_test(a_script_is_called_by_its_own_name),
		cmocka_unit_test(the_text_of_a_script_is_cut_in_its_middle),
		cmocka_unit_test(letters_of_several_bytes_are_not_cut),
		cmocka_unit_test(copies_of_their_parent_have_no_arguments_of_their_own),
		cmocka_unit_test(renamed_processes_keep_the_name_they_gave_themselves),
		cmocka_unit_test(foreign_bytes_do_no_harm),
		cmocka_unit_test(the_whole_command_line_keeps_its_boundaries),
	};

	return cmocka_run_group_tests_name("tree_label", tests, NULL, NULL);
}
