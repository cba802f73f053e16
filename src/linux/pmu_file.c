/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/pmu_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linux/sysfs.h"

/* Returns 0 or -ENAMETOOLONG. */
static int make_path(char path[static PATH_MAX], const char *sysroot, const char *pmu,
                     const char *file)
{
	const int n = snprintf(path, PATH_MAX, "%s/" PMU_DEVICES "/%s/%s", sysroot, pmu, file);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* If the PMU is not a directory, there is no such file. */
static int without_folder(int err)
{
	return err == -ENOTDIR ? -ENOENT : err;
}

int pmu_file_read(const char *sysroot, const char *pmu, const char *file, char *text, size_t size)
{
	char path[PATH_MAX], whole[4096];
	int length = make_path(path, sysroot, pmu, file);
	size_t line;

	*text = '\0';
	if (!length)
		length = sysfs_read(AT_FDCWD, path, whole, sizeof(whole));
	if (length < 0)
		return without_folder(length);
	line = strcspn(whole, "\n");
	if (line >= size || line == sizeof(whole) - 1)
		return -E2BIG;
	memcpy(text, whole, line);
	text[line] = '\0';
	return 0;
}

int pmu_file_read_type(const char *sysroot, const char *pmu, uint32_t *type)
{
	char text[32];
	uint64_t number;
	int err = pmu_file_read(sysroot, pmu, "type", text, sizeof(text));

	if (!err)
		err = sysfs_parse_u64(text, &number);
	if (!err && number > UINT32_MAX)
		err = -EBADMSG;
	if (!err)
		*type = (uint32_t)number;
	return err;
}

int pmu_file_read_cpus(const char *sysroot, const char *pmu, const char *file,
                       struct cpu_list *cpus)
{
	char path[PATH_MAX];
	int err = make_path(path, sysroot, pmu, file);

	*cpus = (struct cpu_list){0};
	return err ? err : without_folder(cpu_list_read(AT_FDCWD, path, cpus));
}

bool pmu_file_exists(const char *sysroot, const char *pmu, const char *file)
{
	char path[PATH_MAX];

	return !make_path(path, sysroot, pmu, file) && access(path, F_OK) == 0;
}
