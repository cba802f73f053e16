/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Gives a file capabilities, as setcap does with =ep.
 *
 * usage: grant CAPABILITY[,CAPABILITY…] FILE     CAPABILITY: its number
 */
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
	struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
	char *item, *position = NULL;
	uint64_t set = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: grant CAPABILITIES FILE\n");
		return 2;
	}
	for (item = strtok_r(argv[1], ",", &position); item; item = strtok_r(NULL, ",", &position))
		set |= 1ULL << atoi(item);
	data.data[0].permitted = (uint32_t)set;
	data.data[1].permitted = (uint32_t)(set >> 32);
	if (setxattr(argv[2], "security.capability", &data, sizeof(data), 0) != 0) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
