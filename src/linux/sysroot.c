/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/sysroot.h"

#include <string.h>

#include "linux/privilege.h"

bool sysroot_is_permitted(const char *sysroot)
{
	return !privilege_is_borrowed() || (*sysroot && !sysroot[strspn(sysroot, "/")]);
}
