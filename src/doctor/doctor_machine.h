/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The part of the doctor's checks that belongs to no plugin. */
#ifndef DOCTOR_DOCTOR_MACHINE_H
#define DOCTOR_DOCTOR_MACHINE_H

#include <stddef.h>

#include "alumet/check.h"

/* Container and virtual machine. */
void doctor_check_machine(struct check *check);

#endif
