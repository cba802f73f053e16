/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each domain draws when nothing runs, in watts: from the configuration, or as measured by
 * "alumet-agent calibrate" and stored in a file, which is valid on the machine that it names only.
 */
#ifndef ENERGY_IDLE_POWER_H
#define ENERGY_IDLE_POWER_H

#include <stdbool.h>
#include <stddef.h>

/* Domains that processes have a share of, as RAPL names them. */
enum energy_domain {
	ENERGY_PACKAGE,
	ENERGY_PP0,
	ENERGY_PP1, /* the package's graphics */
	ENERGY_DRAM,
	ENERGY_DOMAINS,
};

const char *energy_domain_name(enum energy_domain domain);

/* The domain of a name of that length, or ENERGY_DOMAINS. */
enum energy_domain energy_domain_find(const char *name, size_t length);

struct idle_watts {
	enum energy_domain domain;
	int package; /* -1: of each */
	double watts;
};

/* Most entries: all domains of 16 packages. */
#define IDLE_POWER_MAX 64

struct idle_power {
	struct idle_watts items[IDLE_POWER_MAX];
	size_t n;
	char date[11]; /* "2026-11-26" when it was measured; "" when it was configured */
};

/* The watts of a domain, or a negative number when they are not known. */
double idle_power_find(const struct idle_power *power, enum energy_domain domain, int package);

/* Append an entry. Returns 0, -E2BIG. */
int idle_power_add(struct idle_power *power, enum energy_domain domain, int package, double watts);

/*
 * Read "package=11.2,dram=1.1", or with the number of a package "package.0=11.2,package.1=9.8".
 * Returns NULL and the power, or what is wrong, a literal.
 */
const char *idle_power_parse(const char *text, struct idle_power *power);

/* The machine, on one line, the same after each boot: what it is, and which one of its kind. */
#define MACHINE_IDENTITY_SIZE 512
void machine_identity(const char *sysroot, char text[static MACHINE_IDENTITY_SIZE]);

/*
 * Write the file, in place of an older one only when it is whole. Its folder is made. identity and
 * the date are stored. Returns 0 or a negative errno.
 */
int calibration_write(const char *path, const char *identity, const struct idle_power *power);

/*
 * Read the file. Returns 0; -ENOENT: there is none; -EXDEV: it is of another machine; -EBADMSG: it is
 * not such a file; another negative errno.
 */
int calibration_read(const char *path, const char *identity, struct idle_power *power);

#endif
