/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Collects the fields of lives; see alumet/life.h for their use. */
#ifndef CORE_LIFE_SCHEMA_H
#define CORE_LIFE_SCHEMA_H

#include "alumet/life.h"

/* A zeroed struct has no fields. */
struct life_fields {
	struct life_field *items; /* their names are owned */
	struct life_schema schema;
};

/*
 * Add a copy of the field and of its name; the unit must outlive the fields. Returns its index,
 * -EEXIST if there is a field with this name, or -ENOMEM.
 */
int life_fields_add(struct life_fields *fields, const struct life_field *field);

void life_fields_fini(struct life_fields *fields);

#endif
