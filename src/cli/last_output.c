/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/last_output.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/log.h"
#include "core/text.h"

/* "run-%h-%p.csv" becomes "run-*-*.csv"; special glob characters are escaped. */
static int make_glob(const char *pattern, char **names)
{
	struct text text = {.data = NULL};

	for (const char *c = pattern; *c; c++) {
		if (*c == '%' && c[1]) {
			text_add_char(&text, *++c == '%' ? '%' : '*');
			continue;
		}
		if (strchr("*?[\\", *c))
			text_add_char(&text, '\\');
		text_add_char(&text, *c);
	}
	text_add_char(&text, '\0');
	*names = text.data;
	return text.failed ? log_oom() : 0;
}

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static int find_newest(const char *names, char **path)
{
	struct timespec newest = {.tv_sec = 0};
	const char *name = NULL;
	glob_t found;
	int err = 0;

	if (glob(names, 0, NULL, &found) != 0)
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct stat status;

		if (stat(found.gl_pathv[i], &status) || !S_ISREG(status.st_mode) ||
		    (name && !is_newer(&status.st_mtim, &newest)))
			continue;
		name = found.gl_pathv[i];
		newest = status.st_mtim;
	}
	*path = name ? strdup(name) : NULL;
	if (!*path)
		err = name ? log_oom() : -ENOENT;
	globfree(&found);
	return err;
}

int last_output_find(const struct config_request *request, char **path)
{
	struct config config = {0};
	const char *pattern;
	char *names = NULL;
	int err = config_load(request, &config);

	*path = NULL;
	if (err)
		goto out;
	pattern = config_setting_text(&config, "-o", "output_path");
	if (!pattern) {
		err = log_errno(-ENOENT,
		                "the configuration switches off every output that writes a file\n"
		                "name a file: alumet-agent report run.csv");
		goto out;
	}
	err = make_glob(pattern, &names);
	if (!err)
		err = find_newest(names, path);
	if (err == -ENOENT)
		log_error("there is no %s here, which exec writes when no file is named\n"
		          "name a file (alumet-agent report run.csv), or measure first "
		          "(alumet-agent exec --report=html make)",
		          pattern);
out:
	free(names);
	config_free(&config);
	return err;
}
