/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The default configuration, written from the plugins' tables of settings. */
#include <errno.h>
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

/* A key without a default stands there switched off by a comment sign. */
static void write_setting(FILE *out, const struct setting *setting)
{
	fputc('\n', out);
	if (setting->help)
		write_comment(out, setting->help);
	if (setting->type == SETTING_CHOICE)
		write_choices(out, setting->values->choices);
	if (setting->initial)
		fprintf(out, "%s = %s\n", setting->key, setting->initial);
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
	fprintf(out,
	        "[plugins.%s]\n\n"
	        "# false switches the plugin off.\n" KEY_ENABLED " = %s\n",
	        plugin->name, plugin->def == PLUGIN_OFF ? "false" : "true");
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
 * Where the file really goes, to be freed: a symbolic link stays one, unless another user made it,
 * who must not choose what is overwritten. *existing is zeroed when there is no file.
 */
static char *find_target(const char *path, struct stat *existing)
{
	struct stat link;

	*existing = (struct stat){0};
	if (lstat(path, &link) != 0) {
		if (errno == ENOENT)
			return strdup(path);
		log_error("cannot write %s: %s", path, strerror(errno));
		return NULL;
	}
	if (S_ISLNK(link.st_mode) && link.st_uid != 0 && link.st_uid != geteuid()) {
		log_error("%s is a symbolic link of another user (%u): not followed, nothing "
		          "written",
		          path, link.st_uid);
		return NULL;
	}
	if (stat(path, existing) != 0) {
		log_error("cannot write %s: %s", path, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(existing->st_mode)) {
		log_error("%s is not a regular file: nothing written", path);
		return NULL;
	}
	return realpath(path, NULL);
}

/* Permissions of a new file are those that the umask leaves; those of an old one are kept. */
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

/* Write to a temporary file beside the target and give it the target's name. */
static int replace_file(const char *target, const struct stat *existing,
                        const struct config *config)
{
	char *temporary = NULL;
	FILE *out = NULL;
	int fd = -1, err = 0;

	if (asprintf(&temporary, "%s.XXXXXX", target) < 0)
		return -ENOMEM;
	fd = mkstemp(temporary);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (!out) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		goto out;
	}
	write_all(out, config);
	set_permissions(fd, existing);
	errno = 0;
	if (fflush(out) != 0 || ferror(out) || fsync(fd) != 0)
		err = errno ? -errno : -EIO;
	if (fclose(out) != 0 && !err)
		err = -errno;
	if (!err && rename(temporary, target) != 0)
		err = -errno;
out:
	if (err && fd >= 0)
		unlink(temporary);
	free(temporary);
	return err;
}

static int write_file(const char *path, const struct config *config)
{
	struct stat existing;
	char *target = find_target(path, &existing);
	int err;

	if (!target)
		return -EINVAL;
	err = replace_file(target, &existing, config);
	if (err)
		log_error("cannot write %s: %s\nnothing was changed", path, strerror(-err));
	free(target);
	return err;
}

int config_regen_from(const struct plugin *const *plugins, size_t n, const struct options *options)
{
	struct config config = {.plugins = calloc(n, sizeof(*config.plugins)), .n = n};
	int err;

	if (!config.plugins) {
		log_error("out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		config.plugins[i] = (struct plugin_config){.plugin = plugins[i], .enabled = true};

	err = config_choose_plugins(options, &config);
	for (size_t i = 0; i < n && options->plugins; i++)
		config.plugins[i].enabled = config_names_plugin(options, plugins[i]->name);
	if (!err)
		err = write_file(options->config_path, &config);
	if (!err && options->verbosity >= 0)
		printf("default configuration written to %s\n", options->config_path);
	free(config.plugins);
	return err;
}
