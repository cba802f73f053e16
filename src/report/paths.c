/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/paths.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/same_file.h"

static int add_one(struct report_paths *paths, const char *name)
{
	char **grown = reallocarray(paths->paths, paths->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	paths->paths = grown;
	grown[paths->n] = strdup(name);
	if (!grown[paths->n])
		return -ENOMEM;
	paths->n++;
	return 0;
}

int report_paths_add(struct report_paths *paths, const char *name)
{
	glob_t found;
	int err = 0;

	if (strcmp(name, "-") == 0 || access(name, F_OK) == 0 ||
	    glob(name, GLOB_NOCHECK, NULL, &found) != 0) {
		err = add_one(paths, name);
	} else {
		for (size_t i = 0; i < found.gl_pathc && !err; i++)
			err = add_one(paths, found.gl_pathv[i]);
		globfree(&found);
	}
	if (err)
		log_error("out of memory for the names of the files");
	return err;
}

/* Whether one of the first n files is this one. */
static bool is_among(const struct stat *files, size_t n, const struct stat *file)
{
	for (size_t i = 0; i < n; i++) {
		if (S_ISREG(file->st_mode) && files[i].st_dev == file->st_dev &&
		    files[i].st_ino == file->st_ino)
			return true;
	}
	return false;
}

int report_paths_drop_repeated(struct report_paths *paths, size_t first)
{
	struct stat *files = calloc(paths->n + 1, sizeof(*files));
	size_t n = 0;

	if (!files)
		return log_oom();
	for (size_t i = first; i < paths->n; i++) {
		char *path = paths->paths[i];

		if (stat(path, &files[n]) != 0)
			files[n] = (struct stat){.st_mode = 0};
		if (is_among(files, n, &files[n])) {
			log_warn("'%s' is named twice; it is read once", path);
			free(path);
		} else {
			paths->paths[first + n++] = path;
		}
	}
	paths->n = first + n;
	free(files);
	return 0;
}

int report_paths_check_output(const struct report_paths *paths, const char *output)
{
	for (size_t i = 0; output && i < paths->n; i++) {
		if (same_file(output, paths->paths[i]))
			return log_errno(-EINVAL,
			                 "cannot write '%s': it is the saved run that is read\n"
			                 "choose another file with -o",
			                 output);
	}
	return 0;
}

void report_paths_fini(struct report_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->paths[i]);
	free(paths->paths);
	*paths = (struct report_paths){.n = 0};
}
