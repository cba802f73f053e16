/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the checks of the doctor share. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/doctor_checks.h"

static int open_below(const struct examination *examination, const char *path)
{
	char *whole;
	int fd;

	if (asprintf(&whole, "%s/%s", examination->sysroot, path) < 0)
		return -1;
	fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(whole);
	return fd;
}

bool doctor_read(const struct examination *examination, const char *path, char *text, size_t size)
{
	const int fd = open_below(examination, path);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	return n >= 0;
}

bool doctor_exists(const struct examination *examination, const char *path)
{
	char *whole;
	bool exists;

	if (asprintf(&whole, "%s/%s", examination->sysroot, path) < 0)
		return false;
	exists = access(whole, F_OK) == 0;
	free(whole);
	return exists;
}

const struct plugin_config *doctor_plugin(const struct examination *examination, const char *name)
{
	for (size_t i = 0; i < examination->config->n; i++) {
		const struct plugin_config *plugin = &examination->config->plugins[i];

		if (plugin->enabled && strcmp(plugin->plugin->name, name) == 0)
			return plugin;
	}
	return NULL;
}

void doctor_said_begin(struct said *said)
{
	fflush(stderr);
	said->saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	said->file = memfd_create("said", MFD_CLOEXEC);
	if (said->saved >= 0 && said->file >= 0)
		dup2(said->file, STDERR_FILENO);
}

/* Take the prefix of each message, and the blanks that align its further lines, away. */
static void strip(char *text)
{
	static const char *const prefixes[] = {"alumet-agent: ", "warning: "};
	char *to = text;

	for (const char *from = text; *from;) {
		for (size_t i = 0; i < 2; i++) {
			const size_t n = strlen(prefixes[i]);

			if (strncmp(from, prefixes[i], n) == 0)
				from += n;
		}
		from += strspn(from, " ");
		while (*from && *from != '\n')
			*to++ = *from++;
		if (*from)
			*to++ = *from++;
	}
	while (to > text && to[-1] == '\n')
		to--;
	*to = '\0';
}

char *doctor_said_end(struct said *said)
{
	char *text = NULL;
	struct stat stat;

	fflush(stderr);
	if (said->saved >= 0)
		dup2(said->saved, STDERR_FILENO);
	if (said->file >= 0 && fstat(said->file, &stat) == 0) {
		text = calloc(1, (size_t)stat.st_size + 1);
		if (text && pread(said->file, text, (size_t)stat.st_size, 0) >= 0)
			strip(text);
	}
	if (said->saved >= 0)
		close(said->saved);
	if (said->file >= 0)
		close(said->file);
	return text;
}

void doctor_strip_advice(char *text)
{
	/* Each up to its end, which is taken out too if it is a parenthesis. */
	static const struct {
		const char *begin, *end;
	} advice[] = {
		{"; 'alumet-agent doctor'", "\n"},
		{"\n'alumet-agent doctor'", "\n"},
		{" Grant it with", "\n"},
		{"\nsudo setcap", "\n"},
		{" (setcap ", ")\n"},
	};

	for (size_t i = 0; text && i < sizeof(advice) / sizeof(advice[0]); i++) {
		char *at = text;

		while ((at = strstr(at, advice[i].begin))) {
			const char *rest = at + 1 + strcspn(at + 1, advice[i].end);

			rest += *rest == ')';
			memmove(at, rest, strlen(rest) + 1);
		}
	}
}
