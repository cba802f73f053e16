/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An interface to the energy counters. Each has a file, which exports a struct rapl_backend_ops;
 * choice.c lists them.
 */
#ifndef SOURCES_RAPL_BACKEND_H
#define SOURCES_RAPL_BACKEND_H

#include <stddef.h>

#include "sources/rapl/domain.h"
#include "sources/rapl/machine.h"

/* Why a backend cannot be used, as a text for the user: what is missing, and what to do. */
struct rapl_reason {
	char text[512];
};

/* printf() to the reason, replacing its text. Does nothing if reason is NULL. */
void rapl_reason_set(struct rapl_reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Set the reason if an interface is missing that a kernel module provides. what: "there is no …".
 */
void rapl_reason_no_module(struct rapl_reason *reason, const struct rapl_machine *machine,
                           const char *what, const char *module);

/* Domains that an interface lists, whether or not they may be read. */
struct rapl_id_list {
	struct rapl_id *ids;
	size_t n;
};

/* Add a domain unless it is in the list. Returns 0 or -ENOMEM. */
int rapl_id_list_add(struct rapl_id_list *list, const struct rapl_id *id);
void rapl_id_list_free(struct rapl_id_list *list);

/* What all open backends have in common; each embeds it as its first member. */
struct rapl_backend {
	const struct rapl_backend_ops *ops;
	struct rapl_domain *domains; /* at least one */
	size_t n_domains;
};

struct rapl_backend_ops {
	const char *name; /* as in the setting backend = "…" */

	/*
	 * List the domains that are visible without privileges. Returns 0 (free the list with
	 * rapl_id_list_free()), -ENODEV if the interface does not exist, or -ENOMEM. NULL: not
	 * known.
	 */
	int (*scan)(struct rapl_machine *machine, struct rapl_id_list *list);
	/*
	 * Find the domains, open their counters (close-on-exec) and read each once. Counters that
	 * cannot be read are left out with a warning, as long as others remain.
	 * Returns 0 and the backend; -ENOMEM; or, with the reason, -ENODEV (does not exist),
	 * -EACCES or -EPERM (no permission), -EOPNOTSUPP (unsupported CPU) or -EIO (nothing
	 * readable). The machine must outlive the backend.
	 */
	int (*open)(struct rapl_machine *machine, struct rapl_backend **backend,
	            struct rapl_reason *reason);
	/*
	 * Read every domain that is not gone, and set its error and count. Does not allocate.
	 * thorough: also detect counters that vanished or were replaced, which takes more system
	 * calls: for the first and last reading, and from time to time in between.
	 */
	void (*read)(struct rapl_backend *backend, bool thorough);
	void (*close)(struct rapl_backend *backend);
};

extern const struct rapl_backend_ops rapl_backend_perf;
extern const struct rapl_backend_ops rapl_backend_powercap;
extern const struct rapl_backend_ops rapl_backend_msr;

/*
 * Add a domain to a backend that is being opened, with this id, no core, and all else 0. Returns a
 * pointer that is valid until the next call, or NULL if out of memory.
 */
struct rapl_domain *rapl_backend_add_domain(struct rapl_backend *backend, const struct rapl_id *id);

#endif
