/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* alumet-agent config regen: the file that it writes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "plugins/plugins.h"
#include "unit/config_fixture.h"

#define REGENERATED_MAX 16384

/* The file as it is written with these request. */
static void regenerate(struct fixture *f, struct config_request *request,
                       char text[static REGENERATED_MAX])
{
	FILE *file;
	size_t n;

	request->path = f->path;
	request->quiet = true;
	assert_int_equal(config_regen_from(test_plugins, TEST_PLUGINS, request), 0);
	file = fopen(f->path, "r");
	assert_non_null(file);
	n = fread(text, 1, REGENERATED_MAX - 1, file);
	text[n] = '\0';
	fclose(file);
}

static void regenerated_file_changes_nothing_and_has_every_key(void **state)
{
	struct fixture *f = *state;
	struct config_request request = {0};
	char text[REGENERATED_MAX];

	regenerate(f, &request, text);
	for (size_t i = 0; i < TEST_PLUGINS; i++) {
		for (const struct setting *s = test_plugins[i]->settings; s->key; s++) {
			if (s->type != SETTING_IGNORED && !strstr(text, s->key))
				fail_msg("%s is missing", s->key);
		}
	}
	assert_non_null(strstr(text, "# two\n# lines\n"));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);

	load(f, NULL);
	assert_int_equal(f->result, 0);
	assert_string_equal(f->told, "");
	are_defaults(f);
	config_free(&f->config);
}

/* They are the comments of the file, and a person reads one after the other. */
static void explanations_of_keys_are_sentences(void **state)
{
	for (size_t i = 0; i < plugin_table_n; i++) {
		for (const struct setting *s = plugin_table[i]->settings; s && s->key; s++) {
			const size_t n = s->help ? strlen(s->help) : 0;

			if (n && (!strchr("\"ABCDEFGHIJKLMNOPQRSTUVWXYZ", s->help[0]) ||
			          s->help[n - 1] != '.'))
				fail_msg("%s.%s: %s", plugin_table[i]->name, s->key, s->help);
		}
	}
}

static void regeneration_takes_the_named_plugins_only(void **state)
{
	static char *names[] = {"csv"};
	struct fixture *f = *state;
	struct config_request request = {.plugins = names, .n_plugins = 1};
	char text[REGENERATED_MAX];

	regenerate(f, &request, text);
	assert_non_null(strstr(text, "[plugins.csv]"));
	assert_null(strstr(text, "[plugins.perf]"));
}

static void regeneration_keeps_mode_and_link_of_an_existing_file(void **state)
{
	struct fixture *f = *state;
	char link[64];
	struct config_request request = {.path = link, .quiet = true};
	struct stat stat_of;

	snprintf(link, sizeof(link), "%s/link", f->folder);
	close(open(f->path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlink("c.toml", link), 0);
	assert_int_equal(config_regen_from(test_plugins, TEST_PLUGINS, &request), 0);
	assert_int_equal(lstat(link, &stat_of), 0);
	assert_true(S_ISLNK(stat_of.st_mode));
	assert_int_equal(stat(f->path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 0777, 0600);
	assert_true(stat_of.st_size > 100);
	unlink(link);
}

static bool has_text(const char *path, const char *text)
{
	char found[64] = "";
	const int fd = open(path, O_RDONLY);
	const ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof(found) - 1);

	close(fd);
	return n == (ssize_t)strlen(text) && strcmp(found, text) == 0;
}

static void what_was_edited_is_kept_until_something_else_is(void **state)
{
	struct fixture *f = *state;
	struct config_request request = {0};
	char text[REGENERATED_MAX], old[128];
	FILE *file;

	snprintf(old, sizeof(old), "%s.old", f->path);
	regenerate(f, &request, text);
	assert_int_equal(access(old, F_OK), -1);
	for (int i = 0; i < 2; i++) {
		file = fopen(f->path, "w");
		fprintf(file, "# mine %d\n", i);
		fclose(file);
		regenerate(f, &request, text);
		assert_true(has_text(old, i ? "# mine 1\n" : "# mine 0\n"));
		/* What is there is the default already. */
		regenerate(f, &request, text);
		assert_true(has_text(old, i ? "# mine 1\n" : "# mine 0\n"));
	}
	unlink(old);
}

static void assert_regeneration_refused(struct fixture *f, struct config_request request,
                                        const char *words)
{
	int result;

	messages_catch(&f->messages, STDERR_FILENO);
	result = config_check_for(test_plugins, TEST_PLUGINS, &request);
	if (!result)
		result = config_regen_from(test_plugins, TEST_PLUGINS, &request);
	f->told = messages_text(&f->messages);
	assert_true(result < 0);
	if (!strstr(f->told, words))
		fail_msg("\"%s\" is not told in: %s", words, f->told);
}

static void regeneration_that_fails_leaves_nothing_behind(void **state)
{
	static char *names[] = {"cvs"};
	static const char *const paths[] = {"/dev/null", "/dev/null/x", "/tmp",
	                                    "/nonexistent/folder/x"};
	struct fixture *f = *state;
	struct config_request request = {.quiet = true};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		request.path = paths[i];
		assert_regeneration_refused(f, request, paths[i]);
	}
	request = (struct config_request){.path = f->path, .plugins = names, .n_plugins = 1};
	assert_regeneration_refused(f, request, "did you mean csv?");
	assert_int_equal(access(f->path, F_OK), -1);
}

static void regeneration_follows_no_link_to_nothing_or_of_another_user(void **state)
{
	struct fixture *f = *state;
	char link[64];
	const struct config_request request = {.path = link, .quiet = true};
	struct stat stat_of;

	snprintf(link, sizeof(link), "%s/link", f->folder);
	assert_int_equal(symlink("c.toml", link), 0);
	assert_regeneration_refused(f, request, "link to nothing");
	assert_int_equal(access(f->path, F_OK), -1);
	if (geteuid() == 0) {
		close(open(f->path, O_CREAT | O_WRONLY, 0600));
		assert_int_equal(lchown(link, 12345, 12345), 0);
		assert_int_equal(chmod(f->folder, 01777), 0);
		assert_regeneration_refused(f, request, "somebody else has put");
		assert_int_equal(stat(f->path, &stat_of), 0);
		assert_int_equal(stat_of.st_size, 0);
	}
	unlink(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(regenerated_file_changes_nothing_and_has_every_key),
		cmocka_unit_test(explanations_of_keys_are_sentences),
		TEST(regeneration_takes_the_named_plugins_only),
		TEST(regeneration_keeps_mode_and_link_of_an_existing_file),
		TEST(what_was_edited_is_kept_until_something_else_is),
		TEST(regeneration_that_fails_leaves_nothing_behind),
		TEST(regeneration_follows_no_link_to_nothing_or_of_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
