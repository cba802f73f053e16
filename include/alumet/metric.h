/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Metrics: what the number of a point means, and in which unit. */
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

/* How the numbers of a metric follow each other. */
enum metric_kind {
	METRIC_GAUGE,      /* what is the case at the time of the point */
	METRIC_CUMULATIVE, /* a total since the consumer's start; it never decreases */
	METRIC_DELTA,      /* what was added since the point before */
};

struct metric {
	char *name; /* without the unit */
	const struct unit *unit;
	enum metric_kind kind;
	bool internal; /* transforms see its points, outputs do not */
};

struct metric_registry;

/*
 * Give the metric an id, or return the id that it already has.
 * The name is copied; the unit must outlive the registry.
 * Returns the id (>= 0), -EEXIST when the name is known with another unit or kind, -ENOMEM.
 */
int metric_register(struct metric_registry *registry, const char *name, const struct unit *unit,
                    enum metric_kind kind);

/* The same for a metric whose points only transforms see. */
int metric_register_internal(struct metric_registry *registry, const char *name,
                             const struct unit *unit, enum metric_kind kind);

/* The id of a metric that was registered, by its name; -1 when there is none. */
int metric_find(const struct metric_registry *registry, const char *name);

/* The metric of an id that metric_register() gave, else NULL. Owned by the registry. */
const struct metric *metric_get(const struct metric_registry *registry, uint32_t id);

/*
 * Tell, in open(), that points may carry an attribute of this key, so that an output can lay out a
 * place for it before the first point. Announcing twice is harmless, and a point may carry an
 * attribute that nobody announced. The key is not copied: a literal, as in struct attribute.
 * Returns 0 or -ENOMEM.
 */
int metric_announce_attribute(struct metric_registry *registry, const char *key);

/* The announced keys, each once, sorted as strcmp() does. *n: how many. Owned by the registry. */
const char *const *metric_announced_attributes(const struct metric_registry *registry, size_t *n);

#endif
