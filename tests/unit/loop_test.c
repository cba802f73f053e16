/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The order in which a run calls its plugins: sources of this test, a transform, and the real loop.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/loop.h"
#include "run/stages.h"
#include "unit/messages.h"

#define MS 1000000ULL

/* What was called, a word each, and when the command is to end. */
static struct {
	char log[4096];
	const char *end_at; /* once this word has come end_after times */
	int end_after;
	pid_t command;
} world;

static void note(const char *word)
{
	char *last = world.log + strlen(world.log);

	snprintf(last, sizeof(world.log) - (size_t)(last - world.log), "%s ", word);
	if (!world.end_at || strcmp(word, world.end_at) != 0 || --world.end_after > 0)
		return;
	/* The loop sees the end before it handles another tick, however late it is. */
	world.end_at = NULL;
	kill(world.command, SIGKILL);
	waitid(P_PID, (id_t)world.command, &(siginfo_t){.si_pid = 0}, WEXITED | WNOWAIT);
}

static size_t count(const char *word)
{
	size_t n = 0;

	for (const char *at = world.log; (at = strstr(at, word)); at += strlen(word))
		n++;
	return n;
}

/* --- the plugins ------------------------------------------------------------------------------ */

struct test_source {
	struct source base;
	const char *name;
	int poll_result, ready_result;
};

static struct test_source first, second;

static void note_call(struct source *source, const char *what)
{
	char word[64];

	snprintf(word, sizeof(word), "%s-%s", ((struct test_source *)source)->name, what);
	note(word);
}

static int source_start(struct source *source)
{
	note_call(source, "start");
	return 0;
}

static int source_poll(struct source *source)
{
	note_call(source, "poll");
	return ((struct test_source *)source)->poll_result;
}

static int source_ready(struct source *source)
{
	note_call(source, "ready");
	return ((struct test_source *)source)->ready_result;
}

static int source_sample(struct source *source, uint64_t begun_ns)
{
	note_call(source, "sample");
	return 0;
}

static int source_stop(struct source *source)
{
	note_call(source, "stop");
	return 0;
}

static int source_finish(struct source *source)
{
	note_call(source, "finish");
	return 0;
}

static void source_close(struct source *source)
{
}

static int open_first(const void *settings, const struct source_context *context,
                      struct source **source)
{
	*source = &first.base;
	return 0;
}

static int open_second(const void *settings, const struct source_context *context,
                       struct source **source)
{
	*source = &second.base;
	return 0;
}

#define SOURCE_OPS(open_function)                                                                  \
	{                                                                                          \
		.open = open_function, .start = source_start, .poll = source_poll,                 \
		.ready = source_ready, .sample = source_sample, .stop = source_stop,               \
		.finish = source_finish, .close = source_close                                     \
	}

static const struct source_ops first_ops = SOURCE_OPS(open_first);
static const struct source_ops second_ops = SOURCE_OPS(open_second);

static struct transform windows;
static struct window last_window;

static int transform_open(const void *settings, const struct transform_context *context,
                          struct transform **transform)
{
	*transform = &windows;
	return 0;
}

static int transform_end_window(struct transform *transform, const struct window *window)
{
	assert_true(window->end_ns >= window->begin_ns);
	if (last_window.end_ns)
		assert_true(window->begin_ns == last_window.end_ns);
	last_window = *window;
	note("window");
	return 0;
}

static void transform_close(struct transform *transform)
{
}

static const struct transform_ops windows_ops = {
	.open = transform_open,
	.end_window = transform_end_window,
	.close = transform_close,
};

static const struct plugin first_plugin = {
	.kind = PLUGIN_SOURCE, .name = "first", .source = &first_ops};
static const struct plugin second_plugin = {
	.kind = PLUGIN_SOURCE, .name = "second", .source = &second_ops};
static const struct plugin windows_plugin = {
	.kind = PLUGIN_TRANSFORM, .name = "windows", .transform = &windows_ops};

/* --- a run ------------------------------------------------------------------------------------ */

static int set_up(void **state)
{
	memset(&world, 0, sizeof(world));
	memset(&last_window, 0, sizeof(last_window));
	first = (struct test_source){
		.base = {.ops = &first_ops, .poll_interval_ns = 5 * MS, .fd = -1}, .name = "1"};
	second = (struct test_source){
		.base = {.ops = &second_ops, .poll_interval_ns = 5 * MS, .fd = -1}, .name = "2"};
	windows = (struct transform){.ops = &windows_ops};
	return 0;
}

/*
 * A command that does nothing runs until the word has come so often. Returns what stages_end()
 * does.
 */
static int run_until(const char *word, int times)
{
	struct plugin_config plugins[] = {
		{.plugin = &windows_plugin, .enabled = windows.window_ns > 0},
		{.plugin = &first_plugin, .enabled = true},
		{.plugin = &second_plugin, .enabled = true},
	};
	const struct config config = {.plugins = plugins, .n = 3};
	struct signals signals = {.fd = eventfd(0, EFD_CLOEXEC)}; /* none comes */
	struct run_end end = {0};
	struct stages stages;
	struct loop *loop;
	int pidfd, result;

	world.end_at = word;
	world.end_after = times;
	assert_int_equal(stages_init(&stages, 3), 0);
	assert_int_equal(stages_open(&stages, &config), 0);
	assert_int_equal(loop_new(&stages, &signals, &loop), 0);
	assert_int_equal(stages_start(&stages), 0);
	world.command = fork();
	assert_true(world.command >= 0);
	if (world.command == 0) {
		for (;;)
			pause();
	}
	pidfd = (int)syscall(SYS_pidfd_open, world.command, 0);
	assert_true(pidfd >= 0);
	assert_int_equal(loop_run(loop, world.command, pidfd, false), 0);
	waitpid(world.command, NULL, 0);
	stages_stop(&stages);
	result = stages_end(&stages, &end);
	loop_free(loop);
	stages_close(&stages);
	close(pidfd);
	close(signals.fd);
	return result;
}

static void sources_of_one_interval_are_polled_at_one_tick(void **state)
{
	assert_int_equal(run_until("2-poll", 3), 0);
	assert_string_equal(world.log, "2-start 1-start 1-poll 2-poll 1-poll 2-poll 1-poll 2-poll "
	                               "1-stop 2-stop 1-finish 2-finish ");
}

static void a_window_is_sampled_at_the_same_moment_as_its_end(void **state)
{
	windows.window_ns = 5 * MS;
	assert_int_equal(run_until("2-poll", 2), 0);
	assert_string_equal(world.log, "2-start 1-start 2-sample 1-sample "
	                               "1-sample 2-sample window 1-poll 2-poll "
	                               "1-sample 2-sample window 1-poll 2-poll "
	                               "1-stop 2-stop 1-sample 2-sample 1-finish 2-finish window ");
}

static void a_window_of_its_own_interval_ends_while_nothing_is_polled(void **state)
{
	windows.window_ns = 1 * MS;
	first.base.poll_interval_ns = second.base.poll_interval_ns = 0;
	assert_int_equal(run_until("window", 4), 0);
	assert_int_equal(count("poll"), 0);
	assert_int_equal(count("1-sample 2-sample window"), 4);
	assert_int_equal(count("window"), 5);
}

static void without_windows_no_source_is_sampled(void **state)
{
	assert_int_equal(run_until("1-poll", 1), 0);
	assert_int_equal(count("sample"), 0);
}

static void a_source_that_fails_is_named_once_and_left_alone(void **state)
{
	struct messages messages;
	const char *said;
	int result;

	first.poll_result = -EIO;
	second.poll_result = -EBADF;
	windows.window_ns = 1 * MS;
	messages_catch(&messages, STDERR_FILENO);
	result = run_until("window", 12);
	said = messages_text(&messages);
	assert_int_equal(result, -EIO);
	assert_int_equal(count("1-poll"), 1);
	assert_int_equal(count("2-poll"), 1);
	assert_int_equal(count("1-stop"), 1);
	assert_int_equal(count("2-finish"), 1);
	/* Each, with its own reason, once. */
	assert_non_null(strstr(said, "first: "));
	assert_non_null(strstr(said, strerror(EIO)));
	assert_null(strstr(strstr(said, "first: ") + 1, "first: "));
	assert_non_null(strstr(said, "second: "));
	assert_non_null(strstr(said, strerror(EBADF)));
}

static void a_source_that_cannot_read_what_is_ready_is_not_woken_for_it_again(void **state)
{
	struct messages messages;
	int result;

	second.base.fd = eventfd(1, EFD_CLOEXEC); /* always readable */
	second.ready_result = -EPROTO;
	messages_catch(&messages, STDERR_FILENO);
	result = run_until("1-poll", 4);
	assert_non_null(strstr(messages_text(&messages), "second: "));
	assert_int_equal(result, -EIO);
	assert_int_equal(count("2-ready"), 1);
	assert_int_equal(count("2-poll"), 0);
	assert_int_equal(count("1-poll"), 4);
	close(second.base.fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(sources_of_one_interval_are_polled_at_one_tick),
		TEST(a_window_is_sampled_at_the_same_moment_as_its_end),
		TEST(a_window_of_its_own_interval_ends_while_nothing_is_polled),
		TEST(without_windows_no_source_is_sampled),
		TEST(a_source_that_fails_is_named_once_and_left_alone),
		TEST(a_source_that_cannot_read_what_is_ready_is_not_woken_for_it_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
