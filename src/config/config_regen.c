/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the default configuration from the plugins' tables of settings. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_options.h"
#include "config/config_settings.h"
#include "core/wrap.h"
#include "core/log.h"
#include "core/log_write.h"
#include "linux/trust.h"

/* Number of temporary file names to try; other runs may have left some files. */
#define TEMPORARY_TRIES 100

/* What a replaced file is named, as a file of rows that is kept. */
#define OLD ".old"

/* ---- the text ---- */

static void write_comment(FILE *out, const char *text)
{
	if (!*text)
		return;
	fputs("# ", out);
	wrap_print(out, text, 2, "# ");
}

static void write_choices(FILE *out, const char *const *choices)
{
	fputs("# One of:", out);
	for (size_t i = 0; choices[i]; i++)
		fprintf(out, "%s \"%s\"", i ? "," : "", choices[i]);
	fputc('\n', out);
}

/* A key without a default is written as a comment. */
static void write_setting(FILE *out, const struct setting *setting)
{
	fputc('\n', out);
	if (setting->help)
		write_comment(out, setting->help);
	if (setting->type == SETTING_CHOICE)
		write_choices(out, setting->values->choices);
	if (setting->initial)
		fprintf(out, "%s = %s\n", setting->key, setting->initial);
	else if (setting->type == SETTING_TABLES)
		fprintf(out, "# Not set by default.\n#%s.NAME.KEY = \"\"\n", setting->key);
	else if (setting->type == SETTING_LIST)
		fprintf(out, "# Not set by default.\n#%s = []\n", setting->key);
	else
		fprintf(out, "# Not set by default.\n#%s = \"\"\n", setting->key);
}

static void write_plugin(FILE *out, const struct plugin *plugin)
{
	fputc('\n', out);
	if (plugin->help)
		write_comment(out, plugin->help);
	fprintf(out, "[plugins.%s]\n\n", plugin->name);
	if (plugin->def == PLUGIN_AUTO)
		fputs("# false switches the plugin off; true warns if it has nothing to measure.\n"
		      "# " KEY_ENABLED " = true\n",
		      out);
	else
		fprintf(out, "# false switches the plugin off.\n" KEY_ENABLED " = %s\n",
		        plugin->def == PLUGIN_OFF ? "false" : "true");
	for (const struct setting *s = plugin->settings; s && s->key; s++) {
		if (s->type != SETTING_IGNORED)
			write_setting(out, s);
	}
}

static void write_all(FILE *out, const struct config *config)
{
	write_comment(out, "Configuration of alumet-agent, in TOML. The values are the defaults: a "
	                   "key or a table that is left out means the same. A duration is written "
	                   "\"1s\", \"10ms\" or \"1m 30s\". ${NAME} in a string is replaced by the "
	                   "environment variable NAME.");
	for (size_t i = 0; i < config->n; i++) {
		if (config->plugins[i].enabled)
			write_plugin(out, config->plugins[i].plugin);
	}
}

/* ---- the file ---- */

/*
 * Resolve the path; the caller closes target->folder. A symbolic link is followed, unless it
 * belongs to another user, who must not choose what is overwritten.
 */
static int find_target(const char *path, bool trust_others, struct trusted_name *target)
{
	const char *why;
	int err = trust_find(path, trust_others, target, &why);

	if (!err && target->is_link && !target->exists) {
		why = "it is a symbolic link to nothing";
		err = -ENOENT;
	} else if (!err && target->exists) {
		why = trust_problem(target, &target->status, trust_others);
		if (!why && S_ISDIR(target->status.st_mode))
			err = -EISDIR;
		else if (!why && !S_ISREG(target->status.st_mode))
			why = "it is not a regular file";
		err = why ? -EINVAL : err;
	}
	if (err)
		log_cannot_write(path, err, why);
	return err;
}

/* A new file gets the permissions that the umask allows; an old one keeps its own. */
static void set_permissions(int fd, const struct stat *existing)
{
	mode_t mode = existing->st_mode & 07777;

	if (existing->st_mode == 0) {
		const mode_t mask = umask(0);

		umask(mask);
		mode = 0666 & ~mask;
	} else if (fchown(fd, existing->st_uid, existing->st_gid) != 0) {
		log_info("the new file belongs to this user: %s", strerror(errno));
	}
	if (fchmod(fd, mode) != 0)
		log_warn("cannot set the permissions of the configuration file: %s",
		         strerror(errno));
}

/* Create a file beside the target, named in name. Returns a file descriptor or -errno. */
static int create_temporary(const struct trusted_name *target, char name[NAME_MAX + 1])
{
	int fd = -EEXIST;

	for (unsigned int i = 0; i < TEMPORARY_TRIES && fd == -EEXIST; i++) {
		if (snprintf(name, NAME_MAX + 1, "%s.%d.%u", target->name, getpid(), i) > NAME_MAX)
			return -ENAMETOOLONG;
		fd = openat(target->folder, name,
		            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			fd = -errno;
	}
	return fd;
}

/* Whether the target has other bytes than the new file. */
static bool is_changed(const struct trusted_name *target, int fd)
{
	const int old = openat(target->folder, target->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char before[4096], after[sizeof(before)];
	bool is_same = old >= 0;
	ssize_t n = 1;

	for (off_t at = 0; is_same && n > 0; at += n) {
		n = pread(fd, after, sizeof(after), at);
		is_same = n >= 0 && pread(old, before, sizeof(before), at) == n &&
		          memcmp(before, after, (size_t)n) == 0;
	}
	if (old >= 0)
		close(old);
	return !is_same;
}

/*
 * Exchange the names, so that there is always a file of that name; then the old file gets the name
 * that it keeps. Some file systems cannot exchange names: there the old file is renamed first.
 */
static int rename_kept(const struct trusted_name *target, const char *temporary, const char *kept)
{
	const int in = target->folder;

	if (renameat2(in, temporary, in, target->name, RENAME_EXCHANGE) == 0) {
		if (renameat(in, temporary, in, kept) == 0)
			return 0;
		const int err = -errno;

		renameat2(in, temporary, in, target->name, RENAME_EXCHANGE);
		return err;
	}
	if (renameat(in, target->name, in, kept) != 0)
		return -errno;
	if (renameat(in, temporary, in, target->name) != 0) {
		const int err = -errno;

		renameat(in, kept, in, target->name);
		return err;
	}
	return 0;
}

/* Give the new file its name. What was there is kept if it is another text. */
static int rename_new(const struct trusted_name *target, const char *temporary, bool keep)
{
	char kept[NAME_MAX + 1];

	if (keep) {
		if (snprintf(kept, sizeof(kept), "%s" OLD, target->name) >= (int)sizeof(kept))
			return -ENAMETOOLONG;
		return rename_kept(target, temporary, kept);
	}
	return renameat(target->folder, temporary, target->folder, target->name) == 0 ? 0 : -errno;
}

/* Write to a temporary file next to the target, and rename it to the target. */
static int replace_file(const struct trusted_name *target, const struct config *config, bool *kept)
{
	struct stat existing = target->exists ? target->status : (struct stat){0};
	char temporary[NAME_MAX + 1];
	int fd = create_temporary(target, temporary), err = 0;
	FILE *out;

	if (fd < 0)
		return fd;
	out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		close(fd);
		goto out;
	}
	write_all(out, config);
	set_permissions(fd, &existing);
	errno = 0;
	if (fflush(out) != 0 || ferror(out) || fsync(fd) != 0)
		err = errno ? -errno : -EIO;
	*kept = !err && target->exists && existing.st_size > 0 && is_changed(target, fd);
	if (fclose(out) != 0 && !err)
		err = -errno;
	if (!err)
		err = rename_new(target, temporary, *kept);
out:
	if (err)
		unlinkat(target->folder, temporary, 0);
	return err;
}

static int write_file(const struct config_request *request, const struct config *config)
{
	struct trusted_name target;
	bool kept = false;
	int err = find_target(request->path, request->trust_others, &target);

	if (!err) {
		err = replace_file(&target, config, &kept);
		if (err)
			log_cannot_write(request->path, err, NULL);
	}
	if (!err && !request->quiet) {
		printf("default configuration written to %s\n", request->path);
		if (kept)
			printf("what was there is kept as %s" OLD "\n",
			       target.is_link ? target.name : request->path);
		err = log_flush_output("to the standard output");
	}
	if (target.folder >= 0)
		close(target.folder);
	return err;
}

int config_regen_from(const struct plugin *const *plugins, size_t n,
                      const struct config_request *request)
{
	struct config config = {
		.plugins = calloc(n, sizeof(*config.plugins)),
		.n = n,
		.table = plugins,
	};
	int err;

	if (!config.plugins)
		return log_oom();
	for (size_t i = 0; i < n; i++)
		config.plugins[i] = (struct plugin_config){.plugin = plugins[i], .enabled = true};

	config_choose_plugins(request, &config);
	for (size_t i = 0; i < n && request->plugins; i++)
		config.plugins[i].enabled = config_names_plugin(request, plugins[i]->name);
	err = write_file(request, &config);
	free(config.plugins);
	return err;
}
