/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages to the user on stderr, with the prefix "alumet-agent: ", or "alumet-agent: warning: ".
 * Control characters except line breaks are escaped (core/printable.h). errno is preserved. The
 * level and the sink are global.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

#include "alumet/absence.h"

enum log_level {
	LOG_ERROR, /* the run, or an output, cannot continue */
	LOG_WARN,  /* it continues without something that was requested */
	LOG_INFO,  /* -v */
	LOG_DEBUG, /* -vv */
};

/* Show messages up to this level; initially LOG_WARN. */
void log_set_level(enum log_level level);
bool log_is_shown(enum log_level level);

/*
 * Receives messages instead of stderr: take() is called with each message that is shown, formatted,
 * with its line breaks. take NULL: messages go to stderr.
 */
struct log_sink {
	void (*take)(void *data, enum log_level level, const char *message);
	void *data;
};

/* Returns the previous sink. */
struct log_sink log_set_sink(struct log_sink sink);

/*
 * format: as for printf(), without a newline at the end. The first line says what failed and why;
 * further lines, which are shown indented, say what to do about it. On a terminal, the first line
 * is wrapped to its width.
 */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For the function that knows the cause of an error: "return log_errno(err, ...)" shows the message
 * like log_error() and returns err, a negative errno. log_oom() logs that memory ran out and
 * returns -ENOMEM.
 */
int log_errno(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int log_oom(void);

/*
 * For a plugin that has nothing to measure on this machine: logs the message as an error, as a
 * warning or, with -v, as information, and returns -ENODEV.
 */
int log_absence(enum absence absence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
