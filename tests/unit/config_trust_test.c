/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A configuration file that nobody named: whose it must be, and who else may not write there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit/config_fixture.h"
#include "unit/other_user.h"

#define OTHER 12345

/* How the file and its folder lie there. */
struct scene {
	const char *what;
	uid_t folder_owner, file_owner;
	gid_t folder_group;
	mode_t folder_mode, file_mode;
	const char *why; /* it is ignored; NULL: it is read */
};

static const struct scene scenes[] = {
	{"the caller's own", 0, 0, 0, 0755, 0644, NULL},
	{"in the folder of another", OTHER, 0, 0, 0755, 0644, "directory belongs to another user"},
	{"of another", 0, OTHER, 0, 0755, 0644, "it belongs to another user"},
	{"in a folder for all", 0, 0, 0, 0777, 0644, "write to the current directory"},
	{"in a folder for all, sticky", 0, 0, 0, 01777, 0644, "write to the current directory"},
	{"in a folder for a group", 0, 0, OTHER, 0775, 0644, "write to the current directory"},
	{"writable for all", 0, 0, 0, 0755, 0666, "other users may write to it"},
};

static void lay_out(const struct fixture *f, const struct scene *scene)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	fputs("[plugins.perf]\npoll_interval = '7s'\n", file);
	fclose(file);
	assert_int_equal(chown(f->path, scene->file_owner, 0), 0);
	assert_int_equal(chmod(f->path, scene->file_mode), 0);
	assert_int_equal(chown(f->folder, scene->folder_owner, scene->folder_group), 0);
	assert_int_equal(chmod(f->folder, scene->folder_mode), 0);
}

/* Load from within the folder. */
static void load_there(struct fixture *f, struct config_request request)
{
	int before = open(".", O_PATH | O_CLOEXEC);

	request.path = "c.toml";
	assert_int_equal(chdir(f->folder), 0);
	messages_catch(&f->messages, STDERR_FILENO);
	f->result = config_load_from(test_plugins, TEST_PLUGINS, &request, &f->config);
	f->told = messages_text(&f->messages);
	assert_int_equal(fchdir(before), 0);
	close(before);
}

static bool is_read(struct fixture *f)
{
	return f->result == 0 && perf(f)->poll_interval_ns == 7 * SECOND;
}

static void assert_passed_over(struct fixture *f, const char *what, const char *why)
{
	if (f->result || is_read(f) || !strstr(f->told, "is ignored") || !strstr(f->told, why) ||
	    !strstr(f->told, "--config c.toml"))
		fail_msg("%s: result %d, told: %s", what, f->result, f->told);
	config_free(&f->config);
}

static void what_others_may_have_written_is_passed_over(void **state)
{
	struct fixture *f = *state;

	skip_unless_root();
	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
		lay_out(f, &scenes[i]);
		load_there(f, (struct config_request){0});
		if (scenes[i].why) {
			assert_passed_over(f, scenes[i].what, scenes[i].why);
			load_there(f, (struct config_request){.trust_others = true});
		}
		if (!is_read(f) || *f->told)
			fail_msg("%s: not read: %s", scenes[i].what, f->told);
		config_free(&f->config);
		load_there(f, (struct config_request){.path_is_named = true});
		assert_true(is_read(f));
		config_free(&f->config);
	}
}

static void where_a_file_must_be_passing_over_is_an_error(void **state)
{
	struct fixture *f = *state;

	skip_unless_root();
	lay_out(f, &scenes[1]);
	load_there(f, (struct config_request){.must_exist = true});
	assert_true(f->result < 0);
	config_free(&f->config);
}

static void a_link_counts_by_its_own_owner(void **state)
{
	static const struct scene theirs = {"theirs", 0, OTHER, 0, 0755, 0644, NULL};
	struct fixture *f = *state;
	char target[64];

	skip_unless_root();
	lay_out(f, &theirs);
	snprintf(target, sizeof(target), "%s/target", f->folder);
	assert_int_equal(rename(f->path, target), 0);
	assert_int_equal(symlink("target", f->path), 0);
	load_there(f, (struct config_request){0});
	assert_true(is_read(f));
	config_free(&f->config);

	assert_int_equal(lchown(f->path, OTHER, OTHER), 0);
	assert_int_equal(chown(target, 0, 0), 0);
	load_there(f, (struct config_request){0});
	assert_passed_over(f, "a link of another", "it belongs to another user");
	unlink(target);
}

/* As git has it: who may run the agent as root in his folder may do so with his file. */
static void the_file_of_the_user_who_called_sudo_is_read(void **state)
{
	static const struct scene theirs = {"theirs", OTHER, OTHER, OTHER, 0755, 0644, NULL};
	struct fixture *f = *state;

	skip_unless_root();
	lay_out(f, &theirs);
	setenv("SUDO_UID", "12345", 1);
	load_there(f, (struct config_request){0});
	unsetenv("SUDO_UID");
	assert_true(is_read(f));
	config_free(&f->config);
}

static void a_fifo_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	load_there(f, (struct config_request){0});
	assert_passed_over(f, "a FIFO", "not a regular file");
	load_there(f, (struct config_request){.path_is_named = true});
	assert_int_equal(f->result, -EBADMSG);
	config_free(&f->config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_others_may_have_written_is_passed_over),
		TEST(where_a_file_must_be_passing_over_is_an_error),
		TEST(a_link_counts_by_its_own_owner),
		TEST(the_file_of_the_user_who_called_sudo_is_read),
		TEST(a_fifo_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
