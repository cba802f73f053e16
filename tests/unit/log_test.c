/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "core/log.h"
#include "core/log_capture.h"
#include "unit/output_support.h"

static void assert_captured(struct capture *capture, const char *expected)
{
	char *text = capture_end(capture);

	assert_string_equal(text, expected);
	free(text);
}

static void shows_errors_and_warnings_by_default(void **state)
{
	struct capture capture;

	capture_begin(&capture);
	log_error("cannot open %s", "x");
	log_warn("%d events are missing", 3);
	log_info("hidden");
	log_debug("hidden");
	assert_captured(&capture, "alumet-agent: cannot open x\n"
	                          "alumet-agent: warning: 3 events are missing\n");
}

static void shows_what_the_level_says(void **state)
{
	struct capture capture;

	capture_begin(&capture);
	log_set_level(LOG_ERROR);
	log_warn("hidden");
	log_set_level(LOG_DEBUG);
	log_info("one");
	log_debug("two");
	log_set_level(LOG_INFO);
	log_debug("hidden");
	log_set_level(LOG_WARN);
	assert_captured(&capture, "alumet-agent: one\nalumet-agent: two\n");
	assert_true(log_is_shown(LOG_WARN));
	assert_false(log_is_shown(LOG_INFO));
}

static void logs_an_absence_as_the_plugin_was_switched_on(void **state)
{
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(log_absence(ABSENCE_ERROR, "no %s", "a"), -ENODEV);
	assert_int_equal(log_absence(ABSENCE_WARNING, "no %s", "b"), -ENODEV);
	assert_int_equal(log_absence(ABSENCE_SILENT, "no %s", "c"), -ENODEV);
	log_set_level(LOG_INFO);
	log_absence(ABSENCE_SILENT, "no %s", "d");
	log_set_level(LOG_WARN);
	assert_captured(&capture, "alumet-agent: no a\nalumet-agent: warning: no b\n"
	                          "alumet-agent: no d\n");
}

static void indents_further_lines(void **state)
{
	struct capture capture;

	capture_begin(&capture);
	log_error("no permission\nrun: setcap x\nor be root\n");
	assert_captured(&capture, "alumet-agent: no permission\n"
	                          "              run: setcap x\n"
	                          "              or be root\n");
}

static void does_not_let_a_name_control_the_terminal(void **state)
{
	struct capture capture;

	/*
	 * C0, DEL, C1 (U+009B is what begins an escape sequence), a byte that is no UTF-8, U+202E.
	 */
	const char *name = "a\033[2J\rb\tc\x7f \xc3\xa9 \xc2\x9b"
			   "2J \xff \xe2\x80\xae";

	setenv("LC_ALL", "C.UTF-8", 1);
	capture_begin(&capture);
	log_error("no file %s", name);
	assert_captured(&capture, "alumet-agent: no file a\\x1b[2J\\rb\\tc\\x7f \xc3\xa9 \\u009b2J "
	                          "\\xff \\u202e\n");
	setenv("LC_ALL", "C", 1);
	capture_begin(&capture);
	log_error("no file %s", "\xc3\xa9");
	assert_captured(&capture, "alumet-agent: no file \\xc3\\xa9\n");
}

/* What is shown on a terminal of so many columns; valid until the next call. */
static const char *shown_on_terminal(unsigned short columns, const char *message)
{
	static char text[1024];
	const struct winsize size = {.ws_row = 25, .ws_col = columns};
	int saved = dup(STDERR_FILENO), master, terminal;
	struct termios raw;
	ssize_t n;

	assert_int_equal(openpty(&master, &terminal, NULL, NULL, &size), 0);
	tcgetattr(terminal, &raw);
	cfmakeraw(&raw);
	tcsetattr(terminal, TCSANOW, &raw);
	dup2(terminal, STDERR_FILENO);
	log_warn("%s", message);
	dup2(saved, STDERR_FILENO);
	n = read(master, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	close(master);
	close(terminal);
	close(saved);
	return text;
}

static void folds_to_the_terminals_width(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_string_equal(shown_on_terminal(50, "one two three four five six seven eight\n"
	                                          "sudo a command to be copied as it stands here"),
	                    "alumet-agent: warning: one two three four five six\n"
	                    "              seven eight\n"
	                    "              sudo a command to be copied as it stands here\n");
	/* What has no blank stays whole; a letter may be two columns wide. */
	assert_string_equal(shown_on_terminal(40, "a bcdefghijklmnopqrstuvwxyzabcdefghij c"),
	                    "alumet-agent: warning: a\n"
	                    "              bcdefghijklmnopqrstuvwxyzabcdefghij\n"
	                    "              c\n");
	assert_string_equal(
		shown_on_terminal(40, "1234567890 \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"),
		"alumet-agent: warning: 1234567890 \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\n");
	assert_string_equal(
		shown_on_terminal(40, "12345678901 \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"),
		"alumet-agent: warning: 12345678901\n"
		"              \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\n");
	assert_string_equal(shown_on_terminal(10, "one two three four five"),
	                    "alumet-agent: warning: one two three four five\n");
}

static void shows_long_messages_whole(void **state)
{
	struct capture capture;
	char *expected = malloc(10100), *message = malloc(10000);

	memset(message, 'm', 9999);
	message[9999] = '\0';
	sprintf(expected, "alumet-agent: %s\n", message);
	capture_begin(&capture);
	log_error("%s", message);
	assert_captured(&capture, expected);
	free(expected);
	free(message);
}

static void leaves_errno_alone(void **state)
{
	struct capture capture;

	capture_begin(&capture);
	errno = ENOTTY;
	log_error("because of %m");
	assert_int_equal(errno, ENOTTY);
	capture_end_expecting(&capture, "because of Inappropriate ioctl");
}

static void survives_without_a_reader(void **state)
{
	int saved = dup(STDERR_FILENO);

	close(STDERR_FILENO);
	log_error("nobody hears this");
	dup2(saved, STDERR_FILENO);
	close(saved);
}

static void a_sink_gets_what_would_be_shown_instead(void **state)
{
	struct log_capture outer, inner;
	struct capture capture;
	char *text;

	capture_begin(&capture);
	log_capture_begin(&outer, false);
	log_error("a\nadvice\n");
	log_info("hidden");
	log_capture_begin(&inner, true);
	log_warn("b %d\nadvice", 7);
	assert_int_equal(log_errno(-EBUSY, "c"), -EBUSY);
	assert_int_equal(log_oom(), -ENOMEM);
	text = log_capture_end(&inner);
	assert_string_equal(text, "b 7\nc\nout of memory");
	free(text);
	log_error("d");
	text = log_capture_end(&outer);
	assert_string_equal(text, "a\nadvice\nd");
	free(text);
	log_error("shown");
	assert_captured(&capture, "alumet-agent: shown\n");

	log_capture_begin(&outer, false);
	text = log_capture_end(&outer);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_errors_and_warnings_by_default),
		cmocka_unit_test(shows_what_the_level_says),
		cmocka_unit_test(logs_an_absence_as_the_plugin_was_switched_on),
		cmocka_unit_test(indents_further_lines),
		cmocka_unit_test(does_not_let_a_name_control_the_terminal),
		cmocka_unit_test(folds_to_the_terminals_width),
		cmocka_unit_test(shows_long_messages_whole),
		cmocka_unit_test(leaves_errno_alone),
		cmocka_unit_test(a_sink_gets_what_would_be_shown_instead),
		cmocka_unit_test(survives_without_a_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
