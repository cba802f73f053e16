/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Collects the points of a profile for the summary's hottest functions. */
#ifndef OUTPUTS_SUMMARY_SUMMARY_PROFILE_H
#define OUTPUTS_SUMMARY_SUMMARY_PROFILE_H

#include "alumet/metric.h"
#include "alumet/point.h"
#include "tree/hot.h"

/* The function of a frame, by the frame's number. */
struct summary_frame {
	char *function, *module;
};

/* Zeroed: nothing yet. */
struct summary_profile {
	int frame_metric, samples_metric; /* -1: the run has no profile */
	struct hot *hot;                  /* NULL: no samples yet */
	struct summary_frame *frames;
	size_t n;
};

/* Call before the first point, once the sources have registered their metrics. */
void summary_profile_begin(struct summary_profile *profile, const struct metric_registry *metrics);

/* Add the point if it belongs to a profile. Returns 0 or -ENOMEM. */
int summary_profile_add(struct summary_profile *profile, const struct point *point);

void summary_profile_fini(struct summary_profile *profile);

#endif
