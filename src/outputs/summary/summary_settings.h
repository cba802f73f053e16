/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* [plugins.summary] of the configuration. */
#ifndef OUTPUTS_SUMMARY_SUMMARY_SETTINGS_H
#define OUTPUTS_SUMMARY_SUMMARY_SETTINGS_H

#include "alumet/setting.h"
#include "outputs/summary/status_line.h"
#include "outputs/summary/terminal.h"

/* In the order of the setting's choices. */
enum summary_mode { SUMMARY_NONE, SUMMARY_SHORT, SUMMARY_FULL, SUMMARY_JSON, SUMMARY_MARKDOWN };

struct summary_settings {
	int mode;          /* enum summary_mode */
	char *output_path; /* the file; "" or NULL: stderr */
	char *by;          /* sort key of the tree; "" or NULL: the energy, else the CPU time */
	int color;         /* enum color_when */
	int progress;      /* enum progress_when */
};

extern const struct setting summary_settings_table[];

#endif
