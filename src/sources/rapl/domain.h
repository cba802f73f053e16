/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A RAPL domain: one energy counter of one package, die or machine, read through any interface, and
 * the arithmetic that turns its readings into energy.
 *
 * Energy is kept as an integer in the counter's own unit, and converted to joules only for a row:
 * rounding errors do not add up, however many readings a run has.
 */
#ifndef SOURCES_RAPL_DOMAIN_H
#define SOURCES_RAPL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rapl_kind {
	RAPL_PACKAGE,
	RAPL_PP0, /* all cores of a package */
	RAPL_PP1, /* its integrated graphics */
	RAPL_DRAM,
	RAPL_PLATFORM, /* the whole machine ("psys") */
	RAPL_KINDS,
};

/* The attribute's text: "package", "pp0", "pp1", "dram", "platform". */
const char *rapl_kind_name(enum rapl_kind kind);

/*
 * More than any domain can draw. This bounds how soon a counter can wrap, and whether a counter
 * that reads less than before can have wrapped. The largest sockets of 2025 are built for 500 W,
 * with peaks of twice that.
 */
#define RAPL_MAX_WATTS 4000.0

/* Which domain it is. */
struct rapl_id {
	enum rapl_kind kind;
	int package; /* 0 for RAPL_PLATFORM */
	int die;     /* within its package; -1 when the interface does not distinguish dies */
};

struct rapl_domain {
	struct rapl_id id;
	int core_cpu;            /* a CPU of the only core that this counts (for pp0); else -1 */
	double counts_per_joule; /* 1e6 for powercap, 2^14 for most MSRs, 2^32 for perf */
	uint64_t wrap;           /* the counter goes from wrap - 1 to 0; 0: not known to wrap */

	/* The latest reading, set by the backend: 0 and a count, or a negative errno. */
	int error; /* -ENODEV: gone for the rest of the run, no longer read */
	uint64_t count;

	/* Results of the readings; set by rapl_domain_update(). */
	bool has_base;
	uint64_t base;
	uint64_t base_time_ns;
	uint64_t pending;   /* counts since the last row */
	uint64_t unsampled; /* counts since the last sample, see alumet/energy.h */
	uint64_t total;     /* counts since the first reading */
	bool fresh;         /* at least one difference was taken since the last row */
	size_t row;         /* index of the row that this domain is added to, for rows.c */

	/* For the report. */
	bool alive; /* it has moved */
	uint64_t n_readings;
	uint64_t n_failed;
	int last_error;
	uint64_t n_backwards;
	bool gone;
};

/*
 * Add the domain's latest reading, taken at time_ns (CLOCK_MONOTONIC). The first good reading is
 * the base. A count below the base is a wrap if the energy that this implies is plausible for the
 * time since; otherwise it counts as backwards, adds nothing, and becomes the new base. After
 * failed readings, the next good one covers the gap.
 */
void rapl_domain_update(struct rapl_domain *domain, uint64_t time_ns);

/* The energy since the last call, in joules; only meaningful when fresh. Starts a new row. */
long double rapl_domain_take(struct rapl_domain *domain);

/* The shortest time in which the counter can wrap, ns; UINT64_MAX when it never does. */
uint64_t rapl_domain_shortest_wrap_ns(const struct rapl_domain *domain);

/*
 * The name to show: "package 0", "dram of package 1, die 0", "pp0 of package 0, core of CPU 3",
 * "platform". Returns text.
 */
#define RAPL_LABEL_SIZE 96
const char *rapl_domain_label(const struct rapl_domain *domain, char text[static RAPL_LABEL_SIZE]);
const char *rapl_id_label(const struct rapl_id *id, char text[static RAPL_LABEL_SIZE]);

#endif
