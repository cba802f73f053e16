/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor reports a container or a virtual machine, which explains other findings. */
#include "doctor/doctor_machine.h"

#include "linux/container.h"

void doctor_check_machine(struct check *check)
{
	const char *engine = container_engine(check->sysroot);
	char name[128];

	check_area(check, "machine", "Machine");
	if (engine)
		check_add(check, GOOD, "container", NULL,
		          "%s: pids are those of the container; the energy is the whole machine's",
		          engine);
	else
		check_add(check, GOOD, "container", NULL, "none");
	if (virtual_machine_find(check->sysroot, name, sizeof(name)))
		check_add(check, GOOD, "virtual machine", NULL,
		          "yes%s%s%s: hardware events and energy are there only if the host passes "
		          "them on",
		          *name ? " (" : "", name, *name ? ")" : "");
	else
		check_add(check, GOOD, "virtual machine", NULL, "none");
}
