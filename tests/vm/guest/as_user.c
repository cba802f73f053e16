/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a command as a user without privileges but for some capabilities, which it keeps over the
 * exec as ambient ones, as if its file had them.
 *
 * usage: as_user CAPABILITY[,CAPABILITY…]|none COMMAND [ARGUMENT…]     CAPABILITY: its number
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static void die(const char *what)
{
	perror(what);
	exit(99);
}

static uint64_t parse(char *list)
{
	char *item, *position = NULL;
	uint64_t set = 0;

	if (strcmp(list, "none") == 0)
		return 0;
	for (item = strtok_r(list, ",", &position); item; item = strtok_r(NULL, ",", &position))
		set |= 1ULL << atoi(item);
	return set;
}

static void limit_to(uint64_t set)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	unsigned int i;

	for (i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable =
			(uint32_t)(set >> (32 * i));
	if (syscall(SYS_capset, &header, data) != 0)
		die("capset");
	for (i = 0; i < 64; i++) {
		if (set >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) != 0)
			die("PR_CAP_AMBIENT_RAISE");
	}
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: as_user CAPABILITIES COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		die("PR_SET_KEEPCAPS");
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		die("setuid");
	limit_to(parse(argv[1]));
	execvp(argv[2], argv + 2);
	die(argv[2]);
	return 0;
}
