/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/debug_walk.h"

#include <stdbool.h>

/*
 * The nesting depth of entries (namespaces, classes, functions, blocks). Real programs have some
 * tens of levels.
 */
#define LEVELS_MAX 256

struct walk {
	const struct libdw *libdw;
	const uint64_t *addresses;
	struct debug_functions *functions;
};

/* Addresses [first, end), by index. */
struct part {
	size_t first, end;
};

/* What the search does with an entry. */
enum entry_kind {
	ENTRY_OTHER,
	ENTRY_PLACE, /* has no code itself, but its children may */
	ENTRY_BLOCK,
	ENTRY_FUNCTION,
	ENTRY_INLINED,
};

static enum entry_kind kind_of(int tag)
{
	switch (tag) {
	case DWARF_SUBPROGRAM:
		return ENTRY_FUNCTION;
	case DWARF_INLINED_SUBROUTINE:
		return ENTRY_INLINED;
	case DWARF_LEXICAL_BLOCK:
	case DWARF_TRY_BLOCK:
	case DWARF_CATCH_BLOCK:
	case DWARF_WITH_BLOCK:
		return ENTRY_BLOCK;
	case DWARF_NAMESPACE:
	case DWARF_MODULE:
	case DWARF_CLASS:
	case DWARF_STRUCTURE:
	case DWARF_UNION:
	case DWARF_INTERFACE:
		return ENTRY_PLACE;
	default:
		return ENTRY_OTHER;
	}
}

/* Prefer the linkage name, which includes the namespaces. */
static const char *name_of(const struct libdw *libdw, struct dwarf_die *die)
{
	static const unsigned int linkage[] = {DWARF_LINKAGE_NAME, DWARF_LINKAGE_NAME_BEFORE_4};
	struct dwarf_attribute memory, *attribute;
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(linkage) / sizeof(linkage[0]) && !name; i++) {
		attribute = libdw->dwarf_attr_integrate(die, linkage[i], &memory);
		name = attribute ? libdw->dwarf_formstring(attribute) : NULL;
	}
	return name ? name : libdw->dwarf_diename(die);
}

/* The first address in the part that is not less than the limit. */
static size_t first_from(const struct walk *walk, struct part part, uint64_t limit)
{
	while (part.first < part.end) {
		const size_t middle = part.first + (part.end - part.first) / 2;

		if (walk->addresses[middle] < limit)
			part.first = middle + 1;
		else
			part.end = middle;
	}
	return part.first;
}

/*
 * The range of addresses at which an entry has code, from the first to the last; some between them
 * may not belong to it. If the entry has a name, append it to the functions of those addresses that
 * are at this depth.
 */
static struct part find_code(const struct walk *walk, struct dwarf_die *die, struct part part,
                             const char *name, size_t depth)
{
	struct part found = {.first = part.end, .end = part.first};
	uint64_t base, start, end;
	ptrdiff_t offset = 0;

	while ((offset = walk->libdw->dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		const size_t first = first_from(walk, part, start);
		const size_t behind = first_from(walk, part, end);

		for (size_t i = first; i < behind && name; i++) {
			struct debug_functions *functions = &walk->functions[i];

			if (functions->n == depth && depth < DEBUG_FUNCTIONS_MAX)
				functions->names[functions->n++] = name;
		}
		if (first < behind && first < found.first)
			found.first = first;
		if (first < behind && behind > found.end)
			found.end = behind;
	}
	return found;
}

static void walk_children(const struct walk *walk, struct dwarf_die *parent, struct part part,
                          size_t depth, unsigned int level);

static void walk_entry(const struct walk *walk, struct dwarf_die *die, struct part part,
                       size_t depth, unsigned int level)
{
	const enum entry_kind kind = kind_of(walk->libdw->dwarf_tag(die));
	const bool is_function = kind == ENTRY_FUNCTION || kind == ENTRY_INLINED;
	const char *name = NULL;

	if (kind == ENTRY_OTHER)
		return;
	/* A function within another function has code of its own. */
	if (kind == ENTRY_FUNCTION)
		depth = 0;
	if (kind != ENTRY_PLACE)
		part = find_code(walk, die, part, NULL, 0);
	if (part.first >= part.end)
		return;
	if (is_function)
		name = name_of(walk->libdw, die);
	if (name)
		find_code(walk, die, part, name, depth++);
	walk_children(walk, die, part, depth, level + 1);
}

static void walk_children(const struct walk *walk, struct dwarf_die *parent, struct part part,
                          size_t depth, unsigned int level)
{
	struct dwarf_die die;

	if (level > LEVELS_MAX || walk->libdw->dwarf_child(parent, &die))
		return;
	do
		walk_entry(walk, &die, part, depth, level);
	while (walk->libdw->dwarf_siblingof(&die, &die) == 0);
}

void debug_walk(const struct libdw *libdw, struct dwarf *dwarf, const uint64_t *addresses, size_t n,
                struct debug_functions *functions)
{
	const struct walk walk = {
		.libdw = libdw, .addresses = addresses, .functions = functions};
	struct dwarf_unit *unit = NULL;
	struct dwarf_die die, split;

	while (libdw->dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, &split) == 0) {
		const struct part part = find_code(&walk, &die, (struct part){0, n}, NULL, 0);

		if (part.first >= part.end)
			continue;
		/* For a skeleton unit, walk its split unit, which is in a file of its own. */
		walk_children(&walk, split.address ? &split : &die, part, 0, 0);
	}
}
