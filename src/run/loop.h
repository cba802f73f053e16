/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent's only event loop, on epoll. It handles the sources' timers and file descriptors, the
 * flush timer, signals, and the command's end.
 */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/helpers.h"
#include "run/signals.h"
#include "run/stages.h"

struct loop;

/*
 * Set up everything the loop waits for except the command. stages and signals must outlive the
 * loop. Returns 0 or a negative errno, logged.
 */
int loop_new(struct stages *stages, struct signals *signals, struct loop **loop);
void loop_free(struct loop *loop);

/*
 * Begin the pipeline (an error of that is returned again at its end). Run until the command (pid,
 * pidfd) has ended, with wait_tree also all its descendants; or until a second SIGTERM, or, after
 * the command's end, the first signal that asks for the end. Returns 0 or a negative errno, logged.
 */
int loop_run(struct loop *loop, int pid, int pidfd, bool wait_tree);

/* Call before loop_run() to look for helpers of the command. helpers must outlive the loop. */
void loop_find_helpers(struct loop *loop, struct helpers *helpers);

/*
 * The same for a watch: run until every process behind the pidfds has ended and no source is busy,
 * for_ns have passed (0: no limit), or a signal asks for the end. With no pidfds and no source that
 * can be busy, only the last two end it.
 */
int loop_watch(struct loop *loop, const int *pidfds, size_t n, uint64_t for_ns);

/*
 * For an output, during loop_run() and after it: wait until the file descriptor is writable, and
 * handle signals meanwhile. Returns 0; -EAGAIN if the command has ended, which must be handled
 * first; -EINTR if the run must end at once.
 */
int loop_wait_writable(struct loop *loop, int fd);

/* Whether the command had ended when the loop returned. */
bool loop_command_ended(const struct loop *loop);

#endif
