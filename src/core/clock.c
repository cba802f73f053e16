/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/clock.h"

#include <stdbool.h>
#include <time.h>

#include "core/number.h"

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

/*
 * Realtime minus monotonic, modulo 2^64. Of several tries the one with the shortest time between
 * its two monotonic readings is the best: an interruption between the readings only lengthens it.
 */
static uint64_t measure_offset(void)
{
	uint64_t best_width = UINT64_MAX;
	uint64_t offset = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t before = now_ns(CLOCK_MONOTONIC);
		uint64_t realtime = now_ns(CLOCK_REALTIME);
		uint64_t width = now_ns(CLOCK_MONOTONIC) - before;

		if (width < best_width) {
			best_width = width;
			offset = realtime - (before + width / 2);
		}
	}
	return offset;
}

uint64_t clock_to_realtime(uint64_t monotonic_ns)
{
	/* Constant once taken; there is one thread. */
	static bool taken;
	static uint64_t offset;

	if (!taken) {
		offset = measure_offset();
		taken = true;
	}
	return monotonic_ns + offset;
}

size_t clock_format_rfc3339(uint64_t realtime_ns, char text[static CLOCK_RFC3339_SIZE])
{
	time_t second = (time_t)(realtime_ns / NSEC_PER_SEC);
	struct tm utc;

	gmtime_r(&second, &utc); /* 2^64 ns end in 2554: four digits of year, and no failure */
	number_format_digits((uint32_t)utc.tm_year + 1900, 4, text);
	text[4] = '-';
	number_format_digits((uint32_t)utc.tm_mon + 1, 2, text + 5);
	text[7] = '-';
	number_format_digits((uint32_t)utc.tm_mday, 2, text + 8);
	text[10] = 'T';
	number_format_digits((uint32_t)utc.tm_hour, 2, text + 11);
	text[13] = ':';
	number_format_digits((uint32_t)utc.tm_min, 2, text + 14);
	text[16] = ':';
	number_format_digits((uint32_t)utc.tm_sec, 2, text + 17);
	text[19] = '.';
	number_format_digits((uint32_t)(realtime_ns % NSEC_PER_SEC), 9,
	                     text + CLOCK_RFC3339_FRACTION);
	text[29] = 'Z';
	text[30] = '\0';
	return CLOCK_RFC3339_SIZE - 1;
}
