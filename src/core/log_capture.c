/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/log_capture.h"

#include <string.h>

static void take(void *data, enum log_level level, const char *message)
{
	struct log_capture *capture = data;
	size_t length = capture->without_advice ? strcspn(message, "\n") : strlen(message);

	while (length > 0 && message[length - 1] == '\n')
		length--;
	if (capture->text.n > 0)
		text_add_char(&capture->text, '\n');
	text_add(&capture->text, message, length);
}

void log_capture_begin(struct log_capture *capture, bool without_advice)
{
	*capture = (struct log_capture){.without_advice = without_advice};
	capture->before = log_set_sink((struct log_sink){.take = take, .data = capture});
}

char *log_capture_end(struct log_capture *capture)
{
	log_set_sink(capture->before);
	text_add_char(&capture->text, '\0');
	if (capture->text.failed) {
		text_fini(&capture->text);
		return NULL;
	}
	return capture->text.data;
}
