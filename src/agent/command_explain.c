/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/command.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/suggest.h"

/* Exit statuses of POSIX shells (XCU 2.8.2). */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

struct names {
	char **names;
	size_t n;
};

static void add_name(struct names *names, const char *name)
{
	char **grown = realloc(names->names, (names->n + 1) * sizeof(*grown));

	if (!grown)
		return;
	names->names = grown;
	names->names[names->n] = strdup(name);
	if (names->names[names->n])
		names->n++;
}

/* Names of a folder that are as long as the one asked for, more or less. */
static void add_folder(struct names *names, const char *folder, size_t length)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);

		if (n + 2 >= length && n <= length + 2)
			add_name(names, entry->d_name);
	}
	closedir(dir);
}

static void suggest_command(const char *name)
{
	char *path = strdup(getenv("PATH") ? getenv("PATH") : "/bin:/usr/bin");
	struct names names = {0};
	char *folder, *rest = path;
	const char *near;

	while (rest && (folder = strsep(&rest, ":")))
		add_folder(&names, folder, strlen(name));
	near = suggest_nearest(name, (const char *const *)names.names, names.n);
	if (near)
		log_error("%s: command not found; did you mean '%s'?", name, near);
	else
		log_error("%s: command not found in PATH", name);
	while (names.n)
		free(names.names[--names.n]);
	free(names.names);
	free(path);
}

/* A script whose "#!" names a program that is not there gives ENOENT, like a file that is not. */
static void explain_interpreter(const char *name)
{
	char line[PATH_MAX] = "";
	FILE *file = fopen(name, "re");

	if (file && fgets(line, sizeof(line), file) && !strncmp(line, "#!", 2)) {
		line[strcspn(line, "\r\n")] = '\0';
		log_error("%s: its interpreter does not exist: %s", name, line + 2);
	} else {
		log_error("%s: the program that loads it (ELF interpreter) does not exist; is it "
		          "for another system?",
		          name);
	}
	if (file)
		fclose(file);
}

static void explain_missing(const char *name)
{
	struct stat status;

	if (!*name) {
		log_error("the command's name is empty");
	} else if (strchr(name, '/')) {
		if (!stat(name, &status))
			explain_interpreter(name);
		else
			log_error("%s: no such file", name);
	} else if (stat(name, &status) || !S_ISREG(status.st_mode)) {
		suggest_command(name);
	} else if (!access(name, X_OK)) {
		log_error("%s: command not found in PATH; there is one here: did you mean ./%s?",
		          name, name);
	} else {
		log_error("%s: command not found in PATH; there is one here, but it is not "
		          "executable: chmod +x %s, then ./%s",
		          name, name, name);
	}
}

static void explain_denied(const char *name)
{
	struct stat status;

	if (!stat(name, &status) && S_ISDIR(status.st_mode))
		log_error("%s: is a directory, not a program", name);
	else if (!stat(name, &status) && !(status.st_mode & 0111))
		log_error("%s: not executable; if it is a program: chmod +x %s", name, name);
	else
		log_error("%s: permission denied", name);
}

int command_explain(const char *name, int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		explain_missing(name);
		return EXIT_NOT_FOUND;
	case EACCES:
		explain_denied(name);
		return EXIT_NOT_EXECUTABLE;
	case E2BIG:
		log_error("%s: its arguments and environment are too long for the kernel (%ld "
		          "bytes here)",
		          name, sysconf(_SC_ARG_MAX));
		return EXIT_NOT_EXECUTABLE;
	default:
		log_error("%s: cannot be executed: %s", name, strerror(-err));
		return EXIT_NOT_EXECUTABLE;
	}
}
