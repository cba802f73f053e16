/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was measured (the resource), and what has consumed it (the consumer). An id names an
 * instance: by a number, or by a text for kinds without numbers.
 */
#ifndef ALUMET_RESOURCE_H
#define ALUMET_RESOURCE_H

enum resource_kind {
	RESOURCE_LOCAL_MACHINE, /* without an id */
	RESOURCE_CPU_PACKAGE,
	RESOURCE_DRAM, /* the id is that of a package */
	RESOURCE_CPU_CORE,
	RESOURCE_GPU,   /* text: its UUID */
	RESOURCE_KINDS, /* number of kinds, for the size of tables */
};

enum consumer_kind {
	CONSUMER_LOCAL_MACHINE, /* without an id */
	CONSUMER_PROCESS,       /* the id is a pid */
	CONSUMER_CGROUP,        /* text: path below the cgroup file system */
	CONSUMER_KINDS,         /* number of kinds, for the size of tables */
};

/* The name in outputs, "cpu_package"; "unknown" for a kind that does not exist. */
const char *resource_kind_name(enum resource_kind kind);
const char *consumer_kind_name(enum consumer_kind kind);

#endif
