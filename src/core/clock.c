/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/clock.h"

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

uint64_t clock_thread_ns(void)
{
	return now_ns(CLOCK_THREAD_CPUTIME_ID);
}

/*
 * The clock minus CLOCK_MONOTONIC, modulo 2^64. Of several attempts, the one with the shortest time
 * between its two CLOCK_MONOTONIC readings is the most accurate: an interruption only lengthens
 * that time.
 */
static uint64_t measure_offset(clockid_t clock)
{
	uint64_t best_width = UINT64_MAX;
	uint64_t offset = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t before = now_ns(CLOCK_MONOTONIC);
		uint64_t there = now_ns(clock);
		uint64_t width = now_ns(CLOCK_MONOTONIC) - before;

		if (width < best_width) {
			best_width = width;
			offset = there - (before + width / 2);
		}
	}
	return offset;
}

/* Shorter differences are measurement errors: a real suspension takes longer. */
#define SUSPENDED_MIN_NS NSEC_PER_MSEC

/* Only the last 16 suspensions are kept: few running processes are older than those. */
#define STEPS_MAX 16

/* After since_ns (CLOCK_MONOTONIC), add offset to get CLOCK_REALTIME. */
struct step {
	uint64_t since_ns;
	uint64_t offset;
};

/* Global because the machine's clocks are; only one thread uses it. */
static struct {
	struct step steps[STEPS_MAX]; /* the oldest first */
	size_t n;
	uint64_t slept_ns;    /* total suspended time since boot */
	uint64_t followed_ns; /* time of the last clock_follow() */
} wall;

static void take_offset(void)
{
	if (wall.n)
		return;
	wall.slept_ns = measure_offset(CLOCK_BOOTTIME);
	wall.steps[wall.n++].offset = measure_offset(CLOCK_REALTIME);
	wall.followed_ns = now_ns(CLOCK_MONOTONIC);
}

static void add_step(uint64_t slept_ns)
{
	const struct step step = {wall.followed_ns, wall.steps[wall.n - 1].offset + slept_ns};

	if (wall.n == STEPS_MAX)
		memmove(wall.steps, wall.steps + 1, --wall.n * sizeof(step));
	wall.steps[wall.n++] = step;
	wall.slept_ns += slept_ns;
}

void clock_follow(void)
{
	uint64_t now, slept_ns;

	take_offset();
	now = now_ns(CLOCK_MONOTONIC);
	/* An upper bound: it includes the time between the two readings. */
	slept_ns = now_ns(CLOCK_BOOTTIME) - now - wall.slept_ns;
	if ((int64_t)slept_ns >= (int64_t)SUSPENDED_MIN_NS) {
		slept_ns = measure_offset(CLOCK_BOOTTIME) - wall.slept_ns;
		if ((int64_t)slept_ns >= (int64_t)SUSPENDED_MIN_NS)
			add_step(slept_ns);
	}
	wall.followed_ns = now;
}

uint64_t clock_to_realtime(uint64_t monotonic_ns)
{
	size_t i;

	take_offset();
	i = wall.n - 1;
	while (i > 0 && monotonic_ns <= wall.steps[i].since_ns)
		i--;
	return monotonic_ns + wall.steps[i].offset;
}

struct date {
	uint32_t year, month, day; /* month and day from 1 */
};

static uint32_t days_of_year(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 366 : 365;
}

/* Not gmtime_r(), which would read the machine's time zone file first. */
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
