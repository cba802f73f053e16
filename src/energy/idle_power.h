/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The idle power of each domain, in watts: from the configuration, or from a file with the results
 * of "alumet-agent calibrate", which is only valid on the machine that it names.
 */
#ifndef ENERGY_IDLE_POWER_H
#define ENERGY_IDLE_POWER_H

#include <stdbool.h>
#include <stddef.h>

/* Domains whose energy is distributed to processes, as RAPL names them. */
enum energy_domain {
	ENERGY_PACKAGE,
	ENERGY_PP0,
	ENERGY_PP1, /* the package's graphics */
	ENERGY_DRAM,
	ENERGY_DOMAINS,
};

const char *energy_domain_name(enum energy_domain domain);

/* The domain with this name, which has this length; ENERGY_DOMAINS: there is none. */
enum energy_domain energy_domain_find(const char *name, size_t length);

struct idle_watts {
	enum energy_domain domain;
	int package; /* -1: every package */
	double watts;
};

/* Maximum number of entries: all domains of 16 packages. */
#define IDLE_POWER_MAX 64

struct idle_power {
	struct idle_watts items[IDLE_POWER_MAX];
	size_t n;
	char date[11]; /* "2026-11-26" if it was measured; "" if it was configured */
};

/* The idle power of a domain in watts; negative: unknown. */
double idle_power_find(const struct idle_power *power, enum energy_domain domain, int package);

/* Append an entry. Returns 0 or -E2BIG. */
int idle_power_add(struct idle_power *power, enum energy_domain domain, int package, double watts);

/*
 * Parse "package=11.2,dram=1.1", or with package numbers, "package.0=11.2,package.1=9.8". Returns
 * NULL and the power, or a literal that says what is wrong.
 */
const char *idle_power_parse(const char *text, struct idle_power *power);

/* The machine on one line, the same after each boot: its model, and which one of that model. */
#define MACHINE_IDENTITY_SIZE 512
void machine_identity(const char *sysroot, char text[static MACHINE_IDENTITY_SIZE]);

/*
 * Write the file, with identity and the date. It replaces an older file only when it is complete.
 * Missing directories are created. Returns 0 or a negative errno.
 */
int calibration_write(const char *path, const char *identity, const struct idle_power *power);

/* Whether that is permitted, as far as is known beforehand. Returns 0 or a negative errno. */
int calibration_check(const char *path);

/*
 * Read the file. Returns 0, -ENOENT if there is none, -EXDEV if it is from another machine,
 * -EBADMSG if it is not such a file, or another negative errno.
 */
int calibration_read(const char *path, const char *identity, struct idle_power *power);

#endif
