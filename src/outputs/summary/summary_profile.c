/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/summary_profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Frames are numbered consecutively from 1. */
#define FRAMES_MAX 10000000

/* The text of an attribute; *n: its length, 0 if there is none. */
static const char *attribute_of(const struct point *point, const char *key, size_t *n)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (strcmp(point->attributes[i].key, key) == 0) {
			*n = point->attributes[i].length;
			return point->attributes[i].text;
		}
	}
	*n = 0;
	return "";
}

static char *copy_of(const struct point *point, const char *key)
{
	size_t n;
	const char *text = attribute_of(point, key, &n);

	return strndup(text, n);
}

static uint64_t number_of(const struct point *point, const char *key)
{
	char digits[24] = "";
	size_t n;
	const char *text = attribute_of(point, key, &n);

	if (n < sizeof(digits))
		memcpy(digits, text, n);
	return strtoull(digits, NULL, 10);
}

static int add_frame(struct summary_profile *profile, const struct point *point)
{
	const uint64_t number = point->value.u64;
	struct summary_frame *frame;

	if (number >= FRAMES_MAX)
		return 0;
	if (number >= profile->n) {
		const size_t n = 2 * number + 64;
		struct summary_frame *grown = reallocarray(profile->frames, n, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(grown + profile->n, 0, (n - profile->n) * sizeof(*grown));
		profile->frames = grown;
		profile->n = n;
	}
	frame = &profile->frames[number];
	free(frame->function);
	free(frame->module);
	frame->function = copy_of(point, "function");
	frame->module = copy_of(point, "module");
	return frame->function && frame->module ? 0 : -ENOMEM;
}

static int add_samples(struct summary_profile *profile, const struct point *point)
{
	const uint64_t stack = number_of(point, "stack");
	const struct summary_frame *frame = stack < profile->n ? &profile->frames[stack] : NULL;
	char *command = copy_of(point, "command");
	int err = command ? 0 : -ENOMEM;

	if (!err && !profile->hot) {
		profile->hot = hot_new();
		err = profile->hot ? 0 : -ENOMEM;
	}
	if (!err)
		err = hot_add(profile->hot, command, frame ? frame->function : NULL,
		              frame ? frame->module : NULL, point->value.u64,
		              (double)number_of(point, "weight"));
	free(command);
	return err;
}

void summary_profile_begin(struct summary_profile *profile, const struct metric_registry *metrics)
{
	profile->frame_metric = metric_find(metrics, "profile_frame");
	profile->samples_metric = metric_find(metrics, "profile_samples");
}

int summary_profile_add(struct summary_profile *profile, const struct point *point)
{
	if ((int)point->metric == profile->frame_metric)
		return add_frame(profile, point);
	return (int)point->metric == profile->samples_metric ? add_samples(profile, point) : 0;
}

void summary_profile_fini(struct summary_profile *profile)
{
	for (size_t i = 0; i < profile->n; i++) {
		free(profile->frames[i].function);
		free(profile->frames[i].module);
	}
	free(profile->frames);
	hot_free(profile->hot);
	*profile = (struct summary_profile){.n = 0};
}
