/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The examination of a machine: what works, what does not, and what mends it. */
#ifndef AGENT_DOCTOR_H
#define AGENT_DOCTOR_H

#include <stdbool.h>

#include "config/config.h"
#include "doctor/doctor_report.h"

/*
 * Examine this machine and write what was found to stdout, as text or as JSON.
 * Returns the exit status: 0 if exec would work with this configuration, 1 if it
 * would not, EXIT_AGENT if that could not be found out or written.
 */
int doctor(const struct config_request *request, bool json);

/*
 * Examine for a configuration and add what was found to the report. Files of sysfs and procfs are
 * looked up below the sysroot that the configuration has for the plugin rapl, "/" by default;
 * capabilities, BPF and perf events are tried on the real machine.
 */
void doctor_examine(const struct config *config, struct report *report);

#endif
