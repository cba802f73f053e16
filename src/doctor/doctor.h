/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sub-command doctor: what works on this machine, what does not, and how to fix it. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>

#include "config/config.h"
#include "core/findings.h"

/*
 * Examine this machine and write the findings to stdout, as text or as JSON. Returns the exit
 * status: 0 if exec would work with this configuration, 1 if it would not, EXIT_AGENT if that could
 * not be checked or written.
 */
int doctor(const struct config_request *request, bool json);

/*
 * Examine the machine for a configuration and add to findings: each plugin by its check(), enabled
 * outputs by opening them. results: one for each plugin of the configuration, CHECK_WORKS if there
 * was nothing to check; may be NULL. Files of sysfs and procfs are looked up below the sysroot
 * configured for a plugin, "/" by default; capabilities, BPF and perf events are tried on the real
 * machine.
 */
void doctor_examine(const struct config *config, struct findings *findings,
                    enum check_result *results);

#endif
