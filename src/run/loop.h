/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent's one loop, on epoll, while the command runs: the sources' timers and descriptors, the
 * flush timer, signals, and the command's end.
 */
#ifndef AGENT_LOOP_H
#define AGENT_LOOP_H

#include <stdbool.h>

#include "run/signals.h"
#include "run/stages.h"

struct loop;

/*
 * Everything the loop waits on but the command. stages and signals outlive the loop. Returns 0 or a
 * negative errno, said to the user.
 */
int loop_new(struct stages *stages, struct signals *signals, struct loop **loop);
void loop_free(struct loop *loop);

/*
 * Begin the pipeline, whose error comes again at its end, and go on until the command, pid and behind
 * the pidfd, has ended (with wait_tree: and all that it left), or a second SIGTERM came; once it has
 * ended, a first signal that wishes the end. Returns 0 or a negative errno, said to the user.
 */
int loop_run(struct loop *loop, int pid, int pidfd, bool wait_tree);

/*
 * For an output during loop_run() and after it: wait until the descriptor takes more, handling signals
 * meanwhile. Returns 0; -EAGAIN when the command has ended, which is to be seen to first; -EINTR when
 * the run is to end at once.
 */
int loop_wait_writable(struct loop *loop, int fd);

/* The command had ended when the loop returned. */
bool loop_command_ended(const struct loop *loop);

#endif
