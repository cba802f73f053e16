/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages to the user, on stderr, one line each, "alumet-agent: " before it, and before a warning
 * "alumet-agent: warning: ". What a terminal would obey is shown escaped (core/printable.h), but for
 * line breaks; errno is left as it was. The level and the sink are the only global state of the program.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_ERROR, /* the run, or an output, cannot go on */
	LOG_WARN,  /* it goes on, but something asked for is missing */
	LOG_INFO,  /* -v */
	LOG_DEBUG, /* -vv */
};

/* What is shown: messages up to this level. LOG_WARN at the start. */
void log_set_level(enum log_level level);
bool log_is_shown(enum log_level level);

/*
 * Where messages go instead of stderr: take() gets each one that is shown, as it was formatted, with
 * its line breaks. take NULL: to stderr.
 */
struct log_sink {
	void (*take)(void *data, enum log_level level, const char *message);
	void *data;
};

/* Returns the sink before. */
struct log_sink log_set_sink(struct log_sink sink);

/*
 * printf() format without a newline at the end. The first line says what failed and why; further
 * lines, which are indented, what to do about it. On a terminal the first line is folded to its
 * width.
 */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For whoever knows the cause of an error: "return log_errno(err, ...)" shows the message as log_error()
 * does and returns err, a negative errno. log_oom() says that memory ran out and returns -ENOMEM.
 */
int log_errno(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int log_oom(void);

#endif
