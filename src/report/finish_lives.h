/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* When each process began and ended, and what its parent is. A part of finish.c. */
#ifndef REPORT_FINISH_LIVES_H
#define REPORT_FINISH_LIVES_H

#include "report/builder.h"

/* After the last row: set begin and end of processes and runs, and who outlived its run. */
void finish_lives(struct builder *builder);

/* The life of the parent's pid in which the process was created; NO_PROCESS: none. */
uint32_t finish_parent(const struct builder *builder, const struct build_process *build);

#endif
