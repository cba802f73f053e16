/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Moves the energy_uj of a laid-out zone as a CPU does: so many watts, every 0.98 to 1.02 ms.
 *
 * usage: energy_writer ENERGY_UJ WATTS GAP
 * GAP: a file for the longest time so far, in ns, that the counter was not moved; it is written
 * before the move that ends that time.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/* Lines of the same length take each other's place. */
static bool write_number(int fd, uint64_t number)
{
	char text[32];
	const int length = snprintf(text, sizeof(text), "%015" PRIu64 "\n", number);

	return pwrite(fd, text, (size_t)length, 0) == length;
}

int main(int argc, char **argv)
{
	const double watts = argc > 3 ? atof(argv[2]) : 0;
	const uint64_t start = now_ns();
	uint64_t moved = start, longest = 0;
	unsigned int seed = 1;
	const struct sched_param first = {.sched_priority = 1};
	const int fd = argc > 3 ? open(argv[1], O_WRONLY | O_CLOEXEC) : -1;
	const int gap = argc > 3 ? open(argv[3], O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;

	/* Hardware waits for no CPU. Where that is not permitted it is as the machine is busy. */
	sched_setscheduler(0, SCHED_FIFO, &first);
	while (fd >= 0 && gap >= 0) {
		struct timespec pause = {.tv_nsec = 980000 + rand_r(&seed) % 40000};
		const uint64_t now = now_ns();

		if (now - moved > longest) {
			longest = now - moved;
			if (!write_number(gap, longest))
				return 1;
		}
		moved = now;
		if (!write_number(fd, (uint64_t)((double)(now - start) / 1e3 * watts)))
			return 1;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return 2;
}
