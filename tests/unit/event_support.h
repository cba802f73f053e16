/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the tests of events: what was said to the user, and other machines laid out in a folder. */
#ifndef TESTS_UNIT_EVENT_SUPPORT_H
#define TESTS_UNIT_EVENT_SUPPORT_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* stderr, diverted into a file so that a test can look at the messages. */
struct said {
	int saved;
	FILE *file;
	char text[8192];
};

static inline void said_begin(struct said *said)
{
	said->file = tmpfile();
	assert_non_null(said->file);
	fflush(stderr);
	said->saved = dup(STDERR_FILENO);
	dup2(fileno(said->file), STDERR_FILENO);
}

/* Back to the real stderr; said->text has what was written meanwhile, or its beginning. */
static inline void said_end(struct said *said)
{
	size_t n;

	fflush(stderr);
	dup2(said->saved, STDERR_FILENO);
	close(said->saved);
	rewind(said->file);
	n = fread(said->text, 1, sizeof(said->text) - 1, said->file);
	said->text[n] = '\0';
	fclose(said->file);
}

static inline void assert_said(const struct said *said, const char *words)
{
	if (!strstr(said->text, words))
		fail_msg("\"%s\" is not in what was said: %s", words, said->text);
}

/* A machine in a folder: the files of sysfs and procfs that a test writes. */
struct machine {
	char root[64];
};

static inline void machine_new(struct machine *machine)
{
	strcpy(machine->root, "/tmp/alumet_machine_XXXXXX");
	assert_non_null(mkdtemp(machine->root));
}

/* A file below the root, with the folders that lead to it. */
static inline void machine_write(const struct machine *machine, const char *path, const char *text)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", machine->root, path);
	for (char *slash = full + strlen(machine->root) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A file of a PMU: "format/event". */
static inline void machine_pmu(const struct machine *machine, const char *pmu, const char *file,
                               const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/bus/event_source/devices/%s/%s", pmu, file);
	machine_write(machine, path, text);
}

static inline int machine_remove_entry(const char *path, const struct stat *stat, int type,
                                       struct FTW *ftw)
{
	return remove(path);
}

static inline void machine_free(struct machine *machine)
{
	nftw(machine->root, machine_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
