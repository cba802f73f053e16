/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Metrics: the meaning of a point's number, and its unit. */
#ifndef ALUMET_METRIC_H
#define ALUMET_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A unit in both spellings of UCUM: print symbol ("B") and case-sensitive code ("By"). */
struct unit {
	const char *display;
	const char *ucum;
};

extern const struct unit UNIT_NONE;       /* dimensionless: both are "" */
extern const struct unit UNIT_JOULE;      /* "J" */
extern const struct unit UNIT_NANOSECOND; /* "ns" */
extern const struct unit UNIT_BYTE;       /* "B", in UCUM "By" */

/* How successive numbers of a metric are related. */
enum metric_kind {
	METRIC_GAUGE,      /* the value at the time of the point */
	METRIC_CUMULATIVE, /* a total since the consumer's start; it never decreases */
	METRIC_DELTA,      /* the difference since the previous point */
};

struct metric {
	char *name; /* without the unit */
	const struct unit *unit;
	enum metric_kind kind;
	bool internal; /* only transforms see its points, outputs do not */
};

struct metric_registry;

/*
 * Register a metric, or find it if it is registered already. The name is copied; the unit must
 * outlive the registry. Returns its id (>= 0), -EEXIST if the name is known with another unit or
 * kind, or -ENOMEM.
 */
int metric_register(struct metric_registry *registry, const char *name, const struct unit *unit,
                    enum metric_kind kind);

/* The same for a metric whose points only transforms see. */
int metric_register_internal(struct metric_registry *registry, const char *name,
                             const struct unit *unit, enum metric_kind kind);

/* The id of a registered metric, by its name; -1 if there is none. */
int metric_find(const struct metric_registry *registry, const char *name);

/* The metric with an id from metric_register(), else NULL. Owned by the registry. */
const struct metric *metric_get(const struct metric_registry *registry, uint32_t id);

/*
 * Announce, in open(), that points may have an attribute with this key, so that an output can have
 * a column for it from the first row. It may be announced twice, and points may have attributes
 * that were not announced. The key is not copied: a literal, as in struct attribute. Returns 0 or
 * -ENOMEM.
 */
int metric_announce_attribute(struct metric_registry *registry, const char *key);

/*
 * The announced keys, without duplicates, sorted as by strcmp(). *n: their number. Owned by the
 * registry.
 */
const char *const *metric_announced_attributes(const struct metric_registry *registry, size_t *n);

#endif
