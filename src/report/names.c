/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/signal_name.h"
#include "core/utf8.h"

const char *report_label(const struct report_process *process, char buffer[static 32])
{
	const char *slash;

	if (process->comm->n > 0)
		return process->comm->bytes;
	if (process->exe->n > 0) {
		slash = strrchr(process->exe->bytes, '/');
		return slash && slash[1] ? slash + 1 : process->exe->bytes;
	}
	snprintf(buffer, 32, "pid %u", process->pid);
	return buffer;
}

void report_add_label(struct text *out, const struct report_process *process)
{
	char buffer[32];
	const char *label = report_label(process, buffer);

	report_add_visible(out, label, strlen(label));
}

/* Whether a character is invisible, or changes how or where others appear. */
static bool is_hidden(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || utf8_is_format_sign(code);
}

static void add_escape(struct text *out, uint32_t code, bool is_byte)
{
	static const char letters[] = "abtnvfr"; /* from 7 on */
	char escape[16];

	if (!is_byte && code >= 7 && code <= 13)
		snprintf(escape, sizeof(escape), "\\%c", letters[code - 7]);
	else if (is_byte || code < 0x80)
		snprintf(escape, sizeof(escape), "\\x%02x", code);
	else
		snprintf(escape, sizeof(escape), code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
	text_add_string(out, escape);
}

void report_add_visible(struct text *out, const char *bytes, size_t n)
{
	size_t plain = 0;

	for (size_t at = 0; at < n;) {
		const unsigned char *text = (const unsigned char *)bytes + at;
		uint32_t code = *text;
		size_t length = 1;
		bool is_byte = false;

		if (*text < 0x20 || *text >= 0x7f) {
			length = utf8_decode(bytes + at, &code);
			is_byte = length == 0 || length > n - at;
			length = is_byte ? 1 : length;
			code = is_byte ? *text : code;
			if (is_byte || is_hidden(code)) {
				text_add(out, bytes + plain, at - plain);
				add_escape(out, code, is_byte);
				plain = at + length;
			}
		}
		at += length;
	}
	text_add(out, bytes + plain, n - plain);
}

void report_add_outcome(struct text *out, const struct report_process *process)
{
	char number[24], signal[SIGNAL_NAME_SIZE];

	if (process->oom_killed)
		text_add_string(out, "killed for memory, ");
	if (process->signal) {
		signal_name(process->signal, signal);
		text_add_string(out, signal);
		if (process->core)
			text_add_string(out, " (core dumped)");
	} else if (process->exit_status) {
		snprintf(number, sizeof(number), "exit %u", process->exit_status);
		text_add_string(out, number);
	} else if (process->status_hidden) {
		text_add_string(out, "unknown");
	}
}
