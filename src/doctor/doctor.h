/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The examination of a machine: what works, what does not, and what mends it. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>

#include "config/config.h"
#include "core/findings.h"

/*
 * Examine this machine and write what was found to stdout, as text or as JSON.
 * Returns the exit status: 0 if exec would work with this configuration, 1 if it would not,
 * EXIT_AGENT if that could not be found out or written.
 */
int doctor(const struct config_request *request, bool json);

/*
 * Examine for a configuration, adding to findings: each plugin by its check(), outputs that are on by
 * opening them. results: one for each plugin of the configuration, CHECK_WORKS where there was
 * nothing to check; may be NULL. Files of sysfs and procfs are looked up below the sysroot that the
 * configuration has for a plugin, "/" by default; capabilities, BPF and perf events are tried on the
 * real machine.
 */
void doctor_examine(const struct config *config, struct findings *findings,
                    enum check_result *results);

#endif
