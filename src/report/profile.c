/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void report_profile_init(struct report_profile *profile, struct report_data *data)
{
	*profile = (struct report_profile){.data = data, .run = UINT32_MAX};
}

void report_profile_fini(struct report_profile *profile)
{
	slots_fini(&profile->slots);
	free(profile->frame_of_number);
}

static uint64_t hash(const void *item)
{
	const struct report_frame *frame = item;
	const uint64_t caller = (uint64_t)frame->parent << 32 ^ frame->function->id;

	return caller * 0x9e3779b97f4a7c15u ^ frame->module->id;
}

static bool is_same(const void *item, const void *other)
{
	const struct report_frame *x = item, *y = other;

	return x->parent == y->parent && x->function == y->function && x->module == y->module;
}

static const struct slots_kind kind = {sizeof(struct report_frame), hash, is_same};

/* Make room for a frame number. Each run numbers its frames from 1. */
static int grow_numbers(struct report_profile *profile, uint32_t run, uint64_t number)
{
	const size_t wanted = 2 * (size_t)number + 64;
	uint32_t *grown;

	if (profile->run != run) {
		free(profile->frame_of_number);
		profile->frame_of_number = NULL;
		profile->n_numbers = 0;
		profile->run = run;
	}
	if (number < profile->n_numbers)
		return 0;
	grown = reallocarray(profile->frame_of_number, wanted, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	for (size_t i = profile->n_numbers; i < wanted; i++)
		grown[i] = NO_FRAME;
	profile->frame_of_number = grown;
	profile->n_numbers = wanted;
	return 0;
}

static uint32_t frame_of(const struct report_profile *profile, uint32_t run, uint64_t number)
{
	return run == profile->run && number < profile->n_numbers ? profile->frame_of_number[number]
	                                                          : NO_FRAME;
}

int report_profile_frame(struct report_profile *profile, uint32_t run, uint64_t number,
                         uint64_t parent, const struct report_text *function,
                         const struct report_text *module)
{
	struct report_data *data = profile->data;
	struct report_frame frame = {.function = function, .module = module}, *frames;
	uint32_t i;
	int err;

	if (number == 0 || number > REPORT_FRAME_NUMBERS_MAX)
		return 0;
	err = grow_numbers(profile, run, number);
	if (err)
		return err;
	frame.parent = frame_of(profile, run, parent);
	frames = slots_enter(&profile->slots, &kind, data->frames, data->n_frames, &frame, &i);
	if (!frames)
		return -ENOMEM;
	data->frames = frames;
	data->n_frames += i == data->n_frames;
	profile->frame_of_number[number] = i;
	return 0;
}

int report_profile_count(struct report_profile *profile, uint32_t run, uint64_t number,
                         const struct report_count *count)
{
	struct report_data *data = profile->data;

	if (data->n_samples == profile->counts_capacity) {
		const size_t wanted = profile->counts_capacity ? 2 * profile->counts_capacity : 64;
		struct report_count *samples =
			reallocarray(data->samples, wanted, sizeof(*samples));

		if (!samples)
			return -ENOMEM;
		data->samples = samples;
		profile->counts_capacity = wanted;
	}
	data->samples[data->n_samples] = *count;
	data->samples[data->n_samples++].frame = frame_of(profile, run, number);
	return 0;
}

static int compare_places(const struct report_count *x, const struct report_count *y)
{
	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static int compare(const void *a, const void *b)
{
	const struct report_count *x = a, *y = b;
	const int places = compare_places(x, y);

	return places ? places : x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

/* Merge the counts of the same process and frame. */
static int add_up(struct report_data *data)
{
	size_t n = 0;

	data->counts = calloc(data->n_samples + 1, sizeof(*data->counts));
	if (!data->counts)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_samples; i++) {
		const struct report_count *count = &data->samples[i];

		if (n > 0 && compare_places(&data->counts[n - 1], count) == 0) {
			data->counts[n - 1].samples += count->samples;
			data->counts[n - 1].weight += count->weight;
			data->counts[n - 1].priced += count->priced;
		} else {
			data->counts[n++] = *count;
		}
	}
	data->n_counts = n;
	return 0;
}

int report_profile_settle(struct report_data *data)
{
	if (data->n_samples > 0)
		qsort(data->samples, data->n_samples, sizeof(*data->samples), compare);
	return add_up(data);
}
