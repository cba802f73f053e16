/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/printable.h"
#include "core/write_whole.h"

static enum log_level shown_level = LOG_WARN;
static struct log_sink current_sink;

static const char name[] = "alumet-agent: ";
#define INDENT (sizeof(name) - 1)

/* On narrower terminals, lines are not wrapped. */
#define SMALLEST_WIDTH 40

/* The output of a single write(), so that lines of several processes do not mix. */
struct chunk {
	char data[1024];
	size_t n;
};

/* Ignore errors: there is nowhere else to report them. */
static void chunk_send(struct chunk *chunk)
{
	write_whole(STDERR_FILENO, chunk->data, chunk->n);
	chunk->n = 0;
}

static void chunk_add(struct chunk *chunk, char c)
{
	if (chunk->n == sizeof(chunk->data))
		chunk_send(chunk);
	chunk->data[chunk->n++] = c;
}

static void chunk_add_string(struct chunk *chunk, const char *string)
{
	while (*string)
		chunk_add(chunk, *string++);
}

/* Escape the character: names of files and processes may contain any. */
static struct glyph chunk_add_glyph(struct chunk *chunk, const struct printable *printable,
                                    const char *text)
{
	const struct glyph glyph = printable_next(printable, text);

	for (size_t i = 0; i < glyph.length; i++)
		chunk_add(chunk, glyph.bytes[i]);
	return glyph;
}

/* Begin another line of the same message. */
static void chunk_add_break(struct chunk *chunk)
{
	chunk_add(chunk, '\n');
	for (size_t i = 0; i < INDENT; i++)
		chunk_add(chunk, ' ');
}

/* The width of the terminal in columns; 0: do not wrap. */
static size_t terminal_width(void)
{
	struct winsize size = {0};

	if (!isatty(STDERR_FILENO) || ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col < SMALLEST_WIDTH ? 0 : size.ws_col;
}

/* Columns up to the next blank or end of line. */
static size_t word_columns(const struct printable *printable, const char *text)
{
	size_t columns = 0;

	while (*text && *text != ' ' && *text != '\n') {
		const struct glyph glyph = printable_next(printable, text);

		columns += glyph.cells;
		text += glyph.taken;
	}
	return columns;
}

/*
 * Add the first line of a message, wrapped at blanks. Further lines are not wrapped, because they
 * contain commands to copy. Returns the rest of the message.
 */
static const char *chunk_add_folded(struct chunk *chunk, const struct printable *printable,
                                    const char *line, size_t column)
{
	const size_t width = terminal_width();

	while (*line && *line != '\n') {
		struct glyph glyph;

		if (width && *line == ' ' &&
		    column + 1 + word_columns(printable, line + 1) > width) {
			chunk_add_break(chunk);
			column = INDENT;
			line++;
			continue;
		}
		glyph = chunk_add_glyph(chunk, printable, line);
		column += glyph.cells;
		line += glyph.taken;
	}
	return line;
}

static void send_message(const char *severity, const char *message)
{
	struct chunk chunk = {.n = 0};
	struct printable printable;

	printable_init(&printable);
	chunk_add_string(&chunk, name);
	chunk_add_string(&chunk, severity);
	message = chunk_add_folded(&chunk, &printable, message, INDENT + strlen(severity));
	while (*message) {
		if (*message != '\n')
			message += chunk_add_glyph(&chunk, &printable, message).taken;
		else if (*++message)
			chunk_add_break(&chunk);
	}
	chunk_add(&chunk, '\n');
	chunk_send(&chunk);
	printable_fini(&printable);
}

static void say(enum log_level level, const char *severity, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void say(enum log_level level, const char *severity, const char *format, va_list arguments)
{
	int saved_errno = errno;
	char *message = NULL;

	if (!log_is_shown(level))
		return;
	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	/* If memory ran out, show the format: it says what failed, but without the names. */
	if (current_sink.take)
		current_sink.take(current_sink.data, level, message ? message : format);
	else
		send_message(severity, message ? message : format);
	free(message);
	errno = saved_errno;
}

struct log_sink log_set_sink(struct log_sink sink)
{
	struct log_sink before = current_sink;

	current_sink = sink;
	return before;
}

void log_set_level(enum log_level level)
{
	shown_level = level;
}

bool log_is_shown(enum log_level level)
{
	return level <= shown_level;
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_ERROR, "", format, arguments);
	va_end(arguments);
}

void log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_WARN, "warning: ", format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_INFO, "", format, arguments);
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_DEBUG, "", format, arguments);
	va_end(arguments);
}

int log_errno(int err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(LOG_ERROR, "", format, arguments);
	va_end(arguments);
	return err;
}

int log_oom(void)
{
	return log_errno(-ENOMEM, "out of memory");
}

int log_absence(enum absence absence, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	switch (absence) {
	case ABSENCE_ERROR:
		say(LOG_ERROR, "", format, arguments);
		break;
	case ABSENCE_WARNING:
		say(LOG_WARN, "warning: ", format, arguments);
		break;
	case ABSENCE_SILENT:
		say(LOG_INFO, "", format, arguments);
		break;
	}
	va_end(arguments);
	return -ENODEV;
}
