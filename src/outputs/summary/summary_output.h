/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The output that prints a summary on stderr at the end of the run. */
#ifndef OUTPUTS_SUMMARY_SUMMARY_OUTPUT_H
#define OUTPUTS_SUMMARY_SUMMARY_OUTPUT_H

#include "alumet/plugin.h"

extern const struct output_ops summary_output;
extern const struct plugin summary_plugin;

#endif
