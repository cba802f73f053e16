/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a test's subject tells the user: stderr, or stdout, caught in a text. */
#ifndef TESTS_UNIT_MESSAGES_H
#define TESTS_UNIT_MESSAGES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct messages {
	int target; /* STDERR_FILENO or STDOUT_FILENO */
	int saved;
	FILE *file;
	char text[16384];
};

static inline void messages_catch(struct messages *messages, int target)
{
	fflush(NULL);
	messages->target = target;
	messages->saved = dup(target);
	messages->file = tmpfile();
	if (messages->saved < 0 || !messages->file || dup2(fileno(messages->file), target) < 0)
		abort();
}

/* Ends the catching; the text is valid until the next messages_catch(). */
static inline const char *messages_text(struct messages *messages)
{
	size_t n;

	fflush(NULL);
	dup2(messages->saved, messages->target);
	close(messages->saved);
	rewind(messages->file);
	n = fread(messages->text, 1, sizeof(messages->text) - 1, messages->file);
	messages->text[n] = '\0';
	fclose(messages->file);
	return messages->text;
}

#endif
