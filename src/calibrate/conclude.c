/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "calibrate/pieces.h"

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Median power of a domain over the quiet pieces; negative if none of them has it. */
static double median(const struct calibration_piece *pieces, size_t n, enum energy_domain domain,
                     size_t package)
{
	double *values = calloc(n + 1, sizeof(*values));
	double result = -1;
	size_t count = 0;

	for (size_t i = 0; values && i < n; i++) {
		if (pieces[i].busy <= CALIBRATION_QUIET && pieces[i].watts[domain][package] >= 0)
			values[count++] = pieces[i].watts[domain][package];
	}
	if (count > 0) {
		qsort(values, count, sizeof(*values), compare);
		result = count % 2 ? values[count / 2]
		                   : (values[count / 2 - 1] + values[count / 2]) / 2;
	}
	free(values);
	return result;
}

int calibration_conclude(const struct calibration_piece *pieces, size_t n, struct idle_power *power)
{
	size_t quiet = 0;

	*power = (struct idle_power){.n = 0};
	for (size_t i = 0; i < n; i++)
		quiet += pieces[i].busy <= CALIBRATION_QUIET;
	if (quiet < CALIBRATION_PIECES)
		return -EBUSY;
	for (enum energy_domain domain = 0; domain < ENERGY_DOMAINS; domain++) {
		for (size_t package = 0; package < CALIBRATION_PACKAGES; package++) {
			const double watts = median(pieces, n, domain, package);

			if (watts >= 0)
				idle_power_add(power, domain, (int)package, watts);
		}
	}
	return 0;
}
