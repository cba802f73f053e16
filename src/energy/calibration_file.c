/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file that "alumet-agent calibrate" writes. Each line has a keyword and its value:
 *
 *	alumet-agent idle power 1
 *	machine AuthenticAMD 25/97/2 …, 32 CPUs; LENOVO ThinkStation; 3d1219c7…
 *	measured 2026-11-26
 *	idle package.0=11.204,dram.0=1.13
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/small_file.h"
#include "linux/sysfs.h"
#include "energy/idle_power.h"

#define FIRST_LINE "alumet-agent idle power 1"

/* Far more than a file needs. */
#define FILE_MAX 16384

/* --- the machine ------------------------------------------------------------------------------ */

/* Add the value of this key for the first CPU in /proc/cpuinfo, if there is one. */
static void add_cpuinfo(FILE *out, const char *cpuinfo, const char *key)
{
	const char *at = cpuinfo;
	const size_t length = strlen(key);

	while (at && *at && *at != '\n') {
		if (strncmp(at, key, length) == 0 && strchr("\t :", at[length])) {
			at += length + strspn(at + length, "\t :");
			fprintf(out, " %.*s", (int)strcspn(at, "\n"), at);
			return;
		}
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
}

static void add_file(FILE *out, int root, const char *path, const char *before)
{
	char text[128];

	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	fprintf(out, "%s%s", before, text);
}

void machine_identity(const char *sysroot, char text[static MACHINE_IDENTITY_SIZE])
{
	static const char *const keys[] = {"vendor_id", "cpu family",      "model",
	                                   "stepping",  "CPU implementer", "CPU part"};
	int root = sysfs_open_root(sysroot);
	char cpuinfo[2048];
	FILE *out;

	memset(text, 0, MACHINE_IDENTITY_SIZE);
	out = fmemopen(text, MACHINE_IDENTITY_SIZE - 1, "w");
	if (out) {
		fputs("cpu", out);
		if (sysfs_read(root, "proc/cpuinfo", cpuinfo, sizeof(cpuinfo)) > 0) {
			for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
				add_cpuinfo(out, cpuinfo, keys[i]);
		}
		add_file(out, root, "sys/devices/system/cpu/possible", "; cpus ");
		add_file(out, root, "sys/class/dmi/id/sys_vendor", "; ");
		add_file(out, root, "sys/class/dmi/id/product_name", " ");
		add_file(out, root, "sys/class/dmi/id/board_name", " ");
		add_file(out, root, "etc/machine-id", "; id ");
		fclose(out);
	}
	if (root >= 0)
		close(root);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Create the missing parent directories of the file. */
static int make_folders(const char *path)
{
	char *folder = strdup(path);
	int err = folder ? 0 : -ENOMEM;

	for (char *slash = folder ? strchr(folder + 1, '/') : NULL; !err && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) && errno != EEXIST)
			err = -errno;
		*slash = '/';
	}
	free(folder);
	return err;
}

static int check_folder(const char *folder)
{
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? -errno : 0;
}

int calibration_check(const char *path)
{
	char *folder = strdup(path), *slash;
	struct stat status;
	int err = folder ? -ENOENT : -ENOMEM;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		err = -EISDIR;
	/* The nearest folder that exists: make_folders() creates those below it. */
	while (err == -ENOENT && (slash = strrchr(folder, '/'))) {
		slash[1] = '\0'; /* "file/" is not a folder */
		err = check_folder(folder);
		*slash = '\0';
	}
	free(folder);
	return err == -ENOENT ? check_folder(".") : err;
}

static void write_power(FILE *out, const struct idle_power *power)
{
	for (size_t i = 0; i < power->n; i++) {
		const struct idle_watts *item = &power->items[i];

		fprintf(out, "%c%s", i ? ',' : ' ', energy_domain_name(item->domain));
		if (item->package >= 0)
			fprintf(out, ".%d", item->package);
		fprintf(out, "=%.3f", item->watts);
	}
}

int calibration_write(const char *path, const char *identity, const struct idle_power *power)
{
	int err = make_folders(path);
	char *temporary = NULL;
	FILE *out;

	if (err)
		return err;
	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	out = fopen(temporary, "we");
	if (!out) {
		err = -errno;
		free(temporary);
		return err;
	}
	fprintf(out, FIRST_LINE "\nmachine %s\nmeasured %s\nidle", identity, power->date);
	write_power(out, power);
	fputc('\n', out);
	err = ferror(out) ? -EIO : 0;
	if (fclose(out) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The rest of the line after the keyword; NULL: the line has another keyword. */
static const char *value_of(const char *line, const char *keyword)
{
	const size_t length = strlen(keyword);

	return strncmp(line, keyword, length) == 0 && line[length] == ' ' ? line + length + 1
	                                                                  : NULL;
}

static int parse_lines(char *text, const char *identity, struct idle_power *power)
{
	bool has_power = false, of_this_machine = false;
	char *rest = text, *line = strsep(&rest, "\n");
	char date[sizeof(power->date)] = "";
	const char *value;

	if (strcmp(line, FIRST_LINE) != 0)
		return -EBADMSG;
	while ((line = strsep(&rest, "\n"))) {
		if ((value = value_of(line, "machine")))
			of_this_machine = strcmp(value, identity) == 0;
		else if ((value = value_of(line, "measured")) && strlen(value) < sizeof(date))
			strcpy(date, value);
		else if ((value = value_of(line, "idle")) && !idle_power_parse(value, power))
			has_power = power->n > 0;
	}
	memcpy(power->date, date, sizeof(date));
	if (!has_power || !*date)
		return -EBADMSG;
	return of_this_machine ? 0 : -EXDEV;
}

int calibration_read(const char *path, const char *identity, struct idle_power *power)
{
	char *text = calloc(1, FILE_MAX);
	ssize_t n = text ? small_file_read(AT_FDCWD, path, text, FILE_MAX - 1) : -ENOMEM;
	int err = n < 0 ? (int)n : 0;

	*power = (struct idle_power){.n = 0};
	if (!err)
		err = parse_lines(text, identity, power);
	if (err)
		*power = (struct idle_power){.n = 0};
	free(text);
	return err;
}
