/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of processes for people: any bytes become readable UTF-8. Control characters, bytes that
 * are not UTF-8, and characters that change the direction of text are escaped (\n, \x1b, \u202e),
 * as in the summary.
 */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "core/text.h"
#include "report/run.h"

/* Append the label of a process: its comm, else the last part of its exe, else "pid 123". */
void report_add_label(struct text *out, const struct report_process *process);

/* The label of a process; buffer is used if it has no name. */
const char *report_label(const struct report_process *process, char buffer[static 32]);

/* Append bytes, made visible, without a NUL. */
void report_add_visible(struct text *out, const char *bytes, size_t n);

/*
 * Append "exit 3", "SIGKILL", "SIGSEGV (core dumped)", "killed for memory, SIGKILL", or "unknown"
 * if the status is hidden; nothing on success, or if there is no status.
 */
void report_add_outcome(struct text *out, const struct report_process *process);

#endif
