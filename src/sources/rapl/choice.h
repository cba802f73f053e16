/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which backend reads the counters. */
#ifndef RAPL_CHOICE_H
#define RAPL_CHOICE_H

#include "sources/rapl/backend.h"

/* The setting backend = "…", in the order of its choices. */
enum rapl_wish { RAPL_AUTO, RAPL_PERF, RAPL_POWERCAP, RAPL_MSR };

/*
 * Open the backend that was wished for; for RAPL_AUTO the first of perf, powercap and MSR that can
 * be read. A backend whose counters all stand at 0 in a virtual machine cannot be.
 *
 * no_perf: perf is not to be tried. required: RAPL was asked for by name.
 * Returns 0 and the backend, for backend->ops->close(). -ENODEV when RAPL_AUTO found none: told as
 * a warning, or as an error when it is required. -ENXIO, -EACCES, -EPERM, -EIO, -EOPNOTSUPP when
 * the backend that was named cannot be used: told as an error. -ENOMEM.
 */
int rapl_choose(struct rapl_machine *machine, enum rapl_wish wish, bool no_perf, bool required,
                struct rapl_backend **backend);

/*
 * Open one backend, as its open() does; and -EIO with the reason when this is a virtual machine and
 * every counter stands at 0.
 */
int rapl_open_backend(const struct rapl_backend_ops *ops, struct rapl_machine *machine,
                      struct rapl_backend **backend, struct rapl_reason *reason);

#endif
