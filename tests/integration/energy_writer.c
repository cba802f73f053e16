/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Moves the energy_uj of a laid-out zone as a CPU does: so many watts, every 0.98 to 1.02 ms. */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
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

int main(int argc, char **argv)
{
	const double watts = argc > 2 ? atof(argv[2]) : 0;
	const uint64_t start = now_ns();
	unsigned int seed = 1;
	const struct sched_param first = {.sched_priority = 1};
	int fd = argc > 2 ? open(argv[1], O_WRONLY | O_CLOEXEC) : -1;

	/* Hardware waits for no CPU. Where that is not permitted it is as the machine is busy. */
	sched_setscheduler(0, SCHED_FIFO, &first);
	while (fd >= 0) {
		struct timespec pause = {.tv_nsec = 980000 + rand_r(&seed) % 40000};
		char text[32];
		const int length = snprintf(text, sizeof(text), "%015" PRIu64 "\n",
		                            (uint64_t)((double)(now_ns() - start) / 1e3 * watts));

		if (pwrite(fd, text, (size_t)length, 0) != length)
			return 1;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return 2;
}
