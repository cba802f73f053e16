/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of processes for people: any bytes become UTF-8 that shows what they are. Control
 * characters, bytes that are not UTF-8 and characters that change the direction of writing are shown
 * escaped (\n, \x1b, \u202e), as the summary shows them.
 */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "core/text.h"
#include "report/run.h"

/* What a process is called: its comm, else the last part of its exe, else "pid 123". */
void report_add_label(struct text *out, const struct report_process *process);

/* The text of a process's label; buffer is used when it has no name of its own. */
const char *report_label(const struct report_process *process, char buffer[static 32]);

/* Append bytes made visible; behind them, or further on, stands a NUL. */
void report_add_visible(struct text *out, const char *bytes, size_t n);

/* "exit 3", "SIGKILL", "SIGSEGV (core dumped)", "killed for memory", "" for success or not known. */
void report_add_outcome(struct text *out, const struct report_process *process);

#endif
