/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/command.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/exit_status.h"
#include "core/log.h"
#include "core/suggest.h"
#include "linux/descriptors.h"
#include "run/command_hint.h"

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

/* --- PATH as execvp() walks it ---------------------------------------------------------------- */

/* The caller frees it. NULL: out of memory. */
static char *copy_path(void)
{
	const char *path = getenv("PATH");

	return strdup(path ? path : "/bin:/usr/bin");
}

/* The next folder, or NULL after the last. An empty one is the working directory. */
static const char *next_folder(char **rest)
{
	const char *folder = *rest ? strsep(rest, ":") : NULL;

	return folder && !*folder ? "." : folder;
}

/*
 * The file that a name refers to: the name itself if it contains a slash, else the first match in
 * PATH. False if there is none; a directory found in PATH does not count.
 */
static bool find_file(const char *name, char path[static PATH_MAX])
{
	char *folders, *rest;
	const char *folder;
	struct stat status;
	bool found = false;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && !stat(path, &status);
	folders = rest = copy_path();
	while (!found && (folder = next_folder(&rest)))
		found = snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX &&
		        !stat(path, &status) && !S_ISDIR(status.st_mode);
	free(folders);
	return found;
}

/* --- nothing is there ------------------------------------------------------------------------- */

/* Add the folder's names that are about as long as the requested one, but not that name itself. */
static void add_folder(struct names *names, const char *folder, const char *name)
{
	size_t length = strlen(name);
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);

		if (n + 2 >= length && n <= length + 2 && strcmp(entry->d_name, name) != 0)
			add_name(names, entry->d_name);
	}
	closedir(dir);
}

static void suggest_command(const char *name)
{
	char *path = copy_path(), *rest = path;
	struct names names = {0};
	const char *folder, *near;

	while ((folder = next_folder(&rest)))
		add_folder(&names, folder, name);
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

static void explain_missing(const char *name)
{
	char *hint = command_hint(name);
	struct stat status;

	if (!*name)
		log_error("the command's name is empty");
	else if (hint)
		log_error("%s: command not found: %s", name, hint);
	else if (strchr(name, '/'))
		log_error("%s: no such file", name);
	else if (stat(name, &status) || !S_ISREG(status.st_mode))
		suggest_command(name);
	else if (!access(name, X_OK))
		log_error("%s: command not found in PATH; there is one here: did you mean ./%s?",
		          name, name);
	else
		log_error("%s: command not found in PATH; there is one here, but it is not "
		          "executable: chmod +x %s, then ./%s",
		          name, name, name);
	free(hint);
}

/* --- it is there ------------------------------------------------------------------------------ */

/* execve() also returns ENOENT for a script whose "#!" names a missing program. */
static void explain_interpreter(const char *path)
{
	char line[PATH_MAX] = "";
	FILE *file = fopen(path, "re");
	bool is_script = file && fgets(line, sizeof(line), file) && !strncmp(line, "#!", 2);
	size_t end = strcspn(line, "\r\n");
	bool is_of_dos = line[end] == '\r';

	line[end] = '\0';
	if (is_script && is_of_dos)
		log_error("%s: its interpreter does not exist: %s followed by a carriage return; "
		          "the file has DOS line endings",
		          path, line + 2);
	else if (is_script)
		log_error("%s: its interpreter does not exist: %s", path, line + 2);
	else
		log_error("%s: the program that loads it (ELF interpreter) does not exist; is it "
		          "for another system?",
		          path);
	if (file)
		fclose(file);
}

static void explain_denied(const char *path)
{
	struct stat status;

	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		log_error("%s: is a directory, not a program", path);
	else if (!stat(path, &status) && !(status.st_mode & 0111))
		log_error("%s: not executable; if it is a program: chmod +x %s", path, path);
	else
		log_error("%s: permission denied", path);
}

/* --- there is no room ------------------------------------------------------------------------- */

static unsigned long long processes_limit(void)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NPROC, &limit);
	return limit.rlim_cur;
}

/* Linux does not tell the limit of the user from that of the cgroup or the machine. */
static int explain_no_process(int err)
{
	if (err == -EMFILE)
		descriptors_say_short("create the command's process");
	else if (err == -EAGAIN)
		log_error("cannot create the command's process: there are as many as are allowed\n"
		          "raise 'ulimit -u' (now %llu), pids.max of the cgroup (TasksMax= of a "
		          "service), or kernel.threads-max",
		          processes_limit());
	else
		log_error("cannot create the command's process: %s", strerror(-err));
	return EXIT_AGENT;
}

int command_explain(const char *name, int err, pid_t pid)
{
	char path[PATH_MAX] = "";
	bool is_there = find_file(name, path);

	if (pid < 0)
		return explain_no_process(err);
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		if (is_there)
			explain_interpreter(path);
		else
			explain_missing(name);
		return EXIT_NOT_FOUND;
	case EACCES:
		/* PATH has a directory of that name, or a directory that may not be searched. */
		if (!is_there && !strchr(name, '/')) {
			explain_missing(name);
			return EXIT_NOT_FOUND;
		}
		explain_denied(is_there ? path : name);
		return EXIT_NOT_EXECUTABLE;
	case E2BIG:
		log_error("%s: its arguments and environment are too long for the kernel (%ld "
		          "bytes here)",
		          name, sysconf(_SC_ARG_MAX));
		return EXIT_NOT_EXECUTABLE;
	case EAGAIN:
		/* With --user: since setuid(), the limit is checked at the next execve(). */
		log_error("%s: cannot be executed: its user has more processes than 'ulimit -u' "
		          "allows (now %llu)",
		          name, processes_limit());
		return EXIT_NOT_EXECUTABLE;
	default:
		log_error("%s: cannot be executed: %s", name, strerror(-err));
		return EXIT_NOT_EXECUTABLE;
	}
}
