/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/signal_name.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

void signal_name(int signal, char name[static SIGNAL_NAME_SIZE])
{
	const char *abbreviation = sigabbrev_np(signal);

	if (abbreviation)
		snprintf(name, SIGNAL_NAME_SIZE, "SIG%s", abbreviation);
	else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		snprintf(name, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", signal - SIGRTMIN);
	else
		snprintf(name, SIGNAL_NAME_SIZE, "SIG%d", signal);
}

static int is_same(const char *name, size_t n, const char *other)
{
	return strlen(other) == n && memcmp(name, other, n) == 0;
}

int signal_of_name(const char *name, size_t n)
{
	for (int signal = 1; signal < NSIG; signal++) {
		char known[SIGNAL_NAME_SIZE], number[SIGNAL_NAME_SIZE];

		signal_name(signal, known);
		snprintf(number, sizeof(number), "%d", signal);
		if (is_same(name, n, known) || is_same(name, n, number))
			return signal;
	}
	return 0;
}
