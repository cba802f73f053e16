/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* operator new of the agent's C++ part, failing as the calls of inject.c do. */
#include <cerrno>
#include <cstddef>
#include <new>

extern "C" {
bool inject_fails(const char *name, int error, void *caller);
void *__real__Znwm(size_t size);
void *__wrap__Znwm(size_t size);

void *__wrap__Znwm(size_t size)
{
	if (inject_fails("new", ENOMEM, __builtin_return_address(0)))
		throw std::bad_alloc();
	return __real__Znwm(size);
}
}
