/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libdw of elfutils, loaded on demand, because linking it would cost 2 ms at each start of the
 * agent. The declarations here follow the ABI of libdw.so.1 (libdw.h, libdwfl.h), so that building
 * does not need its headers.
 */
#ifndef SYMBOLS_LIBDW_H
#define SYMBOLS_LIBDW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dwarf;
struct dwarf_unit;
struct dwfl;
struct dwfl_module;

/* Dwarf_Die: an entry in the tree of functions, blocks and types. libdw owns what it points to. */
struct dwarf_die {
	void *address;
	struct dwarf_unit *unit;
	void *abbreviation;
	long padding;
};

/* Dwarf_Attribute. */
struct dwarf_attribute {
	unsigned int code, form;
	unsigned char *value;
	struct dwarf_unit *unit;
};

/* Dwfl_Callbacks. */
struct dwfl_callbacks {
	int (*find_elf)(void);
	int (*find_debuginfo)(void);
	int (*section_address)(void);
	char **debuginfo_path; /* "+:.debug:/usr/lib/debug"; outlives the session */
};

/* Values from the DWARF standard, section 7.5. */
enum dwarf_tag {
	DWARF_CLASS = 0x02,
	DWARF_LEXICAL_BLOCK = 0x0b,
	DWARF_STRUCTURE = 0x13,
	DWARF_UNION = 0x17,
	DWARF_INLINED_SUBROUTINE = 0x1d,
	DWARF_MODULE = 0x1e,
	DWARF_WITH_BLOCK = 0x22,
	DWARF_CATCH_BLOCK = 0x25,
	DWARF_SUBPROGRAM = 0x2e,
	DWARF_TRY_BLOCK = 0x32,
	DWARF_INTERFACE = 0x38,
	DWARF_NAMESPACE = 0x39,
};

enum dwarf_attribute_name {
	DWARF_LINKAGE_NAME = 0x6e,
	DWARF_LINKAGE_NAME_BEFORE_4 = 0x2007, /* DW_AT_MIPS_linkage_name */
};

struct libdw {
	void *library;
	struct dwfl *(*dwfl_begin)(const struct dwfl_callbacks *callbacks);
	void (*dwfl_end)(struct dwfl *dwfl);
	struct dwfl_module *(*dwfl_report_offline)(struct dwfl *dwfl, const char *name,
	                                           const char *path, int fd);
	int (*dwfl_report_end)(struct dwfl *dwfl, void *removed, void *data);
	void *(*dwfl_module_getelf)(struct dwfl_module *module, uint64_t *bias);
	struct dwarf *(*dwfl_module_getdwarf)(struct dwfl_module *module, uint64_t *bias);
	const char *(*dwfl_module_addrname)(struct dwfl_module *module, uint64_t address);
	int (*dwfl_standard_find_debuginfo)(void);
	int (*dwfl_offline_section_address)(void);
	int (*dwarf_get_units)(struct dwarf *dwarf, struct dwarf_unit *unit,
	                       struct dwarf_unit **next, uint16_t *version, uint8_t *type,
	                       struct dwarf_die *die, struct dwarf_die *split);
	ptrdiff_t (*dwarf_ranges)(struct dwarf_die *die, ptrdiff_t offset, uint64_t *base,
	                          uint64_t *start, uint64_t *end);
	int (*dwarf_child)(struct dwarf_die *die, struct dwarf_die *child);
	int (*dwarf_siblingof)(struct dwarf_die *die, struct dwarf_die *sibling);
	int (*dwarf_tag)(struct dwarf_die *die);
	const char *(*dwarf_diename)(struct dwarf_die *die);
	struct dwarf_attribute *(*dwarf_attr_integrate)(struct dwarf_die *die, unsigned int name,
	                                                struct dwarf_attribute *memory);
	const char *(*dwarf_formstring)(struct dwarf_attribute *attribute);
};

/* Load libdw. Returns 0, -ENOENT if it is not installed, or -ENOTSUP in a static program. */
int libdw_load(struct libdw *libdw);

#endif
