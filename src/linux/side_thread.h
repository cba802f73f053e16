/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A thread that works beside the agent's main thread for a moment, where there is a CPU for it. */
#ifndef LINUX_SIDE_THREAD_H
#define LINUX_SIDE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Zeroed: none. */
struct side_thread {
	pthread_t thread;
	void *stack; /* NULL: there is no thread */
};

/*
 * Start a thread that calls function(data), with the privileges of the calling thread. Returns
 * false if the calling thread may use only one CPU, or the thread cannot be started.
 */
bool side_thread_start(struct side_thread *side, void (*function)(void *data), void *data);

/* Wait until the function has returned. Does nothing if there is no thread. */
void side_thread_join(struct side_thread *side);

#endif
