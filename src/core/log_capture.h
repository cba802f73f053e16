/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Captures what a piece of code logs, instead of showing it. */
#ifndef CORE_LOG_CAPTURE_H
#define CORE_LOG_CAPTURE_H

#include <stdbool.h>

#include "core/log.h"
#include "core/text.h"

struct log_capture {
	struct log_sink before;
	struct text text;
	bool without_advice; /* keep only the first line of each message: what failed, and why */
};

/* Capture the messages that would be shown from now on. Captures may be nested. */
void log_capture_begin(struct log_capture *capture, bool without_advice);

/*
 * End the capture. Returns the messages, each starting on a new line, without a newline at the end;
 * "" if there were none; NULL if memory ran out. The caller frees them.
 */
char *log_capture_end(struct log_capture *capture);

#endif
