/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/backend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void rapl_reason_set(struct rapl_reason *reason, const char *format, ...)
{
	va_list arguments;

	if (!reason)
		return;
	va_start(arguments, format);
	vsnprintf(reason->text, sizeof(reason->text), format, arguments);
	va_end(arguments);
}

void rapl_reason_no_module(struct rapl_reason *reason, const struct rapl_machine *machine,
                           const char *what, const char *module)
{
	if (machine->hypervisor)
		rapl_reason_set(reason,
		                "%s: this is a virtual machine, and few are given energy counters; "
		                "if this one is: modprobe %s",
		                what, module);
	else
		rapl_reason_set(reason,
		                "%s: the kernel module '%s' is not loaded (modprobe %s), or does "
		                "not know this CPU",
		                what, module, module);
}

int rapl_id_list_add(struct rapl_id_list *list, const struct rapl_id *id)
{
	struct rapl_id *ids;

	for (size_t i = 0; i < list->n; i++)
		if (list->ids[i].kind == id->kind && list->ids[i].package == id->package &&
		    list->ids[i].die == id->die)
			return 0;
	ids = reallocarray(list->ids, list->n + 1, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	list->ids = ids;
	ids[list->n++] = *id;
	return 0;
}

void rapl_id_list_free(struct rapl_id_list *list)
{
	free(list->ids);
	*list = (struct rapl_id_list){0};
}

struct rapl_domain *rapl_backend_add_domain(struct rapl_backend *backend, const struct rapl_id *id)
{
	struct rapl_domain *domains =
		reallocarray(backend->domains, backend->n_domains + 1, sizeof(*domains));

	if (!domains)
		return NULL;
	backend->domains = domains;
	domains[backend->n_domains] = (struct rapl_domain){.id = *id, .core_cpu = -1};
	return &domains[backend->n_domains++];
}
