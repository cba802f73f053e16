/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/clock.h"

#include <stdbool.h>
#include <string.h>
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

struct date {
	uint32_t year, month, day; /* month and day from 1 */
};

static uint32_t days_of_year(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

/* Not gmtime_r(): that reads the time zone file of the machine first. */
static struct date date_of_day(uint32_t days_since_1970)
{
	static const uint32_t month_lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint32_t days = days_since_1970;
	struct date date = {.year = 1970};

	while (days >= days_of_year(date.year))
		days -= days_of_year(date.year++);
	for (;;) {
		uint32_t length = month_lengths[date.month];

		if (date.month == 1)
			length = days_of_year(date.year) == 366 ? 29 : 28;
		if (days < length)
			break;
		days -= length;
		date.month++;
	}
	date.month++;
	date.day = days + 1;
	return date;
}

size_t clock_format_rfc3339(uint64_t realtime_ns, char text[static CLOCK_RFC3339_SIZE])
{
	uint64_t second = realtime_ns / NSEC_PER_SEC; /* 2^64 ns end in 2554: four digits of year */
	uint32_t of_day = (uint32_t)(second % 86400);
	struct date date = date_of_day((uint32_t)(second / 86400));

	memcpy(text, "YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ", CLOCK_RFC3339_SIZE);
	number_format_digits(date.year, 4, text);
	number_format_digits(date.month, 2, text + 5);
	number_format_digits(date.day, 2, text + 8);
	number_format_digits(of_day / 3600, 2, text + 11);
	number_format_digits(of_day / 60 % 60, 2, text + 14);
	number_format_digits(of_day % 60, 2, text + 17);
	number_format_digits((uint32_t)(realtime_ns % NSEC_PER_SEC), 9,
	                     text + CLOCK_RFC3339_FRACTION);
	return CLOCK_RFC3339_SIZE - 1;
}
