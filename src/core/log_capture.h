/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a piece of code logs, kept as text instead of shown. */
#ifndef CORE_LOG_CAPTURE_H
#define CORE_LOG_CAPTURE_H

#include <stdbool.h>

#include "core/log.h"
#include "core/text.h"

struct log_capture {
	struct log_sink before;
	struct text text;
	bool without_advice; /* of each message only the first line: what failed, and why */
};

/* From here on messages that would be shown are kept. Captures may be nested. */
void log_capture_begin(struct log_capture *capture, bool without_advice);

/*
 * Ends it. Returns the messages, each on lines of its own, without a newline at the end; "" when
 * there was none. To be freed; NULL when memory ran out.
 */
char *log_capture_end(struct log_capture *capture);

#endif
