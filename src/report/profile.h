/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The frames of a profile while it is read: a function has one frame for each chain of callers,
 * over all runs.
 */
#ifndef REPORT_PROFILE_H
#define REPORT_PROFILE_H

#include "report/run.h"
#include "report/slots.h"

struct report_profile {
	struct report_data *data; /* frames and counts go there */
	struct slots slots;       /* of frames, by parent, function and module */
	size_t counts_capacity;
	uint32_t run; /* the run to which frame_of_number belongs */
	uint32_t *frame_of_number;
	size_t n_numbers;
};

/* Rows with larger numbers of frames are skipped. */
#define REPORT_FRAME_NUMBERS_MAX 4000000

void report_profile_init(struct report_profile *profile, struct report_data *data);
void report_profile_fini(struct report_profile *profile);

/*
 * Add a frame by its number in the run. parent: the number of its caller, 0: none. Returns 0 or
 * -ENOMEM.
 */
int report_profile_frame(struct report_profile *profile, uint32_t run, uint64_t number,
                         uint64_t parent, const struct report_text *function,
                         const struct report_text *module);
/* Add a count, with a frame by its number in the run. Processes are in the order of reading. */
int report_profile_count(struct report_profile *profile, uint32_t run, uint64_t number,
                         const struct report_count *count);

/*
 * After the last row, when processes and times are final: sort and merge the counts. Returns 0 or
 * -ENOMEM.
 */
int report_profile_settle(struct report_data *data);

#endif
