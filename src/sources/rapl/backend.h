/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An interface through which energy counters are read. One file for each exports one
 * struct rapl_backend_ops; choice.c lists them.
 */
#ifndef RAPL_BACKEND_H
#define RAPL_BACKEND_H

#include <stddef.h>

#include "sources/rapl/domain.h"
#include "sources/rapl/machine.h"

/* Why a backend cannot be used, in words for the user: what is missing, and what to do. */
struct rapl_reason {
	char text[512];
};

/* printf() into the reason, in place of what it held. reason may be NULL: nobody wants to know. */
void rapl_reason_set(struct rapl_reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The reason for an interface that a kernel module would make. what: "there is no …".
 */
void rapl_reason_no_module(struct rapl_reason *reason, const struct rapl_machine *machine,
                           const char *what, const char *module);

/* Domains that an interface shows, whether or not they may be read. */
struct rapl_id_list {
	struct rapl_id *ids;
	size_t n;
};

/* Add a domain unless it is in the list. Returns 0 or -ENOMEM. */
int rapl_id_list_add(struct rapl_id_list *list, const struct rapl_id *id);
void rapl_id_list_free(struct rapl_id_list *list);

/* The part of an open backend that all have; a backend embeds it as its first member. */
struct rapl_backend {
	const struct rapl_backend_ops *ops;
	struct rapl_domain *domains; /* at least one */
	size_t n_domains;
};

struct rapl_backend_ops {
	const char *name; /* as in the setting backend = "…" */

	/*
	 * List what is visible without any privilege. Returns 0 (the list is for
	 * rapl_id_list_free()), -ENODEV when the interface is not there, -ENOMEM. NULL: cannot tell.
	 */
	int (*scan)(struct rapl_machine *machine, struct rapl_id_list *list);
	/*
	 * Find the domains, open their counters (close-on-exec) and read each once. What is there
	 * but cannot be read is left out with a warning as long as something is left.
	 * Returns 0 and the backend; -ENOMEM; or -ENODEV (not there), -EACCES or -EPERM (not
	 * allowed), -EOPNOTSUPP (not for this CPU), -EIO (nothing readable), with the reason.
	 * The machine must outlive the backend.
	 */
	int (*open)(struct rapl_machine *machine, struct rapl_backend **backend,
	            struct rapl_reason *reason);
	/*
	 * Read every domain that is not gone: sets its error and count. Allocates nothing.
	 * thorough: also find out what a reading alone does not tell, at the price of more system
	 * calls: for the first and the last reading, and now and then between them.
	 */
	void (*read)(struct rapl_backend *backend, bool thorough);
	void (*close)(struct rapl_backend *backend);
};

extern const struct rapl_backend_ops rapl_backend_perf;
extern const struct rapl_backend_ops rapl_backend_powercap;
extern const struct rapl_backend_ops rapl_backend_msr;

/*
 * One more domain for a backend that is being opened: its id, no core, all else 0. The pointer is
 * valid until the next call. NULL when memory ran out.
 */
struct rapl_domain *rapl_backend_add_domain(struct rapl_backend *backend, const struct rapl_id *id);

#endif
