/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was measured (the resource), and on whose behalf it was consumed (the consumer). An id names
 * an instance: a number, or a text where the kind's instances have no number of their own.
 */
#ifndef ALUMET_RESOURCE_H
#define ALUMET_RESOURCE_H

enum resource_kind {
	RESOURCE_LOCAL_MACHINE, /* has no id */
	RESOURCE_CPU_PACKAGE,
	RESOURCE_DRAM, /* the id is a package's */
	RESOURCE_CPU_CORE,
	RESOURCE_GPU,   /* text: its UUID */
	RESOURCE_KINDS, /* how many; size tables by it */
};

enum consumer_kind {
	CONSUMER_LOCAL_MACHINE, /* has no id */
	CONSUMER_PROCESS,       /* the id is a pid */
	CONSUMER_CGROUP,        /* text: its path below the cgroup file system */
	CONSUMER_KINDS,         /* how many; size tables by it */
};

/* The name as outputs write it, "cpu_package"; of a kind that does not exist "unknown". */
const char *resource_kind_name(enum resource_kind kind);
const char *consumer_kind_name(enum consumer_kind kind);

#endif
