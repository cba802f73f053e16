/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A check tries on this machine what a plugin needs, and undoes it. The doctor prints its findings,
 * the list of plugins its result.
 */
#ifndef ALUMET_CHECK_H
#define ALUMET_CHECK_H

#include <stdbool.h>

enum verdict {
	GOOD,
	LACKING, /* something cannot be measured, but exec works */
	FATAL,   /* exec does not work */
};

/* The result of a check. */
enum check_result {
	CHECK_WORKS,
	CHECK_IN_PART, /* some of what can be requested does not exist */
	CHECK_NOTHING, /* nothing to measure on this machine */
	CHECK_FAILS,   /* an obstacle */
};

struct findings;

/* The arguments of a check. */
struct check {
	const char *sysroot; /* sysfs and procfs are read below it; without a slash at its end */
	bool enabled;        /* by the configuration: only then an obstacle is FATAL */
	bool required;       /* requested by name */
	struct findings *findings;
	const char *area, *title; /* of the next findings; see check_area() */
};

/*
 * The next findings belong to this area: its key in JSON, its title as text. Areas are shown in the
 * order in which they first appear. Both are literals.
 */
void check_area(struct check *check, const char *area, const char *title);

/*
 * Add a finding; the texts are copied. remedy: the command or setting that fixes it, NULL if GOOD.
 * detail is a printf() format.
 */
void check_add(struct check *check, enum verdict verdict, const char *subject, const char *remedy,
               const char *detail, ...) __attribute__((format(printf, 5, 6)));

/* FATAL for an obstacle of a plugin that is on, LACKING for one that is off. */
enum verdict check_obstacle(const struct check *check);

#endif
