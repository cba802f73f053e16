/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which backend reads the counters. */
#ifndef SOURCES_RAPL_CHOICE_H
#define SOURCES_RAPL_CHOICE_H

#include "alumet/absence.h"
#include "sources/rapl/backend.h"

/* The setting backend = "…", in the order of its choices. */
enum rapl_backend_setting { RAPL_AUTO, RAPL_PERF, RAPL_POWERCAP, RAPL_MSR };

/* Why no backend can be used; logged if the counters of the returned one never move. */
struct rapl_doubt {
	enum absence absence;
	bool is_forbidden; /* another backend exists, but may not be read */
	char reasons[];    /* a line for each backend */
};

/*
 * Open the backend of the setting; for RAPL_AUTO, the first readable one of perf, powercap and MSR.
 * In a virtual machine, a backend is not readable if all its counters read 0, which takes some ms
 * to find out. Unless RAPL was requested by name (absence is ABSENCE_ERROR), or something depends
 * on the answer before the command starts, this is decided during the run: then the backend is
 * returned with *doubt, which the caller frees with free(), after rapl_log_doubt() if no counter
 * has moved by the end of the run. Otherwise *doubt is NULL.
 *
 * no_perf: do not try perf. absence: how to log that RAPL_AUTO found none. Returns 0 and the
 * backend, which backend->ops->close() closes; -ENODEV if RAPL_AUTO found none; -ENXIO, -EACCES,
 * -EPERM, -EIO or -EOPNOTSUPP if the named backend cannot be used; all logged. -ENOMEM, not logged.
 */
int rapl_choose(struct rapl_machine *machine, enum rapl_backend_setting setting, bool no_perf,
                enum absence absence, struct rapl_backend **backend, struct rapl_doubt **doubt);

/* Log, as rapl_choose() would have done, that no backend can be used. */
void rapl_log_doubt(const struct rapl_machine *machine, const struct rapl_doubt *doubt);

/*
 * Open one backend with its open(). Also returns -EIO, with the reason, if this is a virtual
 * machine and every counter reads 0.
 */
int rapl_open_backend(const struct rapl_backend_ops *ops, struct rapl_machine *machine,
                      struct rapl_backend **backend, struct rapl_reason *reason);

#endif
