/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/libdw.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#ifdef ALUMET_STATIC
/*
 * A static program could only load a library together with the exact C library that it was linked
 * with.
 */
int libdw_load(struct libdw *libdw)
{
	*libdw = (struct libdw){.library = NULL};
	return -ENOTSUP;
}
#else
/* dlsym() returns a data pointer; POSIX permits its conversion to a function pointer. */
#define FIND(libdw, function) find((libdw)->library, #function, &(libdw)->function)

static int find(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol ? 0 : -ENOENT;
}

/* Never unloaded: the process ends first. */
int libdw_load(struct libdw *libdw)
{
	int err;

	*libdw = (struct libdw){.library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL)};
	if (!libdw->library)
		return -ENOENT;
	err = FIND(libdw, dwfl_begin) || FIND(libdw, dwfl_end) ||
	      FIND(libdw, dwfl_report_offline) || FIND(libdw, dwfl_report_end) ||
	      FIND(libdw, dwfl_module_getelf) || FIND(libdw, dwfl_module_getdwarf) ||
	      FIND(libdw, dwfl_module_addrname) || FIND(libdw, dwfl_standard_find_debuginfo) ||
	      FIND(libdw, dwfl_offline_section_address) || FIND(libdw, dwarf_get_units) ||
	      FIND(libdw, dwarf_ranges) || FIND(libdw, dwarf_child) ||
	      FIND(libdw, dwarf_siblingof) || FIND(libdw, dwarf_tag) ||
	      FIND(libdw, dwarf_diename) || FIND(libdw, dwarf_attr_integrate) ||
	      FIND(libdw, dwarf_formstring);
	return err ? -ENOENT : 0;
}
#endif
