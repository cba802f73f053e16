/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks whether outputs can be opened. */
#ifndef DOCTOR_DOCTOR_OUTPUT_H
#define DOCTOR_DOCTOR_OUTPUT_H

#include "config/config.h"

enum check_result doctor_check_output(const struct config *config,
                                      const struct plugin_config *plugin, struct check *check);

#endif
